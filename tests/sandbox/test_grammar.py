"""The sandbox accepts the policy documents that IAM's published grammar accepts, and no others."""

import copy
import json
from random import Random

from keywright.policy.reference.managed_policies import managed_policy_arns, managed_policy_document
from tests.laws.policy_grammar import mistakes
from tests.sandbox.test_patches import in_an_emulator

PROGRAM = """
import json, sys
from keywright.sandbox.patches.registry import register_all
register_all()
from keywright.sandbox.patches.iam.policy_documents import _trust_mistakes, mistakes
cases = json.load(open({file!r}))
print(json.dumps([list((_trust_mistakes if trust else mistakes)(document)) for trust, document in cases]))
"""
IDENTITY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:Get*", "s3:ListBucket"],
            "Resource": "arn:aws:s3:::reports/${aws:username}/*",
            "Condition": {"StringLike": {"aws:PrincipalTag/team": ["a*", "b"]}},
        },
        {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "*"},
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    },
}
VALUES = (
    None,
    "",
    "*",
    [],
    {},
    "Allow",
    "2008-10-17",
    "2012-10-18",
    "s3:GetObject",
    "s3",
    ["sts:TagSession", "sts:AssumeRole"],
    "a b",
    "Read",
    "arn:aws:s3:::a",
    "arn:aws:s*:::a",
    "arn:*:s3:::a",
    "arn:aws:iam::111111111111:*",
    "arn:aws:iam::111111111111:mfa/alice",
    "arn:aws:iam::111111111111:account-alias/acme",
    "arn:aws:iam::111111111111:rol*",
    ["*", "reports"],
    {"AWS": "*"},
    {"Service": ["lambda.amazonaws.com"]},
    {"Everyone": "*"},
    {"StringEquals": {"aws:username": "bob"}},
    {"stringequalsIFEXISTS": {"aws:username": ["bob", "eve"]}},
    {"ForAnyValue:ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}},
    {"StringEqual": {"aws:username": "bob"}},
    {"NullIfExists": {"aws:username": "true"}},
    {"ForAnyValue:Null": {"aws:username": "true"}},
    {"ForAllValue:StringEquals": {"aws:TagKeys": "team"}},
    {"NumericLessThan": {"s3:max-keys": 10}},
    {"StringEquals": {"username": "bob"}},
    {"StringEquals": {"aws:username": []}},
    {"StringEquals": "bob"},
)
ELEMENTS = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
    "Extra",
)


def changed(random, document):
    """Change or remove one or two elements of a document."""
    document = copy.deepcopy(document)
    for _ in range(random.choice((0, 1, 1, 2))):
        statements = document["Statement"]
        some = random.choice(statements) if isinstance(statements, list) else statements
        if random.random() < 0.1:
            document[random.choice(("Version", "Id", "Other"))] = random.choice(("2012-10-17", "x"))
        elif random.random() < 0.2:
            some.pop(random.choice(list(some)), None)
        else:
            some[random.choice(ELEMENTS)] = random.choice(VALUES)
    return document


def test_documents_of_aws_are_in_the_grammar():
    for arn in managed_policy_arns():
        assert list(mistakes(managed_policy_document(arn), identity=True)) == [], arn


def test_both_accept_the_same_documents(tmp_path):
    random = Random(20261203)
    cases = [
        (trust, changed(random, TRUST if trust else IDENTITY)) for trust in (False, True) for _ in range(3000)
    ]
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases))
    done = in_an_emulator(PROGRAM.format(file=str(file)), tmp_path)
    assert done.returncode == 0, done.stderr
    different, accepted = [], 0
    for (trust, document), theirs in zip(cases, json.loads(done.stdout), strict=True):
        ours = list(mistakes(document, trust=trust, identity=not trust))
        accepted += not ours
        if bool(ours) != bool(theirs):
            different.append((document, ours, theirs))
    assert different == []
    assert accepted > 1000
