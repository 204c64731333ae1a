"""The output of `aws iam get-account-authorization-details` is read like a template, with its own locations."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.assembly.identities.collection import identities
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.template import Assembly

ACCOUNT = "111111111111"
IAM = f"arn:aws:iam::{ACCOUNT}"
SHARED = f"{IAM}:policy/team/shared"
READ = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/${aws:username}/*"}
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def details(**changed: Any) -> dict[str, Any]:
    """Give an account with one identity of each kind; a change replaces a whole list or adds a key."""
    user = {
        "Path": "/team/",
        "UserName": "alice",
        "Arn": f"{IAM}:user/team/alice",
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": READ}],
        "GroupList": ["readers"],
        "AttachedManagedPolicies": [{"PolicyName": "shared", "PolicyArn": SHARED}],
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": SHARED},
        "Tags": [{"Key": "team", "Value": "one"}],
    }
    group = {"Path": "/", "GroupName": "readers", "Arn": f"{IAM}:group/readers", "GroupPolicyList": []}
    role = {
        "Path": "/",
        "RoleName": "worker",
        "Arn": f"{IAM}:role/worker",
        "AssumeRolePolicyDocument": TRUST,
        "InstanceProfileList": [
            {"InstanceProfileName": "worker", "Path": "/", "Arn": f"{IAM}:instance-profile/worker"}
        ],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [
            {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
        ],
    }
    policy = {
        "PolicyName": "shared",
        "Arn": SHARED,
        "Path": "/team/",
        "PolicyVersionList": [
            {"VersionId": "v2", "IsDefaultVersion": True, "Document": READ},
            {"VersionId": "v1", "IsDefaultVersion": False, "Document": {"Statement": []}},
        ],
    }
    return {
        "UserDetailList": [user],
        "GroupDetailList": [group],
        "RoleDetailList": [role],
        "Policies": [policy],
    } | changed


def account(folder: Path, content: Any) -> Assembly:
    path = folder / "account.json"
    path.write_text(json.dumps(content, indent=1))
    return read_assembly(path)


def test_reads_every_identity_with_what_is_attached(tmp_path: Path) -> None:
    found = identities(account(tmp_path, details()))
    (alice,), (readers,), (worker,) = found.users, found.groups, found.roles
    assert str(alice.arn) == f"{IAM}:user/team/alice"
    assert [group.label for group in found.groups_of(alice)] == [readers.label]
    assert [str(each.name) for each in alice.inline] == ["own"]
    assert [each.policy is not None for each in (*alice.attached, *alice.boundaries)] == [True, True]
    assert [str(each.arn) for each in worker.attached] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    assert worker.trust is not None
    assert [each.logical_id for each in worker.instance_profiles] == ["instance-profile/worker"]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (("user/alice",), "{"),
        (("user/alice", "Properties", "Policies", 0, "PolicyDocument", "Statement", 0, "Action"), '"Action"'),
        (("user/alice", "Properties", "Groups", 0), '"readers"'),
        (
            ("user/alice", "Properties", "ManagedPolicyArns", 0),
            '"PolicyArn": "arn:aws:iam::111111111111:policy/team/shared"',
        ),
        (("user/alice", "Properties", "PermissionsBoundary"), '"PermissionsBoundaryArn"'),
        (("policy/shared", "Properties", "PolicyDocument", "Statement"), '"Statement"'),
        (("role/worker", "Properties", "AssumeRolePolicyDocument"), '"AssumeRolePolicyDocument"'),
        (("instance-profile/worker", "Properties", "InstanceProfileName"), '"InstanceProfileName"'),
    ],
)
def test_locations_are_those_of_the_file(tmp_path: Path, path: tuple[str | int, ...], written: str) -> None:
    assembly = account(tmp_path, details())
    place = assembly.templates[0].source.locate("Resources", *path)
    line = (tmp_path / "account.json").read_text().splitlines()[place.line - 1]
    assert line[place.column - 1 :].startswith(written)


NAMES = st.text("abcXYZ012+=,.@_-", min_size=1, max_size=12)
DOCUMENTS = st.builds(
    lambda action, text: {
        "Version": "2012-10-17",
        "Statement": [{"Sid": text, "Effect": "Allow", "Action": action, "Resource": "*"}],
    },
    st.sampled_from(["s3:GetObject", "iam:*", "ec2:Describe*"]),
    st.text(max_size=12),
)


@given(NAMES, DOCUMENTS)
def test_a_document_as_text_is_the_same_as_an_object(
    tmp_path_factory: pytest.TempPathFactory, name: str, document: dict[str, Any]
) -> None:
    """The API writes documents as text with percent-encoding, the command line as objects."""
    folder = tmp_path_factory.mktemp("account")
    read = []
    for written in (document, quote(json.dumps(document))):
        user = {
            "UserName": name,
            "Path": "/",
            "Arn": f"{IAM}:user/{name}",
            "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": written}],
        }
        (found,) = identities(account(folder, details(UserDetailList=[user]))).users
        read.append([each.statements for each in found.inline])
    assert read[0] == read[1]


def refusal(folder: Path, content: Any) -> str:
    assembly = account(folder, content)
    assert not assembly.templates
    (finding,) = assembly.findings
    return str(finding).removeprefix(str(folder))


USER = details()["UserDetailList"][0]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"IsTruncated": True}, "the details of the account are incomplete"),
        ({"NextToken": "eyJNYXJrZXIi"}, "the details of the account are incomplete"),
        ({"RoleDetailList": None}, "the details of the account have no `RoleDetailList`"),
        ({"UserDetailList": ["alice"]}, "the item is not an object"),
        ({"UserDetailList": [{**USER, "UserName": ""}]}, "the item has no `UserName`"),
        ({"UserDetailList": [{**USER, "Arn": "alice"}]}, "the item's `Arn` is not an ARN"),
        ({"UserDetailList": [USER, USER]}, "`user/alice` is listed twice"),
        ({"UserDetailList": [{**USER, "Arn": "arn:aws:iam::222222222222:user/alice"}]}, "the details are those of several accounts"),
        ({"UserDetailList": [{**USER, "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": "%7B"}]}]}, "the item has no policy document"),
        ({"UserDetailList": [{**USER, "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": '{"a": 1, "a": 2}'}]}]}, "the item has no policy document"),
        ({"Policies": [{**details()["Policies"][0], "PolicyVersionList": []}]}, "policy `shared` has no default version"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    content = {key: value for key, value in details(**changed).items() if value is not None}
    assert message in refusal(tmp_path, content)


def test_an_empty_account_has_no_identities(tmp_path: Path) -> None:
    empty: dict[str, Any] = {key: [] for key in details()}
    assembly = account(tmp_path, empty)
    assert (assembly.findings, list(assembly.resources)) == ((), [])
