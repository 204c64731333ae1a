"""Policies with every feature of the language over a small universe, pairs of them, and requests of that universe."""

import json

from tests.laws.interpretations import Asked, kind_of, with_what_is_told

ACTIONS = ("*", "s3:*", "s3:Get*", "s3:GetObject", "S3:getobject", "s3:*Object", "s3:PutObject", "s3:?etObject",
           "s3:G*t", "ec2:*", "ec2:RunInstances", "*:Get*", "s3:GetObject?", "foo:Bar")  # fmt: skip
TRUSTED = ("sts:AssumeRole", "sts:*", "sts:AssumeRoleWith*", "sts:TagSession", "sts:assumerole", "*")
RESOURCES = (
    "*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x", "arn:aws:s3:::b/x*", "arn:aws:s3:::*/x",
    "arn:aws:s3:::?/x", "arn:aws:s3:::b*", "arn:aws:s3:*:*:b/*", "arn:aws:*:*:111111111111:*", "arn:aws:ec2:*",
    "arn:aws:ec2:eu-*:111111111111:instance/i", "arn:*", "arn:aws:s3:::*", "arn:*:s3:::b/*", "arn:aws-cn:s3:::b/x",
    "arn:aws:s3:::B/X", "arn:aws:s3:::b/?", "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/${?}*", "arn:aws:s3:::${$}",
    "arn:aws:s3*", "arn:aws:s3:::b/*:*", "arn:*:*:*:*:b/x", "arn:aws:??:::b/x", "arn:aws:s3:::*username*",
    "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/${aws:username}*", "arn:aws:s3:::${aws:PrincipalTag/team}/x",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'b'}/*", "arn:aws:s3:::b/${AWS:Username, 'x'}",
    "arn:aws:s3:${aws:PrincipalTag/team}::b/x", "arn:aws:s3:::*${aws:PrincipalTag/team}",
    "arn:aws:s3:*:${aws:PrincipalTag/team}:b/x", "arn:aws:*:*:${aws:PrincipalAccount}:*",
    "arn:aws:s3:::b/${aws:userid}", "arn:aws:s3:::b/${aws:TagKeys}", "arn:aws:s3:::${aws:username, 'u:v'}",
)  # fmt: skip
ACCOUNT, OTHER = "111111111111", "222222222222"
IAM, STS = f"arn:aws:iam::{ACCOUNT}", f"arn:aws:sts::{ACCOUNT}"
CANONICAL = "a" * 64
PRINCIPALS = (
    "*", {"AWS": "*"}, {"AWS": ACCOUNT}, {"AWS": f"{IAM}:root"}, {"AWS": f"{IAM}:role/one"},
    {"AWS": [f"{IAM}:role/one", f"{IAM}:user/two"]}, {"AWS": OTHER}, {"Service": "ec2.amazonaws.com"},
    {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, {"Federated": f"{IAM}:saml-provider/okta"},
    {"Federated": "cognito-identity.amazonaws.com"}, {"AWS": f"{STS}:assumed-role/one/s"}, {"CanonicalUser": CANONICAL},
    {"AWS": "AIDAEXAMPLEEXAMPLE12"}, {"AWS": "AROAEXAMPLEEXAMPLE12"}, {"AWS": f"{STS}:federated-user/f"},
    {"AWS": f"arn:aws:iam::{OTHER}:user/z", "Service": "ec2.amazonaws.com"}, {"AWS": [ACCOUNT, f"{IAM}:user/two"]},
)  # fmt: skip
TEAM = "aws:PrincipalTag/team"
STRINGS = tuple(f"String{n}{r}" for r in ("Equals", "Like", "EqualsIgnoreCase") for n in ("", "Not"))
RELATIONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
NUMBERS, DATES = (tuple(f"{family}{each}" for each in RELATIONS) for family in ("Numeric", "Date"))
SETS = ("ForAllValues:", "ForAnyValue:")
VALUES = ("red", "r*", "*d", "r?d", "blue", "*", "RED", "", "5", "r${*}d", "${aws:username}", "${aws:username}*",
          "${aws:PrincipalTag/team}", "${aws:username, 'red'}")  # fmt: skip
CONDITIONS = (
    (("",), STRINGS, (TEAM, TEAM, "aws:username", "x:s"), VALUES),
    ((*SETS, ""), STRINGS, ("aws:TagKeys", "aws:TagKeys", "x:s", TEAM), ("red", "r*", "blue", "RED", "*", "")),
    (("",), ("Null",), (TEAM, "aws:TagKeys", "aws:username", "s3:max-keys", "x:n"), ("true", "false", True)),
    (("",), NUMBERS, ("s3:max-keys", "s3:max-keys", "x:n", TEAM), ("5", "10", "5.0", 7, "+10")),
    (("",), ("Bool",), ("aws:MultiFactorAuthPresent", "aws:SecureTransport", "x:b"), ("true", "false", "True")),
    (("",), ("IpAddress", "NotIpAddress"), ("aws:SourceIp", "x:ip"),
     ("10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/9", "10.128.0.0/9", "2001:db8::/32", "0.0.0.0/0", "10.0.0.1", "::/0")),
    (("",), DATES, ("aws:CurrentTime", "aws:TokenIssueTime", "x:d"), ("2026-01-01T00:00:00Z", "2027-01-01", "1767225600")),
    (("",), ("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"), ("aws:SourceArn", "aws:PrincipalArn"),
     ("arn:aws:s3:::b", "arn:aws:s3:*:*:b*", f"{IAM}:user/*", "arn:aws:iam::*:role/*", "*", "arn:aws:s3:::${aws:username}")),
    (("",), ("BinaryEquals",), ("x:bin",), ("AAEC", "Zm9v")),
    (("",), ("StringEquals", "StringNotEquals"), ("aws:PrincipalAccount", "aws:PrincipalType", "aws:userid"),
     (ACCOUNT, OTHER, "User", "AssumedRole", "AIDAEXAMPLEEXAMPLE12")),
)  # fmt: skip

CALLERS = (
    f"{IAM}:role/one", f"{IAM}:user/two", f"arn:aws:iam::{OTHER}:user/z", "arn:aws:iam::333333333333:role/z",
    "ec2.amazonaws.com", "lambda.amazonaws.com", f"{IAM}:saml-provider/okta", "*", f"{STS}:assumed-role/one/s",
    f"{STS}:assumed-role/one/t", f"{STS}:assumed-role/q/t", f"{IAM}:root", f"{STS}:federated-user/f",
    "cognito-identity.amazonaws.com", CANONICAL,
)  # fmt: skip
HOLDERS = (f"{IAM}:user/two", "arn:aws:iam::123456789012:user/x", f"{IAM}:user/red", f"{STS}:assumed-role/one/s",
           f"{STS}:federated-user/f")  # fmt: skip
EVERY_ACTION = ("s3:GetObject", "s3:PutObject", "s3:GetBucketAcl", "ec2:RunInstances", "sqs:GetQueueUrl",
                "s3:GetObjectX", "foo:Bar", "s3:LetObject")  # fmt: skip
EVERY_TRUSTED = (
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:AssumeRoleWithWebIdentity",
)
EVERY_RESOURCE = (
    "*", "arn:aws:s3:::b", "arn:aws:s3:::b/x", "arn:aws:s3:::b/xy", "arn:aws:s3:::b/y", "arn:aws:s3:::c/x",
    "arn:aws:s3:eu-west-1:222222222222:b/z", "arn:aws:sqs:eu-west-1:111111111111:q", "arn:aws-cn:s3:::b/x",
    "arn:aws:ec2:eu-west-1:111111111111:instance/i", "arn:aws:s3:::B/X", "arn:aws:s3:::b/*", "arn:aws:s3:::b/?",
    "arn:aws:s3:::$", "arn:aws:s3:::b/x:y", "arn:aws:s3:::${aws:username}", "arn:aws:s3:red::b/x",
    "arn:aws:s3:::red/x", "arn:aws:s3:::b/red", "arn:aws:s3::red:b/x", "arn:aws:s3:::b/", "arn:aws:s3:::u:v",
)  # fmt: skip
SOME = {
    "aws:principaltag/team": (
        "red",
        "RED",
        "rad",
        "blue",
        "x",
        "b",
        "",
        "5",
        "r*d",
        "redx",
        ":",
        "1:x",
        ACCOUNT,
    ),
    "x:s": ("red", "blue", "x", ["red", "blue"], ["red", "rad"], ["x", "y"], ""),
    "s3:max-keys": ("4", "5", "7.5", "10", "11"),
    "x:n": ("4", "5", "7", "10", "11", "none", ["4", "11"], ""),
    "aws:multifactorauthpresent": ("true", "false"),
    "x:b": ("true", "FALSE", "perhaps", ["true", "false"]),
    "aws:sourceip": ("10.0.0.1", "10.1.0.1", "10.200.0.1", "192.0.2.1", "2001:db8::1", "fe80::1"),
    "x:ip": ("10.0.0.1", "10.200.0.1", "2001:db8::1", "nowhere"),
    "aws:tokenissuetime": ("2025-06-01T00:00:00Z", "2026-01-01T00:00:00Z", "2028-06-01T00:00:00Z"),
    "x:d": ("2025-06-01", "2028", "never", "1767225600"),
    "aws:tagkeys": (
        "red",
        "blue",
        "rad",
        "RED",
        ["red", "blue"],
        ["red", "rad"],
        ["x", "y"],
        "",
        ["red", ""],
    ),
    "aws:sourcearn": ("arn:aws:s3:::b", "arn:aws:s3:eu:1:bb", "arn:aws:s3:::two", "x"),
    "x:bin": ("AAEC", "Zm9v", "Zm9w", "*"),
}
ALWAYS = {
    "aws:securetransport": ("true", "false"),
    "aws:currenttime": ("2025-06-01T00:00:00Z", "2026-01-01T00:00:00Z", "2028-06-01T00:00:00Z"),
    "aws:userid": ("AIDAEXAMPLEEXAMPLE12", "AROAEXAMPLEEXAMPLE12:s", "AIDAOTHEROTHEROTHER1"),
}


def few(chance, values):
    """Choose one to three values: one may stand alone."""
    found = [chance.choice(values) for _ in range(chance.choice((1, 1, 1, 2, 2, 3)))]
    return found if len(found) > 1 or chance.random() < 0.3 else found[0]


def condition(chance):
    prefixes, operators, keys, values = chance.choice(CONDITIONS)
    operator, key = chance.choice(operators), chance.choice(keys)
    suffix = "IfExists" if operator != "Null" and chance.random() < 0.25 else ""
    key = chance.choice((key, key, key.lower()))
    return f"{chance.choice(prefixes)}{operator}{suffix}", key, few(chance, values)


def statement(chance, kind):
    """Write a statement of an identity-based (`identity`), `resource` or `trust` policy."""
    found = {"Effect": chance.choice(("Allow", "Allow", "Deny"))}
    if kind == "resource" and chance.random() < 0.2:
        found["NotPrincipal"] = chance.choice(PRINCIPALS[2:])
    elif kind != "identity":
        found["Principal"] = chance.choice(PRINCIPALS)
    found |= {
        chance.choice(("Action", "Action", "NotAction")): few(chance, TRUSTED if kind == "trust" else ACTIONS)
    }
    if kind != "trust":
        found[chance.choice(("Resource", "Resource", "Resource", "NotResource"))] = few(chance, RESOURCES)
    conditions = {}
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        operator, key, values = condition(chance)
        conditions.setdefault(operator, {})[key] = values
    return found | ({"Condition": conditions} if conditions else {})


def policy(chance, kind):
    version = chance.choice(("2012-10-17",) * 6 + ("2008-10-17",))
    return {"Version": version, "Statement": [statement(chance, kind) for _ in range(chance.randint(1, 3))]}


def pair(chance, kind):
    """Write two policies: unrelated, or one an edit of the other; often denials from what is else allowed."""
    one = policy(chance, kind)
    other = policy(chance, kind) if chance.random() < 0.2 else edited(chance, one, kind)
    if chance.random() < 0.6:
        for each in (one, other):
            each["Statement"].append(EVERYTHING[kind])
            each["Statement"][0]["Effect"] = "Deny"
    return (one, other) if chance.random() < 0.5 else (other, one)


EVERYTHING = {
    "identity": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    "resource": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
    "trust": {"Effect": "Allow", "Principal": "*", "Action": "*"},
}


def edited(chance, before, kind):
    """Drop, add, turn over, free or bind a statement, or take one element of another."""
    written = json.loads(json.dumps(before))
    statements = written["Statement"]
    one, extra = chance.choice(statements), statement(chance, kind)
    change = chance.choice(("drop", "add", "turn", "free", "bind", "bend", "bend", "Action", "Resource"))
    if change == "drop" and len(statements) > 1:
        statements.remove(one)
    elif change in ("add", "drop"):
        statements.append(extra)
    elif change == "turn":
        one["Effect"] = "Deny" if one["Effect"] == "Allow" else "Allow"
    elif change == "free":
        one.pop("Condition", None)
    elif change == "bend" and one.get("Condition"):
        one["Condition"] = dict(bent(chance, *each) for each in one["Condition"].items())
    elif change in ("bind", "bend"):
        operator, key, values = condition(chance)
        one.setdefault("Condition", {}).setdefault(operator, {})[key] = values
    else:
        for element in (change, f"Not{change}"):
            one.pop(element, None)
            one.update({element: extra[element]} if element in extra else {})
    return written


def bent(chance, operator, keys):
    """Turn an operator over, let it pass what is absent, or keep it and change a value."""
    change = chance.choice(("not", "if exists", "value"))
    if change == "if exists" and operator != "Null":
        return (
            operator.removesuffix("IfExists") if operator.endswith("IfExists") else f"{operator}IfExists"
        ), keys
    if change == "not" and "String" in operator:
        turned = (
            operator.replace("StringNot", "String")
            if "Not" in operator
            else operator.replace("String", "StringNot")
        )
        return turned, keys
    return operator, {
        key: values[:-1] or values if isinstance(values, list) else [values] for key, values in keys.items()
    }


def requests(chance, kind, pair, count):
    """Yield requests of the universe at random, as far as a pair's keys tell them apart."""
    text = json.dumps(pair).lower()
    for _ in range(count):
        who = chance.choice(HOLDERS if kind == "identity" else CALLERS)
        context = {key: chance.choice((None, *values)) for key, values in SOME.items() if key in text}
        context |= {key: chance.choice(values) for key, values in ALWAYS.items()}
        if kind_of(who) not in ("user", "role", "session"):
            del context["aws:userid"]
        lists = {
            key: each if isinstance(each, list) else [each]
            for key, each in context.items()
            if each is not None
        }
        action = chance.choice(EVERY_TRUSTED if kind == "trust" else EVERY_ACTION)
        resource = f"{IAM}:role/r" if kind == "trust" else chance.choice(EVERY_RESOURCE)
        yield Asked(who, action, resource, with_what_is_told(who, lists))
