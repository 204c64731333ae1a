"""What a review proves is never wrong: no request that was not allowed is allowed after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright.policy.matching.context import Context
from keywright.policy.statement import Kind
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.review.comparison.access_change import merge_documents
from keywright.review.comparison.resources import policies_by_resource
from keywright.review.comparison.snapshot import Snapshot
from keywright.review.report.markdown import heading, render_markdown
from keywright.review.report.summary import Rank, summary_lines
from keywright.review.report.wording import code
from keywright.review.result import Verdict
from keywright.review.review import review
from tests.unit.review import templates

if TYPE_CHECKING:
    from pathlib import Path

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "sqs:SendMessage"]
PATTERNS = [*ACTIONS[:3], "s3:*", "s3:*Object", "*"]
RESOURCES = ["arn:aws:s3:::acme-reports/a", "arn:aws:s3:::acme-reports/b/c", "arn:aws:s3:::other/a"]
WHERE = ["*", "arn:aws:s3:::acme-reports/*", "arn:aws:s3:::*/a", *RESOURCES]
ALICE, BOB = "arn:aws:iam::000000000000:user/alice", "arn:aws:iam::000000000000:user/bob"
CONTEXTS: list[dict[str, tuple[str, ...]]] = [
    {},
    {"aws:multifactorauthpresent": ("true",)},
    {"aws:multifactorauthpresent": ("false",)},
    {"aws:principaltag/team": ("a",)},
]
CONDITIONS = [
    None,
    None,
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "a"}},
    {"StringEquals": {"aws:username": "alice"}},
]


def statement(effect: str, action: str, negated: str, where: str, condition: Any) -> dict[str, Any]:
    return {"Effect": effect, f"{negated}Action": action, "Resource": where} | (
        {"Condition": condition} if condition else {}
    )


STATEMENT = st.builds(
    statement,
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(PATTERNS),
    st.sampled_from(["", "", "", "Not"]),
    st.sampled_from(WHERE),
    st.sampled_from(CONDITIONS),
)
STATEMENTS = st.lists(STATEMENT, min_size=1, max_size=2)
BUCKET = st.one_of(
    st.none(),
    st.builds(
        lambda effect, who, action: [
            {"Effect": effect, "Principal": who, "Action": action, "Resource": "arn:aws:s3:::acme-reports/*"}
        ],
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from([{"AWS": ALICE}, {"AWS": "000000000000"}, "*"]),
        st.sampled_from(["s3:GetObject", "s3:*"]),
    ),
)


@st.composite
def account(draw: Any) -> dict[str, Any]:
    grants, group = draw(st.none() | STATEMENTS), draw(STATEMENTS)
    boundary, bucket = draw(st.none() | STATEMENTS), draw(BUCKET)
    is_member = draw(st.booleans())
    found = {
        "Group": templates.group(*group),
        "Alice": templates.user(
            *(grants or []),
            **({"Groups": [{"Ref": "Group"}]} if is_member else {}),
            **({"PermissionsBoundary": {"Ref": "Edge"}} if boundary else {}),
        ),
        "Edge": templates.managed(*(boundary or [templates.allow("*")]), name="edge"),
    }
    return found | ({"Policy": templates.bucket_policy(*bucket)} if bucket else {})


@st.composite
def change(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two accounts that differ in a few places, so that many a change does not widen."""
    base, other = draw(account()), draw(account())
    kept = draw(st.sets(st.sampled_from(["Group", "Alice", "Edge", "Policy"])))
    head = {name: each for name, each in {**other, **base}.items() if name in base or name not in kept}
    head |= {name: each for name, each in other.items() if name not in kept}
    return base, {name: each for name, each in head.items() if name in kept or name in other}


def in_force(snapshot: Snapshot, arn: str) -> Policies:
    identity = snapshot.identities[arn]
    held = [each.most for several in policies_by_resource(snapshot).values() for each in several]
    return Policies(
        identity=tuple(each.most for each in identity.grants),
        boundary=identity.boundary.most if identity.boundary else None,
        resource=merge_documents(held, Kind.RESOURCE) if held else None,
    )


def is_allowed(policies: Policies, action: str, resource: str, context: dict[str, tuple[str, ...]]) -> bool:
    return isinstance(evaluate(Request(ALICE, action, resource, Context(context)), policies), Allowed)


@given(pair=change())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_access_gained_where_nothing_widens(
    pair: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    one, other = (
        templates.given(templates.write(tmp_path / f"{name}.json", each))
        for name, each in zip(("base", "head"), pair, strict=True)
    )
    found = review(one, other, templates.TODAY)
    if found.verdict in {Verdict.WIDENS, Verdict.UNDECIDED}:
        return
    was, now = (in_force(Snapshot(each.assembly, each.root), ALICE) for each in (one, other))
    for action in ACTIONS:
        for resource in (
            RESOURCES if action.startswith("s3:") else ["arn:aws:sqs:eu-central-1:000000000000:q"]
        ):
            for context in CONTEXTS:
                is_new = is_allowed(now, action, resource, context) and not is_allowed(
                    was, action, resource, context
                )
                assert not is_new, (action, resource, context)


@given(account=account())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_account_is_the_same_as_itself(account: dict[str, Any], tmp_path: Path) -> None:
    assert templates.reviewed(tmp_path, account, account).verdict is Verdict.NOTHING


PARAMETERS = {"Parameters": {"Name": {"Type": "String"}, "Other": {"Type": "String"}}}
VALUES = ["acme-reports", "acme-reports/b", "other", "*", "a*", "acme-reports/?", ""]
OPEN = [
    *(
        {"Fn::Sub": text}
        for text in ("arn:aws:s3:::${Name}/*", "arn:aws:s3:::${Name}/a", "arn:aws:s3:::${Other}/a")
    ),
    "*",
    "arn:aws:s3:::acme-reports/*",
    "arn:aws:s3:::????????????/a",
]
OPEN_STATEMENT = st.builds(
    lambda effect, action, element, where, condition: (
        {"Effect": effect, "Action": action, element: where} | ({"Condition": condition} if condition else {})
    ),
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sampled_from(["s3:GetObject", ["s3:GetObject", "s3:PutObject"], "s3:*"]),
    st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]),
    st.sampled_from(OPEN) | st.lists(st.sampled_from(OPEN), min_size=1, max_size=2),
    st.sampled_from(
        [
            None,
            None,
            {"StringEquals": {"aws:PrincipalTag/team": {"Ref": "Name"}}},
            {"StringNotEquals": {"aws:PrincipalTag/team": {"Ref": "Name"}}},
            {"StringLike": {"aws:PrincipalTag/team": "a*"}},
        ]
    ),
)
OPEN_CONTEXTS: list[dict[str, tuple[str, ...]]] = [
    {},
    *({"aws:principaltag/team": (each,)} for each in ("acme-reports", "a", "b", "*")),
]


@st.composite
def open_change(draw: Any) -> tuple[list[Any], list[Any]]:
    """Statements before and after, most of which stand on both sides."""
    pool = draw(st.lists(OPEN_STATEMENT, min_size=1, max_size=4))
    chosen = st.lists(st.sampled_from(pool), min_size=1, max_size=4)
    return draw(chosen), draw(chosen)


def deployed(statements: list[Any], values: dict[str, str], tmp_path: Path) -> Policies:
    given = {"Parameters": {name: {"Type": "String", "Default": value} for name, value in values.items()}}
    file = templates.write(tmp_path / "deployed.json", {"Alice": templates.user(*statements)}, **given)
    snapshot = templates.given(file)
    return in_force(Snapshot(snapshot.assembly, snapshot.root), ALICE)


@given(pair=open_change(), name=st.sampled_from(VALUES), other=st.sampled_from(VALUES))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_access_gained_for_any_parameter(
    pair: tuple[list[Any], list[Any]], name: str, other: str, tmp_path: Path
) -> None:
    base, head = ({"Alice": templates.user(*each)} for each in pair)
    found = templates.reviewed(tmp_path, base, head, before=PARAMETERS)
    if found.verdict in {Verdict.WIDENS, Verdict.UNDECIDED}:
        return
    was, now = (deployed(each, {"Name": name, "Other": other}, tmp_path) for each in pair)
    for action in ACTIONS[:2]:
        for resource in RESOURCES:
            for context in OPEN_CONTEXTS:
                is_new = is_allowed(now, action, resource, context) and not is_allowed(
                    was, action, resource, context
                )
                assert not is_new, (action, resource, context)


STAGES = ["live", "test", "dev"]
CONDITIONS_OF_STAGE = {
    "Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]},
    "Test": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
    "Early": {"Fn::Not": [{"Condition": "Live"}]},
}
HOLDS = {"Live": {"live"}, "Test": {"test"}, "Early": {"test", "dev"}}
CHOICE = st.tuples(st.sampled_from(["Live", "Test", "Early", ""]), STATEMENT, STATEMENT)


def written_with(choices: list[Any]) -> dict[str, Any]:
    """Write statements that the stage chooses, as a template does."""
    found = [{"Fn::If": [name, one, other]} if name else one for name, one, other in choices]
    return {"Alice": templates.user(*found)}


def chosen_by(choices: list[Any], stage: str) -> list[Any]:
    """Choose as CloudFormation would."""
    return [one if not name or stage in HOLDS[name] else other for name, one, other in choices]


@st.composite
def staged_change(draw: Any) -> tuple[list[Any], list[Any]]:
    pool = draw(st.lists(CHOICE, min_size=1, max_size=3))
    several = st.lists(st.sampled_from(pool), min_size=1, max_size=3)
    return draw(several), draw(several)


@given(pair=staged_change())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_access_gained_for_any_condition(pair: tuple[list[Any], list[Any]], tmp_path: Path) -> None:
    sections = {"Parameters": {"Stage": {"Type": "String"}}, "Conditions": CONDITIONS_OF_STAGE}
    found = templates.reviewed(tmp_path, *map(written_with, pair), before=sections)
    if found.verdict in {Verdict.WIDENS, Verdict.UNDECIDED}:
        return
    for stage in STAGES:
        was, now = (deployed(chosen_by(each, stage), {}, tmp_path) for each in pair)
        for action in ACTIONS[:3]:
            for resource in RESOURCES:
                for context in CONTEXTS:
                    is_new = is_allowed(now, action, resource, context) and not is_allowed(
                        was, action, resource, context
                    )
                    assert not is_new, (stage, action, resource, context)


@given(pair=change())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_first_screen_has_every_gain_and_loss_and_the_details_every_statement(
    pair: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    found = templates.reviewed(tmp_path, *pair)
    lines, page = {each.name: each for each in summary_lines(found)}, render_markdown(found)
    gained = {each.name for each in found.gains} | {each.name for each in found.facts if each.widens}
    assert gained == {name for name, line in lines.items() if line.rank <= Rank.GAINS}
    assert {each.name for each in found.losses} <= lines.keys()
    assert f" · {found.widening} gain" in heading(found) or not found.changes + found.facts
    for changed in found.changes:
        for step in (*changed.gains, *changed.losses):
            assert not step.statement or code(json.dumps(dict(step.statement)), 1_500) in page
