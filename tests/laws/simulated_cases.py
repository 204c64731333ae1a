"""Random cases of batch evaluation that a third evaluator, @cloud-copilot/iam-simulate, can decide too.

It checks its input: actions exist, resources fit them, and keys that a service does not send are dropped.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright.cdk.node import wheel_node
from tests.laws import rich_policies
from tests.laws.interpretations import account_of, listed, with_what_is_told

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

PROGRAM = Path(__file__).with_name("iam_simulate.mjs")
INSTALLED = Path(__file__).parents[2] / "node_modules/@cloud-copilot/iam-simulate/package.json"
ACCOUNT, OTHER = "111111111111", "222222222222"
IAM, STS = f"arn:aws:iam::{ACCOUNT}", f"arn:aws:sts::{ACCOUNT}"
CALLERS = (
    f"{IAM}:user/bob",
    f"{IAM}:user/bob",
    f"{IAM}:user/staff/eve",
    f"arn:aws:iam::{OTHER}:user/bob",
    f"{IAM}:role/ci",
    f"{STS}:assumed-role/ci/run",
    f"{STS}:assumed-role/ci/run",
    f"arn:aws:sts::{OTHER}:assumed-role/ci/run",
    f"{STS}:federated-user/bob",
    "lambda.amazonaws.com",
    "*",
)
NAMED = (
    "*",
    {"AWS": "*"},
    {"AWS": ACCOUNT},
    {"AWS": OTHER},
    {"AWS": f"{IAM}:root"},
    {"AWS": f"{IAM}:user/bob"},
    {"AWS": [f"{IAM}:user/staff/eve", f"{IAM}:role/ci"]},
    {"AWS": f"{IAM}:role/ci"},
    {"AWS": f"{STS}:assumed-role/ci/run"},
    {"AWS": f"{STS}:assumed-role/ci/other"},
    {"AWS": [f"arn:aws:iam::{OTHER}:user/bob", f"arn:aws:iam::{OTHER}:role/ci"]},
    {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]},
    {"Service": "ec2.amazonaws.com", "AWS": OTHER},
)
REQUESTS = (
    ("s3:GetObject", "arn:aws:s3:::b/bob/x"),
    ("s3:GetObject", "arn:aws:s3:::b/x"),
    ("s3:PutObject", "arn:aws:s3:::b/red"),
    ("s3:ListBucket", "arn:aws:s3:::b"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"),
    ("sqs:GetQueueUrl", f"arn:aws:sqs:eu-west-1:{OTHER}:q"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:red-AbCdEf"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("ec2:StopInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0123456789abcdef0"),
    ("ec2:DescribeInstances", "*"),
    ("iam:CreateAccessKey", f"{IAM}:user/bob"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/red"),
)
WITH_POLICY = {"s3", "sqs", "secretsmanager", "lambda", "kms", "dynamodb"}
ACTIONS = (
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:*Object",
    "s3:?etObject",
    "sqs:*",
    "sqs:SendMessage",
    "kms:*",
    "ec2:*",
    "ec2:Describe*",
    "iam:*AccessKey",
    "secretsmanager:Get*",
    "lambda:Invoke*",
    "dynamodb:GetItem",
)
RESOURCES = (
    "*",
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/?",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team}",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'x'}",
    "arn:aws:s3:::b*",
    "arn:aws:sqs:*:111111111111:q",
    "arn:aws:sqs:eu-*:*:*",
    "arn:aws:kms:*:*:key/*",
    f"arn:aws:ec2:*:{ACCOUNT}:instance/*",
    f"arn:aws:ec2:*:{OTHER}:instance/*",
    "arn:aws:iam::*:user/${aws:username}",
    "arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}-??????",
    "arn:aws:lambda:*:*:function:*",
    "arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}",
)
AGES = ("aws:MultiFactorAuthAge",)
SETTLED = {"1767225600", "0.0.0.0/0", "10.0.0.1", "r${*}d", "", "*"}
"""Values that the other evaluator reads otherwise, or not at all; each is a case of `third_evaluator.jsonl`."""


def _without_settled(values: Any) -> tuple[Any, ...]:
    return tuple(each for each in values if not SETTLED & {*listed(each)})


CONDITIONS = (
    *(
        (
            tuple(each for each in prefixes if each or key != "aws:TagKeys"),
            operators,
            key,
            _without_settled(values),
        )
        for prefixes, operators, keys, values in (
            *rich_policies.CONDITIONS,
            (("",), rich_policies.NUMBERS, ("aws:MultiFactorAuthAge",), ("5", "10", "5.0", "3600")),
        )
        if operators != ("Null",)
        for key in dict.fromkeys(keys)
        if key.startswith("aws:") and key != "aws:TokenIssueTime"
    ),
    (("",), ("Null",), "aws:TagKeys", ("true", "false")),
    (("",), ("Null",), rich_policies.TEAM, ("true", "false", True)),
)
CONTEXT = {
    key: _without_settled(values)
    for key, values in rich_policies.SOME.items()
    if key.startswith("aws:") and key not in ("aws:tokenissuetime", "aws:sourcearn")
} | {
    "aws:sourcearn": ("arn:aws:s3:::b", "arn:aws:s3:::bb", "arn:aws:s3:::two"),
    "aws:multifactorauthage": ("4", "5", "7", "3600"),
}
ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def fitting(chance: Random, values: Any, asked: str) -> Any:
    """Choose a few patterns, often one that matches the request."""
    found = rich_policies.few(chance, values)
    return [*(found if isinstance(found, list) else [found]), asked] if chance.random() < 0.4 else found


def statement(chance: Random, asked: tuple[str, str], *, named: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": chance.choice(("Allow", "Allow", "Allow", "Deny"))}
    if named:
        found["Principal"] = chance.choice(NAMED)
    found[chance.choice(("Action", "Action", "Action", "Action", "NotAction"))] = fitting(
        chance, ACTIONS, asked[0]
    )
    found[chance.choice(("Resource", "Resource", "Resource", "Resource", "NotResource"))] = fitting(
        chance, RESOURCES, asked[1]
    )
    conditions: dict[str, Any] = {}
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        prefixes, operators, key, values = chance.choice([each for each in CONDITIONS if each[0]])
        operator = chance.choice(operators)
        prefix = chance.choice(prefixes)
        is_lenient = operator != "Null" and prefix != "ForAnyValue:" and chance.random() < 0.25
        conditions.setdefault(f"{prefix}{operator}{'IfExists' if is_lenient else ''}", {})[key] = (
            rich_policies.few(chance, values)
        )
    return found | ({"Condition": conditions} if conditions else {})


def document(chance: Random, asked: tuple[str, str], *, named: bool = False) -> dict[str, Any]:
    if not named and chance.random() < 0.25:
        return ALL
    statements = [statement(chance, asked, named=named) for _ in range(chance.choice((1, 1, 2, 3)))]
    return {"Version": "2012-10-17", "Statement": statements}


def random_case(chance: Random) -> dict[str, Any]:
    """Draw a case of the batch format."""
    who = chance.choice(CALLERS)
    action, resource = chance.choice(REQUESTS)
    is_identity = who.startswith("arn:")
    names_account = resource.split(":")[4] if resource != "*" else ""
    context = {key: chance.choice((None, *values)) for key, values in CONTEXT.items()}
    context |= {
        key: chance.choice(values) for key, values in rich_policies.ALWAYS.items() if key != "aws:userid"
    }
    case: dict[str, Any] = {
        "principal": who,
        "action": action,
        "resource": resource,
        "resource_account": names_account
        or (account_of(who) if resource == "*" and is_identity else chance.choice((ACCOUNT, ACCOUNT, OTHER))),
        "context": {key: each for key, each in context.items() if each is not None},
    }
    if is_identity:
        case["identity_policies"] = [
            document(chance, (action, resource)) for _ in range(chance.choice((0, 1, 1, 2)))
        ]
        if chance.random() < 0.25 and "federated-user" not in who:
            case["permissions_boundary"] = document(chance, (action, resource))
        # A federated user without session policies has no access: settled, and so is a key without a policy.
        if "federated-user" in who or (":sts:" in who and chance.random() < 0.4):
            case["session_policies"] = [document(chance, (action, resource))]
        case["service_control_policies"] = [
            [document(chance, (action, resource))] for _ in range(chance.choice((0, 0, 0, 1, 2)))
        ]
    # It lets session policies limit what a resource-based policy grants to the session: settled.
    if "session_policies" in case and action.startswith("kms"):
        return random_case(chance)
    if (
        "session_policies" not in case
        and action.partition(":")[0] in WITH_POLICY
        and (action.startswith("kms") or chance.random() < 0.6)
    ):
        case["resource_policy"] = document(chance, (action, resource), named=True)
    return case


def excepts_without_value(case: dict[str, Any]) -> bool:
    """Tell whether `NotResource` or a negated operator names a variable that may have no value: settled."""
    documents = [
        case.get("resource_policy"),
        case.get("permissions_boundary"),
        *case.get("identity_policies", ()),
    ]
    documents += [
        *case.get("session_policies", ()),
        *(each for level in case.get("service_control_policies", ()) for each in level),
    ]
    for each in documents:
        for one in listed((each or {}).get("Statement", [])):
            negated = {
                operator: keys for operator, keys in one.get("Condition", {}).items() if "Not" in operator
            }
            if "${aws:" in json.dumps([one.get("NotResource"), negated]):
                return True
    return False


def simulation(case: dict[str, Any]) -> dict[str, Any]:
    """Write a case as the other evaluator reads it; what follows from the principal is told, which it does not derive."""
    who = case["principal"]
    given = {key: each if isinstance(each, list) else [each] for key, each in case["context"].items()}
    told = with_what_is_told(who, given) | {"aws:resourceaccount": [case["resource_account"]]}

    def policies(name: str) -> list[dict[str, Any]]:
        return [{"name": f"{name}{number}", "policy": each} for number, each in enumerate(case.get(name, ()))]

    session, boundary = case.get("session_policies"), case.get("permissions_boundary")
    return {
        "request": {
            "principal": who,
            "action": case["action"],
            "resource": {"resource": case["resource"], "accountId": case["resource_account"]},
            "contextVariables": {key: each[0] if len(each) == 1 else each for key, each in told.items()},
        },
        "identityPolicies": policies("identity_policies"),
        "serviceControlPolicies": [
            {
                "orgIdentifier": f"ou{number}",
                "policies": [
                    {"name": f"scp{number}-{index}", "policy": each} for index, each in enumerate(level)
                ],
            }
            for number, level in enumerate(case.get("service_control_policies", ()))
        ],
        "resourceControlPolicies": [],
        **({"resourcePolicy": case["resource_policy"]} if "resource_policy" in case else {}),
        **({"permissionBoundaryPolicies": [{"name": "boundary", "policy": boundary}]} if boundary else {}),
        **({"sessionPolicy": session[0]} if session else {}),
    }


def simulated(cases: Iterable[dict[str, Any]]) -> list[Any]:
    """Decide cases by the third evaluator: a verdict, or an object with what it finds wrong."""
    lines = "".join(json.dumps(simulation(each)) + "\n" for each in cases)
    done = subprocess.run(
        [str(wheel_node()), str(PROGRAM)], input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
