"""The reader of account snapshots: typed, complete, and strict about what is no snapshot of one account."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from keywright.account.snapshot import UnusableSnapshotError, snapshot_of
from tests.unit.account import accounts
from tests.unit.account.accounts import (
    IAM,
    access_key,
    account,
    group,
    login,
    mfa,
    role,
    snapshot,
    trust,
    user,
)

READ = accounts.allow("s3:GetObject")
EC2 = trust(Service="ec2.amazonaws.com")


def test_reads_identities_with_their_policies() -> None:
    found = snapshot(
        users=(user("alice", path="/team/", groups=("readers",), tags={"team": "one"}, boundary=f"{IAM}:policy/cap"),),
        groups=(group("readers", inline={"read": READ}, attached=("arn:aws:iam::aws:policy/ReadOnlyAccess",)),),
        roles=(role("worker", EC2, profiles=("worker",), last_used=accounts.DAY, MaxSessionDuration=7200),),
        policies=(accounts.policy("cap", READ),),
    )  # fmt: skip
    (alice,), (readers,), (worker,), (cap,) = found.users, found.groups, found.roles, found.policies
    assert (alice.path, alice.groups, alice.tags, alice.boundary) == (
        "/team/",
        ("readers",),
        {"team": "one"},
        str(cap.arn),
    )
    assert [(each.name, each.document) for each in readers.inline_policies] == [("read", READ)]
    assert readers.attached_policies == ("arn:aws:iam::aws:policy/ReadOnlyAccess",)
    assert (worker.trust_policy, worker.session_seconds, worker.description) == (EC2, 7200, None)
    assert [each.name for each in worker.instance_profiles] == ["worker"]
    assert worker.last_used == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert (found.account, found.partition, found.region) == ("111111111111", "aws", "eu-central-1")


def test_reads_credentials_of_a_user() -> None:
    found = snapshot(
        users=(user("alice"), user("bob")),
        LoginProfiles=[login("alice")],
        PasswordLastUsed=[{"UserName": "alice", "Date": "2026-11-30T00:00:00Z"}],
        AccessKeys=[access_key("bob", last_used="2026-11-29T12:00:00+02:00"), access_key("bob", "AKIA2", status="Inactive")],
        MFADevices=[mfa("alice")],
        OtherCredentials=[{"UserName": "bob", "Kind": "SSHPublicKey", "Id": "APKA1", "Status": "Active"}],
    )  # fmt: skip
    assert found.login_profile_of("bob") is None
    assert found.login_profile_of("alice") is not None
    assert found.password_last_used("alice") == datetime(2026, 11, 30, tzinfo=UTC)
    assert [(each.id, each.is_active, each.last_used_service) for each in found.access_keys_of("bob")] == [
        ("AKIABOB", True, "s3"),
        ("AKIA2", False, ""),
    ]
    assert found.access_keys_of("bob")[0].last_used == datetime(2026, 11, 29, 10, tzinfo=UTC)
    assert [each.serial for each in found.mfa_devices_of("alice")] == [f"{IAM}:mfa/alice"]
    assert [each.kind for each in found.other_credentials_of("bob")] == ["SSHPublicKey"]


def test_a_place_is_that_of_the_file() -> None:
    found = snapshot(users=(user("alice"),), AccessKeys=[access_key("alice")])
    place = found.locate(found.access_keys[0], "Status")
    written = found.source.characters.splitlines()[place.line - 1]
    assert written[place.column - 1 :].startswith('"Status"')


def test_the_output_of_the_aws_command_line_is_a_snapshot_without_credentials() -> None:
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    content = {name: part for name, part in account(users=(user("alice"),)).items() if name in lists}
    found = snapshot_of(json.dumps(content), "account.json")
    assert [each.name for each in found.users] == ["alice"]
    assert (found.account, found.has("AccessKeys"), found.read_at) == ("111111111111", False, None)


@pytest.mark.parametrize(
    ("unread", "of", "has"),
    [
        pytest.param([], "", True, id="all read"),
        pytest.param([{"Part": "AccessKeys", "Error": "AccessDenied"}], "user/bob", False, id="none read"),
        pytest.param([{"Part": "AccessKeys", "Of": "user/alice", "Error": "x"}], "", False, id="one user unread"),
        pytest.param([{"Part": "AccessKeys", "Of": "user/alice", "Error": "x"}], "user/alice", False, id="of that user"),
        pytest.param([{"Part": "AccessKeys", "Of": "user/alice", "Error": "x"}], "user/bob", True, id="of another user"),
        pytest.param([{"Part": "Instances", "Error": "x"}], "", True, id="another part"),
    ],
)  # fmt: skip
def test_a_part_with_an_unread_piece_is_not_complete(
    unread: list[dict[str, str]], of: str, has: bool
) -> None:
    assert snapshot(Unread=unread).has("AccessKeys", of) is has


def test_unknown_keys_are_ignored() -> None:
    found = snapshot(users=({**user("alice"), "Added": [1, {"by": "a later version"}]},), Later={"a": 1})
    assert [each.name for each in found.users] == ["alice"]


OTHER = "arn:aws:iam::222222222222"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"AccountId": "222222222222"}, "the snapshot is that of several accounts; found `222222222222` and `111111111111`"),
        ({"SAMLProviders": [{"Arn": f"{OTHER}:saml-provider/x"}]}, "the snapshot is that of several accounts"),
        ({"LastAccessed": [{"Arn": f"{OTHER}:role/x", "ServiceNamespace": "s3"}]}, "the snapshot is that of several accounts"),
        ({"AccessKeys": [access_key("mallory")]}, "the user is not in `UserDetailList`; found `mallory`"),
        ({"AccessKeys": [{**access_key("alice"), "CreateDate": "yesterday"}]}, "`CreateDate` is not a date; found `yesterday`; accepted: ISO 8601"),
        ({"AccessKeys": [{**access_key("alice"), "CreateDate": "0001-01-01T00:00:00+14:00"}]}, "`CreateDate` is not a date"),
        ({"AccessKeys": [{**access_key("alice"), "Status": "on"}]}, "`Status` has an unknown value; found `on`; accepted: `Active`"),
        ({"AccessKeys": {"UserName": "alice"}}, "`AccessKeys` is not a list"),
        ({"AccessKeys": ["AKIA"]}, "the item is not an object; found `AKIA`"),
        ({"LoginProfiles": [{**login("alice"), "PasswordResetRequired": "no"}]}, "`PasswordResetRequired` is not true or false"),
        ({"MFADevices": [{"UserName": "alice"}]}, "the item has no `SerialNumber`"),
        ({"AccountAliases": [1, True]}, "`AccountAliases` is not a list of texts"),
        ({"AccountSummary": {"Users": "many"}}, "`Users` is not a whole number; found `many`"),
        ({"PasswordPolicy": []}, "`PasswordPolicy` is not an object"),
        ({"ReadAt": 5}, "`ReadAt` is not a date"),
        ({"IsTruncated": True}, "the details of the account are incomplete"),
    ],
)  # fmt: skip
def test_refuses(changed: dict[str, Any], message: str) -> None:
    content = json.dumps(account(users=(user("alice"),)) | changed)
    with pytest.raises(UnusableSnapshotError) as raised:
        snapshot_of(content, "account.json")
    (finding,) = raised.value.findings
    assert message in str(finding)
    assert finding.location.line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "the file is not JSON", id="empty"),
        pytest.param(json.dumps(account())[:-9], "the file is not JSON", id="cut off"),
        pytest.param("[]", "account.json:1:1: the file is not the snapshot of an account", id="a list"),
        pytest.param('{"Resources": {}}', "the file is not the snapshot of an account", id="a template"),
        pytest.param('{"UserDetailList": []}', "the details of the account have no `GroupDetailList`", id="only users"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_snapshot(content: str, message: str) -> None:
    with pytest.raises(UnusableSnapshotError, match=message):
        snapshot_of(content, "account.json")


def test_reports_every_mistake_at_once() -> None:
    broken = account(users=(user("alice"),), AccessKeys=[{"UserName": "bob"}, {"UserName": "alice"}])
    with pytest.raises(UnusableSnapshotError) as raised:
        snapshot_of(json.dumps(broken | {"ReadAt": "now"}), "account.json")
    assert len(raised.value.findings) == 3
