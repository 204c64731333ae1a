"""Small policies over a small universe, dense with overlaps, and every request of that universe."""

from __future__ import annotations

import json
from math import prod

from hypothesis import strategies as st

from keywright.policy.matching.context import Context
from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.evaluation.request import Request

ACTIONS = (
    "*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "S3:getobject",
    "s3:*Object",
    "s3:PutObject",
    "s3:?etObject",
    "ec2:*",
    "ec2:RunInstances",
    "*:Get*",
)
RESOURCES = (
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b/x*",
    "arn:aws:s3:::*/x",
    "arn:aws:s3:::?/x",
    "arn:aws:s3:::b*",
    "arn:aws:s3:*:*:b/*",
    "arn:aws:*:*:111111111111:*",
    "arn:aws:ec2:eu-*:111111111111:instance/i",
    "arn:aws:ec2:*",
    "arn:aws:s3:::*username*",
)
VARIABLE_RESOURCES = (
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::b/${aws:username}*",
    "arn:aws:s3:::${aws:PrincipalTag/team}/x",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'b'}/*",
)
TEXTS = ("red", "r*", "*d", "r?d", "blue", "*")
CONDITIONS = (
    *(
        {operator: {"aws:PrincipalTag/team": value}}
        for operator in (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIfExists",
            "StringNotEqualsIfExists",
            "StringLikeIfExists",
            "StringEqualsIgnoreCase",
        )
        for value in (*TEXTS, ["red", "blue"])
    ),
    {"Null": {"aws:PrincipalTag/team": "true"}},
    {"Null": {"aws:PrincipalTag/team": "false"}},
    *(
        {operator: {"s3:max-keys": value}}
        for operator in (
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericEquals",
            "NumericNotEquals",
            "NumericGreaterThanIfExists",
        )
        for value in ("5", "10", ["5", "10"])
    ),
    *(
        {operator: {"aws:MultiFactorAuthPresent": value}}
        for operator in ("Bool", "BoolIfExists")
        for value in ("true", "false")
    ),
    *(
        {operator: {"aws:SourceIp": value}}
        for operator in ("IpAddress", "NotIpAddress")
        for value in ("10.0.0.0/8", "10.1.0.0/16", ["10.0.0.0/9", "10.128.0.0/9"], "2001:db8::/32")
    ),
    *(
        {operator: {"aws:CurrentTime": value}}
        for operator in ("DateLessThan", "DateGreaterThanEquals")
        for value in ("2026-01-01T00:00:00Z", "2027-01-01")
    ),
    *(
        {f"{quantifier}:{operator}": {"aws:TagKeys": value}}
        for quantifier in ("ForAllValues", "ForAnyValue")
        for operator in ("StringEquals", "StringNotEquals", "StringLike")
        for value in ("red", "r*", ["red", "blue"])
    ),
    {"Null": {"aws:TagKeys": "false"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:1:t"}},
    {"ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:1:*"}},
)
VARIABLE_CONDITIONS = (
    *(
        {operator: {"aws:PrincipalTag/team": value}}
        for operator in ("StringEquals", "StringLike", "StringNotEquals")
        for value in ("${aws:username}", "${aws:username}*")
    ),
    {"StringEqualsIgnoreCase": {"aws:PrincipalTag/team": "${aws:username}"}},
    {"StringNotEqualsIgnoreCase": {"aws:PrincipalTag/team": "${aws:username}"}},
    {"StringEquals": {"aws:SourceArn": "arn:aws:sns:${aws:PrincipalTag/team}:1:t"}},
)
ACCOUNT = "111111111111"
PRINCIPALS = (
    "*",
    {"AWS": "*"},
    {"AWS": ACCOUNT},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:role/one"},
    {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/one", f"arn:aws:iam::{ACCOUNT}:user/two"]},
    {"AWS": "222222222222"},
    {"Service": "ec2.amazonaws.com"},
    {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"},
)

EVERY_ACTION = ("s3:GetObject", "s3:PutObject", "s3:GetBucketAcl", "ec2:RunInstances", "sqs:GetQueueUrl")
EVERY_RESOURCE = (
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b/xy",
    "arn:aws:s3:::b/y",
    "arn:aws:s3:::c/x",
    "arn:aws:s3:eu-west-1:222222222222:b/z",
    f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q",
    f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i",
)
EVERY_VALUE = {
    "aws:principaltag/team": ((), ("red",), ("RED",), ("rad",), ("blue",), ("x",), ("b",)),
    "s3:max-keys": ((), ("4",), ("5",), ("7.5",), ("10",), ("11",)),
    "aws:multifactorauthpresent": ((), ("true",), ("false",)),
    "aws:sourceip": ((), ("10.0.0.1",), ("10.1.0.1",), ("10.200.0.1",), ("192.0.2.1",), ("2001:db8::1",)),
    "aws:currenttime": (("2025-06-01T00:00:00Z",), ("2026-01-01T00:00:00Z",), ("2028-06-01T00:00:00Z",)),
    "aws:tagkeys": ((), ("red",), ("blue",), ("rad",), ("red", "blue"), ("red", "rad"), ("x", "y"), ("",)),
    "aws:username": (("x",), ("xy",), ("red",)),
    "aws:sourcearn": ((), ("arn:aws:sns:red:1:t",), ("arn:aws:sns:a:b:1:t",), ("arn:aws:sqs:red:1:t",)),
}


def statements(*, variables: bool = False, principals: bool = False, most_conditions: int = 2):
    """Strategy of statements; those with principals are of resource-based policies."""
    resources = RESOURCES + (VARIABLE_RESOURCES if variables else ())
    conditions = CONDITIONS + (VARIABLE_CONDITIONS if variables else ())
    parts = {
        "Effect": st.sampled_from(("Allow", "Allow", "Deny")),
        "actions": st.tuples(st.sampled_from(("Action", "Action", "NotAction")), few(ACTIONS)),
        "resources": st.tuples(st.sampled_from(("Resource", "Resource", "NotResource")), few(resources)),
        "conditions": st.lists(st.sampled_from(conditions), max_size=most_conditions),
    }
    if principals:
        parts["principals"] = st.one_of(
            st.tuples(st.just("Principal"), st.sampled_from(PRINCIPALS)),
            st.tuples(st.just("Principal"), st.sampled_from(PRINCIPALS)),
            st.tuples(st.just("NotPrincipal"), st.sampled_from(PRINCIPALS[2:])),
        )
    return st.fixed_dictionaries(parts).map(statement)


def few(values):
    """Strategy of one to three of some values."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


def statement(parts):
    """Write a statement of its parts; conditions on one operator and key, the last one wins."""
    written = {"Effect": parts["Effect"]}
    for name in ("principals", "actions", "resources"):
        if name in parts:
            element, value = parts[name]
            written[element] = value
    merged: dict[str, dict[str, object]] = {}
    for condition in parts["conditions"]:
        for operator, keys in condition.items():
            merged.setdefault(operator, {}).update(keys)
    return written | ({"Condition": merged} if merged else {})


def policies(**options):
    """Strategy of documents of one to four statements."""
    return st.lists(statements(**options), min_size=1, max_size=4).map(policy)


def policy(some):
    """Write a document."""
    return {"Version": "2012-10-17", "Statement": some}


def document(value, kind=Kind.IDENTITY):
    """Read a document."""
    return parse_document(value, file="policy.json", kind=kind)[0]


def keys_of(*values):
    """List the keys of EVERY_VALUE that documents mention."""
    text = str(values).lower()
    return [key for key in EVERY_VALUE if key in text]


CALLERS = (
    f"arn:aws:iam::{ACCOUNT}:role/one",
    f"arn:aws:iam::{ACCOUNT}:user/two",
    "arn:aws:iam::222222222222:user/z",
    "arn:aws:iam::333333333333:role/z",
    "ec2.amazonaws.com",
    "lambda.amazonaws.com",
    f"arn:aws:iam::{ACCOUNT}:saml-provider/okta",
    "*",
)


def changed(**options):
    """Strategy of two documents: unrelated, or one statement dropped, added, turned over or freed of conditions."""
    return st.one_of(
        st.tuples(policies(**options), policies(**options)),
        st.tuples(
            policies(**options), st.integers(0, 3), st.sampled_from(CHANGES), statements(**options)
        ).map(edited),
    )


CHANGES = ("drop", "add", "turn", "free")


def edited(parts):
    before, at, change, extra = parts
    written = json.loads(json.dumps(before))
    statements_now = written["Statement"]
    one = statements_now[at % len(statements_now)]
    if change == "add":
        statements_now.append(extra)
    elif change == "drop" and len(statements_now) > 1:
        statements_now.remove(one)
    elif change == "turn":
        one["Effect"] = "Deny" if one["Effect"] == "Allow" else "Allow"
    else:
        one.pop("Condition", None)
    return before, written


def requests(keys, principals=CALLERS[1:2], most=2_000):
    """Yield requests of the universe, as far as these keys tell them apart: all, or evenly so many of them."""
    choices = [principals, EVERY_ACTION, EVERY_RESOURCE, *(EVERY_VALUE[key] for key in keys)]
    total = prod(map(len, choices))
    step = 1 + total // most
    step += step % 2 == 0  # an odd step misses no value of a choice
    for at in range(0, total, step):
        who, action, resource, *values = chosen(choices, at)
        context = {key: each for key, each in zip(keys, values, strict=True) if each}
        yield Request(who, action, resource, Context(context))


def chosen(choices, at):
    """Give the combination of a number."""
    for each in choices:
        at, index = divmod(at, len(each))
        yield each[index]
