"""An edit of one identity changes neither logical ids nor resources of another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from access_constructs.people.application import Application
from access_constructs.people.group import AccessGroup
from access_constructs.people.person import Person
from keywright.policy.statement import Statement
from tests.constructs.synthesis import BOUNDARY, PATH, TOKEN, new_stack, resources

names = st.text("aX0.-", min_size=1, max_size=4)
people = st.dictionaries(names, st.booleans(), max_size=4)
applications = st.dictionaries(
    names.map("app-{}".format), st.sampled_from([(), ((1, True),), ((1, False), (2, True))]), max_size=3
)
groups = st.dictionaries(names, st.integers(0, 60), max_size=3)
declared = st.tuples(people, applications, groups)


def synthesized(declaration):
    """Return the resources of each identity: by construct, the part of the template with its name."""
    stack = new_stack()
    common = {"path": PATH, "boundary_arn": BOUNDARY, "keeper_token": TOKEN, "tags": {}}
    given_people, given_applications, given_groups = declaration
    for name, console in given_people.items():
        Person(stack, f"person-{name}", name=name, groups=["mfa-guard"], console=console, **common)
    for name, keys in given_applications.items():
        Application(
            stack, f"application-{name}", name=name, access_keys=keys, readers=[], statements=[], **common
        )
    for name, grants in given_groups.items():
        statements = [
            Statement(actions=("s3:GetObject",), resources=(f"arn:aws:s3:::{'b' * 90}{number}/x",))
            for number in range(grants)
        ]
        AccessGroup(stack, f"group-{name}", name=name, path=PATH, statements=statements)
    return resources(stack) if any(declaration) else {}


@settings(max_examples=25, deadline=None)
@given(mine=declared, others=declared)
def test_the_resources_of_one_identity_do_not_depend_on_others(mine, others):
    together = tuple({**theirs, **own} for theirs, own in zip(others, mine, strict=True))
    alone, among = synthesized(mine), synthesized(together)
    assert alone.items() <= among.items()
    assert len(among) == len(synthesized(only_new(others, mine))) + len(alone)


def only_new(others, mine):
    return tuple(
        {name: each for name, each in theirs.items() if name not in own}
        for theirs, own in zip(others, mine, strict=True)
    )
