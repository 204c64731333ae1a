"""No edit replaces or changes what it is not about, whatever the edit and the order of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from keywright.live.passes.first_pass import moves
from tests.laws.random_declarations import EDITS, Edit, adopting, declared, declared_thing, templates
from tests.laws.registry import create_only

if TYPE_CHECKING:
    from tests.laws.random_declarations import Resources

NAMED = (
    ("AWS::IAM::User", "UserName"),
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::Role", "RoleName"),
)
PLACEHOLDER = "Kept"
"""What keeps an empty stack a stack: it comes with a stack, and is nobody's."""
hasty = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
"""Without making failures smaller: each try is a synthesis, and the edits that led there are listed anyway."""


def unchanging(resource: dict[str, Any]) -> dict[str, Any]:
    """Give what CloudFormation's registry does not let change in place, and the path, which is a part of the ARN."""
    kept = sorted({"Path", *create_only(resource["Type"])})
    return {"Type": resource["Type"], **{key: resource.get("Properties", {}).get(key) for key in kept}}


def replaced(before: Resources, after: Resources) -> list[tuple[str, str]]:
    """List resources of both templates that CloudFormation would make anew."""
    return [
        place
        for place in before.keys() & after.keys()
        if unchanging(before[place]) != unchanging(after[place])
    ]


def by_stack(everything: Resources) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for (stack, name), resource in everything.items():
        found.setdefault(stack, {"Resources": {}})["Resources"][name] = resource
    return found


@settings(hasty, max_examples=4)
@given(document=declared, random=st.randoms(use_true_random=False))
def test_the_order_of_grants_does_not_matter(
    document: dict[str, Any], random: Any, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("orders")
    assert templates(document, folder / "written") == templates(reordered(document, random), folder / "other")


def reordered(document: dict[str, Any], random: Any) -> dict[str, Any]:
    """Put the grants of everybody, and what is shared, in another order."""
    changed = dict(document)
    for section in ("groups", "users", "roles", "workloads", "policies", "permission_sets"):
        changed[section] = {
            name: thing
            if "grants" not in thing
            else thing | {"grants": tuple(random.sample(thing["grants"], len(thing["grants"])))}
            for name, thing in document[section].items()
        }
    return changed


@settings(hasty, max_examples=3)
@given(document=declared)
def test_an_exception_changes_no_identity(document: dict[str, Any], tmp_path_factory: Any) -> None:
    """People are made in one piece; who is named by an exception is made alone, and is the same."""
    because = {"because": "the auditor asked for it", "until": "2027-06-30"}
    accepted = tuple(
        {"rule": "USR006", "on": f"user/{name}", "finding": "Policies", **because}
        for name in document["users"]
    )
    folder = tmp_path_factory.mktemp("exceptions")
    without = templates(document, folder / "without")
    assert templates(document | {"exceptions": accepted}, folder / "with") == without


@settings(hasty, max_examples=5)
@given(before=adopting(), data=st.data())
def test_an_edit_changes_only_its_subject_and_replaces_no_identity(
    before: dict[str, Any], data: st.DataObject, tmp_path_factory: Any
) -> None:
    """Make one edit after the other, and compare each with what stood before it."""
    folder = tmp_path_factory.mktemp("edits")
    old = templates(before, folder / "start")
    for number in range(6):
        edit = Edit(before, data.draw)
        data.draw(st.sampled_from(EDITS))(edit)
        new = templates(edit.document, folder / str(number))
        touched = {place for place in old.keys() | new.keys() if old.get(place) != new.get(place)}
        touched -= {place for place in touched if place[1] == PLACEHOLDER}
        assert {declared_thing(name) for _, name in touched} <= edit.done(before)
        assert replaced(old, new) == []
        assert moves(by_stack(new), by_stack(old)) == []
        before, old = edit.document, new


def owned(everything: Resources, kind: str, key: str) -> dict[Any, tuple[Any, ...]]:
    """Give the identities of a kind by name; a person and an application of one name are two."""
    return {
        (resource["Properties"][key], place[1].partition("0")[0]): (place, unchanging(resource))
        for place, resource in everything.items()
        if resource["Type"] == kind and key in resource["Properties"]
    }


@settings(hasty, max_examples=6)
@given(before=declared, after=declared)
def test_what_is_declared_before_and_after_is_the_same_identity(
    before: dict[str, Any], after: dict[str, Any], tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("anything")
    unmoved = after | {"shards": before["shards"]}
    old, new = templates(before, folder / "before"), templates(unmoved, folder / "after")
    assert replaced(old, new) == []
    for kind, key in NAMED:
        was, now = owned(old, kind, key), owned(new, kind, key)
        for name in was.keys() & now.keys():
            assert was[name] == now[name]


@settings(hasty, max_examples=4)
@given(before=declared)
def test_order_means_nothing(before: dict[str, Any], tmp_path_factory: Any) -> None:
    turned = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value
        for key, value in before.items()
    }
    folder = tmp_path_factory.mktemp("order")
    assert templates(before, folder / "before") == templates(turned, folder / "after")
