"""Existing and declared identities: each difference is one finding."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from access_constructs.people import mfa_guard
from access_constructs.people.group import twin_name
from access_constructs.synthesis.identity import INLINE_NAME
from access_stacks import people_stack
from keywright.cli.main import app
from keywright.live.verification import expected
from keywright.live.verification.verify import verify
from keywright.model.reading import read
from keywright.reporting.finding import Severity, with_severity
from keywright.sandbox.account import Sandbox
from keywright.statements import boundary, handover, identity_keeper, self_service
from keywright.statements.logical_id import logical_id
from tests.constructs.furnished_user import enrol
from tests.paging import page_by_page
from tests.sandbox.cloud import ACCOUNT, EC2_TRUST, REGION, Cloud, allow, policy

PATH = "/access/"
OURS = f"arn:aws:iam::{ACCOUNT}:policy{PATH}"
BOUNDARY = f"{OURS}keywright-boundary"
GUARD = f"{OURS}keywright-mfa-guard"
KEEPER = f"{OURS}keywright-keeper"
WORKLOAD_ROLE = f"access-workloads-{logical_id('InstanceRole', 'web')}-1A2B3C"
MEMBERSHIPS = {
    "alice": ("mfa-guard", "command-line", "readers", "operators.until-2027-01-31"),
    "bob": ("mfa-guard",),
    "dora": ("mfa-guard", "administrators"),
}
DECLARED = """
account:
  id: "111111111111"
  region: eu-central-1
  break_glass: role/break-glass
  handover: administrators
groups:
  administrators: {}
  readers:
    policies: [{managed: SecurityAudit, because: they read the configuration of everything}]
  operators: {}
users:
  alice:
    person: {email: alice@acme.example}
    groups: [readers, {name: operators, until: 2027-01-31}]
    console: true
    cli: true
  bob:
    person: {email: bob@acme.example}
    tags: {team: blue}
  dora:
    person: {email: dora@acme.example}
    groups: [administrators]
    console: true
  scanner:
    application: {because: the scanner cannot assume a role, review: 2027-05-01}
    access_keys: [{serial: 1, issued: 2026-11-01}]
  legacy: {existing: true}
roles:
  break-glass:
    trusts: [{group: administrators, mfa: {within: 15m}}]
    policies: [{managed: AdministratorAccess, because: somebody must be able to repair the account}]
workloads:
  web: {ec2: {launch: none}, sessions: true}
"""


@pytest.fixture(scope="module")
def running_cloud(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("verify"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        yield cloud
        cloud.close()


@pytest.fixture
def cloud(running_cloud):
    """An account that is as declared."""
    running_cloud.reset()
    settle(running_cloud)
    return running_cloud


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("declared")
    (made / "access.yaml").write_text(DECLARED)
    return made


@pytest.fixture(scope="module")
def reading(folder, today):
    found = read(folder, today)
    assert found.declarations, found.findings
    return found


def settle(cloud):
    iam = cloud.iam
    for name in ("keywright-boundary", "keywright-mfa-guard", "keywright-keeper", "keywright-deny-all"):
        iam.create_policy(PolicyName=name, Path=PATH, PolicyDocument=policy(allow("*")))
    for name in (
        "mfa-guard",
        "command-line",
        "administrators",
        "readers",
        "operators",
        "operators.until-2027-01-31",
    ):
        iam.create_group(GroupName=name, Path=PATH)
    iam.attach_group_policy(GroupName="mfa-guard", PolicyArn=GUARD)
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    iam.put_group_policy(
        GroupName="readers", PolicyName="grants", PolicyDocument=policy(allow("s3:GetObject"))
    )
    for name in ("alice", "bob", "dora", "scanner"):
        iam.create_user(UserName=name, Path=PATH, PermissionsBoundary=BOUNDARY)
    iam.tag_user(UserName="bob", Tags=[{"Key": "team", "Value": "blue"}, {"Key": "cost", "Value": "any"}])
    iam.tag_user(UserName="dora", Tags=[{"Key": "keywright-handover", "Value": "true"}])
    for name, groups in MEMBERSHIPS.items():
        for group in groups:
            iam.add_user_to_group(GroupName=group, UserName=name)
    for name in ("alice", "dora"):
        iam.create_login_profile(UserName=name, Password="Chosen-by-herself-1")
        enrol(cloud, name)
    cloud.key("scanner")
    cloud.role("break-glass", EC2_TRUST, Path=PATH)
    iam.attach_role_policy(RoleName="break-glass", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    cloud.role("keywright-identity-keeper", EC2_TRUST, Path=PATH, PermissionsBoundary=KEEPER)
    iam.attach_role_policy(RoleName="keywright-identity-keeper", PolicyArn=KEEPER)
    cloud.role(WORKLOAD_ROLE, EC2_TRUST, Path=PATH, PermissionsBoundary=BOUNDARY)
    iam.tag_role(RoleName=WORKLOAD_ROLE, Tags=[{"Key": "keywright-workload", "Value": "web"}])
    iam.create_user(UserName="legacy")


def found(cloud, reading):
    return [str(finding) for finding in verify(reading.declarations, cloud.iam)]


def test_an_account_as_declared_has_no_finding(cloud, reading):
    assert found(cloud, reading) == []


def leaver_left(iam):
    iam.create_user(UserName="mallory", Path=PATH)
    iam.create_login_profile(UserName="mallory", Password="Chosen-by-mallory-1")
    iam.create_access_key(UserName="mallory")
    iam.add_user_to_group(GroupName="operators", UserName="mallory")


def upload_ssh_key(iam):
    iam.upload_ssh_public_key(UserName="bob", SSHPublicKeyBody="ssh-rsa AAAA")


LONGER = "maximum_age: {days: 200, because: the scanner's maker comes twice a year}"


@pytest.mark.parametrize(
    ("said", "limit"), [pytest.param("", 90, id="usual"), pytest.param(LONGER, 200, id="longer")]
)
def test_an_applications_key_is_as_old_as_it_is_and_not_as_is_written(cloud, tmp_path, today, said, limit):
    text = DECLARED.replace("review: 2027-05-01", f"review: 2027-05-01{', ' if said else ''}{said}")
    (tmp_path / "a.yaml").write_text(text)
    found = read(tmp_path, today)
    (made,) = cloud.iam.list_access_keys(UserName="scanner")["AccessKeyMetadata"]
    issued = made["CreateDate"].date()
    assert verify(found.declarations, cloud.iam, today=issued + timedelta(days=limit)) == []
    (old,) = verify(found.declarations, cloud.iam, found.places, today=issued + timedelta(days=limit + 1))
    assert str(old).endswith(
        f"user `scanner` has an active access key that is {limit + 1} days old; "
        f"found created on {issued}; accepted: at most {limit} days: `keywright rotate scanner`"
    )


def test_own_keys_are_ones_own_business_until_they_are_old(cloud, tmp_path, today):
    makers = DECLARED.replace("groups: [readers, {", "groups: [readers, makers, {")
    (tmp_path / "a.yaml").write_text(makers.replace("review: 2027-05-01", f"review: 2027-05-01, {LONGER}"))
    (tmp_path / "own.yaml").write_text(
        "groups: {makers: {self_service: {access_keys: {because: the lab has no browser}}}}\n"
    )
    found = read(tmp_path, today)
    assert found.declarations, found.findings
    cloud.iam.create_group(GroupName="makers", Path=PATH)
    cloud.iam.add_user_to_group(GroupName="makers", UserName="alice")
    made = cloud.iam.create_access_key(UserName="alice")["AccessKey"]
    issued = made["CreateDate"].date()
    assert verify(found.declarations, cloud.iam, today=issued + timedelta(days=90)) == []
    (old,) = verify(found.declarations, cloud.iam, found.places, today=issued + timedelta(days=91))
    assert str(old).endswith(
        "user `alice` has a self-managed access key that is 91 days old; "
        f"found active since {issued}; accepted: at most 90 days: create a new key, then deactivate and delete this one"
    )
    second = cloud.iam.create_access_key(UserName="alice")["AccessKey"]
    (two,) = verify(found.declarations, cloud.iam, today=issued)
    assert two.message == "user `alice` has two active self-managed access keys"
    for key in (made, second):
        cloud.iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert verify(found.declarations, cloud.iam, today=issued + timedelta(days=91)) == []


def second_workload_role(iam):
    name = WORKLOAD_ROLE.replace("1A2B3C", "9Z8Y7X")
    iam.create_role(RoleName=name, Path=PATH, AssumeRolePolicyDocument=policy(EC2_TRUST))


def put(kind, name):
    def change(iam):
        document = policy(allow("s3:*"))
        getattr(iam, f"put_{kind}_policy")(
            **{f"{kind.title()}Name": name}, PolicyName="extra", PolicyDocument=document
        )

    return change


def attach(kind, name, arn="arn:aws:iam::aws:policy/AdministratorAccess"):
    return lambda iam: getattr(iam, f"attach_{kind}_policy")(**{f"{kind.title()}Name": name}, PolicyArn=arn)


def owned_policy(iam):
    iam.create_policy(PolicyName="user-bob-1", Path=PATH, PolicyDocument=policy(allow("s3:*")))
    iam.attach_user_policy(UserName="bob", PolicyArn=f"{OURS}user-bob-1")


def somebody_elses_owned_policy(iam):
    owned_policy(iam)
    iam.attach_user_policy(UserName="alice", PolicyArn=f"{OURS}user-bob-1")


DIFFERENCES = [
    pytest.param(
        leaver_left,
        "user `mallory` exists under `/access/` but is not declared; found a login profile, 1 active access key, "
        "group `operators`; accepted: a declaration under `users:`, or manual deletion",
        id="a leaver left",
    ),
    pytest.param(
        lambda iam: iam.create_group(GroupName="shadow", Path=PATH),
        "group `shadow` exists under `/access/` but is not declared; found no policies or credentials; "
        "accepted: a declaration under `groups:`, or manual deletion",
        id="a group of nobody's",
    ),
    pytest.param(
        lambda iam: iam.create_role(RoleName="shadow", Path=PATH, AssumeRolePolicyDocument=policy(EC2_TRUST)),
        "role `shadow` exists under `/access/` but is not declared; found no policies or credentials; "
        "accepted: a declaration under `roles:`, or manual deletion",
        id="a role of nobody's",
    ),
    pytest.param(
        second_workload_role,
        "role `access-workloads-InstanceRole0web-9Z8Y7X` exists under `/access/` but is not declared; "
        "found no policies or credentials; accepted: a declaration under `roles:`, or manual deletion",
        id="a second role of one workload",
    ),
    pytest.param(
        lambda iam: iam.create_policy(PolicyName="extra", Path=PATH, PolicyDocument=policy(allow("s3:*"))),
        f"managed policy `extra` under `/access/` is not managed by Keywright; found `{OURS}extra`; "
        "accepted: another path, or manual deletion",
        id="a policy of nobody's",
    ),
    pytest.param(
        lambda iam: (
            iam.remove_user_from_group(GroupName="mfa-guard", UserName="bob"),
            iam.delete_user(UserName="bob"),
        ),
        "user `bob` is declared but does not exist; found no user `bob` under `/access/`; accepted: `keywright deploy`",
        id="a user missing",
    ),
    pytest.param(
        lambda iam: iam.delete_role(RoleName=WORKLOAD_ROLE),
        "workload `web` is declared but its role does not exist; found no role for it under `/access/`; "
        "accepted: `keywright deploy`",
        id="a workload without role",
    ),
    pytest.param(
        lambda iam: iam.tag_user(UserName="bob", Tags=[{"Key": "team", "Value": "red"}]),
        "user `bob` does not have the declared tag; found `team: red`; accepted: `team: blue`",
        id="another tag",
    ),
    pytest.param(
        lambda iam: iam.untag_user(UserName="bob", TagKeys=["team"]),
        "user `bob` does not have the declared tag; found no tag `team`; accepted: `team: blue`",
        id="a tag missing",
    ),
    *(
        pytest.param(
            lambda iam, key=key: iam.tag_user(UserName="alice", Tags=[{"Key": key, "Value": "true"}]),
            f"user `alice` has a tag that Keywright reserves for other identities; found `{key}`; "
            "accepted: no such tag",
            id=f"{key} by hand",
        )
        for key in ("keywright-handover", "keywright-own-access-keys")
    ),
    pytest.param(
        lambda iam: iam.tag_role(
            RoleName="break-glass", Tags=[{"Key": "Keywright-Handover", "Value": "true"}]
        ),
        "role `break-glass` has a tag that Keywright reserves for other identities; found `Keywright-Handover`; "
        "accepted: no such tag",
        id="a role tagged as one who hands over",
    ),
    pytest.param(
        lambda iam: iam.tag_role(
            RoleName="break-glass", Tags=[{"Key": "keywright-workload", "Value": "web"}]
        ),
        "role `break-glass` has a tag that Keywright reserves for other identities; found `keywright-workload`; "
        "accepted: no such tag",
        id="a role tagged as a workload's",
    ),
    pytest.param(
        lambda iam: iam.tag_role(
            RoleName=WORKLOAD_ROLE, Tags=[{"Key": "keywright-workload", "Value": "vault"}]
        ),
        "workload `web` does not have the declared tag; found `keywright-workload: vault`; "
        "accepted: `keywright-workload: web`",
        id="a workload tagged as another one",
    ),
    pytest.param(
        lambda iam: iam.add_user_to_group(GroupName="operators", UserName="bob"),
        "user `bob` is in a group that its declaration does not list; found `operators`; accepted: `mfa-guard`",
        id="a membership too many",
    ),
    pytest.param(
        lambda iam: iam.remove_user_from_group(GroupName="mfa-guard", UserName="bob"),
        "user `bob` does not have the MFA guard; found none; accepted: `mfa-guard`",
        id="out of the guard",
    ),
    pytest.param(
        lambda iam: iam.remove_user_from_group(GroupName="readers", UserName="alice"),
        "user `alice` is not in group `readers`; found `command-line`, `mfa-guard`, "
        "`operators.until-2027-01-31`; accepted: `command-line`, `mfa-guard`, `operators.until-2027-01-31`, `readers`",
        id="a membership missing",
    ),
    pytest.param(
        lambda iam: iam.add_user_to_group(GroupName="operators", UserName="legacy"),
        "user `legacy`, who is outside of `/access/`, is in group `operators`; found a membership of `legacy`; "
        "accepted: declared members only",
        id="a stranger in a group",
    ),
    pytest.param(
        lambda iam: iam.create_login_profile(UserName="scanner", Password="Chosen-by-nobody-1"),
        "user `scanner` can sign in to the console but must not; found a login profile; "
        "accepted: `console: true`, or deletion of the login profile",
        id="a login too many",
    ),
    pytest.param(
        lambda iam: iam.delete_login_profile(UserName="alice"),
        "user `alice` cannot sign in to the console; found no login profile; "
        "accepted: a new login profile: `console: false`, deploy, `console: true`, deploy",
        id="a login missing",
    ),
    pytest.param(
        upload_ssh_key,
        "user `bob` has credentials that are not declared; found 1 SSH public key; accepted: none",
        id="an SSH key",
    ),
    pytest.param(
        attach("user", "bob"),
        "user `bob` has a managed policy that its declaration does not list; "
        "found `arn:aws:iam::aws:policy/AdministratorAccess`; accepted: none",
        id="a policy attached to a user",
    ),
    pytest.param(
        attach("group", "operators"),
        "group `operators` has a managed policy that its declaration does not list; "
        "found `arn:aws:iam::aws:policy/AdministratorAccess`; accepted: none",
        id="a policy attached to a group",
    ),
    pytest.param(
        attach("role", WORKLOAD_ROLE),
        "workload `web` has a managed policy that its declaration does not list; "
        "found `arn:aws:iam::aws:policy/AdministratorAccess`; accepted: none",
        id="a policy attached to a workload's role",
    ),
    pytest.param(
        somebody_elses_owned_policy,
        f"user `alice` has a managed policy that its declaration does not list; found `{OURS}user-bob-1`; accepted: none",
        id="somebody else's own policy",
    ),
    pytest.param(
        lambda iam: iam.detach_group_policy(GroupName="mfa-guard", PolicyArn=GUARD),
        f"group `mfa-guard` does not have the policy of the MFA guard; found none; accepted: `{GUARD}`",
        id="the guard detached",
    ),
    pytest.param(
        put("user", "bob"),
        "user `bob` has an inline policy that its declaration does not list; found `extra`; accepted: `grants`",
        id="an inline policy of a user",
    ),
    pytest.param(
        put("role", "keywright-identity-keeper"),
        "role `keywright-identity-keeper` has an inline policy that its declaration does not list; found `extra`; "
        "accepted: none",
        id="an inline policy of the keeper's role",
    ),
    pytest.param(
        lambda iam: iam.delete_user_permissions_boundary(UserName="bob"),
        "user `bob` has the wrong permissions boundary; found none; "
        f"accepted: `{BOUNDARY}`, `{BOUNDARY}-any-service`",
        id="a boundary missing",
    ),
    pytest.param(
        lambda iam: iam.put_role_permissions_boundary(RoleName="break-glass", PermissionsBoundary=BOUNDARY),
        f"role `break-glass` has the wrong permissions boundary; found `{BOUNDARY}`; accepted: none",
        id="the break-glass role bounded",
    ),
]


@pytest.mark.parametrize(("change", "message"), DIFFERENCES)
def test_finds(cloud, reading, change, message):
    change(cloud.iam)
    assert found(cloud, reading) == [f"account {ACCOUNT}: {message}"]


@pytest.mark.parametrize("change", [pytest.param(owned_policy, id="a policy of its own past the quota")])
def test_accepts(cloud, reading, change):
    change(cloud.iam)
    assert found(cloud, reading) == []


def test_keys_are_compared_by_status(cloud, reading):
    key, _ = cloud.key("bob")
    (old,) = cloud.iam.list_access_keys(UserName="scanner")["AccessKeyMetadata"]
    cloud.iam.update_access_key(UserName="scanner", AccessKeyId=old["AccessKeyId"], Status="Inactive")
    assert found(cloud, reading) == [
        f"account {ACCOUNT}: user `bob` is a person with access keys; found `{key}` active; accepted: none",
        (
            f"account {ACCOUNT}: user `scanner` has other access keys than declared; "
            f"found `{old['AccessKeyId']}` inactive; accepted: serial 1 active"
        ),
    ]


def test_a_second_factor_still_missing_is_advice(cloud, reading):
    (device,) = cloud.iam.list_mfa_devices(UserName="alice")["MFADevices"]
    cloud.iam.deactivate_mfa_device(UserName="alice", SerialNumber=device["SerialNumber"])
    (finding,) = verify(reading.declarations, cloud.iam)
    assert finding.severity is Severity.ADVICE
    assert finding.message == "user `alice` has no MFA device yet"


def made_by_hand(iam):
    iam.create_user(UserName="mallory")
    iam.create_login_profile(UserName="mallory", Password="Chosen-by-mallory-1")
    iam.create_access_key(UserName="mallory")
    iam.create_user(UserName="old-backup", Path="/backup/")


def test_undeclared_users_outside_the_path_are_counted(cloud, reading):
    made_by_hand(cloud.iam)
    (finding,) = verify(reading.declarations, cloud.iam)
    assert with_severity(finding) == (
        f"account {ACCOUNT}: advice: 2 users are outside `/access/` and not checked; "
        "`keywright verify --all-paths` lists them"
    )
    cloud.iam.delete_user(UserName="old-backup")
    (finding,) = verify(reading.declarations, cloud.iam)
    assert "1 user is outside `/access/` and not checked" in finding.message


def test_undeclared_users_outside_the_path_are_listed_on_request(cloud, reading):
    made_by_hand(cloud.iam)
    assert [with_severity(each) for each in verify(reading.declarations, cloud.iam, all_paths=True)] == [
        (
            f"account {ACCOUNT}: advice: user `mallory` is outside `/access/` and not checked; "
            "found path `/`, a login profile, 1 active access key; "
            "accepted: `existing: true` under `users:`, or deletion if nobody needs this user"
        ),
        (
            f"account {ACCOUNT}: advice: user `old-backup` is outside `/access/` and not checked; "
            "found path `/backup/`, no policies or credentials; "
            "accepted: `existing: true` under `users:`, or deletion if nobody needs this user"
        ),
    ]


def test_an_existing_user_outside_the_path_is_neither_counted_nor_listed(cloud, reading):
    assert verify(reading.declarations, cloud.iam, all_paths=True) == []


def test_a_finding_about_what_is_declared_has_its_line(cloud, reading):
    cloud.iam.add_user_to_group(GroupName="operators", UserName="bob")
    (finding,) = verify(reading.declarations, cloud.iam, reading.places)
    assert (finding.location.line, finding.location.file[-11:]) == (18, "access.yaml")


def test_every_page_is_turned(cloud, reading):
    leaver_left(cloud.iam)
    client = cloud.client("iam", cloud.key("legacy"))
    cloud.iam.put_user_policy(UserName="legacy", PolicyName="read", PolicyDocument=policy(allow("iam:*")))
    page_by_page(client)
    assert [each.message for each in verify(reading.declarations, client)] == [
        "user `mallory` exists under `/access/` but is not declared"
    ]


def test_verify_only_reads(cloud, reading):
    calls = set()
    client = cloud.client("iam", cloud.key("legacy"))
    cloud.iam.put_user_policy(UserName="legacy", PolicyName="read", PolicyDocument=policy(allow("iam:*")))
    client.meta.events.register("before-call", lambda model, **_: calls.add(model.name))
    verify(reading.declarations, client)
    assert calls
    assert all(call.startswith(("Get", "List")) for call in calls)


def test_both_sides_mean_the_same_names():
    """The room that reads the account may not import the constructs: here both sides are held together."""
    assert expected.GUARD_GROUP == mfa_guard.GUARD_GROUP == people_stack.GUARD_GROUP
    assert expected.COMMAND_LINE_GROUP == people_stack.COMMAND_LINE
    assert expected.GUARD_POLICY == mfa_guard.GUARD_POLICY
    assert expected.BOUNDARIES == (
        boundary.BOUNDARY_POLICY,
        boundary.WIDE_BOUNDARY_POLICY,
    )
    assert (expected.KEEPER_POLICY, expected.KEEPER_ROLE) == (
        identity_keeper.KEEPER_POLICY,
        identity_keeper.KEEPER_ROLE,
    )
    assert identity_keeper.DENY_ALL_POLICY in expected.OWN_POLICIES
    assert expected.INLINE_POLICY == INLINE_NAME
    assert expected.SESSION_TOKEN_GROUP == self_service.SESSION_TOKEN_GROUP
    assert {expected.HANDOVER_TAG, expected.OWN_KEYS_TAG} == {
        handover.HANDOVER_TAG,
        self_service.OWN_KEYS_TAG,
    }


def test_a_twin_has_one_name(reading):
    (membership,) = [each for each in reading.declarations.users["alice"].groups if each.until]
    assert expected.group_of(membership) == twin_name(membership.name, membership.until)


@pytest.mark.parametrize(
    ("role", "workloads", "candidates"),
    [
        pytest.param(
            f"s-{logical_id('InstanceRole', 'batch-import')}-1A",
            ["batch-import"],
            ["batch-import"],
            id="whole",
        ),
        pytest.param(
            f"s-{logical_id('InstanceRole', 'web')}-1A", ["web", "web2"], ["web"], id="whole before longer"
        ),
        pytest.param("s-InstanceRole0batchX2dim-1A", ["batch-import", "web"], ["batch-import"], id="cut"),
        pytest.param(
            "s-InstanceRole0batchX2-1A",
            ["batch-import", "batches"],
            ["batch-import", "batches"],
            id="cut in an escape",
        ),
        pytest.param("s-InstanceRole0other-1A", ["web"], [], id="nobody's"),
        pytest.param("web", ["web"], [], id="not generated"),
    ],
)
def test_a_generated_name_has_its_workload(role, workloads, candidates):
    assert expected.workloads_of(role, workloads) == candidates


@pytest.fixture
def command(cloud, folder, monkeypatch):
    def run(*arguments, **environment):
        for name, value in {**cloud.environment, **environment}.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(app, ["verify", str(folder), "--today", "2026-11-24", *arguments])

    return run


def test_the_command_says_as_declared(command):
    result = command()
    assert (result.exit_code, result.stdout) == (0, f"account {ACCOUNT} is as declared\n")


def test_the_command_counts_differences_and_not_advice(command, cloud):
    cloud.iam.add_user_to_group(GroupName="operators", UserName="bob")
    (device,) = cloud.iam.list_mfa_devices(UserName="alice")["MFADevices"]
    cloud.iam.deactivate_mfa_device(UserName="alice", SerialNumber=device["SerialNumber"])
    result = command()
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == f"account {ACCOUNT} differs in 1 place"
    assert ": advice: user `alice` has no MFA device yet; " in result.stdout


def test_the_command_writes_the_same_advice_once_and_json_each(command, cloud):
    for name in ("alice", "dora"):
        (device,) = cloud.iam.list_mfa_devices(UserName=name)["MFADevices"]
        cloud.iam.deactivate_mfa_device(UserName=name, SerialNumber=device["SerialNumber"])
    made_by_hand(cloud.iam)
    assert command().stdout.splitlines() == [
        (
            f"account {ACCOUNT}: advice: 2 users have no MFA device yet; found `alice`, `dora`; "
            "accepted: a passkey or an authenticator app; until then every other action is denied"
        ),
        (
            f"account {ACCOUNT}: advice: 2 users are outside `/access/` and not checked; "
            "`keywright verify --all-paths` lists them"
        ),
        f"account {ACCOUNT} is as declared",
    ]
    answer = json.loads(command("--format", "json", "--all-paths").stdout)
    assert [each["message"] for each in answer["findings"] if "MFA" in each["message"]] == [
        "user `alice` has no MFA device yet",
        "user `dora` has no MFA device yet",
    ]
    assert sum("outside" in each["message"] for each in answer["findings"]) == 2


def test_the_command_speaks_json(command, cloud):
    assert json.loads(command("--format", "json").stdout) == {"as_declared": True, "findings": []}
    cloud.iam.add_user_to_group(GroupName="operators", UserName="bob")
    answer = json.loads(command("--format", "json").stdout)
    assert answer["as_declared"] is False
    assert answer["findings"][0]["found"] == "`operators`"


def test_the_command_refuses_another_account(cloud, tmp_path, monkeypatch):
    (tmp_path / "access.yaml").write_text('account: {id: "222222222222", region: eu-central-1}\n')
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["verify", str(tmp_path), "--endpoint-url", cloud.endpoint])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "account 222222222222: the credentials belong to another account; found `111111111111`; "
        "accepted: `222222222222`\n"
    )


@pytest.mark.parametrize(
    ("environment", "code", "words"),
    [
        pytest.param(
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
            2,
            "the account cannot be reached; found Could not connect",
            id="no connection",
        ),
        pytest.param(
            {"AWS_SECRET_ACCESS_KEY": "wrong"},
            2,
            "the account cannot be reached; found `GetCallerIdentity` returned",
            id="no credentials",
        ),
        pytest.param(
            {"AWS_PROFILE": "missing"},
            2,
            "the account cannot be reached; found The config profile (missing)",
            id="no profile",
        ),
    ],
)
def test_the_command_needs_a_way_in(command, environment, code, words):
    result = command(**environment)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr


def test_missing_read_access_is_undecided(command, cloud):
    key, secret = cloud.user("auditor", allow("iam:*"), ("Deny", "iam:ListAccessKeys", "*"))
    result = command(AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "IAM could not be read; found `ListAccessKeys` returned AccessDenied" in result.stderr


def test_mistakes_in_declarations_come_first(tmp_path):
    (tmp_path / "access.yaml").write_text("account: {id: 1}\n")
    assert CliRunner().invoke(app, ["verify", str(tmp_path)]).exit_code == 1
    assert CliRunner().invoke(app, ["verify", str(tmp_path / "missing")]).exit_code == 2
