"""The bootstrap: what its roles can and cannot do, how policies are packed, and checks of an earlier one."""

from __future__ import annotations

import json
import random

import pytest

from keywright.deployer.bootstrap.plan import BOOTSTRAP_ROLE, UPDATE_ROLE, plan_of
from keywright.deployer.bootstrap.template import (
    BOUNDARY,
    CALLER,
    TooLongError,
    documents_of,
    pack_statements,
    policies_of,
    template_of,
)
from keywright.deployer.requirements.permissions import under_path
from keywright.policy.compaction import MANAGED_QUOTA, document_size
from keywright.policy.matching.context import Context
from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Statement
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed
from tests.unit.deployer.assemblies import ACCOUNT, IAM, allowing, assembly, boundary, resource, role

LIMIT, TEAM = f"{IAM}:policy/team/limit", f"{IAM}:role/team"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
RESOURCES = {
    "Limit": boundary(),
    "R": role("r", ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    "Admin": role("admin", PermissionsBoundary=None),
    "U": resource("AWS::IAM::User", UserName="u", Path="/team/", PermissionsBoundary={"Ref": "Limit"}),
    "S": resource("AWS::SecretsManager::Secret", Name="s"),
}


class Bootstrap:
    """Answers for the roles of a bootstrap, of requests of which all is known."""

    def __init__(self, plan):
        self.documents = {name: parse_document(each, file="")[0] for name, each in documents_of(plan).items()}

    def may(self, who, action, arn, **context):
        names = {who} if who == CALLER else policies_of(who, self.documents)
        held = [self.documents[name] for name in names]
        limit = self.documents[BOUNDARY] if who == UPDATE_ROLE else None
        known = {key.replace("_", ":", 1): (value,) for key, value in context.items()}
        request = Request(
            f"{IAM}:role/keywright/{who}",
            action,
            arn,
            Context.of({"aws:RequestedRegion": ("eu-central-1",), **known}),
        )
        return isinstance(evaluate(request, Policies(identity=tuple(held), boundary=limit)), Allowed)


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory):
    return Bootstrap(plan_of(assembly(tmp_path_factory.mktemp("given"), RESOURCES)))


@pytest.mark.parametrize(
    ("action", "arn", "context"),
    [
        pytest.param("iam:CreateRole", f"{TEAM}/r", {"iam_PermissionsBoundary": LIMIT}, id="the role"),
        pytest.param("iam:PutRolePolicy", f"{TEAM}/r", {"iam_PermissionsBoundary": LIMIT}, id="its policies"),
        pytest.param("iam:DeleteRole", f"{TEAM}/r", {}, id="its removal"),
        pytest.param(
            "iam:CreateUser", f"{IAM}:user/team/u", {"iam_PermissionsBoundary": LIMIT}, id="the user"
        ),
        pytest.param("iam:GetRole", f"{TEAM}/admin", {}, id="a look at what is sealed"),
        pytest.param(
            "iam:AttachRolePolicy",
            f"{TEAM}/r",
            {"iam_PermissionsBoundary": LIMIT, "iam_PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            id="the declared policy",
        ),
    ],
)
def test_the_update_role_can(bootstrap, action, arn, context):
    assert bootstrap.may(UPDATE_ROLE, action, arn, **context)


@pytest.mark.parametrize(
    ("action", "arn", "context"),
    [
        pytest.param("iam:CreateRole", f"{TEAM}/r", {}, id="a role without boundary"),
        pytest.param("iam:CreateRole", f"{TEAM}/r", {"iam_PermissionsBoundary": ADMIN}, id="under another boundary"),
        pytest.param("iam:CreateRole", f"{TEAM}/other", {"iam_PermissionsBoundary": LIMIT}, id="a foreign name"),
        pytest.param("iam:CreateRole", f"{IAM}:role/r", {"iam_PermissionsBoundary": LIMIT}, id="another path"),
        pytest.param("iam:PutRolePolicy", f"{TEAM}/admin", {}, id="the unheld role's policies"),
        pytest.param("iam:UpdateAssumeRolePolicy", f"{TEAM}/admin", {}, id="whom the unheld role trusts"),
        pytest.param("iam:DeleteRole", f"{TEAM}/admin", {}, id="the unheld role's removal"),
        pytest.param(
            "iam:AttachRolePolicy",
            f"{TEAM}/r",
            {"iam_PermissionsBoundary": LIMIT, "iam_PolicyARN": ADMIN},
            id="administrator attached",
        ),
        pytest.param("iam:CreatePolicyVersion", LIMIT, {}, id="the boundary edited"),
        pytest.param("iam:SetDefaultPolicyVersion", LIMIT, {}, id="the boundary set back"),
        pytest.param("iam:DeletePolicy", LIMIT, {}, id="the boundary removed"),
        pytest.param(
            "iam:DeleteRolePermissionsBoundary", f"{TEAM}/r", {"iam_PermissionsBoundary": LIMIT}, id="taken off"
        ),
        pytest.param("iam:PutRolePermissionsBoundary", f"{TEAM}/r", {"iam_PermissionsBoundary": ADMIN}, id="swapped"),
        pytest.param("iam:CreateLoginProfile", f"{IAM}:user/team/u", {}, id="a password"),
        pytest.param("iam:CreateAccessKey", f"{IAM}:user/team/u", {}, id="a key that is not declared"),
        pytest.param("iam:PutRolePolicy", f"{IAM}:role/keywright/{UPDATE_ROLE}", {}, id="its own policies"),
        pytest.param("iam:CreatePolicyVersion", f"{IAM}:policy/keywright/{BOUNDARY}", {}, id="its own boundary"),
        pytest.param("sts:AssumeRole", f"{TEAM}/admin", {}, id="the unheld role assumed"),
        pytest.param(
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:s-AbCdEf",
            {},
            id="a secret that the template does not write",
        ),
        pytest.param("s3:GetObject", "arn:aws:s3:::b/k", {}, id="a service that is not declared"),
    ],
)  # fmt: skip
def test_the_update_role_cannot(bootstrap, action, arn, context):
    assert not bootstrap.may(UPDATE_ROLE, action, arn, **context)


def test_the_boundary_limits_later_grants_to_the_update_role(bootstrap):
    """A later policy that allows everything opens no way to what the others keep."""
    everything = parse_document(allowing("*"), file="")[0]
    limit = bootstrap.documents[BOUNDARY]
    for action, arn in (
        ("iam:CreateRole", f"{TEAM}/x"),
        ("iam:PutRolePolicy", f"{TEAM}/admin"),
        ("iam:CreatePolicyVersion", LIMIT),
        ("iam:AttachRolePolicy", f"{IAM}:role/keywright/{UPDATE_ROLE}"),
        ("iam:CreateAccessKey", f"{IAM}:user/team/u"),
        ("sts:AssumeRole", f"{TEAM}/admin"),
        ("ec2:RunInstances", "*"),
    ):
        request = Request(f"{IAM}:role/keywright/{UPDATE_ROLE}", action, arn, Context.of({}))
        verdict = evaluate(request, Policies(identity=(everything,), boundary=limit))
        assert not isinstance(verdict, Allowed), action


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"])
def test_the_bootstrap_role_can_change_protected_resources(bootstrap, action):
    assert bootstrap.may(BOOTSTRAP_ROLE, action, f"{TEAM}/admin")
    assert bootstrap.may(BOOTSTRAP_ROLE, "iam:CreatePolicyVersion", LIMIT)
    assert not bootstrap.may(BOOTSTRAP_ROLE, action, f"{TEAM}/other")


STACK = f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/stack/1"
ROLE = f"{IAM}:role/keywright/{UPDATE_ROLE}"


@pytest.mark.parametrize(
    ("action", "arn", "context", "may"),
    [
        pytest.param("cloudformation:UpdateStack", STACK, {"cloudformation_RoleArn": ROLE}, True, id="deploy"),
        pytest.param("cloudformation:UpdateStack", STACK, {}, False, id="deploy with its own rights"),
        pytest.param(
            "cloudformation:UpdateStack",
            STACK,
            {"cloudformation_RoleArn": ROLE.replace(UPDATE_ROLE, BOOTSTRAP_ROLE)},
            False,
            id="deploy as the founder",
        ),
        pytest.param(
            "cloudformation:UpdateStack",
            STACK.replace("stack/stack", "stack/other"),
            {"cloudformation_RoleArn": ROLE},
            False,
            id="another stack",
        ),
        pytest.param("cloudformation:DescribeStackEvents", STACK, {}, True, id="follow"),
        pytest.param("iam:PassRole", ROLE, {"iam_PassedToService": "cloudformation.amazonaws.com"}, True, id="pass"),
        pytest.param("iam:PassRole", ROLE, {"iam_PassedToService": "lambda.amazonaws.com"}, False, id="elsewhere"),
        pytest.param("iam:CreateRole", f"{TEAM}/r", {"iam_PermissionsBoundary": LIMIT}, False, id="by hand"),
    ],
)  # fmt: skip
def test_the_caller_deploys_with_the_role_and_by_no_other_way(bootstrap, action, arn, context, may):
    assert bootstrap.may(CALLER, action, arn, **context) is may


# --- its form -----------------------------------------------------------------------------------------------------------


def test_no_order_shows(tmp_path):
    names = list(RESOURCES)
    first = template_of(plan_of(assembly(tmp_path, RESOURCES)))
    for seed in range(3):
        random.Random(seed).shuffle(names)
        folder = tmp_path / str(seed)
        folder.mkdir()
        again = template_of(plan_of(assembly(folder, {name: RESOURCES[name] for name in names})))
        assert json.dumps(again) == json.dumps(first)


def test_every_policy_fits(tmp_path):
    users = {
        f"U{number}": resource(
            "AWS::IAM::User",
            UserName=f"somebody-{number:03}",
            Path="/team/",
            PermissionsBoundary={"Ref": "Limit"},
        )
        for number in range(100)
    }
    documents = documents_of(plan_of(assembly(tmp_path, {"Limit": boundary(), **users})))
    assert all(document_size(each) <= MANAGED_QUOTA for each in documents.values())


def test_too_many_names_go_by_path(tmp_path):
    users = {
        f"U{number}": resource(
            "AWS::IAM::User",
            UserName=f"{number:060}",
            Path="/team/",
            PermissionsBoundary={"Ref": "Limit"},
        )
        for number in range(350)
    }
    given = assembly(tmp_path, {"Limit": boundary(), **users})
    with pytest.raises(TooLongError, match="accepted: at most 10 per role"):
        documents_of(plan_of(given))
    by_path = plan_of(given, by_path=True)
    assert Bootstrap(by_path).may(UPDATE_ROLE, "iam:DeleteUser", f"{IAM}:user/team/newcomer")


@pytest.mark.parametrize(
    ("arn", "under"),
    [
        (f"{IAM}:role/team/r", f"{IAM}:role/team/*"),
        (f"{IAM}:role/team/a/r", f"{IAM}:role/team/a/*"),
        (f"{IAM}:role/r", f"{IAM}:role/r"),
        ("arn:aws:secretsmanager:a:1:secret:x/y-??????", "arn:aws:secretsmanager:a:1:secret:x/*"),
        ("arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket/key"),
        ("arn:aws:ssm:a:1:parameter/x", "arn:aws:ssm:a:1:parameter/x"),
        ("*", "*"),
    ],
)
def test_a_place_by_its_path(arn, under):
    assert under_path(arn) == under


def test_a_statement_that_is_too_long_is_cut():
    long = Statement(
        actions=("s3:GetObject",), resources=tuple(f"arn:aws:s3:::{'b' * 50}{each}" for each in range(200))
    )
    documents = pack_statements([long])
    assert len(documents) == 3
    assert sum(len(each["Resource"]) for document in documents for each in document["Statement"]) == 200


def test_large_templates_go_through_the_bootstrap_bucket(tmp_path):
    filling = {f"T{number}": resource("AWS::SNS::Topic", TopicName="x" * 200) for number in range(250)}
    caller = documents_of(plan_of(assembly(tmp_path, filling)))[CALLER]
    (statement,) = [each for each in caller["Statement"] if each["Sid"] == "LargeTemplates"]
    assert statement["Resource"][0] == f"arn:aws:s3:::cdk-*-assets-{ACCOUNT}-eu-central-1"


def test_by_path_keeps_exact_names_for_actions_without_boundary(tmp_path):
    """Who comes under the path later may be an administrator: nobody is put beside, passed, given a key or rewritten by path."""
    given = {
        "Limit": boundary(),
        "Other": boundary("other", allowing("s3:GetObject")),
        "R": role("r"),
        "G": resource("AWS::IAM::Group", GroupName="g", Path="/team/"),
        "U": resource(
            "AWS::IAM::User",
            UserName="u",
            Path="/team/",
            PermissionsBoundary={"Ref": "Limit"},
            Groups=[{"Ref": "G"}],
        ),
        "K": resource("AWS::IAM::AccessKey", UserName={"Ref": "U"}),
        "F": resource("AWS::Lambda::Function", FunctionName="f", Role={"Fn::GetAtt": ["R", "Arn"]}),
        "S": resource("AWS::SecretsManager::Secret", Name="a/s", SecretString="x"),
    }
    made = Bootstrap(plan_of(assembly(tmp_path, given), by_path=True))
    passing = {"iam_PassedToService": "lambda.amazonaws.com"}
    secret = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:a"
    for action, declared, other, context in (
        ("iam:AddUserToGroup", f"{IAM}:group/team/g", f"{IAM}:group/team/admins", {}),
        ("iam:PassRole", f"{TEAM}/r", f"{TEAM}/admin", passing),
        ("iam:CreateAccessKey", f"{IAM}:user/team/u", f"{IAM}:user/team/admin", {}),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/team/other", f"{IAM}:policy/team/new", {}),
        ("secretsmanager:GetSecretValue", f"{secret}/s-AbCdEf", f"{secret}/t-AbCdEf", {}),
    ):
        assert made.may(UPDATE_ROLE, action, declared, **context), action
        assert not made.may(UPDATE_ROLE, action, other, **context), action
    assert made.may(UPDATE_ROLE, "iam:CreateUser", f"{IAM}:user/team/new", iam_PermissionsBoundary=LIMIT)
