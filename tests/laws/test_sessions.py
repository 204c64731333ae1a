"""Sessions on instances: granted users start them, only on the workload's instances.

Judged on the templates of a whole account, by policy evaluation and the escalation search.
"""

from __future__ import annotations

import pytest

from tests.laws.insiders import ACCOUNT, Account, assembly_of

DECLARED = f"""\
account:
  id: "{ACCOUNT}"
  region: eu-central-1
  handover: onboarders
  break_glass: role/break-glass
groups:
  onboarders: {{}}
  administrators:
    policies: [{{managed: AdministratorAccess, because: the test wants somebody who holds everything}}]
  repairers: {{}}
  operators:
    grants: [{{session_on: fleet, because: operators look at a run where it runs}}]
users:
  ida: {{person: {{email: i@acme.example}}, console: true, groups: [operators]}}
  otto: {{person: {{email: o@acme.example}}, console: true}}
  adam: {{person: {{email: a@acme.example}}, console: true, groups: [administrators]}}
  rita: {{person: {{email: r@acme.example}}, console: true, groups: [repairers]}}
buckets:
  reports: {{}}
workloads:
  fleet:
    ec2:
      launch: group
      image: ami-0abcdef1234567890
      size: {{min: 0, max: 2}}
      subnets: [subnet-0abcdef1234567890]
    sessions: true
    grants: [{{s3: [read], bucket: reports}}]
  vault:
    ec2: {{launch: instance, image: ami-0abcdef1234567890}}
    sessions: true
  legacy: {{ec2: {{launch: none}}}}
roles:
  archivist:
    trusts: [{{workload: fleet}}]
    grants: [{{s3: [put], bucket: reports}}]
  operate:
    trusts: [{{group: operators}}]
  break-glass:
    trusts: [{{group: repairers, mfa: {{within: 15m}}}}]
    policies: [{{managed: AdministratorAccess, because: the test wants somebody who repairs}}]
"""
HERE = f"eu-central-1:{ACCOUNT}"
INSTANCE = f"arn:aws:ec2:{HERE}:instance/i-0abcdef1234567890"
SHELL = f"arn:aws:ssm:{HERE}:document/SSM-SessionManagerRunShell"
SESSION = f"arn:aws:ssm:{HERE}:session/ida-0123456789abcdef0"
MFA = {"aws_MultiFactorAuthPresent": "true", "aws_MultiFactorAuthAge": "10"}
TAG = "aws_ResourceTag/keywright-workload"
OWNER = "ssm_resourceTag/aws:ssmmessages:session-id"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    return Account(assembly_of(DECLARED, tmp_path_factory.mktemp("sessions")))


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        pytest.param("ssm:StartSession", INSTANCE, {TAG: "fleet"}, id="begins one"),
        pytest.param("ssm:StartSession", SHELL, {}, id="a plain shell"),
        pytest.param(
            "ssm:ResumeSession", SESSION, {OWNER: "AIDAIDA", "aws_userid": "AIDAIDA"}, id="her own on"
        ),
        pytest.param(
            "ssm:TerminateSession", SESSION, {OWNER: "AIDAIDA", "aws_userid": "AIDAIDA"}, id="ends it"
        ),
        pytest.param("ssmmessages:OpenDataChannel", SESSION, {}, id="its channel"),
        pytest.param("ssm:DescribeInstanceInformation", "*", {}, id="finds the instance"),
    ],
)
def test_who_can_start_a_session(
    account: Account, action: str, resource: str, context: dict[str, str]
) -> None:
    assert account.may("user/ida", action, resource, **MFA, **context)
    assert not account.does("user/ida", action, resource, aws_MultiFactorAuthPresent="false", **context)
    assert not account.may("user/otto", action, resource, **MFA, **context)


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        pytest.param("ssm:StartSession", INSTANCE, {TAG: "vault"}, id="another workload's instance"),
        pytest.param("ssm:StartSession", INSTANCE, {TAG: "Fleet"}, id="a look-alike"),
        pytest.param(
            "ssm:StartSession",
            f"arn:aws:ssm:{HERE}:document/AWS-StartPortForwardingSession",
            {},
            id="a port forwarded",
        ),
        pytest.param(
            "ssm:StartSession", f"arn:aws:ssm:{HERE}:managed-instance/mi-0", {TAG: "fleet"}, id="elsewhere"
        ),
        pytest.param("ssm:SendCommand", INSTANCE, {TAG: "fleet"}, id="a command"),
        pytest.param(
            "ssm:TerminateSession", SESSION, {OWNER: "AIDAOTTO", "aws_userid": "AIDAIDA"}, id="another's"
        ),
        pytest.param("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/x", {}, id="a parameter"),
    ],
)
def test_no_more_than_that(account: Account, action: str, resource: str, context: dict[str, str]) -> None:
    assert not account.may("user/ida", action, resource, **MFA, **context)


ARCHIVIST = f"arn:aws:iam::{ACCOUNT}:role/access/archivist"


def test_a_role_that_trusts_a_workload_is_reached_by_its_instances(account: Account) -> None:
    """The break-glass is an administrator outside of the fence, who may tag a role, and be anybody in the end."""
    assert account.ways_to("role/archivist") - {"role/break-glass", "user/rita"} == {"workload/fleet"}


@pytest.mark.parametrize(
    "who", ["user/ida", "user/adam", "role/operate", "workload/vault", "workload/legacy"]
)
def test_and_by_no_other_principal_within_the_boundary(account: Account, who: str) -> None:
    """Whoever may assume any role is not let in by this one's trust; whether a session brings a tag, the fence has decided."""
    tags = {} if who.startswith("workload/vault") else {"aws_PrincipalTag/keywright-workload": "vault"}
    assert not account.may(who, "sts:AssumeRole", ARCHIVIST, **MFA, **tags)


@pytest.mark.parametrize("who", ["user/adam", "workload/fleet"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("iam:TagRole", f"arn:aws:iam::{ACCOUNT}:role/access/operate", id="a role tagged"),
        pytest.param("iam:TagRole", f"arn:aws:iam::{ACCOUNT}:role/access/new", id="a role made with a tag"),
        pytest.param("sts:TagSession", ARCHIVIST, id="a tag brought along"),
    ],
)
def test_no_principal_within_the_boundary_becomes_a_workload(
    account: Account, who: str, action: str, resource: str
) -> None:
    assert not account.may(who, action, resource, **MFA)


WAYS_TO_TAG = [
    ("ec2:CreateTags", INSTANCE),
    ("ec2:DeleteTags", INSTANCE),
    (
        "autoscaling:CreateOrUpdateTags",
        f"arn:aws:autoscaling:{HERE}:autoScalingGroup:0:autoScalingGroupName/x",
    ),
    (
        "autoscaling:CreateAutoScalingGroup",
        f"arn:aws:autoscaling:{HERE}:autoScalingGroup:0:autoScalingGroupName/x",
    ),
]


@pytest.mark.parametrize("who", ["user/adam", "user/ida", "workload/fleet"])
@pytest.mark.parametrize(("action", "resource"), WAYS_TO_TAG, ids=[action for action, _ in WAYS_TO_TAG])
@pytest.mark.parametrize("key", ["keywright-workload", "Keywright-Workload"])
def test_no_principal_within_the_boundary_changes_the_tag(
    account: Account, who: str, action: str, resource: str, key: str
) -> None:
    assert not account.may(who, action, resource, aws_TagKeys=("team", key), **MFA)


def test_other_tags_belong_to_administrators(account: Account) -> None:
    assert account.may("user/adam", "ec2:CreateTags", INSTANCE, aws_TagKeys=("team",), **MFA)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("ssm:UpdateInstanceInformation", INSTANCE, id="registers itself"),
        pytest.param("ssmmessages:OpenControlChannel", "*", id="a control channel"),
        pytest.param("ssmmessages:CreateDataChannel", "*", id="a data channel"),
    ],
)
def test_the_instance_takes_sessions(account: Account, action: str, resource: str) -> None:
    assert account.may("workload/fleet", action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/x", id="reads a parameter"),
        pytest.param("ssm:StartSession", INSTANCE, id="begins one"),
        pytest.param("ec2messages:GetMessages", "*", id="takes commands"),
    ],
)
def test_and_does_nothing_else_by_that(account: Account, action: str, resource: str) -> None:
    assert not account.may("workload/fleet", action, resource)
