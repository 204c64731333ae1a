"""Ten to five thousand people over several stacks.

An edit about one of them changes one stack and no other person.

In memory, from what the CDK gets for each person: stacks refer to each other only by name, so nothing else of
a stack is in the template of another.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_constructs.people.person import PersonDefinition
from keywright.model.declarations import Declarations
from keywright.model.stacks.spreading import fullest, spread
from keywright.policy.quotas import RESOURCES

ACCOUNT = {"id": "1" * 12, "region": "eu-central-1"}
GROUPS = [f"team-{number}" for number in range(20)]
EDITS = ("joins", "leaves", "changes groups", "gets a login", "is renamed", "more stacks")
Person = tuple[tuple[str, ...], bool]
Stacks = dict[str, dict[str, Any]]


def declared(people: dict[str, Person], shards: Any) -> Declarations:
    users = {
        name: {"person": {"email": "a@example.com"}, "groups": groups, "console": console}
        for name, (groups, console) in people.items()
    }
    document = {"account": ACCOUNT, "groups": {name: {} for name in GROUPS}, "users": users, "shards": shards}
    return Declarations.model_validate(document)


def stacks_of(people: dict[str, Person], shards: Any) -> Stacks:
    """Give each stack's resources by logical id."""
    found: Stacks = {}
    for name, (groups, console) in people.items():
        number = shards.number("people", name)
        found.setdefault(str(number), {}).update(resources_of(name, groups, console=console))
    return found


@cache
def resources_of(name: str, groups: tuple[str, ...], *, console: bool) -> dict[str, Any]:
    person = PersonDefinition(
        name=name,
        path="/access/",
        boundary_arn="arn:aws:iam::111111111111:policy/access/keywright-boundary",
        keeper_token="arn:aws:lambda:eu-central-1:111111111111:function:keywright-identity-keeper",
        groups=("mfa-guard", *groups),
        console=console,
        tags={},
    )
    return person.resources


def edited(
    kind: str, people: dict[str, Person], shards: Any, draw: Any, number: int
) -> tuple[dict[str, Person], Any, set[str]]:
    """Make one edit; give the people, the shards, and whom the edit is about."""
    somebody, groups = draw(st.sampled_from(sorted(people))), (draw(st.sampled_from(GROUPS)),)
    newcomer = f"newcomer-{number}.{somebody}"[:64]
    without = {name: person for name, person in people.items() if name != somebody}
    match kind:
        case "joins":
            return people | {newcomer: (groups, True)}, shards, {newcomer}
        case "leaves" if len(people) > 1:
            return without, shards, {somebody}
        case "changes groups":
            return people | {somebody: (groups, people[somebody][1])}, shards, {somebody}
        case "gets a login":
            return people | {somebody: (people[somebody][0], True)}, shards, {somebody}
        case "is renamed":
            return without | {newcomer: people[somebody]}, shards, {somebody, newcomer}
        case _:
            more = min(500, shards.people.stacks + draw(st.integers(1, 20)))
            return people, spread(declared(people, shards), "people", more), set()


@pytest.mark.parametrize(("number", "stacks"), [(10, 1), (10, 3), (1_000, 24), (5_000, 120)])
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(data=st.data())
def test_an_edit_changes_one_stack_and_one_person(number: int, stacks: int, data: st.DataObject) -> None:
    people: dict[str, Person] = {
        f"person-{each}": ((GROUPS[each % len(GROUPS)],), each % 9 > 0) for each in range(number)
    }
    first = declared(people, {"people": {"stacks": stacks}})
    shards: Any = first.shards
    assert fullest(first, "people", shards)[1] <= RESOURCES.default
    old = stacks_of(people, shards)
    for turn in range(5):
        kind = data.draw(st.sampled_from(EDITS))
        people, shards, about = edited(kind, people, shards, data.draw, turn)
        new = stacks_of(people, shards)
        changed = {stack for stack in old.keys() | new.keys() if old.get(stack) != new.get(stack)}
        assert len(changed) <= len(about)
        for stack in changed:
            was, now = old.get(stack, {}), new.get(stack, {})
            touched = {each for each in was.keys() | now.keys() if was.get(each) != now.get(each)}
            theirs = {each for name in about for each in resources_of(name, (), console=True)}
            assert touched <= theirs
        old = new
