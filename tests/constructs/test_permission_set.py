"""Permission sets, their assignments and groups: stable under every edit, and refused before a deployment is."""

from __future__ import annotations

import re

import pytest

from access_constructs.identity_center.assignments import CenterAssignment, CenterGroup
from access_constructs.identity_center.permission_set import PermissionSet
from keywright.policy.statement import Statement

INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
BOUNDARY = "arn:aws:iam::111111111111:policy/access/keywright-boundary"
GUID = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
LISTING = Statement(actions=("s3:ListBucket",), resources=("arn:aws:s3:::reports",))
COMMON = {
    "instance_arn": INSTANCE,
    "boundary_arn": BOUNDARY,
    "session_seconds": 3600,
    "statements": (LISTING,),
}


def permission_set(stack, name="Analyst", **arguments):
    return PermissionSet(stack, f"set-{name}", name=name, **(COMMON | arguments))


def assigned(stack, to, principal=GUID, **arguments):
    given = {"account": "111111111111", "called": "analysts"} | arguments
    return CenterAssignment(
        stack,
        f"assignment-{len(stack.node.children)}",
        instance_arn=INSTANCE,
        permission_set=to,
        principal=principal,
        **given,
    )


def test_is_one_resource_with_all_its_grants(stack, resources):
    permission_set(
        stack,
        session_seconds=5400,
        managed_policy_arns=(
            "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
            "arn:aws:iam::111111111111:policy/access/team/shared",
        ),
        description="Reads the reports",
        tags={"team": "reports"},
    )
    assert resources() == {
        "PermissionSet0Analyst": {
            "Type": "AWS::SSO::PermissionSet",
            "Properties": {
                "Name": "Analyst",
                "InstanceArn": INSTANCE,
                "Description": "Reads the reports",
                "SessionDuration": "PT90M",
                "InlinePolicy": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports"}
                    ],
                },
                "ManagedPolicies": ["arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"],
                "CustomerManagedPolicyReferences": [{"Name": "shared", "Path": "/access/team/"}],
                "PermissionsBoundary": {
                    "CustomerManagedPolicyReference": {"Name": "keywright-boundary", "Path": "/access/"}
                },
                "Tags": [{"Key": "team", "Value": "reports"}],
            },
        }
    }


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        pytest.param(
            "arn:aws:iam::aws:policy/PowerUserAccess",
            {"ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
            id="of AWS's",
        ),
        pytest.param(
            "arn:aws:iam::111111111111:policy/edge",
            {"CustomerManagedPolicyReference": {"Name": "edge", "Path": "/"}},
            id="of the account, without a path",
        ),
        pytest.param(None, None, id="none"),
    ],
)
def test_references_a_boundary_by_its_kind(stack, resources, boundary, expected):
    permission_set(stack, boundary_arn=boundary)
    assert resources()["PermissionSet0Analyst"]["Properties"].get("PermissionsBoundary") == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"name": "a" * 33},
            f"a permission set's name is malformed; found `{'a' * 33}`; accepted: 1 to 32 letters, digits and `+=,.@_-`",
            id="a long name",
        ),
        pytest.param(
            {"session_seconds": 60},
            "the session duration of permission set `Analyst` is too short or too long; found `60` seconds; accepted: 3600 to 43200",
            id="a short session",
        ),
        pytest.param(
            {"statements": ()},
            "permission set `Analyst` grants nothing; found no statement; accepted: statements, or a policy",
            id="nothing",
        ),
        pytest.param(
            {"managed_policy_arns": ("SecurityAudit",)},
            "the ARN of a managed policy is malformed; found `SecurityAudit`; "
            "accepted: `arn:aws:iam::aws:policy/…`, or an account's number in place of `aws`",
            id="a policy by name",
        ),
        pytest.param(
            {"managed_policy_arns": tuple(f"arn:aws:iam::aws:policy/P{number}" for number in range(11))},
            "permission set `Analyst` has too many managed policies; found 11; accepted: at most 10, as a role takes",
            id="eleven policies",
        ),
        pytest.param(
            {
                "statements": tuple(
                    Statement(
                        actions=("s3:GetObject",),
                        resources=(f"arn:aws:s3:::reports/{number:04}{'x' * 90}/*",),
                    )
                    for number in range(100)
                )
            },
            "the grants of permission set `Analyst` are too long; found 12094 characters; accepted: at most 10240; "
            "the others in managed policies of the account, or in another permission set",
            id="too much",
        ),
    ],
)
def test_refuses_what_identity_center_refuses(stack, arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        permission_set(stack, **arguments)


def test_the_id_of_an_assignment_has_all_its_parts(stack, resources):
    """A change makes another assignment; the display name of a group changes none."""
    made = permission_set(stack)
    group = CenterGroup(
        stack,
        "group",
        name="auditors",
        identity_store="d-1234567890",
        display_name="Auditors",
        members={"eve": GUID},
    )
    existing = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
    for arguments in (
        {},
        {"account": "222222222222", "called": "people who analyse"},
        {"principal": group},
        {"to": existing},
        {"kind": "USER", "principal": GUID.replace("4f50", "4f51")},
    ):
        assigned(stack, **({"to": made} | arguments))
    found = {name for name in resources() if name.startswith("SetAssignment0")}
    guid = GUID.replace("-", "X2d")
    assert found == {
        f"SetAssignment0AnalystX2f111111111111X2f{guid}",
        f"SetAssignment0AnalystX2f222222222222X2f{guid}",
        "SetAssignment0AnalystX2f111111111111X2fmadeX2fauditors",
        f"SetAssignment0existingX2fpsX2d1234567890abcdefX2f111111111111X2f{guid}",
        f"SetAssignment0AnalystX2f111111111111X2f{guid.replace('4f50', '4f51')}",
    }
    assert resources()[f"CenterMembership0auditorsX2f{guid}"]["Properties"] == {
        "IdentityStoreId": "d-1234567890",
        "GroupId": {"Fn::GetAtt": ["CenterGroup0auditors", "GroupId"]},
        "MemberId": {"UserId": GUID},
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"account": "here"}, "an account is malformed", id="no account"),
        pytest.param(
            {"principal": "analysts"},
            "a permission set is assigned to an id of the identity store",
            id="a name",
        ),
    ],
)
def test_refuses_impossible_assignments(stack, arguments, message):
    with pytest.raises(ValueError, match=message):
        assigned(stack, permission_set(stack), **arguments)
