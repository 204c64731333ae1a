"""The acceptance story, in the order in which it happens: each step one edit of a declaration and one real deployment.

What passes here because of a patch of the emulator proves the patch, not AWS; `docs/emulator.md` says which those
are. The console's sign-in has no API: the sandbox plays its documented steps. SAML is asserted on the template.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keywright.model.reading import read
from keywright.sandbox.client import clock
from keywright.sandbox.client.control import ControlRefused
from keywright.sandbox.client.issuer import Issuer
from keywright.sandbox.deployment import StepFailed
from keywright.sandbox.up.proof import prove
from tests.e2e.world import (
    ACCOUNT,
    OWN_PASSWORD,
    UNKNOWN,
    bucket,
    error_of,
    keys_of,
    refused,
    role_arn,
)
from tests.sandbox import second_emulator
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from tests.e2e.world import Keys, World
    from tests.unit.cli.in_process import Done

pytestmark = pytest.mark.e2e

REPORT = {"Bucket": bucket("reports"), "Key": "monthly/november.csv"}
DRAFT = {"Bucket": bucket("reports"), "Key": "drafts/secret.csv"}
GITHUB = "https://token.actions.githubusercontent.com"


def verified(world: World) -> Done:
    """Run `keywright verify` as a person would, without a start; a shell starts it where the first deployment stands."""
    reached = {name: None for name in os.environ if name.startswith("AWS_")} | world.sandbox.environment()
    return keywright("verify", str(world.access), "--today", world.today.isoformat(), environment=reached)


# --- what exists after the first deployment -----------------------------------------------------------------------


def test_the_existing_users_are_the_declared_ones(world: World, root: Path) -> None:
    command = str(Path(sys.executable).parent / "keywright")
    done = subprocess.run(
        [command, "verify", str(world.access), "--today", world.today.isoformat()],
        cwd=root,
        env={**world.sandbox.environment(), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert world.users() == {"alice", "bob", "carol", "dora", "erin", "hugo", "scanner"}


def test_the_deployment_leaves_the_signed_assembly_as_it_was(world: World) -> None:
    assembly = str(world.deployment().output)
    done = keywright("check", assembly, "--today", world.today.isoformat())
    assert (done.returncode, b"note: " in done.output) == (0, False), done.output.decode()
    assert b"0 errors, 4 warnings, 0 undecided" in done.output, (
        "buckets and logs of the sandbox are deleted with it"
    )


def test_every_person_has_mfa_guard_and_boundary(world: World) -> None:
    for user in world.users() - {"scanner"}:
        assert "mfa-guard" in world.groups_of(user)
    for user in world.users():
        found = world.client("iam").get_user(UserName=user)["User"]
        assert found["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(
            ":policy/access/keywright-boundary"
        )


def test_every_type_of_resource_exists(world: World) -> None:
    """What an auditor's client finds, besides users and groups."""
    iam = world.client("iam")
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"]
    assert [each["Arn"].rpartition("/")[2] for each in iam.list_saml_providers()["SAMLProviderList"]] == [
        "okta"
    ]
    oidc = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert [each["Arn"].partition("oidc-provider/")[2] for each in oidc] == [
        "token.actions.githubusercontent.com"
    ]
    roles = {each["RoleName"] for each in iam.list_roles(PathPrefix="/access/")["Roles"]}
    assert {"operate", "break-glass", "vendor", "partner-review", "deployer", "finance"} <= roles
    assert len(iam.list_instance_profiles(PathPrefix="/access/")["InstanceProfiles"]) == 2
    assert world.client("ec2").describe_instances()["Reservations"]
    names = {each["Name"] for each in world.client("s3").list_buckets()["Buckets"]}
    assert names == {bucket("reports"), bucket("inbox"), bucket("access-logs"), "acme-legacy-archive"}


def test_another_emulator_has_the_same_identities_and_answers(world: World) -> None:
    """What differs is listed in docs/emulator.md, with the page that decides."""
    templates = [json.loads(each.read_text()) for each in world.deployment().output.glob("*.template.json")]
    users = ("alice", "carol", "scanner")
    ours, ours_say = second_emulator.existing(world.client("iam")), {}
    for user in users:
        key = world.client("iam").create_access_key(UserName=user)["AccessKey"]
        keys = (key["AccessKeyId"], key["SecretAccessKey"])
        ours_say |= second_emulator.answers(user, lambda service, keys=keys: world.client(service, keys))
        world.client("iam").delete_access_key(UserName=user, AccessKeyId=keys[0])
    second_emulator.put_objects(world.client("s3"))
    with second_emulator.second_account() as iam:
        second_emulator.create(iam, templates)
        theirs = second_emulator.existing(iam)
        second_emulator.create_buckets()
        theirs_say = {}
        for user in users:
            theirs_say |= second_emulator.enforced_answers(iam, user)
    assert second_emulator.comparable(ours) == second_emulator.comparable(theirs)
    assert ours_say == theirs_say
    assert sum(ours_say.values()) == len(users) + 2, "all know who they are; the scanner writes and deletes"


def test_saml_users_need_their_audience(world: World) -> None:
    """The sandbox account knows no AssumeRoleWithSAML: this reads what is deployed, and no more."""
    document = world.client("iam").get_role(RoleName="finance")["Role"]["AssumeRolePolicyDocument"]
    assume, tag = document["Statement"]
    assert assume["Action"] == "sts:AssumeRoleWithSAML"
    assert assume["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"}
    assert "https://signin.aws.amazon.com/saml" in assume["Condition"]["StringEquals"]["SAML:aud"]
    assert tag["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"] == "cost-center"


def test_an_instance_reads_s3_by_its_role_alone(world: World) -> None:
    declarations = read(world.access, world.today).declarations
    assert declarations is not None
    proofs = prove(declarations, world.sandbox)
    assert len(proofs) == 3
    assert [proof.sentence for proof in proofs if not proof.passed] == []


def test_a_second_deployment_changes_nothing(world: World) -> None:
    assert world.deploy().count("no changes") == len(("account", "data", "people", "roles", "workloads"))


def test_another_account_is_refused(world: World) -> None:
    """The CDK compares the account it reaches with the one each stack is pinned to."""
    elsewhere = {**world.sandbox.environment(), "AWS_ACCESS_KEY_ID": "222222222222"}
    with pytest.raises(StepFailed) as failed:
        world.deployment(elsewhere).deploy()
    assert ACCOUNT in failed.value.output


# --- a new user ----------------------------------------------------------------------------------------------------


def test_a_first_password_allows_only_its_own_change(world: World) -> None:
    with pytest.raises(ControlRefused, match="PasswordResetRequired"):
        world.sign_in("alice", world.first_password("alice"))
    with pytest.raises(ControlRefused, match="PasswordPolicyViolation"):
        world.sign_in("alice", world.first_password("alice"), new_password="short1A!")


def test_without_mfa_a_person_can_only_register_a_device(world: World) -> None:
    first = world.first_password("alice")
    session = world.sign_in("alice", first, new_password=OWN_PASSWORD)
    assert refused(world.client("s3", session).get_object, **REPORT)
    assert refused(
        world.client("sts", session).assume_role, RoleArn=role_arn("operate"), RoleSessionName="story"
    )
    assert refused(world.client("iam", session).create_access_key, UserName="alice")
    assert refused(world.client("iam", session).create_virtual_mfa_device, VirtualMFADeviceName="bob")
    world.enrol("alice", session)
    with pytest.raises(ControlRefused, match="InvalidCredentials"):
        world.sign_in("alice", first)
    with pytest.raises(ControlRefused, match="MfaRequired"):
        world.sign_in("alice", code=None)


def test_with_mfa_a_person_has_exactly_the_granted_access(world: World) -> None:
    storage = world.client("s3", world.sign_in("alice"))
    assert storage.get_object(**REPORT)["Body"].read()
    assert storage.list_objects_v2(Bucket=bucket("reports"), Prefix="monthly/")["KeyCount"]
    assert refused(storage.get_object, **DRAFT)
    assert refused(storage.list_objects_v2, Bucket=bucket("reports"))
    assert refused(storage.list_objects_v2, Bucket=bucket("reports"), Prefix="drafts/")
    assert refused(storage.put_object, **REPORT, Body=b"forged")
    assert refused(storage.delete_object, **REPORT)
    assert refused(storage.get_object, Bucket=bucket("inbox"), Key="scans/one.pdf")


def test_a_stolen_long_term_key_registers_no_device(world: World) -> None:
    """A long-term key of a person has no MFA context key at all."""
    key = world.client("iam").create_access_key(UserName="bob")["AccessKey"]
    stolen = (key["AccessKeyId"], key["SecretAccessKey"])
    iam = world.client("iam", stolen)
    assert refused(world.client("s3", stolen).get_object, **REPORT)
    assert refused(iam.create_virtual_mfa_device, VirtualMFADeviceName="bob")
    # It may change the password, for which it must know the old one.
    assert error_of(iam.change_password, OldPassword="a guess, and a Wrong 1", NewPassword=OWN_PASSWORD)
    world.client("iam").delete_access_key(UserName="bob", AccessKeyId=stolen[0])


def test_only_the_handover_group_reads_first_passwords(world: World) -> None:
    secret = {"SecretId": "keywright/first-password/bob"}
    onboarder = world.complete_onboarding("carol")
    assert "password" in world.client("secretsmanager", onboarder).get_secret_value(**secret)["SecretString"]
    assert refused(world.client("secretsmanager", world.sign_in("alice")).get_secret_value, **secret)


# --- groups, direct grants, roles ----------------------------------------------------------------------------------


def test_direct_grant_works(world: World) -> None:
    storage = world.client("s3", world.complete_onboarding("erin"))
    assert storage.get_object(Bucket="acme-legacy-archive", Key="2025/old.csv")["Body"].read() == b"figures"
    assert refused(storage.get_object, Bucket="acme-legacy-archive", Key="2024/old.csv")


def test_members_assume_their_role_only_with_mfa(world: World) -> None:
    session = world.assume("operate", world.sign_in("carol"))
    assert world.client("ec2", session).describe_instances()["Reservations"]
    assert refused(world.client("s3", session).get_object, **REPORT)
    assert refused(
        world.client("sts", world.sign_in("erin")).assume_role,
        RoleArn=role_arn("operate"),
        RoleSessionName="story",
    )


def test_membership_expires_without_any_deployment(world: World) -> None:
    """An authenticator never shows a code again, so only Hugo lives through this winter."""
    operate = {"RoleArn": role_arn("operate"), "RoleSessionName": "story"}
    assert world.assume("operate", world.complete_onboarding("hugo"))
    clock.set_time(world.sandbox.endpoint, datetime(2027, 1, 31, 23, 0, tzinfo=UTC))
    assert world.assume("operate", world.sign_in("hugo"))
    clock.set_time(world.sandbox.endpoint, datetime(2027, 2, 1, 0, 0, 1, tzinfo=UTC))
    try:
        ended = world.sign_in("hugo")
        assert refused(world.client("sts", ended).assume_role, **operate)
        assert world.client("s3", ended).get_object(**REPORT)
    finally:
        clock.unset(world.sandbox.endpoint)


def test_somebody_can_always_repair_the_account(world: World) -> None:
    session = world.assume("break-glass", world.complete_onboarding("dora"))
    assert world.client("iam", session).list_users()["Users"]
    assert not refused(world.client("iam", session).create_group, GroupName="repair")
    world.client("iam").delete_group(GroupName="repair")


# --- from outside --------------------------------------------------------------------------------------------------


def other_account(world: World, account: str, user: str) -> Keys:
    """Return the long-term keys of a user in another account who is allowed to assume any role that trusts it."""
    root = (account, world.root_keys[1])
    iam = world.client("iam", root)
    iam.create_user(UserName=user)
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_partner_needs_its_external_id(world: World) -> None:
    partner, other_client = (
        other_account(world, "222222222222", "agent"),
        other_account(world, "444444444444", "agent"),
    )
    request = {"RoleArn": role_arn("vendor"), "RoleSessionName": "audit"}
    assert not refused(world.client("sts", partner).assume_role, **request, ExternalId="acme-vendor-7f3a")
    assert refused(world.client("sts", partner).assume_role, **request)
    assert refused(world.client("sts", partner).assume_role, **request, ExternalId="acme-vendor-7f3b")
    assert refused(world.client("sts", other_client).assume_role, **request, ExternalId="acme-vendor-7f3a")


def test_people_of_the_partner_need_mfa(world: World) -> None:
    keys = other_account(world, "333333333333", "reviewer")
    assert refused(
        world.client("sts", keys).assume_role, RoleArn=role_arn("partner-review"), RoleSessionName="story"
    )


@pytest.mark.parametrize(
    ("subject", "enters"),
    [
        pytest.param("repo:acme@1234/shop@5678:environment:production", True, id="the declared environment"),
        pytest.param("repo:acme@1234/shop@5678:environment:staging", False, id="another environment"),
        pytest.param("repo:acme@1234/shop@5678:ref:refs/heads/main", False, id="a branch"),
        pytest.param(
            "repo:acme@1234/shop@9999:environment:production", False, id="a repository of the same name"
        ),
        pytest.param("repo:acme/shop:environment:production", False, id="names without their numbers"),
    ],
)
def test_workflow_needs_its_exact_subject(world: World, github: Issuer, subject: str, enters: bool) -> None:
    token = github.token(aud="sts.amazonaws.com", sub=subject)
    request = {"RoleArn": role_arn("deployer"), "RoleSessionName": "run", "WebIdentityToken": token}
    federate = world.client("sts", ()).assume_role_with_web_identity
    assert refused(federate, **request) is not enters
    if enters:
        storage = world.client("s3", keys_of(federate(**request)))
        assert storage.put_object(Bucket=bucket("inbox"), Key="releases/1.tar", Body=b"x")
        assert refused(storage.get_object, **REPORT)


@pytest.fixture(scope="module")
def github(world: World) -> Issuer:
    issuer = Issuer(GITHUB)
    issuer.register(world.sandbox.endpoint)
    return issuer


# --- somebody changes job, settings change -------------------------------------------------------------------------


def test_changing_groups_moves_access_and_keeps_the_user(world: World) -> None:
    before = world.client("iam").get_user(UserName="erin")["User"]["UserId"]
    world.edit(
        "people.yaml",
        "groups: [analysts]\n    grants: [{s3: [read], bucket: archive, prefix: 2025/}]",
        "groups: [operators]\n    tags: {team: operations}\n    cli: {session_token: {because: the ship has no browser}}\n"
        "    grants: [{s3: [read], bucket: archive, prefix: 2025/}]",
    )
    own_folders = "{s3: [read, write], bucket: inbox, prefix: teams/, prefix_by: {tag: team}}"
    world.edit("people.yaml", "  operators: {}\n", f"  operators: {{grants: [{own_folders}]}}\n")
    world.edit(
        "account.yaml", "  alias: acme-reporting\n", "  alias: acme-reporting\n  tags: {team: common}\n"
    )
    world.deploy()
    session = world.sign_in("erin")
    assert world.client("iam").get_user(UserName="erin")["User"]["UserId"] == before
    assert world.groups_of("erin") == {"mfa-guard", "command-line", "session-token", "operators"}
    assert refused(world.client("s3", session).get_object, **REPORT)
    assert world.assume("operate", session)


def test_only_users_with_its_tag_reach_a_folder(world: World) -> None:
    """Erin's own tag is another one than the account's, which Carol has; nobody changes it."""
    erin, carol = (world.client("s3", world.sign_in(name)) for name in ("erin", "carol"))
    hers, common = (
        {"Bucket": bucket("inbox"), "Key": f"teams/{team}/x"} for team in ("operations", "common")
    )
    assert erin.put_object(**hers, Body=b"x")
    assert carol.put_object(**common, Body=b"x")
    assert refused(erin.get_object, **common)
    assert refused(carol.get_object, **hers)
    tag = {"UserName": "erin", "Tags": [{"Key": "team", "Value": "common"}]}
    assert refused(world.client("iam", world.sign_in("erin")).tag_user, **tag)


def test_ones_own_key_gives_a_session_and_nothing_else(world: World) -> None:
    session = world.sign_in("erin")
    assert refused(world.client("iam", session).create_access_key, UserName="carol")
    assert refused(world.client("iam", world.sign_in("carol")).create_access_key, UserName="carol")
    made = world.client("iam", session).create_access_key(UserName="erin")["AccessKey"]
    own = (made["AccessKeyId"], made["SecretAccessKey"])
    assert refused(world.client("s3", own).get_object, Bucket=bucket("inbox"), Key="teams/operations/x")
    assert refused(world.client("iam", own).create_access_key, UserName="erin")
    assert refused(world.client("sts", own).assume_role, RoleArn=role_arn("operate"), RoleSessionName="story")
    code = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/erin"}
    code["TokenCode"] = world.authenticators["erin"].code()
    opened = keys_of(world.client("sts", own).get_session_token(**code))
    assert world.client("s3", opened).get_object(Bucket=bucket("inbox"), Key="teams/operations/x")
    assert world.assume("operate", own, **code | {"TokenCode": world.authenticators["erin"].code()})
    assert verified(world).returncode == 0


def test_changed_passwords_stay_when_settings_change(world: World) -> None:
    world.edit("account.yaml", "{minimum_length: 14, remember: 24}", "{minimum_length: 16, remember: 24}")
    world.edit(
        "people.yaml", "email: alice@acme.example}", 'email: alice@acme.example}\n    tags: {desk: "12"}'
    )
    world.deploy()
    policy = world.client("iam").get_account_password_policy()["PasswordPolicy"]
    assert policy["MinimumPasswordLength"] == 16
    for user in ("alice", "carol", "erin"):
        assert world.sign_in(user, OWN_PASSWORD)


# --- keys ----------------------------------------------------------------------------------------------------------


def key(world: World, serial: int) -> Keys:
    found = world.secret(f"keywright/access-key/scanner/{serial}")
    return found["access_key_id"], found["secret_access_key"]


def scans(world: World, keys: Keys) -> str:
    return error_of(
        world.client("s3", keys).put_object, Bucket=bucket("inbox"), Key="scans/two.pdf", Body=b"x"
    )


def test_a_key_rotates_one_step_in_each_deployment(world: World) -> None:
    first = "{serial: 1, issued: 2026-11-01}"
    old = key(world, 1)
    assert scans(world, old) == ""
    assert refused(world.client("s3", old).put_object, Bucket=bucket("inbox"), Key="other/two.pdf", Body=b"x")
    world.edit("applications.yaml", f"- {first}", f"- {{serial: 2, issued: 2026-11-24}}\n      - {first}")
    world.deploy()
    new = key(world, 2)
    assert (scans(world, old), scans(world, new)) == ("", "")
    world.edit("applications.yaml", first, "{serial: 1, issued: 2026-11-01, status: inactive}")
    world.deploy()
    assert (scans(world, old) in UNKNOWN, scans(world, new)) == (True, "")
    world.edit("applications.yaml", "      - {serial: 1, issued: 2026-11-01, status: inactive}\n", "")
    world.deploy()
    live = world.client("iam").list_access_keys(UserName="scanner")["AccessKeyMetadata"]
    assert [each["AccessKeyId"] for each in live] == [new[0]]
    assert (scans(world, old) in UNKNOWN, scans(world, new)) == (True, "")
    assert error_of(world.client("secretsmanager").describe_secret, SecretId="keywright/access-key/scanner/1")


# --- somebody retires, and comes back ------------------------------------------------------------------------------


RETIRING = "retiring: {since: 2026-11-24, because: not used for ninety days}"


def test_who_is_retiring_can_do_nothing_and_comes_back_unchanged(world: World) -> None:
    """A session that is open, a new sign-in, a key of her own and a role: all are denied, and none is lost."""
    before, session, scanner = lasting(world), world.sign_in("erin"), key(world, 2)
    held = {"Bucket": bucket("inbox"), "Key": "teams/operations/x"}
    operating = world.client("ec2", world.assume("operate", world.sign_in("carol")))
    assert world.client("s3", session).get_object(**held)
    assert operating.describe_instances()
    person, role = "    person: {email: erin@acme.example}\n", "  operate:\n"
    software = "    application:\n"
    for file, place in (
        ("people.yaml", person),
        ("federation.yaml", role),
        ("applications.yaml", software),
    ):
        more = f"    {RETIRING}\n"
        world.edit(file, place, more + place if place == software else place + more)
    world.deploy()
    for opened in (session, world.sign_in("erin")):
        assert refused(world.client("s3", opened).get_object, **held)
        assert refused(world.client("iam", opened).list_mfa_devices, UserName="erin")
    assert refused(operating.describe_instances)
    assert scans(world, scanner) == "AccessDenied"
    assert verified(world).returncode == 0
    for file in ("people.yaml", "federation.yaml", "applications.yaml"):
        world.edit(file, f"    {RETIRING}\n", "")
    world.deploy()
    assert lasting(world) == before
    assert world.client("s3", world.sign_in("erin")).get_object(**held)
    assert operating.describe_instances()
    assert scans(world, scanner) == ""


def lasting(world: World) -> dict[str, object]:
    """Return what would be lost with an identity: unique ids, keys, MFA devices, the login, and its policies."""
    iam = world.client("iam")
    return {
        "user": iam.get_user(UserName="erin")["User"]["UserId"],
        "application": iam.get_user(UserName="scanner")["User"]["UserId"],
        "role": iam.get_role(RoleName="operate")["Role"]["RoleId"],
        "keys": [
            (each["AccessKeyId"], each["Status"])
            for name in ("erin", "scanner")
            for each in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
        ],
        "devices": [each["SerialNumber"] for each in iam.list_mfa_devices(UserName="erin")["MFADevices"]],
        "login": iam.get_login_profile(UserName="erin")["LoginProfile"]["CreateDate"],
        "policies": [
            iam.list_user_policies(UserName="erin")["PolicyNames"],
            iam.list_user_policies(UserName="scanner")["PolicyNames"],
            iam.list_role_policies(RoleName="operate")["PolicyNames"],
        ],
        "groups": world.groups_of("erin"),
    }


# --- somebody leaves -----------------------------------------------------------------------------------------------


def test_a_removed_user_is_deleted_and_its_credentials_do_not_work(world: World) -> None:
    """She has made a key and registered a second device, where no template sees it."""
    session = world.complete_onboarding("bob")
    assert world.client("s3", session).get_object(**REPORT)
    iam = world.client("iam")
    made = iam.create_access_key(UserName="bob")["AccessKey"]
    iam.create_virtual_mfa_device(VirtualMFADeviceName="bob-spare")
    iam.put_user_policy(
        UserName="bob",
        PolicyName="mine",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        ),
    )
    iam.add_user_to_group(GroupName="old-group", UserName="bob")
    assert verified(world).returncode == 1
    lines = "  bob:\n    person: {email: bob@acme.example}\n    groups: [analysts]\n    console: true\n"
    world.edit("people.yaml", lines, "")
    world.deploy()
    assert "bob" not in world.users()
    assert error_of(world.client("s3", session).get_object, **REPORT)
    assert scans(world, (made["AccessKeyId"], made["SecretAccessKey"])) in UNKNOWN
    with pytest.raises(ControlRefused, match="InvalidCredentials"):
        world.sign_in("bob")
    done = verified(world)
    assert done.returncode == 0, done.stdout


def test_removing_a_group_keeps_its_members(world: World) -> None:
    before = world.client("iam").get_user(UserName="erin")["User"]["UserId"]
    world.edit("people.yaml", "groups: [operators]\n    tags", "groups: []\n    tags")
    world.deploy()
    assert world.groups_of("erin") == {"mfa-guard", "command-line", "session-token"}
    assert world.client("iam").get_user(UserName="erin")["User"]["UserId"] == before


# --- when it goes wrong --------------------------------------------------------------------------------------------


def test_a_failing_deployment_rolls_back_and_leaves_nothing(world: World) -> None:
    """A user of that name exists outside the path: CloudFormation fails, and rolls back."""
    world.client("iam").create_user(UserName="frank")
    lines = (
        "users:\n  frank:\n    person: {email: f@acme.example}\n    groups: [analysts]\n    console: true\n"
    )
    people = (world.access / "people.yaml").read_text()
    world.edit(
        "people.yaml",
        "users:\n",
        lines + "  grace:\n    person: {email: g@acme.example}\n    console: true\n",
    )
    with pytest.raises(StepFailed) as failed:
        world.deploy()
    assert "frank" in failed.value.output
    (world.access / "people.yaml").write_text(people)
    assert world.users().isdisjoint({"frank", "grace"})
    assert error_of(world.client("secretsmanager").describe_secret, SecretId="keywright/first-password/grace")
    assert world.client("iam").get_user(UserName="frank")["User"]["Path"] == "/"
    assert verified(world).returncode == 0
    assert world.sign_in("alice", OWN_PASSWORD)


def test_a_guardrail_refuses_before_anything_is_deployed(world: World) -> None:
    exceptions = (world.access / "exceptions.yaml").read_text()
    (world.access / "exceptions.yaml").write_text("exceptions: []\n")
    with pytest.raises(StepFailed) as failed:
        world.deploy()
    (world.access / "exceptions.yaml").write_text(exceptions)
    assert failed.value.code == 1
    assert "AwsSolutions-IAM4" in failed.value.output


def test_no_secret_is_printed_anywhere(world: World) -> None:
    """Neither in the assembly, nor in stack events and outputs, nor in the keeper's log."""
    secrets = [
        world.first_password("alice"),
        world.secret("keywright/access-key/scanner/2")["secret_access_key"],
    ]
    formation = world.client("cloudformation")
    shown = [path.read_text() for path in (world.sandbox.state / "cdk.out").glob("*.json")]
    for stack in formation.describe_stacks()["Stacks"]:
        shown.append(json.dumps(stack, default=str))
        shown.append(json.dumps(formation.describe_stack_events(StackName=stack["StackName"]), default=str))
    logs = world.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    shown += [json.dumps(logs.filter_log_events(logGroupName=name)["events"]) for name in groups]
    shown.append(world.sandbox.log_file.read_text())
    assert not [secret for secret in secrets if any(secret in text for text in shown)]


# --- the end -------------------------------------------------------------------------------------------------------


def test_existing_resources_are_unchanged(world: World) -> None:
    iam = world.client("iam")
    assert iam.get_user(UserName="old-admin")["User"]["Path"] == "/"
    assert [each["UserName"] for each in iam.get_group(GroupName="old-group")["Users"]] == ["old-admin"]
    assert world.client("s3").get_object(Bucket="acme-legacy-archive", Key="2025/old.csv")


def test_destroying_leaves_only_retained_resources(world: World) -> None:
    storage = world.client("s3")
    for name in ("reports", "inbox", "access-logs"):
        versions = storage.list_object_versions(Bucket=bucket(name))
        for each in (*versions.get("Versions", ()), *versions.get("DeleteMarkers", ())):
            storage.delete_object(Bucket=bucket(name), Key=each["Key"], VersionId=each["VersionId"])
    world.deployment().destroy()
    iam = world.client("iam")
    assert world.users() == set()
    assert not [each for each in iam.list_groups()["Groups"] if each["Path"] == "/access/"]
    assert not [each for each in iam.list_roles()["Roles"] if each["Path"] == "/access/"]
    assert not iam.list_policies(Scope="Local")["Policies"]
    assert not world.client("secretsmanager").list_secrets()["SecretList"]
    assert [each["Name"] for each in storage.list_buckets()["Buckets"]] == ["acme-legacy-archive"]
    kept = [each["logGroupName"] for each in world.client("logs").describe_log_groups()["logGroups"]]
    assert kept, "the keeper's log is kept: it says who left, and when"
