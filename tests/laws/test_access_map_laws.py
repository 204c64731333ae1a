"""The access map hides nothing that is allowed, and shows nothing as certain that may be refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright.assembly.templates.reader import read_assembly
from keywright.policy.reference import catalogue
from keywright.reasoning.evaluation.policies import Policies
from keywright.review.comparison.snapshot import Snapshot
from keywright.review.map.access_map import AccessMap, access_map
from keywright.review.map.columns import Column, covers
from keywright.review.map.levels import MAP_LEVELS, Certainty, Levels
from keywright.review.page.html import render_map
from keywright.review.report.wording import visible
from tests.laws.test_questions_never_crash import JSON, PLACES, changed
from tests.laws.test_review_laws import ACTIONS, ALICE, CONTEXTS, RESOURCES, STATEMENT, is_allowed
from tests.unit.review import templates

if TYPE_CHECKING:
    from pathlib import Path

OF_OBJECTS = [each for each in ACTIONS if each.startswith("s3:")]
FEW = {"max_examples": 60, "deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def excluding(statement: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in statement.items() if key != "Resource"} | {
        "NotResource": statement["Resource"]
    }


ANY = st.one_of(STATEMENT, STATEMENT, STATEMENT.map(excluding))
SOME = st.lists(ANY, min_size=1, max_size=4)


def drawn(
    folder: Path, own: list[Any], group: list[Any], limit: list[Any] | None
) -> tuple[AccessMap, Policies]:
    boundary = {"PermissionsBoundary": {"Ref": "Limit"}} if limit else {}
    resources = {
        "Alice": templates.user(*own, Groups=[{"Ref": "Group"}], **boundary),
        "Group": templates.group(*group),
        **({"Limit": templates.managed(*limit, name="limit")} if limit else {}),
    }
    snapshot = Snapshot(read_assembly(templates.write(folder / "t.json", resources)))
    alice = snapshot.identities[ALICE]
    held = tuple(each.most for each in alice.grants)
    return access_map(snapshot), Policies(held, boundary=alice.boundary.most if alice.boundary else None)


def cells(found: AccessMap) -> dict[Column, Levels]:
    columns = list(found.columns.all)
    return {columns[number]: levels for number, levels in found.cells(found.rows[ALICE]).items()}


@given(own=SOME, group=SOME, limit=st.none() | SOME)
@settings(**FEW)
def test_nothing_that_is_allowed_is_hidden(own: Any, group: Any, limit: Any, tmp_path: Path) -> None:
    found, policies = drawn(tmp_path, own, group, limit)
    held = cells(found)
    for action in OF_OBJECTS:
        known = catalogue.action(action)
        assert known
        for resource in RESOURCES:
            if any(is_allowed(policies, action, resource, each) for each in CONTEXTS):
                at = [levels for column, levels in held.items() if covers(column.text, resource)]
                assert all(any(levels[MAP_LEVELS.index(level)] for levels in at) for level in known.levels)


@given(own=SOME, group=SOME, limit=st.none() | SOME)
@settings(**FEW)
def test_certain_conditions_hold_in_every_context(own: Any, group: Any, limit: Any, tmp_path: Path) -> None:
    found, policies = drawn(tmp_path, own, group, limit)
    for column, levels in cells(found).items():
        within = [each for each in RESOURCES if covers(column.text, each)]
        actions = found.columns.kinds(column).actions
        for level, certainty in zip(MAP_LEVELS, levels, strict=True):
            if certainty is Certainty.SURE:
                assert any(
                    all(
                        is_allowed(policies, str(action), resource, each)
                        for resource in within
                        for each in CONTEXTS
                    )
                    for action in actions
                    if level in action.levels
                )


@given(place=st.sampled_from(PLACES), value=JSON)
@settings(**(FEW | {"max_examples": 15}))
def test_a_map_is_drawn_of_any_template(place: Any, value: Any, tmp_path: Path) -> None:
    file = templates.write(tmp_path / "t.json", changed(place, value))
    page, found = render_map(Snapshot(read_assembly(file)))
    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert [each["arn"] for each in data["rows"]] == [visible(each.arn) for each in found.rows.values()]
