"""Narrower grants allow nothing new, and everything that the trail shows as used, whatever is declared and logged."""

from __future__ import annotations

import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from keywright.model.action_lock import ActionLock, needed, relock
from keywright.model.draft import draft_of
from keywright.model.edited_files import reading_after
from keywright.model.reading import Reading, read
from keywright.policy.statement import Document
from keywright.reasoning.comparison.compare import compare_access
from keywright.reasoning.comparison.search import NoNewAccess
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.statements.boundary import BOUNDARY_POLICY
from keywright.statements.declared.boundaries import declared_boundaries, declared_boundary_statements
from keywright.statements.declared.grants import statements_of_grant
from keywright.tighten.evidence import Evidence
from keywright.tighten.observed import Identity, Observed
from keywright.tighten.proposal import Proposal, propose, subject
from keywright.tighten.trail import Trail

ACCOUNT, REGION = "111111111111", "eu-central-1"
TODAY = date(2026, 11, 24)
DAYS = 5
INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:a"
EVENTS = (
    ("ec2", "DescribeInstances", "ec2:DescribeInstances", "*"),
    ("ec2", "TerminateInstances", "ec2:TerminateInstances", INSTANCE),
    ("ec2", "StartInstances", "ec2:StartInstances", INSTANCE),
    ("ec2", "InventedToday", "", "*"),
    ("s3", "ListBuckets", "s3:ListAllMyBuckets", "*"),
    ("s3", "CreateBucket", "s3:CreateBucket", "arn:aws:s3:::a"),
    ("secretsmanager", "GetSecretValue", "secretsmanager:GetSecretValue", SECRET),
    ("iam", "CreateRole", "iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/x"),
    ("sqs", "PurgeQueue", "sqs:PurgeQueue", f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"),
)
ACTIONS = (
    "ec2:Describe*", "ec2:DescribeInstances", "ec2:TerminateInstances", "ec2:Start*", "s3:ListAllMyBuckets", "s3:CreateBucket",
    "s3:GetObject", "secretsmanager:*Value", "secretsmanager:GetSecretValue", "iam:CreateRole", "iam:PassRole", "sqs:P*", "sqs:SendMessage",
)  # fmt: skip
WHY = "the law draws what nobody would write"


def statement(actions: list[str], resources: list[str]) -> dict[str, Any]:
    wild = {"wildcards": WHY} if any("*" in each for each in (*actions, *resources)) else {}
    return {
        "statement": {"effect": "allow", "actions": actions, "resources": resources},
        "because": WHY,
        **wild,
    }


STATEMENTS = st.builds(
    statement,
    st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=4, unique=True),
    st.sampled_from([["*"], [INSTANCE, SECRET]]),
)
LEVELS = st.lists(st.sampled_from(["read", "write", "tagging"]), min_size=1, max_size=3, unique=True)
SERVICES = st.one_of(
    LEVELS.map(
        lambda levels: {"allow": {"service": "secretsmanager", "levels": levels, "resources": ["secret:a"]}}
    ),
    st.just({"allow": {"service": "ec2", "levels": ["list"]}}),
    st.just({"s3": ["list", "read"], "bucket": "b"}),
)
GRANTS = st.lists(st.one_of(STATEMENTS, SERVICES), max_size=3)
USERS = ("ann", "bea")
ATTACHED = [{"managed": "policy/shared", "because": "several do the same work"}]


@st.composite
def declared(draw: st.DrawFn) -> dict[str, Any]:
    def holder(fixed: dict[str, Any]) -> dict[str, Any]:
        grants = draw(GRANTS)
        shared = {"policies": ATTACHED} if draw(st.booleans()) else {}
        return {**fixed, **({"grants": grants} if grants else {}), **shared}

    users = {
        name: {"person": {"email": f"{name}@a.example"}, "console": True, "groups": draw(st.sampled_from([["team"], ["team", "other"]]))}
        for name in USERS
    }  # fmt: skip
    return {
        "account": {"id": ACCOUNT, "region": REGION, "alias": "acme", "path": "/access/", "handover": "other", "password_policy": {}},
        "buckets": {"b": {}},
        "groups": {"team": holder({}), "other": {}},
        "policies": {"shared": {"grants": [draw(STATEMENTS)]}},
        "users": users,
        "roles": {"r": holder({"trusts": [{"group": "team", "mfa": {"within": "1h"}}]})},
    }  # fmt: skip


@st.composite
def logged(draw: st.DrawFn) -> list[tuple[str, int, tuple[str, str, str, str], bool]]:
    """Draw what each principal did on which day, and whether it was denied."""
    each = st.tuples(
        st.sampled_from(("user/access/ann", "user/access/bea", "role/access/r", "role/elsewhere")),
        st.sampled_from((0, 0, 0, DAYS - 1)),
        st.sampled_from(EVENTS),
        st.sampled_from((False, False, False, True)),
    )
    return draw(st.lists(each, max_size=12))


def trail_of(events: list[tuple[str, int, tuple[str, str, str, str], bool]]) -> Trail:
    trail = Trail()
    for day in range(DAYS):
        for region in (REGION, "us-east-1"):
            trail.add((ACCOUNT, region, str(TODAY + timedelta(day)), *([None] * 5), 2, 0, 1, None, None))
    for principal, day, (source, name, _, resource), denied in events:
        arn = f"arn:aws:iam::{ACCOUNT}:{principal}"
        at = None if denied else f"{TODAY + timedelta(day)}T10:00:00Z"
        numbers = (int(not denied), int(denied), 0, at, at)
        trail.add((None, None, None, arn, f"{source}.amazonaws.com", name, resource, None, *numbers))
    return trail


def policies_of(reading: Reading, principal: str) -> Policies:
    declarations = reading.declarations
    assert declarations is not None
    kind, name = principal.split("/", maxsplit=1)[0], principal.rsplit("/", maxsplit=1)[-1]
    holder = declarations.users[name] if kind == "user" else declarations.roles[name]
    holders: list[Any] = [holder]
    if kind == "user":
        holders += [declarations.groups[each.name] for each in declarations.users[name].groups]
    grants = [grant for each in holders for grant in each.grants]
    for each in holders:
        grants += [
            grant for policy in each.policies for grant in declarations.policies[policy.own or ""].grants
        ]
    statements = tuple(
        each for grant in grants for each in statements_of_grant(grant, declarations, reading.lock)
    )
    boundary = next(each for each in declared_boundaries(declarations) if each.policy_name == BOUNDARY_POLICY)
    return Policies(
        identity=(Document(statements),),
        boundary=Document(declared_boundary_statements(boundary, declarations)),
    )


def locked(folder: Path) -> None:
    reading = read(folder, TODAY, locked=False)
    assert reading.declarations is not None, [*map(str, reading.findings)]
    draft = draft_of(reading.declarations, TODAY, places=reading.places, data={})
    (folder / "actions.lock").write_text(relock(ActionLock(), needed(draft), upgrade=True).after.to_text())


def identities() -> list[Identity]:
    return [Identity(f"user/{name}", ACCOUNT, "user", name) for name in USERS] + [
        Identity("role/r", ACCOUNT, "role", "r")
    ]


@settings(max_examples=40)
@given(declared(), logged())
def test_allows_nothing_new_and_everything_used(document: dict[str, Any], events: Any) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "all.yaml").write_text(json.dumps(document, indent=1))
        locked(folder)
        before = read(folder, TODAY)
        assert before.declarations is not None, [*map(str, before.findings)]
        trail = trail_of(events)
        evidence = Evidence(trail, ACCOUNT, REGION, DAYS)
        proposal = propose(before, folder, Observed(trail, identities()), evidence, TODAY)
        assert not proposal.missing
        event(f"narrowed: {min(len(proposal.narrowings), 3)}")
        after = reading_after(proposal.files, folder, TODAY)
        allows_nothing_new(before, after)
        allows_everything_used(before, after, events)
        loses_only_what_the_trail_can_show(proposal, events)


def allows_nothing_new(before: Reading, after: Reading) -> None:
    for principal in ("user/ann", "user/bea", "role/r"):
        found = compare_access(policies_of(before, principal), policies_of(after, principal))
        assert isinstance(found, NoNewAccess), found


def allows_everything_used(before: Reading, after: Reading, events: Any) -> None:
    for principal, _, (_, _, action, resource), denied in events:
        if denied or not action or principal == "role/elsewhere":
            continue
        request = Request(f"arn:aws:iam::{ACCOUNT}:{principal}", action, resource)
        if isinstance(evaluate(request, policies_of(before, principal)), Allowed):
            assert isinstance(evaluate(request, policies_of(after, principal)), Allowed), (principal, action)


def loses_only_what_the_trail_can_show(proposal: Proposal, events: Any) -> None:
    for each in proposal.narrowings:
        assert not {"iam:PassRole", "s3:GetObject", "sqs:SendMessage", "sqs:PutX"} & set(each.removed)
        # Who did nothing at all, or began only on the last day, shows nothing.
        if subject(each.path) == "role/r":
            days = [
                day
                for principal, day, one, denied in events
                if principal == "role/access/r" and one[2] and not denied
            ]
            assert min(days, default=0) == 0
            assert any(principal == "role/access/r" for principal, *_ in events)
