"""A snapshot has all pages, lists what it could not read, continues where a run ended, and keeps no secret."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from urllib3.response import HTTPResponse

from keywright.account.snapshot import AccountSnapshot, snapshot_of
from keywright.live.snapshot.collect import Scope, as_text, collect
from keywright.live.snapshot.journal import Journal, UnusableJournalError
from keywright.live.snapshot.operations import ALIASES, ALWAYS, ON_REQUEST, required_policy
from keywright.live.snapshot.requests import RefusedError, Requests, StoppedError
from keywright.policy.reference import catalogue
from tests.unit.live.aws_answers import ACCOUNT, AWS

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)
SCOPE = Scope(("eu-central-1", "us-east-1"), last_accessed=True)


def read(aws: AWS, folder: Path, now: datetime = NOW, scope: Scope = SCOPE) -> dict[str, Any]:
    """Read the account as the command does, and leave no journal if it is complete."""
    with Journal(folder / "account.json", ACCOUNT, now) as journal:
        found = collect(Requests(aws.session()), ACCOUNT, scope, journal, lambda _done, _total: None)
        journal.remove()
    return found


def typed(found: dict[str, Any]) -> AccountSnapshot:
    return snapshot_of(as_text(found), "account.json")


def test_a_snapshot_has_every_page_of_every_part(tmp_path: Path) -> None:
    found = typed(read(AWS(users=5), tmp_path))
    assert [each.name for each in found.users] == ["u0", "u1", "u2", "u3", "u4"]
    assert found.users[0].tags == {"Ünïcode": "日本"}
    assert [(each.name, each.session_seconds, each.description) for each in found.roles] == [("r0", 7200, ""), ("r1", 7200, ""), ("r2", 7200, "")]  # fmt: skip
    assert [each.description for each in found.policies] == ["reads"] * 3
    assert len(found.access_keys) == 10
    assert len(found.mfa_devices) == 15
    assert {each.kind for each in found.other_credentials_of("u0")} == {"SSHPublicKey", "SigningCertificate", "ServiceSpecificCredential"}  # fmt: skip
    assert [each.user for each in found.password_uses] == [
        "u0",
        "u1",
        "u2",
        "u3",
        "u4",
    ]  # not the user that came since
    assert [(each.region, each.id) for each in found.instances][:4] == [("eu-central-1", "i-0"), ("eu-central-1", "i-1"), ("eu-central-1", "i-2"), ("us-east-1", "i-0")]  # fmt: skip
    assert [(each.stack, each.type) for each in found.stack_resources] == [("a", "AWS::IAM::Role"), ("a", "AWS::SQS::Queue"), ("b", "AWS::IAM::Role"), ("b", "AWS::SQS::Queue")] * 2  # fmt: skip
    assert {(each.arn.resource, each.service) for each in found.last_accessed} >= {("user/u0", "s3"), ("role/r0", "s3")}  # fmt: skip
    assert found.unread == ()
    assert all(found.has(part) for part in ("AccessKeys", "PasswordPolicy", "LastAccessed", "StackResources"))
    assert not list(tmp_path.iterdir())


def test_no_secret_is_kept(tmp_path: Path) -> None:
    assert "SECRET" not in as_text(read(AWS(), tmp_path))


def test_the_policy_allows_exactly_what_is_asked(tmp_path: Path) -> None:
    aws = AWS()
    read(aws, tmp_path)
    assert sorted(aws.asked) == required_policy(last_accessed=True)["Statement"][0]["Action"]
    aws = AWS()
    read(aws, tmp_path, scope=Scope(("eu-central-1",)))
    assert sorted(aws.asked) == required_policy(last_accessed=False)["Statement"][0]["Action"]


def test_every_operation_has_an_action_of_its_name_that_only_reads() -> None:
    session = botocore.session.get_session()
    models = {each: session.get_service_model(each) for each in ("iam", "ec2", "cloudformation")}
    for operation in (*ALWAYS, *ON_REQUEST):
        assert operation.name in models[operation.service].operation_names
        action = catalogue.action(operation.action)
        assert action is not None, operation
        assert action.levels <= {"list", "read"}, operation


def test_throttling_is_waited_out_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    busy = b"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"
    good = b"<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases><member>acme</member></AccountAliases></ListAccountAliasesResult></ListAccountAliasesResponse>"
    answers = [(400, busy), (400, busy), (200, good)]

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        status, body = answers.pop(0)
        return AWSResponse(request.url, status, {}, HTTPResponse(BytesIO(body), preload_content=False))

    session = boto3.Session("AKIA", "secret", region_name="eu-central-1")
    session.events.register("before-send", send)
    throttled: list[str] = []
    requests = Requests(session, when_throttled=lambda: throttled.append("waits"))
    assert requests.items(ALIASES) == ["acme"]
    assert throttled == ["waits", "waits"]


@pytest.mark.parametrize(
    ("errors", "unread"),
    [
        ({"ListAccessKeys": "AccessDenied"}, [("AccessKeys", "")]),
        ({("ListMFADevices", "u1"): "AccessDenied"}, [("MFADevices", "user/u1")]),
        ({"GetAccessKeyLastUsed": "AccessDenied"}, [("AccessKeys", "")]),
        ({("ListSSHPublicKeys", "u0"): "AccessDenied", ("ListSSHPublicKeys", "u2"): "AccessDenied"}, [("OtherCredentials", "user/u0"), ("OtherCredentials", "user/u2")]),
        ({"DescribeInstances": "AuthFailure"}, [("Instances", "eu-central-1"), ("Instances", "us-east-1")]),
        ({"ListStacks": "InvalidClientTokenId"}, [("StackResources", "eu-central-1"), ("StackResources", "us-east-1")]),
        ({"ListRoles": "AccessDenied"}, [("RoleDetailList", "")]),
        ({"GetPolicy": "AccessDenied"}, [("Policies", "policy/p0"), ("Policies", "policy/p1")]),
        ({"GetSAMLProvider": "AccessDenied"}, [("SAMLProviders", "")]),
        ({"GetAccountPasswordPolicy": "AccessDenied", "ListAccountAliases": "AccessDenied"}, [("AccountAliases", ""), ("PasswordPolicy", "")]),
        ({("GenerateServiceLastAccessedDetails", "arn:aws:iam::111111111111:role/r1"): "AccessDenied"}, [("LastAccessed", "role/r1")]),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_listed(
    tmp_path: Path, errors: dict[Any, str], unread: list[tuple[str, str]]
) -> None:
    found = typed(read(AWS(errors=errors), tmp_path))
    assert [(each.part, each.of) for each in found.unread] == unread
    assert not any(found.has(part) for part, _ in unread)


def test_a_report_is_waited_for(tmp_path: Path) -> None:
    aws = AWS(users=1, slow_reports=True)
    assert [each.service for each in typed(read(aws, tmp_path)).last_accessed] == ["s3", "s3"]


def test_an_account_without_a_password_policy_has_null(tmp_path: Path) -> None:
    found = read(AWS(errors={"GetAccountPasswordPolicy": "NoSuchEntity"}), tmp_path)
    assert (found["PasswordPolicy"], found["Unread"]) == (None, [])


def test_a_user_without_a_password_has_no_login_profile(tmp_path: Path) -> None:
    found = typed(read(AWS(errors={("GetLoginProfile", "u1"): "NoSuchEntity"}), tmp_path))
    assert [each.user for each in found.login_profiles] == ["u0", "u2"]
    assert found.has("LoginProfiles")


def test_a_user_deleted_meanwhile_is_left_out(tmp_path: Path) -> None:
    found = typed(read(AWS(errors={("ListMFADevices", "u1"): "NoSuchEntity"}), tmp_path))
    assert [each.name for each in found.users] == ["u0", "u2"]
    assert "u1" not in {each.user for each in (*found.access_keys, *found.password_uses)}
    assert found.unread == ()


def test_without_the_identities_there_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="`GetAccountAuthorizationDetails` returned AccessDenied"):
        read(AWS(errors={"GetAccountAuthorizationDetails": "AccessDenied"}), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("operation", "code"),
    [("ListRoles", "ExpiredToken"), ("ListMFADevices", "Throttling"), ("GetPolicy", "InvalidClientTokenId")],
)
def test_a_run_that_stopped_is_continued(tmp_path: Path, operation: str, code: str) -> None:
    whole = read(AWS(), tmp_path)
    aws = AWS(errors={operation: code})
    with pytest.raises(StoppedError, match=f"`{operation}` returned {code}"):
        read(aws, tmp_path)
    (journal,) = tmp_path.iterdir()
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    aws.errors.clear()
    aws.asked.clear()
    assert read(aws, tmp_path, NOW + timedelta(hours=1)) == whole
    assert aws.asked["iam:GetAccountAuthorizationDetails"] == 0
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_is_continued_even_from_a_line_cut_off(tmp_path: Path) -> None:
    def interrupt(operation: str) -> None:
        if operation == "ListStackResources":
            raise KeyboardInterrupt

    whole = read(AWS(), tmp_path)
    with pytest.raises(KeyboardInterrupt):
        read(AWS(before=interrupt), tmp_path)
    (journal,) = tmp_path.iterdir()
    journal.write_bytes(journal.read_bytes()[:-7])
    assert read(AWS(), tmp_path) == whole


def stopped(folder: Path) -> Path:
    with pytest.raises(StoppedError):
        read(AWS(errors={"GetPolicy": "ExpiredToken"}), folder)
    (journal,) = folder.iterdir()
    return journal


def test_parts_of_yesterday_are_read_again(tmp_path: Path) -> None:
    stopped(tmp_path)
    aws = AWS()
    found = read(aws, tmp_path, NOW + timedelta(hours=25))
    assert aws.asked["iam:GetAccountAuthorizationDetails"] > 0
    assert found["ReadAt"] == (NOW + timedelta(hours=25)).isoformat()


def test_parts_of_another_account_are_refused(tmp_path: Path) -> None:
    journal = stopped(tmp_path)
    lines = journal.read_text().replace(ACCOUNT, "222222222222", 1)
    journal.write_text(lines)
    with pytest.raises(UnusableJournalError, match="the parts of another account; found `222222222222`"):
        read(AWS(), tmp_path)
    assert journal.read_text() == lines


def test_parts_that_others_can_read_or_write_are_refused(tmp_path: Path) -> None:
    stopped(tmp_path).chmod(0o666)
    with pytest.raises(UnusableJournalError, match="not a file of this user alone; found mode 0666"):
        read(AWS(), tmp_path)


def test_two_runs_do_not_share_a_file(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "account.json", ACCOUNT, NOW),
        pytest.raises(UnusableJournalError, match="another run is writing it"),
    ):
        read(AWS(), tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "account.json.part").symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        read(AWS(), tmp_path)
    assert not target.exists()


def test_the_text_is_the_snapshot_with_one_line_for_each_entry(tmp_path: Path) -> None:
    found = read(AWS(), tmp_path)
    text = as_text(found)
    assert json.loads(text) == found
    assert text.startswith('{\n"UserDetailList": [\n')
    assert sum(line.startswith('{"UserName"') for line in text.splitlines()) == sum(
        len(found[each]) for each in ("LoginProfiles", "PasswordLastUsed", "AccessKeys", "MFADevices")
    )
