"""Rules on grants, people, keys, instances and retention: what only looks right, and what only looks wrong."""

from pathlib import Path
from typing import Any

import pytest

from keywright.reporting.finding import Outcome
from tests.unit.guardrails.builders import BOUNDARY, findings, granting

SECRET_ATTRIBUTE = {"Fn::GetAtt": ["Key", "SecretAccessKey"]}
KEY = {"Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": "scanner"}}}
NOTHING: dict[str, Any] = {"Statement": []}
GUARD = {
    "Effect": "Deny",
    "NotAction": "iam:ChangePassword",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}


def user(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", **properties}}


def person(**properties: Any) -> dict[str, Any]:
    return user(LoginProfile={"Password": "{{resolve:secretsmanager:first}}"}, **properties)


def group(*statements: Any, **properties: Any) -> dict[str, Any]:
    policy = {"PolicyName": "guard", "PolicyDocument": {"Statement": list(statements)}}
    return {
        "Type": "AWS::IAM::Group",
        "Properties": {"GroupName": "guarded", "Policies": [policy], **properties},
    }


OPEN = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}


def opened(**changes: Any) -> dict[str, Any]:
    """A security group with one rule, SSH for everybody unless overridden."""
    rule = {key: value for key, value in (OPEN | changes).items() if value is not None}
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [rule]}}


def instance(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::Instance", "Properties": properties}


def launch(tokens: Any) -> dict[str, Any]:
    data = {"LaunchTemplateData": {"MetadataOptions": {"HttpTokens": tokens}}}
    return {"Type": "AWS::EC2::LaunchTemplate", "Properties": data}


def inline(name: str, owner: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::RolePolicy",
        "Properties": {"PolicyName": name, "RoleName": owner, "PolicyDocument": NOTHING},
    }


ANY_ROLE = "arn:aws:iam::111111111111:role/*"
PASS = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
TAG_KEYS = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}


def key(status: Any = None, name: Any = "alice") -> dict[str, Any]:
    properties = {"UserName": name} if status is None else {"UserName": name, "Status": status}
    return {"Type": "AWS::IAM::AccessKey", "Properties": properties}


REFUSED = {
    "POL003": {
        "any role by its ARN": {"R": granting({**PASS, "Resource": ["arn:aws:s3:::b", ANY_ROLE]})},
        "any role of any account": {"R": granting({**PASS, "Resource": "arn:aws:iam::*:role/*"})},
        "any role by references": {
            "R": granting(
                {**PASS, "Resource": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"}}
            )
        },
        "all of IAM": {"R": granting({**PASS, "Action": "iam:*"})},
        "any service": {"R": granting({**PASS, "Condition": {"StringLike": {"iam:PassedToService": "*"}}})},
        "service if it exists": {
            "R": granting(
                {**PASS, "Condition": {"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}}
            )
        },
    },
    "POL004": {
        "with a test of another key": {
            "R": granting({**PASS, "Condition": {**TAG_KEYS, "Null": {"aws:PrincipalTag/team": "false"}}})
        },
        "with a required absence": {
            "R": granting({**PASS, "Condition": {**TAG_KEYS, "Null": {"aws:TagKeys": "true"}}})
        },
    },
    "LIF003": {
        "log group": {"L": {"Type": "AWS::Logs::LogGroup"}},
        "snapshot": {
            "K": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Retain"}
        },
    },
    "USR004": {
        "first sign-in": {
            "U": user(),
            "S": {"Type": "Custom::FirstSignIn", "Properties": {"UserName": {"Ref": "U"}}},
            "K": key(name={"Ref": "U"}),
        },
        "inactive": {"U": person(), "K": key("Inactive")},
    },
    "USR005": {"two, one by default": {"U": user(), "A": key(), "B": key("Active")}},
    "POL001": {
        "all actions but": {"R": granting({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"})},
        "all resources but": {"R": granting({"Effect": "allow", "Action": "s3:*", "NotResource": "a"})},
        "in a policy that is not attached": {
            "P": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "PolicyDocument": {
                        "Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
                    }
                },
            }
        },
    },
    "POL002": {
        "by two wildcards": {"R": granting({"Effect": "Allow", "Action": "**", "Resource": "*"})},
        "by service and action": {
            "R": granting({"Effect": "Allow", "Action": "*:*", "Resource": ["a", "*"]})
        },
        "with a condition": {
            "R": granting(
                {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": "true"}}}
            )
        },
        "by a policy of its own": {
            "P": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": "p",
                    "Roles": ["elsewhere"],
                    "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
                },
            }
        },
    },
    "LIF001": {
        "user": {"U": user()},
        "under a condition": {
            "U": user(PermissionsBoundary={"Fn::If": ["C", BOUNDARY, {"Ref": "AWS::NoValue"}]})
        },
    },
    "LIF002": {
        "two policies of a role": {"A": inline("p", "r"), "B": inline("p", "r")},
        "two by reference": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
            "A": inline("p", {"Ref": "Role"}),
            "B": inline("p", {"Ref": "Role"}),
        },
        "two additions": {
            name: {
                "Type": "AWS::IAM::UserToGroupAddition",
                "Properties": {"GroupName": "g", "Users": ["alice"]},
            }
            for name in ("A", "B")
        },
    },
    "USR001": {
        "under a condition": {
            "U": user(LoginProfile={"Fn::If": ["C", {"Password": "x"}, {"Ref": "AWS::NoValue"}]})
        }
    },
    "USR002": {
        "no group": {"U": person()},
        "group without guard": {"U": person(Groups=["guarded"]), "G": group()},
        "guard that an absent key satisfies": {
            "U": person(Groups=["guarded"]),
            "G": group({**GUARD, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}),
        },
        "guard with another condition": {
            "U": person(Groups=["guarded"]),
            "G": group(
                {**GUARD, "Condition": {**GUARD["Condition"], "StringEquals": {"aws:RequestedRegion": "x"}}}
            ),
        },
        "guard of one service": {
            "U": person(Groups=["guarded"]),
            "G": group({**GUARD, "Action": "s3:*", "NotAction": []}),
        },
        "first sign-in": {
            "U": user(),
            "S": {"Type": "Custom::FirstSignIn", "Properties": {"UserName": {"Ref": "U"}}},
        },
    },
    "USR003": {
        "parameter store": KEY
        | {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": SECRET_ATTRIBUTE}}},
        "user data": KEY
        | {"I": instance(UserData={"Fn::Base64": {"Fn::Sub": "export KEY=${Key.SecretAccessKey}"}})},
        "another property of a secret": KEY
        | {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Description": SECRET_ATTRIBUTE}}},
    },
    "INS001": {
        "nothing": {"I": instance()},
        "optional": {"I": instance(MetadataOptions={"HttpTokens": "optional"})},
        "optional under a condition": {
            "I": instance(MetadataOptions={"HttpTokens": {"Fn::If": ["C", "required", "optional"]}})
        },
        "its launch template has the same fault": {
            "L": launch("optional"),
            "I": instance(LaunchTemplate={"LaunchTemplateId": {"Ref": "L"}}),
        },
        "it overrides its launch template": {
            "L": launch("required"),
            "I": instance(
                LaunchTemplate={"LaunchTemplateId": {"Ref": "L"}}, MetadataOptions={"HttpTokens": "optional"}
            ),
        },
        "launch configuration": {"L": {"Type": "AWS::AutoScaling::LaunchConfiguration", "Properties": {}}},
    },
    "INS004": {
        "a range": {"G": opened(FromPort=0, ToPort=1024)},
        "all protocols": {"G": opened(IpProtocol=-1, FromPort=None, ToPort=None)},
        "half of all addresses": {"G": opened(CidrIp="128.0.0.0/1")},
        "version 6": {"G": opened(CidrIp=None, CidrIpv6="::/0")},
        "numbers as text": {"G": opened(FromPort="22", ToPort="22")},
        "a rule alone": {"G": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": OPEN}},
        "the other one by a condition": {"G": opened(CidrIp={"Fn::If": ["C", "0.0.0.0/0", "10.0.0.0/8"]})},
    },
    "INS005": {
        "a name that is given": {"I": instance(KeyName={"Ref": "Given"})},
        "a launch template": {
            "L": {
                "Type": "AWS::EC2::LaunchTemplate",
                "Properties": {"LaunchTemplateData": {"KeyName": "ops"}},
            }
        },
    },
}

ACCEPTED = {
    "INS004": {
        "another port": {"G": opened(FromPort=443, ToPort=443)},
        "another protocol": {"G": opened(IpProtocol="udp")},
        "an office": {"G": opened(CidrIp="203.0.113.0/24")},
        "members of a group": {"G": opened(CidrIp=None, SourceSecurityGroupId="sg-0abcdef1234567890")},
        "a range beside it": {"G": opened(FromPort=23, ToPort=3388)},
    },
    "INS005": {"none by a condition's both ways": {"I": instance(KeyName={"Ref": "AWS::NoValue"})}},
    "POL003": {
        "one role": {"R": granting({**PASS, "Resource": "arn:aws:iam::111111111111:role/worker"})},
        "roles of a path": {"R": granting({**PASS, "Resource": "arn:aws:iam::111111111111:role/access/*"})},
        "a role of the template": {"R": granting({**PASS, "Resource": {"Fn::GetAtt": ["R", "Arn"]}})},
        "Deny": {"R": granting({**PASS, "Effect": "Deny"})},
        "another action": {"R": granting({**PASS, "Action": "iam:GetRole"})},
    },
    "POL004": {
        "Deny": {"R": granting({**PASS, "Effect": "Deny", "Condition": TAG_KEYS})},
        "any of the values": {
            "R": granting({**PASS, "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}})
        },
    },
    "LIF003": {"queue": {"Q": {"Type": "AWS::SQS::Queue"}}},
    "USR004": {"key of somebody else": {"U": person(), "K": key(name="scanner")}},
    "USR005": {
        "one": {"U": user(), "A": key()},
        "of two users": {"U": user(), "A": key(), "B": key(name="bob")},
    },
    "POL001": {
        "Deny": {"R": granting({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})},
        "a boundary": {
            "B": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "PolicyDocument": {
                        "Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
                    }
                },
            },
            "U": user(PermissionsBoundary={"Ref": "B"}),
        },
    },
    "POL002": {
        "one service": {"R": granting({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})},
        "one resource": {"R": granting({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b"})},
    },
    "LIF001": {
        "in both branches": {"U": user(PermissionsBoundary={"Fn::If": ["C", BOUNDARY, f"{BOUNDARY}2"]})},
        "by a name from elsewhere": {"U": user(PermissionsBoundary={"Fn::ImportValue": "boundary"})},
        "group": {"G": group()},
    },
    "LIF002": {
        "same name, other identity": {"A": inline("p", "r"), "B": inline("p", "s")},
        "same name, other kind": {
            "A": inline("p", "r"),
            "B": {
                "Type": "AWS::IAM::UserPolicy",
                "Properties": {"PolicyName": "p", "UserName": "r", "PolicyDocument": NOTHING},
            },
        },
        "owners known only at deployment": {
            "A": inline("p", {"Ref": "Given"}),
            "B": inline("p", {"Ref": "Given"}),
        },
    },
    "USR001": {"none": {"U": user()}},
    "USR002": {
        "guard by a group": {"U": person(Groups=["guarded"]), "G": group(GUARD)},
        "guard by absence": {
            "U": person(Groups=["guarded"]),
            "G": group({**GUARD, "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true"}}}),
        },
        "guard of its own": {
            "U": person(Policies=[{"PolicyName": "g", "PolicyDocument": {"Statement": [GUARD]}}])
        },
        "guard as a managed policy": {
            "U": person(Groups=["guarded"]),
            "G": group(ManagedPolicyArns=[{"Ref": "M"}]),
            "M": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": {"Statement": [GUARD]}},
            },
        },
        "software": KEY | {"U": user(UserName="scanner")},
    },
    "USR003": {
        "a secret": KEY
        | {
            "S": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"SecretString": {"Fn::Join": ["", [SECRET_ATTRIBUTE]]}},
            }
        },
        "the key's id": KEY | {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Ref": "Key"}}}},
        "a word that is no key": {
            "P": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": "xAKIAABCDEFGHIJKLMNOPQ"}}
        },
    },
    "INS001": {
        "required": {"I": instance(MetadataOptions={"HttpTokens": "required"})},
        "endpoint is off": {"I": instance(MetadataOptions={"HttpEndpoint": "disabled"})},
        "by its launch template": {
            "L": launch("required"),
            "I": instance(LaunchTemplate={"LaunchTemplateId": {"Ref": "L"}}),
        },
    },
}

UNDECIDED = {
    "INS004": {
        "an address without default": {"G": opened(CidrIp={"Ref": "Given"})},
        "a port without default": {"G": opened(FromPort={"Ref": "Given"})},
    },
    "POL003": {"role without default": {"R": granting({**PASS, "Resource": {"Ref": "Given"}})}},
    "POL002": {
        "action without default": {
            "R": granting({"Effect": "Allow", "Action": {"Ref": "Given"}, "Resource": "*"})
        }
    },
    "USR002": {
        "perhaps a person": {"U": user()},
        "group from elsewhere": {"U": person(Groups=["guarded-elsewhere"])},
        "policy from elsewhere": {"U": person(ManagedPolicyArns=["arn:aws:iam::111111111111:policy/guard"])},
    },
    "INS001": {
        "tokens without default": {"I": instance(MetadataOptions={"HttpTokens": {"Ref": "Given"}})},
        "launch template from elsewhere": {"I": instance(LaunchTemplate={"LaunchTemplateName": "x"})},
    },
}
SECTIONS = {
    "Parameters": {"Given": {"Type": "String"}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "Given"}, "yes"]}},
}


def table(cases: dict[str, dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(code, resources, id=f"{code}-{name}")
        for code, named in cases.items()
        for name, resources in named.items()
    ]


def outcomes(folder: Path, code: str, resources: dict[str, Any]) -> set[tuple[str, Outcome]]:
    return {(each.rule, each.outcome) for each in findings(folder, code, resources, **SECTIONS)}


@pytest.mark.parametrize(("code", "resources"), table(REFUSED))
def test_refuses(tmp_path: Path, code: str, resources: dict[str, Any]) -> None:
    assert outcomes(tmp_path, code, resources) == {(code, Outcome.FAULT)}


@pytest.mark.parametrize(("code", "resources"), table(ACCEPTED))
def test_accepts(tmp_path: Path, code: str, resources: dict[str, Any]) -> None:
    assert outcomes(tmp_path, code, resources) == set()


@pytest.mark.parametrize(("code", "resources"), table(UNDECIDED))
def test_is_undecided(tmp_path: Path, code: str, resources: dict[str, Any]) -> None:
    assert outcomes(tmp_path, code, resources) == {(code, Outcome.UNDECIDED)}


@pytest.mark.parametrize(
    "sections",
    [
        pytest.param({"Outputs": {"S": {"Value": SECRET_ATTRIBUTE}}}, id="output"),
        pytest.param(
            {"Parameters": {"K": {"Type": "String", "Default": "AKIAABCDEFGHIJKLMNOP"}}}, id="parameter"
        ),
    ],
)
def test_finds_an_access_key_outside_of_resources(tmp_path: Path, sections: dict[str, Any]) -> None:
    (finding,) = findings(tmp_path, "USR003", KEY, **sections)
    assert finding.outcome is Outcome.FAULT
    assert "AKIAABCDEFGHIJKLMNOP" not in str(finding)
