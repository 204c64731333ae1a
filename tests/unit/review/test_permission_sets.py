"""Permission sets of IAM Identity Center: policies, assignments and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.result import Verdict
from keywright.review.review import review
from tests.unit.assembly.builders import write_assembly
from tests.unit.review.templates import TODAY, allow, document, given, resource, reviewed

if TYPE_CHECKING:
    from pathlib import Path

READ, WRITE = allow("s3:GetObject"), allow("s3:PutObject")
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
MANAGED = "arn:aws:iam::aws:policy/"


def made(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    inline = {"InlinePolicy": document(*statements)} if statements else {}
    return {"Ops": resource("SSO::PermissionSet", Name="ops", InstanceArn=INSTANCE, **inline, **properties)}


def assigned(logical_id: str = "To", **properties: Any) -> dict[str, Any]:
    given = {
        "InstanceArn": INSTANCE,
        "PermissionSetArn": {"Fn::GetAtt": ["Ops", "PermissionSetArn"]},
        "PrincipalType": "GROUP",
        "PrincipalId": "a-group",
        "TargetType": "AWS_ACCOUNT",
        "TargetId": "111111111111",
    }
    return made(READ) | {logical_id: resource("SSO::Assignment", **(given | properties))}


WIDENING: dict[str, tuple[Any, Any]] = {
    "a new one": ({}, made(READ)),
    "an action more": (made(READ), made(READ, WRITE)),
    "a policy of AWS more": (made(READ), made(READ, ManagedPolicies=[f"{MANAGED}IAMFullAccess"])),
    "an assignment more": (made(READ), assigned()),
    "another account": (assigned(), assigned(TargetId="222222222222")),
    "longer sessions": (made(READ), made(READ, SessionDuration="PT8H")),
}


@pytest.mark.parametrize("pair", WIDENING.values(), ids=WIDENING)
def test_widens(pair: tuple[Any, Any], tmp_path: Path) -> None:
    assert reviewed(tmp_path, *pair).exit_code == 1


GROUP = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
MADE = {
    "G": resource("IdentityStore::Group", IdentityStoreId="d-1234567890", DisplayName="Auditors"),
    "M": resource(
        "IdentityStore::GroupMembership",
        IdentityStoreId="d-1234567890",
        GroupId={"Fn::GetAtt": ["G", "GroupId"]},
        MemberId={"UserId": GROUP},
    ),
}


def called(name: Any, logical_id: str = "To", **properties: Any) -> dict[str, Any]:
    found = assigned(logical_id, **properties)
    found[logical_id]["Metadata"] = {"keywright:called": name}
    return found


SAID: dict[str, tuple[Any, Any, list[str]]] = {
    "who gets it, as people call the group": (
        made(READ),
        called("analysts", PrincipalId=GROUP),
        [f"group analysts ({GROUP}) gets `permissionset/ops` in the account `111111111111`"],
    ),
    "who loses it": (
        assigned(PrincipalId=GROUP),
        made(READ),
        [f"group {GROUP} loses `permissionset/ops` in the account `111111111111`"],
    ),
    "one that exists, by its ARN": (
        made(READ),
        assigned(PrincipalId=GROUP, PermissionSetArn="arn:aws:sso:::permissionSet/i/p"),
        [f"group {GROUP} gets `arn:aws:sso:::permissionSet/i/p` in the account `111111111111`"],
    ),
    "a group that is made here, and who is in it": (
        made(READ),
        MADE | called("auditors", PrincipalId={"Fn::GetAtt": "G.GroupId"}),
        [
            "group Auditors gets `permissionset/ops` in the account `111111111111`",
            f"user {GROUP} joins `group Auditors`",
        ],
    ),
    "another name for the same is nothing": (
        called("analysts", PrincipalId=GROUP),
        called("administrators", PrincipalId=GROUP),
        [],
    ),
    "a name that is none": (
        made(READ),
        called(["x"], PrincipalId=GROUP),
        [f"group {GROUP} gets `permissionset/ops` in the account `111111111111`"],
    ),
}


@pytest.mark.parametrize(("base", "head", "expected"), SAID.values(), ids=SAID)
def test_reports_gains_and_losses_of_each_principal(
    base: Any, head: Any, expected: list[str], tmp_path: Path
) -> None:
    facts = reviewed(tmp_path, base, head).facts
    assert sorted(f"{each.name} {each.says}" for each in facts) == sorted(expected)


@pytest.mark.parametrize(
    ("stacks", "says", "verdict"),
    [
        pytest.param(
            {"other": {}},
            "keeps `permissionset/ops` in the account `111111111111` until stack `access-identity-center`, "
            "which is no longer synthesized, is deleted manually",
            Verdict.UNDECIDED,
            id="a stack of ours that is no longer made takes nothing away",
        ),
        pytest.param(
            {"other": {}, "access-identity-center": made(READ)},
            "loses `permissionset/ops` in the account `111111111111`",
            Verdict.NARROWS,
            id="one that is still made does",
        ),
    ],
)
def test_what_is_deleted_with_its_stack(
    stacks: dict[str, Any], says: str, verdict: Verdict, tmp_path: Path
) -> None:
    base, head = (
        write_assembly(tmp_path / name, **{stack: {"Resources": each} for stack, each in snapshot.items()})
        for name, snapshot in (
            ("base", {"other": {}, "access-identity-center": assigned(PrincipalId=GROUP)}),
            ("head", stacks),
        )
    )
    found = review(given(base), given(head), TODAY)
    assert [f"{each.name} {each.says}" for each in found.facts] == [f"group {GROUP} {says}"]
    assert found.verdict is verdict


SAME: dict[str, tuple[Any, Any]] = {
    "in another order": (made(READ, WRITE), made(WRITE, READ)),
    "what a policy of AWS allows already": (
        made(ManagedPolicies=[f"{MANAGED}AmazonS3FullAccess"]),
        made(READ, ManagedPolicies=[f"{MANAGED}AmazonS3FullAccess"]),
    ),
    "an assignment renamed": (assigned(), assigned("From")),
    "a session as long in other words": (
        made(READ, SessionDuration="PT60M"),
        made(READ, SessionDuration="PT1H"),
    ),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
@pytest.mark.parametrize("way", [1, -1], ids=["forth", "back"])
def test_is_the_same(pair: tuple[Any, Any], way: int, tmp_path: Path) -> None:
    assert reviewed(tmp_path, *pair[::way]).verdict in {Verdict.NO_NEW_ACCESS, Verdict.NOTHING}


UNDECIDED: dict[str, tuple[Any, Any]] = {
    "a policy of the account": (
        made(READ),
        made(READ, CustomerManagedPolicyReferences=[{"Name": "own", "Path": "/"}]),
    ),
    "another policy of the account": (
        made(READ, CustomerManagedPolicyReferences=[{"Name": "own", "Path": "/"}]),
        made(READ, CustomerManagedPolicyReferences=[{"Name": "other", "Path": "/"}]),
    ),
    "a boundary of the account goes": (
        made(READ, PermissionsBoundary={"CustomerManagedPolicyReference": {"Name": "edge"}}),
        made(READ),
    ),
}


@pytest.mark.parametrize("pair", UNDECIDED.values(), ids=UNDECIDED)
def test_never_passes(pair: tuple[Any, Any], tmp_path: Path) -> None:
    assert reviewed(tmp_path, *pair).exit_code in {1, 3}
