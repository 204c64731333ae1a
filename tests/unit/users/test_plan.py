"""Every user has a step, a risk that is never understated, and a replacement that is valid and lacks nothing silently."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from keywright.model.reading import read
from tests.unit.adopt.foreign_account import (
    ACCOUNT,
    GITHUB,
    PROVIDER,
    account,
    allow,
    group,
    key,
    policy,
    role,
    trust,
    user,
)
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from pathlib import Path

TODAY, LATELY, LONG_AGO = "2026-12-03", "2026-11-30T08:00:00+00:00", "2025-02-03T10:00:00+00:00"
READ = allow("s3:GetObject", "arn:aws:s3:::acme-reports/*")
NO_MFA = allow("*", "*", Effect="Deny", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
OWN_KEYS = allow(
    ["iam:CreateAccessKey", "iam:DeleteAccessKey"], f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"
)
HOME = allow("s3:PutObject", "arn:aws:s3:::acme-homes/${aws:username}/*", Sid="Home")


LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def login(name: str, used: str = LATELY) -> dict[str, Any]:
    return {
        "LoginProfiles": [{"UserName": name, "CreateDate": LONG_AGO}],
        "PasswordLastUsed": [{"UserName": name, "Date": used}],
    }


def mfa(name: str) -> dict[str, Any]:
    return {
        "MFADevices": [
            {
                "UserName": name,
                "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/{name}",
                "EnableDate": LONG_AGO,
            }
        ]
    }


def keys(name: str, created: str = LATELY, **more: Any) -> dict[str, Any]:
    return {"AccessKeys": [key(name, 1, CreateDate=created, LastUsedDate=LATELY, **more)]}


def plan(folder: Path, content: dict[str, Any], *options: str) -> Any:
    """Give the plan as data; `content` is the whole file."""
    (folder / "account.json").write_text(json.dumps(content), encoding="utf-8")
    done = keywright("users", "account.json", "--today", TODAY, "--format", "json", *options, folder=folder)
    return json.loads(done.stdout) | {"exit": done.returncode, "told": done.stderr.decode()}


def only_user(folder: Path, *parts: dict[str, Any], **more: Any) -> Any:
    content = {key: value for part in parts for key, value in part.items()}
    found = plan(folder, account(**content, **more))
    (entry,) = found["users"]
    return entry | {"declarations": found["declarations"], "exit": found["exit"]}


@pytest.mark.parametrize(
    ("user_", "parts", "expected"),
    [
        (user("alice", READ), [login("alice"), mfa("alice")], ("identity center", "low", "easy")),
        (user("alice", READ), [login("alice")], ("identity center", "medium", "easy")),
        (user("alice", READ), [login("alice"), mfa("alice"), keys("alice")], ("identity center", "low", "some work")),
        (user("alice", READ), [login("alice"), mfa("alice"), keys("alice", LONG_AGO)], ("identity center", "medium", "some work")),
        (user("alice", managed=("AdministratorAccess",)), [login("alice"), mfa("alice")], ("identity center", "medium", "easy")),
        (user("alice", managed=("AdministratorAccess",)), [login("alice")], ("identity center", "high", "easy")),
        (user("alice", allow("iam:AttachUserPolicy", "*")), [login("alice")], ("identity center", "high", "easy")),
        (user("alice", READ, HOME), [login("alice"), mfa("alice")], ("identity center", "low", "hard")),
        (user("alice", READ), [login("alice", LONG_AGO), mfa("alice")], ("remove", "low", "easy")),
        (user("alice"), [login("alice"), mfa("alice")], ("remove", "low", "easy")),
        (user("nobody", READ), [], ("remove", "low", "easy")),
        (user("github-deploy", READ), [keys("github-deploy")], ("role", "low", "easy")),
        (user("etl", READ), [keys("etl", LONG_AGO)], ("role", "medium", "some work")),
        (user("etl", READ), [keys("etl", Status="Inactive")], ("remove", "low", "easy")),
        (user("git", READ), [{"OtherCredentials": [{"UserName": "git", "Kind": "SSHPublicKey", "Id": "APKA1", "Status": "Active"}]}], ("keep", "low", "hard")),
    ],
)  # fmt: skip
def test_step_risk_and_effort(
    tmp_path: Path, user_: dict[str, Any], parts: list[dict[str, Any]], expected: tuple[str, str, str]
) -> None:
    found = only_user(tmp_path, *parts, UserDetailList=[user_])
    assert (found["step"], found["risk"], found["effort"]) == expected
    assert found["risk_at_most"] == found["risk"]
    assert bool(found["replacement"]) == (found["step"] in {"identity center", "role"})
    assert found["exit"] == (0 if found["step"] == "keep" else 1)


@pytest.mark.parametrize(
    ("part", "level", "unknown"),
    [
        ("LoginProfiles", "medium", "whether it has a console password"),
        ("MFADevices", "medium", "whether it has an MFA device"),
        ("AccessKeys", "medium", "its access keys"),
    ],
)
def test_what_was_not_read_is_never_taken_for_good(
    tmp_path: Path, part: str, level: str, unknown: str
) -> None:
    known = login("alice") | (mfa("alice") if part != "LoginProfiles" else {})
    whole = account(UserDetailList=[user("alice", READ)], **known)
    unread = {"Unread": [{"Part": part, "Of": "user/alice", "Error": "AccessDenied"}]}
    for content in (
        {name: value for name, value in whole.items() if name != part},
        whole | {part: []} | unread,
    ):
        found = plan(tmp_path, content)
        (entry,) = found["users"]
        assert (entry["risk"], entry["risk_at_most"]) == ("low", level)
        assert unknown in entry["unknown"]
        assert f"`{part}`" in found["told"]


def test_a_file_of_the_aws_cli_alone_finds_nobody_unused(tmp_path: Path) -> None:
    found = plan(tmp_path, {name: [] for name in LISTS} | {"UserDetailList": [user("alice", READ)]})
    assert [each["step"] for each in found["users"]] == ["identity center"]
    assert found["users"][0]["risk_at_most"] == "medium"


def test_the_riskiest_come_first_and_of_these_the_easiest(tmp_path: Path) -> None:
    admin = ("AdministratorAccess",)
    people = [
        user("low", READ),
        user("root-like", managed=admin),
        user("old-key", READ),
        user("no-mfa", READ),
        user("also-low", READ),
    ]
    logins = [login(each["UserName"]) for each in people]
    content = account(
        UserDetailList=people,
        LoginProfiles=[entry for each in logins for entry in each["LoginProfiles"]],
        PasswordLastUsed=[entry for each in logins for entry in each["PasswordLastUsed"]],
        MFADevices=[entry for each in ("low", "also-low", "old-key") for entry in mfa(each)["MFADevices"]],
        AccessKeys=[key("old-key", 1, CreateDate=LONG_AGO, LastUsedDate=LATELY)],
    )
    names = [each["user"] for each in plan(tmp_path, content)["users"]]
    assert names == ["root-like", "no-mfa", "old-key", "also-low", "low"]
    few = plan(tmp_path, content, "--only", "user/*low", "--only", "no-mfa")
    assert [each["user"] for each in few["users"]] == ["no-mfa", "also-low", "low"]


def test_what_only_a_user_needs_is_not_carried_over(tmp_path: Path) -> None:
    found = only_user(
        tmp_path,
        login("alice"),
        mfa("alice"),
        UserDetailList=[user("alice", HOME, groups=("people",), managed=("IAMUserChangePassword",))],
        GroupDetailList=[group("people", READ, NO_MFA, OWN_KEYS)],
    )
    assert "acme-reports" in found["declarations"]
    for absent in ("deny", "iam:", "acme-homes", "IAMUserChangePassword"):
        assert absent not in found["declarations"]
    assert [each.partition(":")[0] for each in found["not_needed"]] == [
        "statements about its own password, keys and MFA devices",
        "conditions that require MFA",
    ]
    assert found["not_carried_over"] == [
        "statement `Home` (s3:PutObject): it depends on the user's name, its tags or its MFA"
    ]


def test_a_condition_that_requires_mfa_stays_for_software(tmp_path: Path) -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    guarded = allow("s3:DeleteObject", "arn:aws:s3:::acme-reports/*", Condition=condition)
    found = only_user(tmp_path, keys("etl"), UserDetailList=[user("etl", READ, guarded)])
    assert "MultiFactorAuthPresent" in found["declarations"]
    found = only_user(tmp_path, login("alice"), mfa("alice"), UserDetailList=[user("alice", READ, guarded)])
    assert "MultiFactorAuthPresent" not in found["declarations"]
    assert "[delete]" in found["declarations"]


def test_what_limits_or_names_the_user_is_told(tmp_path: Path) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/alice"
    limited = user("alice", READ, managed=(f"arn:aws:iam::{ACCOUNT}:policy/gone",))
    limited["PermissionsBoundary"] = {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    found = only_user(
        tmp_path,
        login("alice"),
        mfa("alice"),
        UserDetailList=[limited],
        RoleDetailList=[role("deploy", trust({"AWS": arn}))],
    )
    assert found["before"] == ["`deploy` trusts it by its ARN: change that first"]
    assert [each.partition(":")[0] for each in found["not_carried_over"]] == [
        "policy `arn",
        "its permissions boundary `arn",
    ]
    assert found["effort"] == "hard"


EVERYBODY = account(
    UserDetailList=[
        user("alice", groups=("developers",)),
        user("bob", groups=("developers",)),
        user("carol@acme.example", allow("sqs:SendMessage", "*"), groups=("developers", "administrators")),
        user("github-deploy", READ),
        user("web.EC2", READ, allow("lambda:InvokeFunction", "*")),
        user("web_ec2", READ),
        user("a-lambda", READ),
        user("jobs-eks", READ),
        user("gitlab-ci", READ, groups=("developers",)),
        user("x" * 64, READ, allow("logs:*", "*")),
    ],
    GroupDetailList=[
        group("developers", READ, NO_MFA, managed=(f"arn:aws:iam::{ACCOUNT}:policy/logs", "ReadOnlyAccess")),
        group("administrators", managed=("AdministratorAccess",)),
    ],
    RoleDetailList=[role("github-deploy", trust({"Service": "lambda.amazonaws.com"}))],
    Policies=[policy("logs", allow("logs:*", "*"))],
    LoginProfiles=[{"UserName": each} for each in ("alice", "bob", "carol@acme.example")],
    PasswordLastUsed=[{"UserName": each, "Date": LATELY} for each in ("alice", "bob", "carol@acme.example")],
    AccessKeys=[
        key(each, number, LastUsedDate=LATELY)
        for number, each in enumerate(
            ("github-deploy", "web.EC2", "web_ec2", "a-lambda", "jobs-eks", "gitlab-ci", "x" * 64)
        )
    ],
    OpenIDConnectProviders=[{"Arn": PROVIDER, "Url": GITHUB, "ClientIDList": ["sts.amazonaws.com"]}],
)


def test_the_declarations_of_all_replacements_are_valid(tmp_path: Path) -> None:
    found = plan(tmp_path, EVERYBODY)
    replaced = {each["user"]: each["replacement"] for each in found["users"]}
    assert all(replaced.values())
    assert replaced["alice"] == replaced["bob"] == {"section": "permission_sets", "name": "developers"}
    assert replaced["github-deploy"] == {"section": "roles", "name": "github-deploy-2"}
    assert {replaced[each]["name"] for each in ("web.EC2", "web_ec2")} == {"web-ec2", "web-ec2-2"}
    folder = tmp_path / "access"
    folder.mkdir()
    (folder / "account.yaml").write_text(f"account: {{id: '{ACCOUNT}', region: eu-central-1}}\n")
    (folder / "instead.yaml").write_text(found["declarations"])
    reading = read(folder, date.fromisoformat(TODAY), locked=False)
    assert [str(each) for each in reading.findings if each.severity == "error"] == []
    assert reading.declarations is not None
    assert {*reading.declarations.permission_sets} == {"developers", "carol@acme.example"}
    assert reading.declarations.identity_providers["github"].existing


def test_declarations_tell_who_stays_and_what_exists(tmp_path: Path) -> None:
    folder = tmp_path / "access"
    folder.mkdir()
    (folder / "all.yaml").write_text(
        f"""
account: {{id: '{ACCOUNT}', region: eu-central-1, break_glass: role/rescue, handover: keepers}}
groups: {{keepers: {{grants: [{{s3: [list], bucket: b}}]}}, rescuers: {{grants: [{{s3: [list], bucket: b}}]}}}}
buckets: {{b: {{existing: some-bucket}}}}
roles:
  rescue:
    trusts: [{{group: rescuers, mfa: {{within: 1h}}}}]
    policies: [{{managed: AdministratorAccess, because: the last resort when all else fails}}]
users:
  alice: {{person: {{email: alice@acme.example}}, groups: [keepers, rescuers], console: true}}
  bob: {{person: {{email: bob@acme.example}}, groups: [keepers, rescuers], console: true, retiring: {{since: 2026-11-01, because: has a permission set now}}}}
  old:
    application: {{because: "the vendor's agent reads a key from a file", review: 2027-05-01, considered: true}}
  batch:
    application: {{because: it has always had a key, review: 2027-05-01, runs_on: ecs}}
"""
    )
    content = account(
        UserDetailList=[user(each, READ) for each in ("alice", "bob", "old", "batch")],
        LoginProfiles=[{"UserName": each} for each in ("alice", "bob")],
        PasswordLastUsed=[{"UserName": each, "Date": LATELY} for each in ("alice", "bob")],
        AccessKeys=[key(each, 1, LastUsedDate=LATELY) for each in ("old", "batch")],
    )
    found = plan(tmp_path, content, "--access", "access")
    steps = {each["user"]: (each["step"], *each["because"][:1]) for each in found["users"]}
    assert steps["alice"] == ("keep", "it can assume the break-glass role `rescue` when nothing else works")
    assert steps["old"] == ("keep", "a role was considered: the vendor's agent reads a key from a file")
    assert steps["batch"][0] == "role"
    assert "ecs-tasks" in found["declarations"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"UserDetailList": [{"UserName": "al', "account.json:1:"),
        ('{"Resources": {}}', "account.json:1:1: the file is not the snapshot of an account"),
        ("[]", "account.json:1:1: the file is not the snapshot of an account"),
        ("\x00\x01", "account.json:"),
    ],
)
def test_a_truncated_or_foreign_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "account.json").write_text(content)
    done = keywright("users", "account.json", folder=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert done.stdout == b""


def test_unusable_options_are_refused(tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text(json.dumps(account(UserDetailList=[user("alice")])))
    (tmp_path / "access").mkdir()
    (tmp_path / "access" / "a.yaml").write_text("account: {id: '222222222222', region: eu-central-1}\n")
    done = keywright("users", "account.json", "--only", "user/bob", folder=tmp_path)
    assert (done.returncode, done.stderr.decode()) == (2, "--only matches no user in account.json; found `user/bob`\n")  # fmt: skip
    done = keywright("users", "account.json", "--access", "access", folder=tmp_path)
    assert (done.returncode, done.stderr.decode()) == (2, f"account.json: the snapshot of another account; found `{ACCOUNT}`; accepted: `222222222222`, which `access` declares\n")  # fmt: skip


def test_names_cannot_act_on_markdown_or_a_terminal(tmp_path: Path) -> None:
    name = "Zoë|<b>*\x1b[2J"
    content = account(UserDetailList=[user(name, READ)], **login(name))
    (tmp_path / "account.json").write_text(json.dumps(content))
    for form in ("text", "markdown"):
        done = keywright("users", "account.json", "--format", form, folder=tmp_path)
        assert done.returncode == 1
        assert b"\x1b" not in done.stdout
        assert "Zoë" in done.stdout.decode()
    assert "## Zoë\\|\\<b\\>\\*" in done.stdout.decode()
