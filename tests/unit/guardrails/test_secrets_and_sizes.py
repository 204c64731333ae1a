"""Rules on secrets, user data, names, owners and quotas: what only looks right, and what only looks wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.reporting.finding import Outcome
from tests.unit.guardrails.builders import findings, granting, role

if TYPE_CHECKING:
    from pathlib import Path

KEY_ID = "AKIA" + "ABCDEFGHIJKLMNOP"
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE"
RESOLVED = "{{resolve:secretsmanager:database:SecretString:password}}"
GIVEN, HIDDEN = {"Ref": "Given"}, {"Ref": "Login"}
SECTIONS: dict[str, Any] = {
    "Parameters": {"Given": {"Type": "String"}, "Login": {"Type": "String", "NoEcho": True}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "Given"}, "yes"]}, "D": {"Fn::Not": [{"Condition": "C"}]}},
}
JOINED = {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:password::}}"]]}


def user(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", **properties}}


def function(**variables: Any) -> dict[str, Any]:
    return {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": variables}}}}


def instance(user_data: Any = None, **options: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"MetadataOptions": {"HttpTokens": "required", **options}}
    if user_data is not None:
        properties["UserData"] = user_data
    return {"I": {"Type": "AWS::EC2::Instance", "Properties": properties}}


def parameter(value: Any) -> dict[str, Any]:
    return {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}}}


def policy(length: int, resource: Any = None) -> dict[str, Any]:
    """Write a policy of about so many characters."""
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": resource or f"arn:aws:s3:::{'x' * (length - 130)}/*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def inline(length: int, name: str = "p") -> dict[str, Any]:
    return {"PolicyName": name, "PolicyDocument": policy(length)}


def allowing(name: str, **properties: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": name, "PolicyDocument": {"Statement": statement}, **properties},
    }


def tags(number: int) -> list[dict[str, str]]:
    return [{"Key": f"k{each}", "Value": "v"} for each in range(number)]


def arns(number: int) -> list[str]:
    return [f"arn:aws:iam::111111111111:policy/p{each}" for each in range(number)]


def many(number: int, resource: dict[str, Any]) -> dict[str, Any]:
    return {f"One{each}": resource for each in range(number)}


def named(kind: str, name: str, **attributes: Any) -> dict[str, Any]:
    key = {
        "User": "UserName",
        "Role": "RoleName",
        "Group": "GroupName",
        "ManagedPolicy": "ManagedPolicyName",
    }[kind]
    return {"Type": f"AWS::IAM::{kind}", "Properties": {key: name}, **attributes}


DATABASE = {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": RESOLVED}}

REFUSED = {
    "USR006": {
        "inline": {"U": user(Policies=[{"PolicyName": "p", "PolicyDocument": policy(200)}])},
        "a policy that names the user": {"U": user(), "P": allowing("p", Users=[{"Ref": "U"}])},
        "a managed policy that names the user": {
            "U": user(),
            "P": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"Users": ["alice"], "PolicyDocument": policy(200)},
            },
        },
        "a user's policy": {
            "U": user(),
            "P": {
                "Type": "AWS::IAM::UserPolicy",
                "Properties": {"UserName": "alice", "PolicyName": "p", "PolicyDocument": policy(200)},
            },
        },
        "a managed policy from elsewhere": {"U": user(ManagedPolicyArns=arns(1))},
    },
    "USR007": {
        "login": {"U": user(LoginProfile={"Password": "correct-horse-battery"})},
        "database": {
            "D": {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": "hunter2hunter2"}}
        },
        "a secret's value": {
            "S": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"SecretString": '{"password": "hunter2"}'},
            }
        },
        "variable of a function": function(API_KEY="d41d8cd98f00b204"),
        "variable of a container": {
            "T": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {
                    "ContainerDefinitions": [
                        {"Environment": [{"Name": "DB_PASSWORD", "Value": "hunter2hunter2"}]}
                    ]
                },
            }
        },
        "private key": parameter(PRIVATE_KEY),
        "token within a text": parameter(f"token: ghp_{'a1B2' * 9}"),
        "password in an address": function(DATABASE_URL="postgres://web:hunter2hunter2@db.example.com/web"),
    },
    "USR008": {
        "variable of a function": function(LOGIN=RESOLVED),
        "variable by a hidden parameter": function(LOGIN=HIDDEN),
        "variable by a text": function(LOGIN={"Fn::Sub": "user:${Login}"}),
        "variable by a joined reference": function(LOGIN=JOINED),
        "parameter store": parameter(HIDDEN),
        "tag": {
            "T": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Key": "login", "Value": HIDDEN}]}}
        },
        "metadata": {"T": {"Type": "AWS::SNS::Topic", "Metadata": {"AWS::CloudFormation::Init": HIDDEN}}},
    },
    "INS002": {
        "three": instance(HttpPutResponseHopLimit=3),
        "in one branch": instance(HttpPutResponseHopLimit={"Fn::If": ["C", 1, "64"]}),
        "launch template": {
            "L": {
                "Type": "AWS::EC2::LaunchTemplate",
                "Properties": {"LaunchTemplateData": {"MetadataOptions": {"HttpPutResponseHopLimit": 5}}},
            }
        },
    },
    "INS003": {
        "key": instance({"Fn::Base64": f"export AWS_ACCESS_KEY_ID={KEY_ID}"}),
        "key, encoded": instance("ZXhwb3J0IEFXU19BQ0NFU1NfS0VZX0lEPUFLSUFBQkNERUZHSElKS0xNTk9Q"),
        "secret key": instance({"Fn::Base64": f"AWS_SECRET_ACCESS_KEY={'a1B2' * 10}"}),
        "password set": instance(
            {"Fn::Base64": {"Fn::Sub": "#!/bin/sh\nexport DB_PASSWORD='hunter2hunter2'\n"}}
        ),
        "password as an argument": instance(
            {"Fn::Base64": {"Fn::Join": ["\n", ["mysql --password hunter2hunter2"]]}}
        ),
        "private key": instance({"Fn::Base64": PRIVATE_KEY}),
        "hidden parameter": instance({"Fn::Base64": {"Fn::Sub": "echo ${Login}"}}),
        "dynamic reference": instance({"Fn::Base64": f"echo {RESOLVED}"}),
        "in a launch template": {
            "L": {
                "Type": "AWS::EC2::LaunchTemplate",
                "Properties": {"LaunchTemplateData": {"UserData": {"Fn::Base64": f"id={KEY_ID}"}}},
            }
        },
    },
    "LIF002": {
        "a managed policy attached from both sides": {
            "M": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"ManagedPolicyName": "m", "Roles": ["reader"], "PolicyDocument": policy(200)},
            },
            "R": role(ManagedPolicyArns=[{"Ref": "M"}]),
        },
    },
    "LIF004": {
        "users": {"A": named("User", "Alice"), "B": named("User", "alice")},
        "roles of one name": {"A": named("Role", "reader"), "B": named("Role", "reader")},
        "groups by a reference": {
            "A": named("Group", "readers"),
            "B": named("Group", {"Fn::Join": ["", ["READ", "ers"]]}),  # type: ignore[arg-type]
        },
        "managed policies": {"A": named("ManagedPolicy", "P"), "B": named("ManagedPolicy", "p")},
        "under one condition": {
            "A": named("User", "Alice", Condition="C"),
            "B": named("User", "alice", Condition="C"),
        },
        "with the stack's account in it": {
            "A": named("User", {"Fn::Sub": "A-${AWS::AccountId}"}),  # type: ignore[arg-type]
            "B": named("User", {"Fn::Sub": "a-${AWS::AccountId}"}),  # type: ignore[arg-type]
        },
    },
    "QTA001": {
        "managed": {"M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(6300)}}},
        "trust": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy(2100)}}},
        "of a user": {"U": user(Policies=[inline(2100)])},
        "of a user together": {"U": user(Policies=[inline(1100), inline(1100, "q")])},
        "of a role together, by two resources": {
            "R": role(Policies=[inline(9000)]),
            "P": {
                "Type": "AWS::IAM::RolePolicy",
                "Properties": {"RoleName": {"Ref": "R"}, "PolicyName": "q", "PolicyDocument": policy(1300)},
            },
        },
        "of a group": {"G": {"Type": "AWS::IAM::Group", "Properties": {"Policies": [inline(5200)]}}},
        "of a role elsewhere": {"P": allowing("p", Roles=["elsewhere"], PolicyDocument=policy(10300))},
    },
    "QTA002": {
        "policies of a role": {"R": role(ManagedPolicyArns=arns(11))},
        "policies of a role, from both sides": {
            "R": role(ManagedPolicyArns=arns(10)),
            "M": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"Roles": [{"Ref": "R"}], "PolicyDocument": policy(200)},
            },
        },
        "policies of a group": {
            "G": {"Type": "AWS::IAM::Group", "Properties": {"ManagedPolicyArns": arns(11)}}
        },
        "groups": {"U": user(Groups=[f"g{each}" for each in range(11)])},
        "groups, from both sides": {
            "U": user(Groups=[f"g{each}" for each in range(10)]),
            "A": {
                "Type": "AWS::IAM::UserToGroupAddition",
                "Properties": {"GroupName": "h", "Users": [{"Ref": "U"}]},
            },
        },
        "keys": {
            "U": user(),
            **many(3, {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "U"}}}),
        },
        "tags": {"U": user(Tags=tags(51))},
    },
    "QTA003": {
        "groups": many(301, {"Type": "AWS::IAM::Group"}),
        "providers": many(101, {"Type": "AWS::IAM::OIDCProvider"}),
    },
    "QTA004": {
        "user": {"A": named("User", "a" * 65)},
        "group": {"A": named("Group", "a" * 129)},
        "policy": {"A": named("ManagedPolicy", "a" * 129)},
        "with the substituted value": {"A": named("Role", {"Fn::Sub": f"{'a' * 60}-${{AWS::AccountId}}"})},  # type: ignore[arg-type]
        "space": {"A": named("Role", "my role")},
        "slash": {"A": named("Role", "my/role")},
        "nothing": {"A": named("Role", "")},
        "letters of another alphabet": {"A": named("Role", "rôle")},
        "path without its end": {"A": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/access"}}},
        "path too long": {"A": {"Type": "AWS::IAM::Role", "Properties": {"Path": f"/{'a' * 511}/"}}},
        "a policy's name": {"A": allowing("my policy")},
    },
    "QTA005": {"resources": many(501, {"Type": "AWS::SNS::Topic"})},
    "QTA006": {
        "literally": many(61, DATABASE),
        "by Fn::Join": many(
            61, {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": JOINED}}
        ),
        "by Fn::Sub": many(
            61,
            {
                "Type": "AWS::RDS::DBInstance",
                "Properties": {
                    "MasterUserPassword": {"Fn::Sub": "{{resolve:secretsmanager:${Given}:SecretString:p}}"}
                },
            },
        ),
        "three in one text": many(21, parameter(f"{RESOLVED}{RESOLVED}{RESOLVED}")["P"]),
        "in one branch": many(
            61,
            {
                "Type": "AWS::RDS::DBInstance",
                "Properties": {"MasterUserPassword": {"Fn::If": ["C", RESOLVED, "x"]}},
            },
        ),
    },
    "QTA007": {
        "too short": {"R": role(MaxSessionDuration=3599)},
        "too long": {"R": role(MaxSessionDuration=43201)},
        "in words": {"R": role(MaxSessionDuration="an hour")},
        "negative": {"R": role(MaxSessionDuration=-1)},
    },
}

ACCEPTED = {
    "USR006": {
        "group": {"U": user(Groups=["readers"])},
        "a denial of its own": {
            "U": user(
                Policies=[
                    {
                        "PolicyName": "g",
                        "PolicyDocument": {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}},
                    }
                ]
            )
        },
        "a boundary": {"U": user(PermissionsBoundary=arns(1)[0])},
        "of another account": {"U": user(), "P": allowing("p", Users=["bob"])},
    },
    "USR007": {
        "dynamic reference": {"D": DATABASE},
        "hidden parameter": {"U": user(LoginProfile={"Password": HIDDEN})},
        "generated at deployment": {
            "S": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"GenerateSecretString": {"PasswordLength": 32}},
            }
        },
        "put together from references": {
            "S": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"SecretString": {"Fn::Sub": '{"password": "${Login}"}'}},
            }
        },
        "a secret's name": function(DB_PASSWORD_SECRET="prod/db", SECRET_NAME="web"),
        "a secret's ARN": function(API_KEY="arn:aws:secretsmanager:eu-central-1:111111111111:secret:a"),
        "a parameter's path": function(API_KEY="/web/api-key"),
        "a number": {"U": {"Type": "Custom::Policy", "Properties": {"Password": "14"}}},
        "read by the build": {
            "B": {
                "Type": "AWS::CodeBuild::Project",
                "Properties": {
                    "Environment": {
                        "EnvironmentVariables": [
                            {"Name": "API_KEY", "Type": "SECRETS_MANAGER", "Value": "web:key"}
                        ]
                    }
                },
            }
        },
        "an address without a password": function(
            URL="https://git@example.com/web", OTHER="https://example.com:8443/a@b"
        ),
        "an address with a placeholder": function(URL={"Fn::Sub": "postgres://web:${Login}@db.example.com"}),
    },
    "USR008": {
        "where it belongs": {"D": DATABASE, "U": user(LoginProfile={"Password": HIDDEN})},
        "into a secret": {
            "S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": HIDDEN}},
        },
        "an ordinary parameter": function(LOGIN=GIVEN),
        "an ordinary reference": function(LOGIN="{{resolve:ssm:/web/colour}}"),
    },
    "INS002": {
        "one": instance(HttpPutResponseHopLimit=1),
        "two": instance(HttpPutResponseHopLimit="2"),
        "none": instance(),
        "no instance": {"T": {"Type": "AWS::SNS::Topic"}},
    },
    "INS003": {
        "requested": instance({"Fn::Base64": "PASSWORD=$(aws ssm get-parameter --name /db/password)"}),
        "in a variable": instance({"Fn::Base64": 'mysql --password="$PASSWORD"'}),
        "a rule": instance(
            {"Fn::Base64": "sed -i 's/PasswordAuthentication yes/PasswordAuthentication no/' sshd_config"}
        ),
        "an ordinary parameter": instance({"Fn::Base64": {"Fn::Sub": "echo ${Given}"}}),
        "a key's name": instance({"Fn::Base64": "aws kms decrypt --key-id alias/web"}),
        "elsewhere": parameter(KEY_ID),
    },
    "LIF002": {
        "from one side each": {
            "M": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"ManagedPolicyName": "m", "Roles": ["reader"], "PolicyDocument": policy(200)},
            },
            "R": role(ManagedPolicyArns=arns(1)),
        },
    },
    "LIF004": {
        "kinds": {"A": named("User", "Alice"), "B": named("Role", "alice")},
        "generated": {"A": {"Type": "AWS::IAM::User"}, "B": {"Type": "AWS::IAM::User"}},
        "under opposite conditions": {
            "A": named("User", "alice", Condition="C"),
            "B": named("User", "Alice", Condition="D"),
        },
        "known only at deployment": {"A": named("User", GIVEN), "B": named("User", GIVEN)},  # type: ignore[arg-type]
    },
    "QTA001": {
        "managed": {"M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(6000)}}},
        "of a role": {"R": role(Policies=[inline(5000), inline(5000, "q")])},
        "white space does not count": {
            "M": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": policy(0, ["arn:aws:s3:::a" + " " * 7000])},
            }
        },
        "of two users": {
            "U": user(Policies=[inline(1900)]),
            "V": user(UserName="bob", Policies=[inline(1900)]),
        },
    },
    "QTA002": {
        "policies": {"R": role(ManagedPolicyArns=arns(10))},
        "groups": {"U": user(Groups=[f"g{each}" for each in range(10)])},
        "keys": {
            "U": user(),
            **many(2, {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "U"}}}),
        },
        "tags": {"U": user(Tags=tags(50))},
    },
    "QTA003": {"groups": many(300, {"Type": "AWS::IAM::Group"})},
    "QTA004": {
        "every allowed character": {"A": named("Role", "aZ09+=,.@_-")},
        "longest": {"A": named("User", "a" * 64), "B": named("Group", "a" * 128)},
        "known only at deployment": {"A": named("User", GIVEN)},  # type: ignore[arg-type]
        "generated": {"A": {"Type": "AWS::IAM::User"}},
        "paths": {
            "A": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}},
            "B": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/a/b/"}},
        },
    },
    "QTA005": {"resources": many(500, {"Type": "AWS::SNS::Topic"})},
    "QTA006": {
        "sixty": many(60, DATABASE),
        "none": {"T": {"Type": "AWS::SNS::Topic"}},
    },
    "QTA007": {
        "an hour": {"R": role(MaxSessionDuration="3600")},
        "twelve hours": {"R": role(MaxSessionDuration=43200)},
        "known only at deployment": {"R": role(MaxSessionDuration=GIVEN)},
    },
}

UNDECIDED = {
    "INS002": {"known only at deployment": instance(HttpPutResponseHopLimit=GIVEN)},
    "QTA001": {
        "depends on the substituted value": {
            "M": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "PolicyDocument": policy(
                        0, [{"Fn::Sub": f"arn:aws:s3:::${{Given}}{'x' * 40}{each}"} for each in range(95)]
                    )
                },
            }
        },
        "in one branch": {
            "U": user(
                Policies=[{"PolicyName": "p", "PolicyDocument": {"Fn::If": ["C", policy(2100), policy(200)]}}]
            )
        },
    },
    "QTA002": {
        "in one branch": {"U": user(Groups={"Fn::If": ["C", [f"g{each}" for each in range(11)], ["g"]]})},
    },
}


def table(cases: dict[str, dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(code, case, id=f"{code}-{name}")
        for code, named in cases.items()
        for name, case in named.items()
    ]


def outcomes(folder: Path, code: str, resources: dict[str, Any], **sections: Any) -> set[tuple[str, Outcome]]:
    found = findings(folder, code, resources, **{**SECTIONS, **sections})
    return {(each.rule, each.outcome) for each in found if each.severity != "advice"}


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
    ("code", "sections"),
    [
        pytest.param(
            "USR007",
            {"Parameters": {"DbPassword": {"Type": "String", "NoEcho": True, "Default": "hunter2"}}},
            id="default",
        ),
        pytest.param("USR007", {"Outputs": {"O": {"Value": PRIVATE_KEY}}}, id="private key in an output"),
        pytest.param(
            "USR008", {"Parameters": {"DbPassword": {"Type": "String"}}}, id="parameter that is shown"
        ),
        pytest.param("USR008", {"Outputs": {"O": {"Value": HIDDEN}}}, id="output of a hidden parameter"),
        pytest.param(
            "USR008", {"Outputs": {"O": {"Value": {"Fn::Sub": "x${Login}"}}}}, id="output of a text"
        ),
        pytest.param("USR008", {"Outputs": {"O": {"Value": RESOLVED}}}, id="output of a secret"),
        pytest.param("USR008", {"Outputs": {"O": {"Value": JOINED}}}, id="output of a joined reference"),
        pytest.param(
            "USR008",
            {"Outputs": {"AdminPassword": {"Value": {"Fn::GetAtt": ["R", "Generated"]}}}},
            id="output of that name",
        ),
        pytest.param(
            "QTA005", {"Outputs": {f"O{each}": {"Value": "x"} for each in range(201)}}, id="outputs"
        ),
        pytest.param(
            "QTA005", {"Parameters": {f"P{each}": {"Type": "String"} for each in range(201)}}, id="parameters"
        ),
        pytest.param("QTA005", {"Mappings": {"M": {"K": {"V": "x" * 1_000_001}}}}, id="bytes"),
    ],
)
def test_finds_a_secret_outside_of_resources(tmp_path: Path, code: str, sections: dict[str, Any]) -> None:
    assert outcomes(tmp_path, code, {"R": {"Type": "AWS::SNS::Topic"}}, **sections) == {(code, Outcome.FAULT)}


@pytest.mark.parametrize(
    ("code", "sections"),
    [
        pytest.param(
            "USR008", {"Parameters": {"DbPasswordArn": {"Type": "String"}}}, id="parameter of a name"
        ),
        pytest.param(
            "USR008",
            {"Parameters": {"DbPassword": {"Type": "AWS::SSM::Parameter::Value<String>"}}},
            id="looked up",
        ),
        pytest.param(
            "USR008", {"Outputs": {"AdminPassword": {"Value": {"Ref": "R"}}}}, id="output of a name"
        ),
        pytest.param(
            "USR008", {"Outputs": {"ApiKey": {"Value": {"Fn::GetAtt": ["R", "Arn"]}}}}, id="output of an ARN"
        ),
        pytest.param(
            "USR007", {"Parameters": {"DbPassword": {"Type": "String", "Default": ""}}}, id="empty default"
        ),
        pytest.param(
            "QTA005", {"Outputs": {f"O{each}": {"Value": "x"} for each in range(200)}}, id="outputs"
        ),
    ],
)
def test_accepts_a_reference_outside_of_resources(
    tmp_path: Path, code: str, sections: dict[str, Any]
) -> None:
    assert outcomes(tmp_path, code, {"R": {"Type": "AWS::SNS::Topic"}}, **sections) == set()


def test_reports_a_large_template(tmp_path: Path) -> None:
    sections = {"Mappings": {"M": {"K": {"V": "x" * 51_200}}}}
    (finding,) = findings(tmp_path, "QTA005", {"R": {"Type": "AWS::SNS::Topic"}}, **sections)
    assert finding.severity == "advice"


def test_findings_contain_no_secret(tmp_path: Path) -> None:
    secret = "hunter2hunter2"
    resources = {**function(DB_PASSWORD=secret), **instance({"Fn::Base64": f"export PASSWORD={secret}"})}
    for code in ("USR007", "INS003"):
        (finding,) = findings(tmp_path / code, code, resources)
        assert secret not in str(finding)


def test_refuses_the_name_of_a_policy_in_another_stack(tmp_path: Path) -> None:
    from keywright.assembly.templates.reader import read_assembly
    from keywright.guardrails.engine import check_assembly
    from keywright.guardrails.rule import all_rules
    from tests.unit.assembly.builders import write_assembly

    one, other = ({"Resources": {"P": allowing("p", Roles=[name])}} for name in ("a", "b"))
    assembly = read_assembly(write_assembly(tmp_path, one=one, other=other))
    found = check_assembly(assembly, own=False, rules={"LIF002": all_rules()["LIF002"]}).findings
    assert [each.message for each in found] == ["policy `p` has the same name in another stack"]


def test_counts_sizes_as_iam_does(tmp_path: Path) -> None:
    """The document `{"Statement":[]}` has 16 characters without white space."""
    from keywright.assembly.identities.collection import identities
    from keywright.guardrails.subjects.policy_sizes import size_of_policy
    from tests.unit.guardrails.builders import assemble

    (found,) = identities(
        assemble(tmp_path, {"R": role(Policies=[{"PolicyName": "p", "PolicyDocument": {"Statement": []}}])})
    ).roles
    assert size_of_policy(found.inline[0]).least == len('{"Statement":[]}')
    text = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["a:b", "c:d"], "Resource": "*"}],
    }
    (found,) = identities(assemble(tmp_path, {"R": granting(text["Statement"])})).roles
    written = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["a:b","c:d"],"Resource":"*"}]}'
    )
    assert size_of_policy(found.inline[0]).least == len(written)
