"""Unused access is retired by a denial, then deleted, and only with evidence; what is needed rarely stays."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.model.accepted_findings import accepted_findings
from keywright.model.reading import read
from keywright.retire.judging import LONGEST_SESSION
from keywright.retire.proposals import Proposals, Step, proposals
from tests.unit.account.accounts import (
    access_key,
    account,
    login,
    mfa,
    role,
    snapshot,
    trust,
    user,
    write_account,
)

if TYPE_CHECKING:
    from pathlib import Path

READ = "2026-12-01T10:00:00+00:00"
OLD, RECENT, LONG_AGO = "2026-05-01T08:00:00+00:00", "2026-11-20T08:00:00+00:00", "2024-01-01T08:00:00+00:00"
EC2 = trust(Service="ec2.amazonaws.com")
PARTNER = trust(AWS="arn:aws:iam::222222222222:root")
ACCESS = """# Who works here
account:
  id: "111111111111"
  region: eu-central-1
  alias: example
  path: /access/
  handover: onboarding
  break_glass: role/break-glass
groups:
  onboarding: {}
  analysts: {}
  emergency: {}
users:
  alice: {person: {email: alice@example.com}, groups: [analysts], console: true}  # the analyst
  olga: {person: {email: olga@example.com}, groups: [onboarding], console: true}
  eve: {person: {email: eve@example.com}, groups: [emergency], console: true}
  bot:
    application: {because: The vendor accepts only long-term keys., review: 2027-03-01}
    access_keys:
      - {serial: 1, issued: 2026-10-01}
      - serial: 2
        issued: 2026-11-30
roles:
  break-glass: {trusts: [{group: emergency}], policies: [{managed: AdministratorAccess, because: For emergencies alone.}]}
  reporting: {trusts: [{group: analysts}]}
"""
NEVER_USED: dict[str, Any] = {"created": LONG_AGO}


def found_in(declared: Path | None = None, *, grace: int = 30, **parts: Any) -> Proposals:
    taken = snapshot(**parts)
    assert taken.read_at is not None
    if declared is None:
        return proposals(taken, taken.read_at, None, None, grace=grace)
    reading = read(declared, taken.read_at.date())
    assert reading.declarations, reading.findings
    return proposals(taken, taken.read_at, reading.declarations, reading.places, grace=grace)


@pytest.fixture
def access(tmp_path: Path) -> Path:
    folder = tmp_path / "access"
    folder.mkdir()
    (folder / "all.yaml").write_text(ACCESS)
    return folder


def steps(found: Proposals) -> dict[str, Step]:
    return {each.subject: each.step for each in found.proposed}


CASES: dict[str, tuple[dict[str, Any], dict[str, Step]]] = {
    "an unused user": ({"users": (user("a", **NEVER_USED),)}, {"user/a": Step.DENY}),
    "a new user": ({"users": (user("a", created=RECENT),)}, {}),
    "a user who signs in": (
        {"users": (user("a", **NEVER_USED),), "PasswordLastUsed": [{"UserName": "a", "Date": RECENT}]},
        {},
    ),
    "a key that is used": (
        {
            "users": (user("a", **NEVER_USED),),
            "AccessKeys": [access_key("a", created=LONG_AGO, last_used=RECENT)],
        },
        {},
    ),
    "an unused key of somebody who signs in": (
        {
            "users": (user("a", **NEVER_USED),),
            "PasswordLastUsed": [{"UserName": "a", "Date": RECENT}],
            "AccessKeys": [access_key("a", created=LONG_AGO)],
        },
        {"key/a/AKIAA": Step.DEACTIVATE},
    ),
    "an inactive key": (
        {
            "users": (user("a", **NEVER_USED),),
            "PasswordLastUsed": [{"UserName": "a", "Date": RECENT}],
            "AccessKeys": [access_key("a", created=LONG_AGO, status="Inactive")],
        },
        {"key/a/AKIAA": Step.DELETE},
    ),
    "an unused role": (
        {"roles": (role("r", PARTNER, created=LONG_AGO, last_used=OLD),)},
        {"role/r": Step.DENY},
    ),
    "a used role": ({"roles": (role("r", PARTNER, created=LONG_AGO, last_used=RECENT),)}, {}),
    "a role of a service": ({"roles": (role("r", EC2, created=LONG_AGO),)}, {}),
    "a role of AWS": ({"roles": (role("r", PARTNER, created=LONG_AGO, path="/aws-service-role/x/"),)}, {}),
    "a service that a user used": (
        {
            "users": (user("a", **NEVER_USED),),
            "LastAccessed": [
                {
                    "Arn": "arn:aws:iam::111111111111:user/a",
                    "ServiceNamespace": "s3",
                    "LastAuthenticated": RECENT,
                }
            ],
        },
        {},
    ),
}


@pytest.mark.parametrize(("parts", "proposed"), CASES.values(), ids=CASES)
def test_proposes(parts: dict[str, Any], proposed: dict[str, Step]) -> None:
    assert steps(found_in(**parts)) == proposed


@pytest.mark.parametrize("part", ["AccessKeys", "PasswordLastUsed", "OtherCredentials"])
def test_what_was_not_read_is_undecided(part: str) -> None:
    parts = account(users=(user("a", **NEVER_USED),)) | {
        "Unread": [{"Part": part, "Of": "user/a", "Error": "denied"}]
    }
    parts = {
        key: value
        for key, value in parts.items()
        if key not in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    }
    found = found_in(users=(user("a", **NEVER_USED),), **parts)
    assert found.proposed == []
    assert [each.subject for each in found.unknown] == ["user/a"]


@given(days=st.integers(1, 400), ago=st.integers(0, 800), hours=st.integers(0, 23))
def test_a_use_within_the_period_is_never_unused(days: int, ago: int, hours: int) -> None:
    """A use counts until the longest session that it may have begun has ended."""
    taken = snapshot(roles=(role("r", PARTNER, created="2020-01-01T00:00:00+00:00"),))
    assert taken.read_at is not None
    used = taken.read_at - timedelta(days=ago, hours=hours)
    taken = snapshot(
        roles=(role("r", PARTNER, created="2020-01-01T00:00:00+00:00", last_used=used.isoformat()),)
    )
    assert taken.read_at is not None
    found = proposals(taken, taken.read_at, None, None, days=days)
    is_unused = used + LONGEST_SESSION < taken.read_at - timedelta(days=days)
    assert bool(found.proposed) == is_unused


DENIED = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Retiring", "Effect": "Deny", "Action": "*", "Resource": "*"}],
}


def everybody(*denied: str) -> dict[str, Any]:
    names = ("alice", "olga", "eve", "bot")
    inline = {name: {"inline": {"retiring": DENIED}} for name in denied}
    return {
        "users": tuple(
            user(name, path="/access/", groups=("analysts",), **NEVER_USED, **inline.get(name, {}))
            for name in names
        ),
        "roles": (
            role("reporting", PARTNER, path="/access/", created=LONG_AGO, **inline.get("reporting", {})),
            role("break-glass", PARTNER, created=LONG_AGO),
        ),
        "LoginProfiles": [login("alice", created=LONG_AGO)],
        "AccessKeys": [
            access_key("bot", "AKIAONE", created="2026-01-01T00:00:00+00:00", last_used=OLD),
            access_key("bot", "AKIATWO", created="2026-11-30T00:00:00+00:00", last_used=RECENT),
        ],
    }


def test_what_is_needed_rarely_stays(access: Path) -> None:
    found = found_in(access, **everybody())
    assert steps(found) == {
        "user/alice": Step.DENY,
        "role/reporting": Step.DENY,
        "key/bot/AKIAONE": Step.DEACTIVATE,
    }
    assert {each.subject: each.because for each in found.kept} == {
        "user/olga": "it is in the handover group `onboarding`",
        "user/eve": "it can assume the break-glass role `role/break-glass`",
        "role/break-glass": "it is the break-glass role",
    }


def run(access: Path, *arguments: str, **parts: Any) -> Any:
    file = write_account(access.parent / "snapshot.json", **parts)
    return CliRunner().invoke(app, ["retire", str(file), str(access), *arguments])


def test_the_edit_denies_and_keeps_every_comment(access: Path) -> None:
    answer = run(access, "--write", **everybody())
    assert answer.exit_code == 1, answer.output
    text = (access / "all.yaml").read_text()
    assert "# Who works here" in text
    assert "# the analyst" in text
    assert "retiring: {since: 2026-12-01, because: " in text
    assert "- {serial: 1, issued: 2026-10-01, status: inactive, since: 2026-12-01}" in text
    again = run(access, "--write", **everybody("alice", "reporting"))
    assert (access / "all.yaml").read_text() == text, again.output
    assert "retiring since 2026-12-01, not used since; to be deleted from 2026-12-31 on" in again.output


def test_without_write_nothing_changes(access: Path) -> None:
    answer = run(access, **everybody())
    assert (access / "all.yaml").read_text() == ACCESS
    assert "+  alice: {person: {email: alice@example.com}" in answer.output
    assert "--write" in answer.output


SINCE = "retiring: {since: 2026-10-01, because: Nobody uses it any more.}"
RETIRING = ACCESS.replace("console: true}  # the analyst", f"console: true, {SINCE}}}  # the analyst")


def test_after_the_grace_it_is_deleted(access: Path) -> None:
    (access / "all.yaml").write_text(RETIRING)
    (access / "exceptions.yaml").write_text(
        "exceptions:\n"
        "  - {rule: POL001, on: role/reporting, because: it is accepted for now, until: 2027-06-30}\n"
        "  - {rule: POL001, on: user/alice, because: it is accepted for now, until: 2027-06-30} # hers\n"
    )
    answer = run(access, "--write", **everybody("alice"))
    assert "  user/alice\n    retiring since 2026-10-01 and not used since" in answer.output
    assert "takes with it its unique id, its password, 1 membership and 1 exception" in answer.output
    assert "alice" not in (access / "all.yaml").read_text()
    assert "reporting" in (access / "exceptions.yaml").read_text()
    assert "alice" not in (access / "exceptions.yaml").read_text()


def test_a_grace_that_the_account_does_not_show_has_not_begun(access: Path) -> None:
    (access / "all.yaml").write_text(RETIRING)
    answer = run(access, "--write", **everybody())
    assert (
        "user/alice: retiring since 2026-10-01 by its declaration, and the account does not deny it everything: deploy"
        in answer.output
    )
    assert "alice" in (access / "all.yaml").read_text()


def test_who_is_used_while_retiring_is_not_deleted(access: Path) -> None:
    (access / "all.yaml").write_text(RETIRING)
    parts = everybody("alice") | {"PasswordLastUsed": [{"UserName": "alice", "Date": RECENT}]}
    answer = run(access, **parts)
    assert (
        "retiring since 2026-10-01, and its password was used on 2026-11-20: remove `retiring`"
        in answer.output
    )
    assert answer.exit_code == 1


def test_what_others_name_is_not_deleted(access: Path) -> None:
    """The role is retired since long ago, and another role still trusts it."""
    text = ACCESS.replace(
        "reporting: {trusts: [{group: analysts}]}", f"reporting: {{trusts: [{{group: analysts}}], {SINCE}}}"
    )
    (access / "all.yaml").write_text(text + "  chained: {trusts: [{role: reporting}]}\n")
    answer = run(access, "--write", **everybody("reporting"))
    assert "role/reporting: other declarations name it: `" in answer.output
    assert "  reporting: {" in (access / "all.yaml").read_text()


def test_an_edit_that_leaves_mistakes_is_not_written(access: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever names a role without that we know of it."""
    monkeypatch.setattr("keywright.retire.proposals.references", lambda *_: {})
    text = ACCESS.replace(
        "reporting: {trusts: [{group: analysts}]}", f"reporting: {{trusts: [{{group: analysts}}], {SINCE}}}"
    )
    text += "  chained: {trusts: [{role: reporting}]}\n"
    (access / "all.yaml").write_text(text)
    answer = run(access, "--write", **everybody("reporting"))
    assert (access / "all.yaml").read_text() == text
    assert "nothing is written" in answer.stderr
    assert "all.yaml:" in answer.stderr


def test_the_declaration_of_another_path_is_not_edited(access: Path) -> None:
    """The account has a user of a declared name that is not the declared one."""
    (found,) = found_in(access, users=(user("alice", path="/old/", **NEVER_USED),)).proposed
    assert not found.edits


@pytest.mark.parametrize(
    ("until", "step"), [("2027-06-30", None), ("2026-11-01", Step.DENY)], ids=["accepted", "ended"]
)
def test_what_is_accepted_as_rarely_used_stays(access: Path, until: str, step: Step | None) -> None:
    entry = "{rule: RET001, on: role/reporting, because: it reports once a year, until: %s}"
    (access / "exceptions.yaml").write_text(f"exceptions:\n  - {entry % until}\n")
    found = found_in(access, **everybody())
    assert steps(found).get("role/reporting") == step
    if step is None:
        because = "it is accepted until 2027-06-30 that it is rarely used: `it reports once a year`"
        assert because in [each.because for each in found.kept]


def test_no_guardrail_knows_the_acceptance_of_rare_use(access: Path) -> None:
    entry = "{rule: RET001, on: role/reporting, because: it reports once a year, until: 2027-06-30}"
    (access / "exceptions.yaml").write_text(f"exceptions: [{entry}]\n")
    declared = read(access, date(2026, 12, 1)).declarations
    assert declared is not None
    assert [each.on for each in declared.exceptions] == ["role/reporting"]
    assert accepted_findings(declared) == ()


STACK = {
    "StackName": "shop",
    "LogicalResourceId": "A",
    "PhysicalResourceId": "a",
    "ResourceType": "AWS::IAM::User",
}
KEPT: dict[str, tuple[dict[str, Any], str]] = {
    "a stack created it": (
        {"users": (user("a", **NEVER_USED),), "StackResources": [STACK]},
        "stack `shop` created it: change the template of the stack",
    ),
    "an instance has it": (
        {
            "roles": (role("r", PARTNER, created=LONG_AGO, profiles=("web",)),),
            "Instances": [
                {
                    "InstanceId": "i-1",
                    "State": "running",
                    "InstanceProfileArn": "arn:aws:iam::111111111111:instance-profile/web",
                }
            ],
        },
        "instances have its profile `web`",
    ),
}


@pytest.mark.parametrize(("parts", "because"), KEPT.values(), ids=KEPT)
def test_keeps_what_something_else_has(parts: dict[str, Any], because: str) -> None:
    found = found_in(**parts)
    assert [each.because for each in found.kept] == [because]
    assert found.proposed == []


@pytest.mark.parametrize(
    "part",
    [
        {"LoginProfiles": [login("a", created=RECENT)]},
        {"MFADevices": [mfa("a", enabled=RECENT)]},
        {"AccessKeys": [access_key("a", created=RECENT)]},
    ],
    ids=["a password", "an MFA device", "a key"],
)
def test_who_got_a_credential_in_the_period_is_new(part: dict[str, Any]) -> None:
    found = found_in(users=(user("a", **NEVER_USED),), **part)
    assert found.proposed == []
    assert found.too_new


def test_a_role_with_a_profile_is_undecided_where_instances_were_not_read() -> None:
    found = found_in(roles=(role("r", PARTNER, created=LONG_AGO, profiles=("web",)),))
    assert [each.reasons for each in found.unknown] == [
        ("which instances have its instance profile was not read",)
    ]


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_other_formats(access: Path, form: str) -> None:
    answer = run(access, "--format", form, **everybody())
    if form == "json":
        content = json.loads(answer.stdout)
        assert {each["subject"] for each in content["proposed"]} == {
            "user/alice",
            "role/reporting",
            "key/bot/AKIAONE",
        }
        assert content["diff"].startswith("--- ")
    else:
        assert "| `user/alice` | " in answer.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("{}", "is not the snapshot of an account"),
        (json.dumps(account() | {"ReadAt": None}), "does not say when it was read"),
        (json.dumps(account() | {"AccountId": "222222222222"}), "of another account than the declarations"),
    ],
)
def test_unusable_input(access: Path, text: str, message: str) -> None:
    file = access.parent / "snapshot.json"
    file.write_text(text)
    answer = CliRunner().invoke(app, ["retire", str(file), str(access)])
    assert answer.exit_code == 2, answer.output
    assert message in answer.stderr
    assert "snapshot.json:1:" in answer.stderr


def test_without_declarations_it_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = write_account(tmp_path / "snapshot.json", **everybody())
    answer = CliRunner().invoke(app, ["retire", str(file)])
    assert answer.exit_code == 1, answer.output
    assert "snapshot.json:" in answer.output
    assert "not declared" in answer.output
    assert (
        "run: aws iam update-access-key --user-name bot --access-key-id AKIAONE --status Inactive"
        in answer.output
    )


def test_a_file_that_cannot_be_written_leaves_all_as_before(
    access: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = ACCESS[ACCESS.index("roles:") :]
    (access / "all.yaml").write_text(ACCESS.removesuffix(roles))
    (access / "roles.yaml").write_text(roles)
    before = {path.name: path.read_bytes() for path in access.iterdir()}

    def full(path: Path, content: bytes) -> None:
        if path.name == "roles.yaml" and b"retiring" in content:
            raise OSError(28, "No space left on device", str(path))
        path.write_bytes(content)

    monkeypatch.setattr("keywright.model.edited_files.write_whole", full)
    answer = run(access, "--write", **everybody())
    assert answer.exit_code == 2
    assert (
        "roles.yaml: cannot be written; found no space left on device; nothing was changed" in answer.stderr
    )
    assert {path.name: path.read_bytes() for path in access.iterdir()} == before
