"""ESC001: what is an escalation path, what only looks like one, and that the precheck before the search misses nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.assembly.identities.principals import account_of
from keywright.assembly.templates.reader import read_assembly
from keywright.guardrails.engine import check_assembly
from keywright.guardrails.rule import all_rules
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.escalation_precheck import HARMLESS_MANAGED, is_harmless, may_escalate
from keywright.reasoning.escalation.paths import NoEscalation, find_escalations
from keywright.reasoning.escalation.technique import techniques
from keywright.reporting.finding import Outcome, Severity
from tests.unit.guardrails.builders import assemble, findings, granting, role

if TYPE_CHECKING:
    from pathlib import Path

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ROOT = "arn:aws:iam::111111111111:root"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ACTIONS = sorted({action for technique in techniques() for action in technique.actions})


def allow(action: Any, resource: Any = "*", condition: Any = None) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": action, "Resource": resource}
    return found if condition is None else {**found, "Condition": condition}


def trust(principal: Any, condition: Any = None) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return found if condition is None else {**found, "Condition": condition}


def administrator(*statements: Any) -> dict[str, Any]:
    return role(list(statements), RoleName="admin", ManagedPolicyArns=[ADMIN])


def group(*statements: Any) -> dict[str, Any]:
    policy = {
        "PolicyName": "grants",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)},
    }
    return {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "developers", "Policies": [policy]}}


def member() -> dict[str, Any]:
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", "Groups": ["developers"]}}


ASSUME = allow("sts:AssumeRole", "arn:aws:iam::111111111111:role/admin")
NEW_FUNCTION = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]


def fleet(*statements: Any, own: Any = None, **more: Any) -> dict[str, Any]:
    """Return an instance whose role accepts Session Manager, a tag, and a person who starts a session with MFA."""
    taking = allow(["ssmmessages:OpenControlChannel", "dynamodb:Scan"])
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": [taking]}}]
    guard = {
        "Effect": "Deny",
        "Action": "ssm:*",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }
    return {
        "R": role(trust({"Service": "ec2.amazonaws.com"}), Policies=policies, **more),
        "P": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "R"}]}},
        "I": {
            "Type": "AWS::EC2::Instance",
            "Properties": {"IamInstanceProfile": {"Ref": "P"}, "Tags": [{"Key": "app", "Value": "fleet"}]},
        },
        "G": group(guard, *statements),
        "U": member(),
        **({"O": own} if own else {}),
    }


ANY_INSTANCE = "arn:aws:ec2:*:111111111111:instance/*"
TAGGED = allow("ssm:StartSession", ANY_INSTANCE, {"StringEquals": {"aws:ResourceTag/app": "fleet"}})

REFUSED = {
    "a session on any instance": fleet(allow("ssm:StartSession", ANY_INSTANCE)),
    "a session by a tag that the caller sets": fleet(TAGGED, allow("ec2:CreateTags", "*")),
    "a session by a tag with a prefix": fleet(
        allow("ssm:StartSession", ANY_INSTANCE, {"StringLike": {"aws:ResourceTag/app": "f*"}})
    ),
    "a session by a tag on an administrator's instance": fleet(TAGGED, ManagedPolicyArns=[ADMIN]),
    "a session of a workflow's role": fleet(
        own=role(
            {
                "Effect": "Allow",
                "Principal": {
                    "Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
                },
                "Action": "sts:AssumeRoleWithWebIdentity",
            },
            Policies=[{"PolicyName": "p", "PolicyDocument": {"Statement": [TAGGED]}}],
        )
    ),
    "a command by a tag": fleet(
        allow("ssm:SendCommand", "*", {"StringEquals": {"aws:ResourceTag/app": "fleet"}})
    ),
    "a function with any role": {"R": granting(allow(NEW_FUNCTION))},
    "rewriting its own policy": {
        "R": granting(allow("iam:PutRolePolicy", "arn:aws:iam::111111111111:role/*"))
    },
    "a new version of a policy": {
        "P": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": {"Statement": allow("iam:CreatePolicyVersion")}},
        }
    },
    "through a group": {"G": group(allow("iam:CreateAccessKey")), "U": member()},
    "a managed policy of AWS": {"R": role(ManagedPolicyArns=["arn:aws:iam::aws:policy/IAMFullAccess"])},
    "an administrator's role without MFA": {
        "G": group(ASSUME),
        "U": member(),
        "A": administrator(trust({"AWS": ROOT})),
    },
    "an administrator's role that trusts a named principal": {
        "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice"}},
        "A": administrator(trust({"AWS": "arn:aws:iam::111111111111:user/alice"})),
    },
    "MFA in one statement of two": {
        "G": group(ASSUME),
        "U": member(),
        "A": administrator(trust({"AWS": ROOT}, MFA), trust({"AWS": ROOT})),
    },
    "a role through another": {
        "One": role(
            trust({"Service": "lambda.amazonaws.com"}),
            RoleName="one",
            Policies=[{"PolicyName": "p", "PolicyDocument": {"Statement": [allow("sts:AssumeRole")]}}],
        ),
        "A": administrator(trust({"AWS": ROOT})),
    },
    "any role of another account": {
        "R": granting(allow("sts:AssumeRole", "arn:aws:iam::222222222222:role/*"))
    },
    "a role of another account selected by a tag": {
        "R": granting(allow("sts:AssumeRole", "arn:aws:iam::222222222222:role/${aws:PrincipalTag/team}"))
    },
    "one of this account beside one of another": {
        "R": granting(
            allow(
                "sts:AssumeRole",
                ["arn:aws:iam::222222222222:role/audit", "arn:aws:iam::111111111111:role/unseen"],
            )
        )
    },
    "all roles but one of another account": {
        "R": granting(
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "NotResource": "arn:aws:iam::222222222222:role/audit",
            }
        )
    },
    "a secret key in a secret": {
        "K": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": "admin"}},
        "S": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"SecretString": {"Fn::GetAtt": ["K", "SecretAccessKey"]}},
        },
        "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "admin", "ManagedPolicyArns": [ADMIN]}},
        "R": granting(allow("secretsmanager:GetSecretValue")),
    },
}
ELSEWHERE = allow("sts:AssumeRole", "arn:aws:iam::222222222222:role/access/audit")
NIGHTLY = "arn:aws:iam::111111111111:role/nightly"


def chained(*, trusted: Any, **properties: Any) -> dict[str, Any]:
    """Return a pipeline's role, and one that it assumes by name, which assumes one of another account."""
    second = role(
        trusted,
        RoleName="nightly",
        Policies=[{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [ELSEWHERE]}}],
        **properties,
    )
    return {"One": granting(allow("sts:AssumeRole", NIGHTLY), RoleName="ci"), "Two": second}


BY_NAME = trust({"AWS": ROOT}, {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/ci"}})
REFUSED["an administrator on the way to another account"] = chained(
    trusted=BY_NAME, ManagedPolicyArns=[ADMIN]
)
ACCEPTED = {
    "another account through a role that both sides name": chained(trusted=BY_NAME),
    "one role of another account": {
        "R": granting(allow("sts:AssumeRole", "arn:aws:iam::222222222222:role/access/audit"))
    },
    "a session by a tag of the instance": fleet(TAGGED),
    "a session of a role for people": fleet(
        own=role(
            trust({"AWS": ROOT}, MFA),
            Policies=[{"PolicyName": "p", "PolicyDocument": {"Statement": [TAGGED]}}],
        )
    ),
    "reading": {"R": granting(allow(["s3:GetObject", "ec2:Describe*", "iam:List*"]))},
    "a denial beside it": {
        "R": granting([allow(NEW_FUNCTION), {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}])
    },
    "one half of a path": {"R": granting(allow(["lambda:CreateFunction", "lambda:InvokeFunction"]))},
    "a role for a service that does nothing with it": {
        "R": granting(
            [
                allow("iam:PassRole", "*", {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
                allow(NEW_FUNCTION[1:]),
            ]
        )
    },
    "an administrator, which other rules refuse": {
        "A": administrator(trust({"Service": "ec2.amazonaws.com"}))
    },
    "an intended administrator's role, with MFA": {
        "G": group({**ASSUME, "Condition": MFA}),
        "U": member(),
        "A": administrator(trust({"AWS": ROOT}, MFA)),
    },
    "within a boundary": {
        "R": role(
            Policies=[{"PolicyName": "p", "PolicyDocument": {"Statement": [allow("iam:PutRolePolicy")]}}],
            PermissionsBoundary={"Ref": "B"},
        ),
        "B": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": {"Statement": [allow("s3:GetObject")]}},
        },
    },
}


@pytest.mark.parametrize("resources", [pytest.param(case, id=name) for name, case in REFUSED.items()])
def test_refuses(tmp_path: Path, resources: dict[str, Any]) -> None:
    assert {each.outcome for each in findings(tmp_path, "ESC001", resources)} == {Outcome.FAULT}


@pytest.mark.parametrize("resources", [pytest.param(case, id=name) for name, case in ACCEPTED.items()])
def test_accepts(tmp_path: Path, resources: dict[str, Any]) -> None:
    assert findings(tmp_path, "ESC001", resources) == []


def test_an_unknown_value_is_undecided(tmp_path: Path) -> None:
    elsewhere = role(ManagedPolicyArns=["arn:aws:iam::111111111111:policy/elsewhere"])
    (finding,) = findings(tmp_path, "ESC001", {"R": elsewhere})
    assert finding.outcome is Outcome.UNDECIDED
    assert "arn:aws:iam::111111111111:policy/elsewhere" in finding.found


def test_a_boundary_that_allows_its_own_removal_is_no_boundary(tmp_path: Path) -> None:
    resources = {**ACCEPTED["within a boundary"]}
    resources["B"] = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "PolicyDocument": {
                "Statement": [allow(["iam:PutRolePolicy", "iam:DeleteRolePermissionsBoundary"])]
            }
        },
    }
    resources["R"] = role(
        Policies=[{"PolicyName": "p", "PolicyDocument": {"Statement": [allow("iam:*")]}}],
        PermissionsBoundary={"Ref": "B"},
    )
    assert [each.outcome for each in findings(tmp_path, "ESC001", resources)] == [Outcome.FAULT]


# The quick look


def test_every_technique_needs_a_harmful_action() -> None:
    harmless = [each for each in techniques() if all(map(is_harmless, each.actions))]
    assert [each.id for each in harmless if each.reaches != "assumption"] == []


@pytest.mark.parametrize("name", sorted(HARMLESS_MANAGED))
def test_managed_policies_counted_as_harmless_are_harmless(tmp_path: Path, name: str) -> None:
    resources = {"R": role(ManagedPolicyArns=[f"arn:aws:iam::aws:policy/{name}"])}
    (found,) = find_escalations(account_of(assemble(tmp_path, resources)))
    assert isinstance(found, NoEscalation)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), number=st.integers(1, 5))
def test_the_search_finds_nothing_where_the_rule_finds_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, number: int
) -> None:
    def pattern(action: str) -> str:
        cut = data.draw(st.integers(action.index(":") + 1, len(action)))
        return data.draw(st.sampled_from([action, f"{action[:cut]}*", f"{action[:cut]}?{action[cut + 1 :]}"]))

    actions = [pattern(data.draw(st.sampled_from(ACTIONS))) for _ in range(number)]
    resources = {"R": granting(allow(actions)), "U": member(), "G": group(allow(actions[:1]))}
    whole = AssemblyView(assemble(tmp_path_factory.getbasetemp() / "escalating", resources))
    if not may_escalate(whole):
        assert all(isinstance(each, NoEscalation) for each in find_escalations(account_of(whole.assembly)))


def test_a_role_of_an_unknown_account_may_be_in_the_same_account(tmp_path: Path) -> None:
    elsewhere = allow("sts:AssumeRole", "arn:aws:iam::222222222222:role/audit")
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"R": granting(elsewhere)}}))
    rules = {"ESC001": all_rules()["ESC001"]}
    assert [
        each.severity for each in check_assembly(read_assembly(file), own=False, rules=rules).findings
    ] == [Severity.WARNING]
