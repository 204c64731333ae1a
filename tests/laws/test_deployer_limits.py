"""The deployment roles can do all that the handlers need, and cannot escalate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from keywright.assembly.identities.principals import account_of, principals_of
from keywright.assembly.templates.reader import read_assembly
from keywright.deployer.bootstrap.plan import BOOTSTRAP_ROLE, UPDATE_ROLE, plan_of
from keywright.deployer.bootstrap.template import template_of
from keywright.policy.matching.context import Context
from keywright.policy.parsing.documents import parse_document
from keywright.reasoning.escalation.paths import (
    Escalates,
    EscalationResult,
    IsAdministrator,
    find_escalations,
)
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed
from tests.laws.insiders import ACCOUNT, assembly_of
from tests.laws.random_declarations import declared, templates

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.assembly.templates.template import Assembly
    from keywright.deployer.bootstrap.plan import Plan
    from keywright.deployer.requirements.permissions import RequiredPermission
    from keywright.reasoning.account.actors import Actor

IAM = f"arn:aws:iam::{ACCOUNT}"
WORLD = f"""\
account:
  id: "{ACCOUNT}"
  region: eu-central-1
  handover: onboarders
  break_glass: role/break-glass
buckets: {{reports: {{}}}}
groups:
  onboarders: {{}}
  repairers: {{}}
users:
  hander: {{person: {{email: h@acme.example}}, console: true, groups: [onboarders]}}
  repairer: {{person: {{email: r@acme.example}}, console: true, groups: [repairers]}}
  robot:
    application: {{because: the test wants software with a key, review: 2027-05-01}}
    access_keys: [{{serial: 1, issued: 2026-11-01}}]
    grants: [{{s3: [read], bucket: reports}}]
roles:
  operate: {{trusts: [{{group: onboarders}}], grants: [{{s3: [read], bucket: reports}}]}}
  break-glass:
    trusts: [{{group: repairers, mfa: {{within: 15m}}}}]
    policies: [{{managed: AdministratorAccess, because: the test wants somebody who holds everything}}]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    assembly_of(WORLD, folder)
    return folder / "cdk.out"


def bootstrapped(folder: Path, template: dict[str, Any], into: Path) -> Assembly:
    """Read the bootstrap beside the stacks that it deploys, as one assembly."""
    manifest = json.loads((folder / "manifest.json").read_text())
    stacks = {
        name: each
        for name, each in manifest["artifacts"].items()
        if each["type"] == "aws:cloudformation:stack"
    }
    for each in stacks.values():
        name = each["properties"]["templateFile"]
        (into / name).write_text((folder / name).read_text())
    (into / "bootstrap.json").write_text(json.dumps(template))
    pinned = next(iter(stacks.values()))["environment"]
    stacks["bootstrap"] = {
        "type": "aws:cloudformation:stack",
        "environment": pinned,
        "properties": {"templateFile": "bootstrap.json"},
    }
    (into / "manifest.json").write_text(json.dumps({**manifest, "artifacts": stacks}))
    return read_assembly(into)


def result_of(assembly: Assembly, name: str) -> EscalationResult:
    account = account_of(assembly)
    (result,) = find_escalations(account, of=[each for each in account.actors if each.name == name])
    return result


SECRET_ACTIONS = "secretsmanager:GetSecretValue"


def ways_up(result: EscalationResult) -> list[tuple[str, ...]]:
    """Give the paths to an administrator, or to somebody who may become one.

    Those over a first password are left out: the search takes a secret's ARN for unknown, and denials that name it for
    none. That nobody whom the deployer makes reads one, a test of its own says.
    """
    assert not isinstance(result, IsAdministrator)
    found = result.paths if isinstance(result, Escalates) else ()
    beyond = {"role/break-glass", "user/repairer", "role/keywright-identity-keeper", f"role/{BOOTSTRAP_ROLE}"}
    up = [each.via for each in found if each.reaches_administrator or each.to in beyond]
    return [each for each in up if SECRET_ACTIONS not in each]


def test_the_update_role_has_no_path_to_an_administrator(small: Path, tmp_path: Path) -> None:
    """Over any known technique, and whatever it makes, edits or grants itself on the way."""
    plan = plan_of(read_assembly(small))
    result = result_of(bootstrapped(small, template_of(plan), tmp_path), f"role/{UPDATE_ROLE}")
    assert ways_up(result) == []
    assert not getattr(result, "unfinished", ())


def test_the_search_would_find_one(small: Path, tmp_path: Path) -> None:
    """Were what is sealed not denied, a role that is granted more would have a way up, and it is found."""
    template = json.loads(json.dumps(template_of(plan_of(read_assembly(small)))))
    role = template["Resources"]["KeywrightDeployer"]["Properties"]
    role["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    limit = template["Resources"]["KeywrightDeployerBoundary"]["Properties"]["PolicyDocument"]
    limit["Statement"] = [each for each in limit["Statement"] if each.get("Sid") != "Sealed"]
    assert ways_up(result_of(bootstrapped(small, template, tmp_path), f"role/{UPDATE_ROLE}"))


FIRST_PASSWORD = (
    f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:keywright/first-password/repairer-AbCdEf"
)


@pytest.mark.parametrize(
    "who", ["role/access/operate", "role/access/robot", "user/access/robot", "user/access/new"]
)
def test_no_identity_created_by_the_deployer_reads_a_first_password(
    small: Path, tmp_path: Path, who: str
) -> None:
    """Granted everything, within the boundary, without the tag: and that the deployer gives to nobody new."""
    assembly = read_assembly(small)
    policies = principals_of(assembly, ACCOUNT).account.policies
    limit = policies[f"{IAM}:policy/access/keywright-boundary"]
    everything = parse_document(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, file=""
    )[0]
    request = Request(f"{IAM}:{who}", SECRET_ACTIONS, FIRST_PASSWORD, Context.of({}))
    assert not isinstance(evaluate(request, Policies(identity=(everything,), boundary=limit)), Allowed)
    roles = Roles(plan_of(assembly), tmp_path)
    tagged = {"aws:TagKeys": ("keywright-handover",), "iam:PermissionsBoundary": (next(iter(policies)),)}
    for action in ("iam:TagUser", "iam:CreateUser", "iam:TagRole", "iam:CreateRole"):
        assert not roles.may(UPDATE_ROLE, action, f"{IAM}:{who}", tagged)
    assert not roles.may(UPDATE_ROLE, SECRET_ACTIONS, FIRST_PASSWORD, {})


# --- whatever is declared -----------------------------------------------------------------------------------------------

hasty = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Roles:
    """The roles of a bootstrap, read back from its template."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        file = folder / "bootstrap.json"
        file.write_text(json.dumps(template_of(plan)))
        self._actors = principals_of(read_assembly(file), ACCOUNT).account.actors

    def allows(self, name: str, permission: RequiredPermission) -> bool:
        """Judge one call as CloudFormation makes it: with what its conditions say of it, and nothing else."""
        context = {key: values for _, key, values in permission.conditions}
        arn = permission.arn.replace("??????", "AbCdEf").replace("*", "x") if permission.arn != "*" else "*"
        one = {key: (values[0].replace("*", "x"),) for key, values in context.items()}
        return self.may(name, permission.action.replace("*", "x"), arn, one)

    def may(self, name: str, action: str, arn: str, context: dict[str, tuple[str, ...]]) -> bool:
        actor = self._actor(name)
        request = Request(actor.arn, action, arn, Context.of(context))
        policies = Policies(identity=actor.documents, boundary=actor.boundary)
        return isinstance(evaluate(request, policies), Allowed)

    def _actor(self, name: str) -> Actor:
        (found,) = [each for each in self._actors if each.name == f"role/{name}"]
        return found


OUTSIDE = [
    ("iam:CreateRole", f"{IAM}:role/elsewhere"),
    ("iam:CreateUser", f"{IAM}:user/elsewhere"),
    ("iam:PutRolePolicy", f"{IAM}:role/elsewhere"),
    ("iam:AttachRolePolicy", f"{IAM}:role/keywright/{UPDATE_ROLE}"),
    ("iam:CreatePolicyVersion", f"{IAM}:policy/keywright/keywright-deployer-boundary"),
    ("iam:CreatePolicyVersion", f"{IAM}:policy/access/keywright-boundary"),
    ("iam:SetDefaultPolicyVersion", f"{IAM}:policy/access/keywright-boundary"),
    ("iam:DeletePolicy", f"{IAM}:policy/access/keywright-boundary"),
    ("iam:PassRole", f"{IAM}:role/elsewhere"),
    ("sts:AssumeRole", f"{IAM}:role/elsewhere"),
]


@settings(hasty, max_examples=5)
@given(document=declared)
def test_everything_needed_is_allowed_and_nothing_else(
    document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("world")
    templates(document, folder)
    plan = plan_of(read_assembly(folder))
    assert plan.required.undecided == ()
    roles = Roles(plan, tmp_path_factory.mktemp("bootstrap"))
    assert [each for each in plan.required.permissions if not roles.allows(BOOTSTRAP_ROLE, each)] == []
    assert [each for each in plan.update_permissions if not roles.allows(UPDATE_ROLE, each)] == []
    boundary = {"iam:PermissionsBoundary": (f"{IAM}:policy/access/keywright-boundary",)}
    assert [each for each in OUTSIDE if roles.may(UPDATE_ROLE, *each, boundary)] == []
    for permission in plan.update_permissions:
        if permission.action in {
            "iam:CreateRole",
            "iam:CreateUser",
            "iam:PutRolePolicy",
            "iam:PutUserPolicy",
        }:
            assert not roles.may(UPDATE_ROLE, permission.action, permission.arn, {})
    for permission in plan.required.permissions:
        if permission.action in {"iam:PutGroupPolicy", "iam:AttachGroupPolicy"}:
            assert not roles.may(UPDATE_ROLE, permission.action, permission.arn, boundary)
