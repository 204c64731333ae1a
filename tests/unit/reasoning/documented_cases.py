"""What AWS documents of evaluation, case by case, as lines of the batch format; each under its page's title."""

from __future__ import annotations

from typing import Any

ALLOWED, EXPLICIT, IMPLICIT, OPEN = "allowed", "explicitly-denied", "implicitly-denied", "undecided"

US, THEM = "111111111111", "222222222222"
ROOT, THEIR_ROOT = f"arn:aws:iam::{US}:root", f"arn:aws:iam::{THEM}:root"
USER, THEIR_USER = f"arn:aws:iam::{US}:user/bob", f"arn:aws:iam::{THEM}:user/eve"
ROLE, SESSION = f"arn:aws:iam::{US}:role/deploy", f"arn:aws:sts::{US}:assumed-role/deploy/ci"
OTHER_SESSION = f"arn:aws:sts::{US}:assumed-role/deploy/another"
FEDERATED = f"arn:aws:sts::{US}:federated-user/ann"
QUEUE = f"arn:aws:sqs:eu-central-1:{US}:orders"
THEIR_QUEUE = f"arn:aws:sqs:eu-central-1:{THEM}:orders"
KEY, THEIR_KEY = f"arn:aws:kms:eu-central-1:{US}:key/1234", f"arn:aws:kms:eu-central-1:{THEM}:key/1234"
THEIR_ROLE = f"arn:aws:iam::{THEM}:role/partner"
BUCKET, OBJECT = "arn:aws:s3:::reports", "arn:aws:s3:::reports/monthly/x"
GITHUB = f"arn:aws:iam::{US}:oidc-provider/token.actions.githubusercontent.com"
LINKED = f"arn:aws:iam::{US}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
TEMPORARY = "sts:AssumeRole"


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def allow(action: Any = "*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return policy({"Effect": "Allow", "Action": action, "Resource": resource} | elements)


def deny(action: Any = "*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return policy({"Effect": "Deny", "Action": action, "Resource": resource} | elements)


def share(principal: Any, action: Any = "*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return allow(action, resource, Principal=principal, **elements)


def refuse(principal: Any, action: Any = "*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return deny(action, resource, Principal=principal, **elements)


def both(*policies: dict[str, Any]) -> dict[str, Any]:
    return policy(*(statement for each in policies for statement in each["Statement"]))


def trust(principal: Any, action: Any = "sts:AssumeRole", **elements: Any) -> dict[str, Any]:
    return policy({"Effect": "Allow", "Action": action, "Principal": principal} | elements)


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    """An Allow of everything under one condition."""
    return allow(Condition={operator: {key: value}})


def unless(operator: str, key: str, value: Any) -> list[dict[str, Any]]:
    """An Allow of everything, and a Deny of everything under one condition."""
    return [allow(), deny(Condition={operator: {key: value}})]


ANYTHING, NOTHING_HERE = allow(), allow("iam:ListUsers")
BOTH_LIMITS = {"permissions_boundary": NOTHING_HERE, "session_policies": [NOTHING_HERE]}

Row = tuple[str, str, dict[str, Any]]


def row(name: str, expected: str, principal: str = USER, **case: Any) -> Row:
    """Name what a request is about and what comes of it; it sends a message to our queue unless it says otherwise."""
    defaults = {"action": "sqs:SendMessage", "resource": QUEUE}
    return name, expected, {"id": name, "principal": principal} | defaults | case


def reading(name: str, expected: str, principal: str = USER, **case: Any) -> Row:
    """Say the same of reading an object of our bucket."""
    about = {"action": "s3:GetObject", "resource": OBJECT, "resource_account": US}
    return row(name, expected, principal, **(about | case))


def mine(name: str, expected: str, *policies: dict[str, Any], principal: str = USER, **context: Any) -> Row:
    """Say the same of identity-based policies alone, and the request's context."""
    return row(name, expected, principal, identity_policies=list(policies), context=context)


def assuming(name: str, expected: str, principal: str = USER, **case: Any) -> Row:
    """Say the same of assuming our role."""
    return row(name, expected, principal, **({"action": "sts:AssumeRole", "resource": ROLE} | case))


PAGES: dict[str, list[Row]] = {
    "Policy evaluation logic": [
        row("no policy at all", IMPLICIT),
        row("root without a policy", ALLOWED, ROOT),
        row(
            "explicit deny of a group beats the user's allow",
            EXPLICIT,
            identity_policies=[ANYTHING, deny("sqs:*")],
        ),
        row(
            "explicit deny in the session beats a grant to the session itself",
            EXPLICIT,
            SESSION,
            resource_policy=share({"AWS": SESSION}),
            session_policies=[deny()],
        ),
        row(
            "explicit deny in the boundary beats a grant to the user itself",
            EXPLICIT,
            resource_policy=share({"AWS": USER}),
            permissions_boundary=deny(),
        ),
    ],
    "How AWS enforcement code logic evaluates requests to allow or deny access": [
        row(
            "role session, session allowed",
            ALLOWED,
            SESSION,
            resource_policy=share({"AWS": SESSION}),
            **BOTH_LIMITS,
        ),
        row(
            "role session, another session allowed",
            IMPLICIT,
            SESSION,
            resource_policy=share({"AWS": OTHER_SESSION}),
        ),
        row(
            "role session, role allowed",
            IMPLICIT,
            SESSION,
            resource_policy=share({"AWS": ROLE}),
            **BOTH_LIMITS,
        ),
        row("role session, role allowed, no limits", ALLOWED, SESSION, resource_policy=share({"AWS": ROLE})),
        row(
            "role session, role allowed, within both limits",
            ALLOWED,
            SESSION,
            resource_policy=share({"AWS": ROLE}),
            permissions_boundary=allow("sqs:*"),
            session_policies=[allow("sqs:Send*")],
        ),
        row(
            "role session, role allowed, outside of the boundary alone",
            IMPLICIT,
            SESSION,
            resource_policy=share({"AWS": ROLE}),
            permissions_boundary=NOTHING_HERE,
        ),
        row(
            "role session, role allowed, outside of the session policy alone",
            IMPLICIT,
            SESSION,
            resource_policy=share({"AWS": ROLE}),
            session_policies=[NOTHING_HERE],
        ),
        row(
            "user, user allowed",
            ALLOWED,
            resource_policy=share({"AWS": USER}),
            identity_policies=[NOTHING_HERE],
            permissions_boundary=NOTHING_HERE,
        ),
        row(
            "federated user, federated user allowed",
            ALLOWED,
            FEDERATED,
            resource_policy=share({"AWS": FEDERATED}),
        ),
        row(
            "federated user, user allowed",
            IMPLICIT,
            FEDERATED,
            resource_policy=share({"AWS": USER}),
            **BOTH_LIMITS,
        ),
        row("root user, root allowed", ALLOWED, ROOT, resource_policy=share({"AWS": ROOT})),
        row(
            "service, service allowed",
            ALLOWED,
            "sns.amazonaws.com",
            resource_policy=share({"Service": "sns.amazonaws.com"}),
        ),
        row("user, account allowed", IMPLICIT, resource_policy=share({"AWS": US})),
        row(
            "user, account allowed, user allowed",
            ALLOWED,
            resource_policy=share({"AWS": US}),
            identity_policies=[allow("sqs:SendMessage", QUEUE)],
        ),
    ],
    "The difference between explicit and implicit denies": [
        row("other actions allowed", IMPLICIT, identity_policies=[allow(["sqs:ReceiveMessage", "sns:*"])]),
        row("other resource allowed", IMPLICIT, identity_policies=[allow("sqs:*", QUEUE + "-dead")]),
        row("denied elsewhere", ALLOWED, identity_policies=[ANYTHING, deny("sqs:*", QUEUE + "-dead")]),
        row(
            "denied by NotAction",
            EXPLICIT,
            identity_policies=[ANYTHING, policy({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})],
        ),
        row(
            "allowed by NotAction of something else",
            ALLOWED,
            identity_policies=[policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})],
        ),
        row(
            "left out by NotAction",
            IMPLICIT,
            identity_policies=[
                policy({"Effect": "Allow", "NotAction": ["iam:*", "SQS:send*"], "Resource": "*"})
            ],
        ),
        row(
            "denied by NotResource",
            EXPLICIT,
            identity_policies=[ANYTHING, policy({"Effect": "Deny", "Action": "*", "NotResource": BUCKET})],
        ),
        row(
            "spared by NotResource",
            ALLOWED,
            identity_policies=[ANYTHING, policy({"Effect": "Deny", "Action": "*", "NotResource": QUEUE})],
        ),
    ],
    "Permissions boundaries for IAM entities": [
        row("boundary alone", IMPLICIT, permissions_boundary=ANYTHING),
        row("in both", ALLOWED, identity_policies=[ANYTHING], permissions_boundary=allow(["s3:*", "sqs:*"])),
        row("outside", IMPLICIT, identity_policies=[ANYTHING], permissions_boundary=allow("s3:*")),
        row(
            "within the boundary and the control policy, which has another list",
            IMPLICIT,
            identity_policies=[ANYTHING],
            permissions_boundary=allow(["s3:*", "sqs:*"]),
            service_control_policies=[[allow(["s3:*", "ec2:*"])]],
        ),
        row("boundary for root means nothing", ALLOWED, ROOT, permissions_boundary=deny()),
        row(
            "everyone named with the role's ARN as condition",
            ALLOWED,
            SESSION,
            resource_policy=share("*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}),
            **BOTH_LIMITS,
        ),
    ],
    "Session policies": [
        row(
            "intersection, inside",
            ALLOWED,
            SESSION,
            identity_policies=[ANYTHING],
            session_policies=[allow("sqs:*")],
        ),
        row(
            "intersection, outside",
            IMPLICIT,
            SESSION,
            identity_policies=[ANYTHING],
            session_policies=[allow("s3:*")],
        ),
        row(
            "two session policies add up",
            ALLOWED,
            SESSION,
            identity_policies=[ANYTHING],
            session_policies=[allow("s3:*"), allow("sqs:*")],
        ),
        row("no session policy passed", ALLOWED, SESSION, identity_policies=[ANYTHING], session_policies=[]),
        row("federated user without session policies", IMPLICIT, FEDERATED, identity_policies=[ANYTHING]),
    ],
    "Cross-account policy evaluation logic": [
        row("allowed by its own account alone", IMPLICIT, resource=THEIR_QUEUE, identity_policies=[ANYTHING]),
        row(
            "allowed by the other account alone",
            IMPLICIT,
            resource=THEIR_QUEUE,
            resource_policy=share({"AWS": USER}),
        ),
        row(
            "allowed by both",
            ALLOWED,
            resource=THEIR_QUEUE,
            identity_policies=[ANYTHING],
            resource_policy=share({"AWS": US}),
        ),
        row(
            "root of the other account",
            ALLOWED,
            ROOT,
            resource=THEIR_QUEUE,
            resource_policy=share({"AWS": US}),
        ),
        row(
            "root that is not named",
            IMPLICIT,
            ROOT,
            resource=THEIR_QUEUE,
            resource_policy=share({"AWS": THEM}),
        ),
        row(
            "a session named does not skip its own side",
            IMPLICIT,
            SESSION,
            resource=THEIR_QUEUE,
            resource_policy=share({"AWS": SESSION}),
        ),
        row(
            "a user named does not skip its boundary",
            IMPLICIT,
            resource=THEIR_QUEUE,
            identity_policies=[ANYTHING],
            permissions_boundary=NOTHING_HERE,
            resource_policy=share({"AWS": USER}),
        ),
        row(
            "the other account denies everyone outside of an organization",
            EXPLICIT,
            resource=THEIR_QUEUE,
            identity_policies=[ANYTHING],
            resource_policy=both(
                share("*"), refuse("*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})
            ),
        ),
        reading(
            "a bucket's account is told beside its ARN",
            IMPLICIT,
            resource_account=THEM,
            identity_policies=[ANYTHING],
        ),
        reading(
            "a bucket of another account, allowed by both",
            ALLOWED,
            resource_account=THEM,
            identity_policies=[ANYTHING],
            resource_policy=share({"AWS": ROOT}, "s3:GetObject", BUCKET + "/*"),
        ),
        row(
            "the principal's control policies count across accounts",
            EXPLICIT,
            resource=THEIR_QUEUE,
            identity_policies=[ANYTHING],
            resource_policy=share({"AWS": US}),
            service_control_policies=[[ANYTHING], [ANYTHING, deny("sqs:*")]],
        ),
    ],
    "Service control policies (SCPs)": [
        row("they grant nothing", IMPLICIT, service_control_policies=[[ANYTHING], [ANYTHING], [ANYTHING]]),
        row("root is restricted", EXPLICIT, ROOT, service_control_policies=[[ANYTHING, deny("sqs:*")]]),
        row(
            "a level that allows nothing here",
            IMPLICIT,
            identity_policies=[ANYTHING],
            service_control_policies=[[ANYTHING], [allow("s3:*")], [ANYTHING]],
        ),
        row(
            "a resource's grant is restricted too",
            IMPLICIT,
            resource_policy=share({"AWS": USER}),
            service_control_policies=[[allow("s3:*")]],
        ),
        row(
            "service-linked roles are not restricted",
            ALLOWED,
            LINKED,
            identity_policies=[ANYTHING],
            service_control_policies=[[deny()]],
        ),
        row(
            "services are not restricted",
            ALLOWED,
            "sns.amazonaws.com",
            resource_policy=share({"Service": "sns.amazonaws.com"}),
            service_control_policies=[[deny()]],
        ),
        row(
            "a Region outside is denied",
            EXPLICIT,
            identity_policies=[ANYTHING],
            service_control_policies=[
                [ANYTHING, deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}})]
            ],
            context={"aws:RequestedRegion": "us-east-1"},
        ),
        row(
            "a Region inside is not",
            ALLOWED,
            identity_policies=[ANYTHING],
            service_control_policies=[
                [ANYTHING, deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}})]
            ],
            context={"aws:RequestedRegion": "eu-central-1"},
        ),
        row(
            "root's actions denied by its ARN",
            EXPLICIT,
            ROOT,
            service_control_policies=[
                [ANYTHING, deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})]
            ],
        ),
    ],
    "Resource control policies (RCPs)": [
        reading(
            "deny strangers to the organization",
            EXPLICIT,
            "*",
            resource_policy=share("*"),
            resource_control_policies=[
                [
                    share("*"),
                    refuse("*", "s3:*", Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}),
                ]
            ],
        ),
        reading(
            "services excepted",
            ALLOWED,
            "logging.s3.amazonaws.com",
            resource_policy=share({"Service": "logging.s3.amazonaws.com"}),
            resource_control_policies=[
                [
                    share("*"),
                    refuse(
                        "*",
                        "s3:*",
                        Condition={
                            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                        },
                    ),
                ]
            ],
        ),
        reading("they grant nothing", IMPLICIT, resource_control_policies=[[share("*")]]),
        reading(
            "service-linked roles are not restricted",
            ALLOWED,
            LINKED,
            identity_policies=[ANYTHING],
            resource_control_policies=[[share("*"), refuse("*")]],
        ),
        reading("root is restricted", EXPLICIT, ROOT, resource_control_policies=[[share("*"), refuse("*")]]),
        assuming(
            "roles are resources of STS",
            EXPLICIT,
            resource_policy=trust({"AWS": USER}),
            resource_control_policies=[[share("*"), refuse("*", "sts:AssumeRole")]],
        ),
    ],
    "AWS JSON policy elements: Principal": [
        row("anonymous, everyone named", ALLOWED, "*", resource_policy=share("*")),
        row("anonymous, everyone named under AWS", ALLOWED, "*", resource_policy=share({"AWS": "*"})),
        row("anonymous, a user named", IMPLICIT, "*", resource_policy=share({"AWS": USER})),
        row("one of a list", ALLOWED, resource_policy=share({"AWS": [THEIR_USER, USER]})),
        row(
            "the user's name in another account",
            IMPLICIT,
            resource_policy=share({"AWS": THEIR_USER[:-3] + "bob"}),
        ),
        row(
            "the account denied, and all in it",
            EXPLICIT,
            SESSION,
            identity_policies=[ANYTHING],
            resource_policy=refuse({"AWS": US}),
        ),
        row(
            "the role denied, and its sessions",
            EXPLICIT,
            SESSION,
            identity_policies=[ANYTHING],
            resource_policy=refuse({"AWS": ROLE}),
        ),
        row(
            "another session denied",
            ALLOWED,
            SESSION,
            identity_policies=[ANYTHING],
            resource_policy=refuse({"AWS": OTHER_SESSION}),
        ),
        row(
            "a service beside a user",
            ALLOWED,
            "sns.amazonaws.com",
            resource_policy=share({"AWS": USER, "Service": ["sns.amazonaws.com"]}),
        ),
        row("a service is no account", IMPLICIT, resource_policy=share({"Service": "sns.amazonaws.com"})),
        row(
            "the id of a user that is gone", IMPLICIT, resource_policy=share({"AWS": "AIDAJQABLZS4A3QDU576Q"})
        ),
        row(
            "a group of sessions by role with a path",
            ALLOWED,
            SESSION,
            resource_policy=share({"AWS": f"arn:aws:iam::{US}:role/team/deploy"}),
        ),
    ],
    "AWS JSON policy elements: NotPrincipal": [
        row(
            "everyone but the user and its account",
            ALLOWED,
            identity_policies=[ANYTHING],
            resource_policy=deny(NotPrincipal={"AWS": [USER, ROOT]}),
        ),
        row(
            "somebody else",
            EXPLICIT,
            SESSION,
            identity_policies=[ANYTHING],
            resource_policy=deny(NotPrincipal={"AWS": [USER, ROOT]}),
        ),
        row(
            "a session, its role and its account",
            ALLOWED,
            SESSION,
            identity_policies=[ANYTHING],
            resource_policy=deny(NotPrincipal={"AWS": [SESSION, ROLE, ROOT]}),
        ),
        row(
            "a bounded user is never excepted",
            EXPLICIT,
            identity_policies=[ANYTHING],
            permissions_boundary=ANYTHING,
            resource_policy=deny(NotPrincipal={"AWS": [USER, ROOT]}),
        ),
        row(
            "anonymous",
            EXPLICIT,
            "*",
            resource_policy=both(share("*"), deny(NotPrincipal={"AWS": [USER, ROOT]})),
        ),
    ],
    "IAM JSON policy elements: Action": [
        mine("any case", ALLOWED, allow("SQS:sendmessage")),
        mine("wildcards", ALLOWED, allow("sqs:S?nd*")),
        mine("a wildcard within a name", ALLOWED, allow("sqs:*Message")),
        mine("a question mark is one character", IMPLICIT, allow("sqs:SendMessage?")),
        mine("every service", ALLOWED, allow("*:*")),
    ],
    "IAM JSON policy elements: Resource": [
        mine("wildcards in fields", ALLOWED, allow("*", f"arn:aws:sqs:*:{US}:o*")),
        mine("another Region", IMPLICIT, allow("*", QUEUE.replace("eu-central-1", "eu-west-1"))),
        mine("a wildcard does not reach over a field", IMPLICIT, allow("*", "arn:aws:sqs:*:orders")),
        mine("the resource is compared with case", IMPLICIT, allow("*", QUEUE.replace("orders", "Orders"))),
        reading("objects are not their bucket", IMPLICIT, identity_policies=[allow("s3:GetObject", BUCKET)]),
        reading(
            "a bucket is not its objects",
            IMPLICIT,
            action="s3:ListBucket",
            resource=BUCKET,
            identity_policies=[allow("s3:*", BUCKET + "/*")],
        ),
        reading(
            "a wildcard reaches over slashes",
            ALLOWED,
            identity_policies=[allow("s3:GetObject", BUCKET + "/*")],
        ),
        reading("a prefix", IMPLICIT, identity_policies=[allow("s3:GetObject", BUCKET + "/daily/*")]),
    ],
    "IAM JSON policy elements: Condition operators": [
        mine(
            "StringEquals knows no wildcards",
            IMPLICIT,
            when("StringEquals", "aws:UserAgent", "x*"),
            **{"aws:UserAgent": "xy"},
        ),
        mine(
            "StringLike does", ALLOWED, when("StringLike", "aws:UserAgent", "x*"), **{"aws:UserAgent": "xy"}
        ),
        mine(
            "StringEquals heeds case",
            IMPLICIT,
            when("StringEquals", "aws:PrincipalTag/a", "X"),
            **{"aws:PrincipalTag/a": "x"},
        ),
        mine(
            "StringEqualsIgnoreCase does not",
            ALLOWED,
            when("StringEqualsIgnoreCase", "aws:PrincipalTag/a", "X"),
            **{"aws:PrincipalTag/a": "x"},
        ),
        mine(
            "names of keys are compared without case",
            ALLOWED,
            when("StringEquals", "AWS:principaltag/A", "x"),
            **{"aws:PrincipalTag/a": "x"},
        ),
        mine("StringNotEquals without the key", ALLOWED, when("StringNotEquals", "aws:PrincipalTag/a", "x")),
        mine(
            "StringNotLike without the key denies",
            EXPLICIT,
            *unless("StringNotLike", "aws:SourceVpce", "vpce-1"),
        ),
        mine("StringEquals without the key", IMPLICIT, when("StringEquals", "aws:PrincipalTag/a", "x")),
        mine("IfExists without the key", ALLOWED, when("StringEqualsIfExists", "aws:PrincipalTag/a", "x")),
        mine(
            "IfExists with another value",
            IMPLICIT,
            when("StringEqualsIfExists", "aws:PrincipalTag/a", "x"),
            **{"aws:PrincipalTag/a": "y"},
        ),
        mine(
            "StringNotEquals of several is none of them",
            IMPLICIT,
            when("StringNotEquals", "aws:PrincipalTag/a", ["x", "y"]),
            **{"aws:PrincipalTag/a": "y"},
        ),
        mine(
            "NumericLessThanEquals at the bound",
            ALLOWED,
            when("NumericLessThanEquals", "aws:MultiFactorAuthAge", "3600"),
            **{"aws:MultiFactorAuthAge": 3600},
        ),
        mine(
            "NumericLessThan at the bound",
            IMPLICIT,
            when("NumericLessThan", "aws:MultiFactorAuthAge", 3600),
            **{"aws:MultiFactorAuthAge": "3600"},
        ),
        mine(
            "numbers are no texts",
            ALLOWED,
            when("NumericEquals", "s3:max-keys", "10"),
            **{"s3:max-keys": "10.0"},
        ),
        mine(
            "NumericLessThan without the key",
            IMPLICIT,
            when("NumericLessThan", "aws:MultiFactorAuthAge", "3600"),
        ),
        mine(
            "DateLessThan before",
            ALLOWED,
            when("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z"),
            **{"aws:CurrentTime": "2026-12-31T23:59:59Z"},
        ),
        mine(
            "DateLessThan at the moment",
            IMPLICIT,
            when("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z"),
            **{"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        ),
        mine(
            "dates with an offset",
            ALLOWED,
            when("DateEquals", "aws:CurrentTime", "2027-01-01T01:00:00+01:00"),
            **{"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        ),
        mine(
            "a date in the policy, seconds in the request",
            ALLOWED,
            when("DateGreaterThan", "aws:EpochTime", "2020-01-01"),
            **{"aws:EpochTime": 1600000000},
        ),
        mine(
            "seconds in the policy, a date in the request",
            IMPLICIT,
            when("DateLessThan", "aws:TokenIssueTime", "1600000000"),
            **{"aws:TokenIssueTime": "2026-01-01T00:00:00Z"},
        ),
        mine(
            "Bool in any case",
            ALLOWED,
            when("Bool", "aws:SecureTransport", "True"),
            **{"aws:SecureTransport": "true"},
        ),
        mine(
            "Bool as JSON has it",
            ALLOWED,
            when("Bool", "aws:SecureTransport", True),
            **{"aws:SecureTransport": True},
        ),
        mine("Bool false without the key", IMPLICIT, when("Bool", "aws:MultiFactorAuthPresent", "false")),
        mine(
            "BoolIfExists false without the key denies",
            EXPLICIT,
            *unless("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
        ),
        mine(
            "BinaryEquals", ALLOWED, when("BinaryEquals", "x:Digest", "QmluYXJ5"), **{"x:Digest": "QmluYXJ5"}
        ),
        mine(
            "BinaryEquals of other bytes",
            IMPLICIT,
            when("BinaryEquals", "x:Digest", "QmluYXJ5"),
            **{"x:Digest": "Qmlu"},
        ),
        mine(
            "an address in a block",
            ALLOWED,
            when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
            **{"aws:SourceIp": "203.0.113.9"},
        ),
        mine(
            "an address without a prefix",
            ALLOWED,
            when("IpAddress", "aws:SourceIp", "203.0.113.9"),
            **{"aws:SourceIp": "203.0.113.9"},
        ),
        mine(
            "an address of the newer kind",
            ALLOWED,
            when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]),
            **{"aws:SourceIp": "2001:db8:1234:5678::1"},
        ),
        mine(
            "kinds of addresses never mix",
            EXPLICIT,
            *unless("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
            **{"aws:SourceIp": "2001:db8::1"},
        ),
        mine(
            "NotIpAddress without the key",
            EXPLICIT,
            *unless("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        ),
        mine(
            "ArnEquals takes wildcards as ArnLike",
            ALLOWED,
            when("ArnEquals", "aws:SourceArn", "arn:aws:sns:*:*:t?pic"),
            **{"aws:SourceArn": f"arn:aws:sns:eu-central-1:{US}:topic"},
        ),
        mine(
            "ArnLike compares part by part",
            IMPLICIT,
            when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:topic"),
            **{"aws:SourceArn": f"arn:aws:sns:eu-central-1:{US}:topic"},
        ),
        mine(
            "ArnNotLike without the key",
            EXPLICIT,
            *unless("ArnNotLike", "aws:SourceArn", "arn:aws:sns:*:*:topic"),
        ),
        mine(
            "StringLike on an ARN reaches over its parts",
            ALLOWED,
            when("StringLike", "aws:SourceArn", "arn:aws:sns:*topic"),
            **{"aws:SourceArn": f"arn:aws:sns:eu-central-1:{US}:topic"},
        ),
        mine("Null true without the key", ALLOWED, when("Null", "aws:TokenIssueTime", "true")),
        mine(
            "Null true with it",
            IMPLICIT,
            when("Null", "aws:TokenIssueTime", True),
            **{"aws:TokenIssueTime": "2026-01-01T00:00:00Z"},
        ),
        mine(
            "Null false with it",
            ALLOWED,
            when("Null", "aws:TokenIssueTime", "false"),
            **{"aws:TokenIssueTime": "2026-01-01T00:00:00Z"},
        ),
        mine("Null false without it denies nothing", ALLOWED, *unless("Null", "aws:TokenIssueTime", "false")),
    ],
    "Set operators for multivalued context keys": [
        mine(
            "ForAllValues without the key",
            ALLOWED,
            when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"]),
        ),
        mine(
            "ForAllValues without a value",
            ALLOWED,
            when("ForAllValues:StringEquals", "aws:TagKeys", ["a"]),
            **{"aws:TagKeys": []},
        ),
        mine(
            "ForAllValues, each listed",
            ALLOWED,
            when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"]),
            **{"aws:TagKeys": ["b", "a"]},
        ),
        mine(
            "ForAllValues, one not listed",
            IMPLICIT,
            when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"]),
            **{"aws:TagKeys": ["a", "c"]},
        ),
        mine("ForAnyValue without the key", IMPLICIT, when("ForAnyValue:StringEquals", "aws:TagKeys", "a")),
        mine(
            "ForAnyValue, one listed",
            ALLOWED,
            when("ForAnyValue:StringLike", "aws:TagKeys", "a*"),
            **{"aws:TagKeys": ["b", "ab"]},
        ),
        mine(
            "ForAnyValue negated, one not listed",
            EXPLICIT,
            *unless("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"]),
            **{"aws:TagKeys": ["a", "b"]},
        ),
        mine(
            "ForAnyValue negated without the key",
            ALLOWED,
            *unless("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"]),
        ),
        mine(
            "ForAllValues negated, none listed",
            EXPLICIT,
            *unless("ForAllValues:StringNotLike", "aws:TagKeys", ["a*"]),
            **{"aws:TagKeys": ["b", "c"]},
        ),
        mine(
            "called through one service among several",
            ALLOWED,
            when("ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com"),
            **{"aws:CalledVia": ["cloudformation.amazonaws.com", "athena.amazonaws.com"]},
        ),
        mine(
            "organizational unit",
            ALLOWED,
            when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r-1/ou-1/*"),
            **{"aws:PrincipalOrgPaths": ["o-1/r-1/ou-1/ou-2/"]},
        ),
    ],
    "Conditions with multiple context keys or values": [
        mine(
            "several keys all hold",
            IMPLICIT,
            allow(Condition={"StringEquals": {"aws:PrincipalTag/a": "x", "aws:PrincipalTag/b": "y"}}),
            **{"aws:PrincipalTag/a": "x"},
        ),
        mine(
            "several operators all hold",
            ALLOWED,
            allow(
                Condition={
                    "StringEquals": {"aws:PrincipalTag/a": "x"},
                    "Bool": {"aws:SecureTransport": "true"},
                }
            ),
            **{"aws:PrincipalTag/a": "x", "aws:SecureTransport": "true"},
        ),
        mine(
            "one of several values suffices",
            ALLOWED,
            when("StringEquals", "aws:PrincipalTag/a", ["x", "y"]),
            **{"aws:PrincipalTag/a": "y"},
        ),
    ],
    "IAM policy elements: Variables and tags": [
        reading(
            "own folder",
            ALLOWED,
            identity_policies=[allow("s3:*", BUCKET + "/${aws:username}/*")],
            resource=BUCKET + "/bob/x",
        ),
        reading(
            "another's folder", IMPLICIT, identity_policies=[allow("s3:*", BUCKET + "/${aws:username}/*")]
        ),
        reading(
            "a role has no user name",
            IMPLICIT,
            SESSION,
            identity_policies=[allow("s3:*", BUCKET + "/${aws:username}*")],
            resource=BUCKET + "/deploy",
        ),
        reading(
            "the older version knows none",
            IMPLICIT,
            identity_policies=[
                policy(
                    {"Effect": "Allow", "Action": "*", "Resource": BUCKET + "/${aws:username}/*"},
                    version="2008-10-17",
                )
            ],
            resource=BUCKET + "/bob/x",
        ),
        reading(
            "there it is plain text",
            ALLOWED,
            identity_policies=[
                policy(
                    {"Effect": "Allow", "Action": "*", "Resource": BUCKET + "/${aws:username}/*"},
                    version="2008-10-17",
                )
            ],
            resource=BUCKET + "/${aws:username}/x",
        ),
        reading(
            "no version is the older version",
            IMPLICIT,
            identity_policies=[
                {"Statement": {"Effect": "Allow", "Action": "*", "Resource": BUCKET + "/${aws:username}/*"}}
            ],
            resource=BUCKET + "/bob/x",
        ),
        reading(
            "a default",
            ALLOWED,
            identity_policies=[allow("s3:*", "arn:aws:s3:::team-${aws:PrincipalTag/team, 'company-wide'}/*")],
            resource="arn:aws:s3:::team-company-wide/x",
        ),
        reading(
            "a tag instead of the default",
            IMPLICIT,
            identity_policies=[allow("s3:*", "arn:aws:s3:::team-${aws:PrincipalTag/team, 'company-wide'}/*")],
            resource="arn:aws:s3:::team-company-wide/x",
            context={"aws:PrincipalTag/team": "yellow"},
        ),
        reading(
            "what a value holds is no wildcard",
            IMPLICIT,
            identity_policies=[allow("s3:*", BUCKET + "/${aws:PrincipalTag/team}")],
            context={"aws:PrincipalTag/team": "*"},
        ),
        reading("an asterisk spelled out", IMPLICIT, identity_policies=[allow("s3:*", BUCKET + "/${*}")]),
        reading(
            "an asterisk in the key",
            ALLOWED,
            identity_policies=[allow("s3:*", BUCKET + "/${*}")],
            resource=BUCKET + "/*",
        ),
        mine(
            "a tag that equals a tag",
            ALLOWED,
            when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"),
            **{"aws:ResourceTag/team": "a", "aws:PrincipalTag/team": "a"},
        ),
        mine(
            "a tag that differs",
            EXPLICIT,
            *unless("StringNotEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"),
            **{"aws:ResourceTag/team": "a", "aws:PrincipalTag/team": "b"},
        ),
        mine(
            "no value equals nothing",
            IMPLICIT,
            when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"),
            **{"aws:ResourceTag/team": "a"},
        ),
        mine(
            "an inverted operator matches no value",
            EXPLICIT,
            *unless("StringNotEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"),
            **{"aws:ResourceTag/team": "a"},
        ),
        mine(
            "so does StringNotLike",
            EXPLICIT,
            *unless("StringNotLike", "aws:ResourceTag/team", "${aws:PrincipalTag/team}*"),
            **{"aws:ResourceTag/team": "a"},
        ),
        reading(
            "NotResource without a value excepts nothing",
            EXPLICIT,
            identity_policies=[
                ANYTHING,
                policy(
                    {"Effect": "Deny", "Action": "*", "NotResource": BUCKET + "/${aws:PrincipalTag/team}/*"}
                ),
            ],
        ),
        reading(
            "NotResource with one excepts it",
            ALLOWED,
            identity_policies=[
                ANYTHING,
                policy(
                    {"Effect": "Deny", "Action": "*", "NotResource": BUCKET + "/${aws:PrincipalTag/team}/*"}
                ),
            ],
            context={"aws:PrincipalTag/team": "monthly"},
        ),
    ],
    "AWS global condition context keys": [
        mine(
            "a session's ARN is its role's",
            ALLOWED,
            when("ArnEquals", "aws:PrincipalArn", ROLE),
            principal=SESSION,
        ),
        row(
            "a federated user's ARN",
            ALLOWED,
            FEDERATED,
            resource_policy=share(
                "*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::*:federated-user/*"}}
            ),
        ),
        mine("a user's ARN", ALLOWED, when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/bob")),
        mine("the account", ALLOWED, when("StringEquals", "aws:PrincipalAccount", US), principal=SESSION),
        row(
            "anonymous account",
            ALLOWED,
            "*",
            resource_policy=share("*", Condition={"StringEquals": {"aws:PrincipalAccount": "anonymous"}}),
        ),
        row(
            "an anonymous caller has no ARN",
            EXPLICIT,
            "*",
            resource_policy=both(
                share("*"),
                refuse("*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}),
            ),
        ),
        row(
            "an anonymous caller is of no organization",
            IMPLICIT,
            "*",
            resource_policy=share("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        ),
        mine(
            "type of a session",
            ALLOWED,
            when("StringEquals", "aws:PrincipalType", "AssumedRole"),
            principal=SESSION,
        ),
        mine("user name", ALLOWED, when("StringLike", "aws:username", "b?b")),
        mine("no service", ALLOWED, when("Bool", "aws:PrincipalIsAWSService", "false")),
        row(
            "a service's name",
            ALLOWED,
            "sns.amazonaws.com",
            resource_policy=share(
                "*", Condition={"StringEquals": {"aws:PrincipalServiceName": "sns.amazonaws.com"}}
            ),
        ),
        mine(
            "the resource's account",
            ALLOWED,
            when("StringEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}"),
        ),
        row(
            "the resource's account is another",
            EXPLICIT,
            resource=THEIR_QUEUE,
            identity_policies=unless("StringNotEquals", "aws:ResourceAccount", US),
            resource_policy=share({"AWS": US}),
        ),
    ],
    "The confused deputy problem": [
        row(
            "the right account",
            ALLOWED,
            "sns.amazonaws.com",
            resource_policy=share(
                {"Service": "sns.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": US}}
            ),
            context={"aws:SourceAccount": US},
        ),
        row(
            "another account",
            IMPLICIT,
            "sns.amazonaws.com",
            resource_policy=share(
                {"Service": "sns.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": US}}
            ),
            context={"aws:SourceAccount": THEM},
        ),
        row(
            "the right resource",
            ALLOWED,
            "sns.amazonaws.com",
            resource_policy=share(
                {"Service": "sns.amazonaws.com"},
                Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{US}:*"}},
            ),
            context={"aws:SourceArn": f"arn:aws:sns:eu-west-1:{US}:t"},
        ),
        assuming(
            "the external ID",
            ALLOWED,
            THEIR_USER,
            identity_policies=[ANYTHING],
            resource_policy=trust({"AWS": THEM}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
            context={"sts:ExternalId": "x"},
        ),
        assuming(
            "no external ID",
            IMPLICIT,
            THEIR_USER,
            identity_policies=[ANYTHING],
            resource_policy=trust({"AWS": THEM}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
        ),
    ],
    "Methods to assume a role": [
        assuming("trusted by name", ALLOWED, resource_policy=trust({"AWS": USER})),
        assuming("trusted by account", IMPLICIT, resource_policy=trust({"AWS": ROOT})),
        assuming(
            "trusted by account and allowed",
            ALLOWED,
            resource_policy=trust({"AWS": ROOT}),
            identity_policies=[allow(TEMPORARY, ROLE)],
        ),
        assuming(
            "trusted by account and allowed another role",
            IMPLICIT,
            resource_policy=trust({"AWS": ROOT}),
            identity_policies=[allow(TEMPORARY, ROLE + "er")],
        ),
        assuming(
            "allowed but not trusted",
            IMPLICIT,
            resource_policy=trust({"Service": "ec2.amazonaws.com"}),
            identity_policies=[ANYTHING],
        ),
        assuming(
            "trusted with a factor that is not there",
            IMPLICIT,
            resource_policy=trust({"AWS": USER}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ),
        assuming(
            "trusted with a factor that is",
            ALLOWED,
            resource_policy=trust({"AWS": USER}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            context={"aws:MultiFactorAuthPresent": "true"},
        ),
        assuming(
            "of another account, trusted by name alone",
            IMPLICIT,
            THEIR_USER,
            resource_policy=trust({"AWS": THEIR_USER}),
        ),
        assuming(
            "of another account, both sides",
            ALLOWED,
            THEIR_USER,
            resource_policy=trust({"AWS": THEIR_USER}),
            identity_policies=[allow(TEMPORARY, ROLE)],
        ),
        assuming("the root user", IMPLICIT, ROOT, resource_policy=trust({"AWS": ROOT})),
        assuming(
            "a service", ALLOWED, "ec2.amazonaws.com", resource_policy=trust({"Service": "ec2.amazonaws.com"})
        ),
        assuming("chained, trusted through the role", ALLOWED, SESSION, resource_policy=trust({"AWS": ROLE})),
        assuming(
            "trusted within a boundary that lacks it",
            ALLOWED,
            resource_policy=trust({"AWS": USER}),
            permissions_boundary=NOTHING_HERE,
        ),
        assuming(
            "the role trusted within a boundary that lacks it",
            IMPLICIT,
            SESSION,
            resource_policy=trust({"AWS": ROLE}),
            permissions_boundary=NOTHING_HERE,
        ),
        assuming(
            "a web identity",
            ALLOWED,
            GITHUB,
            action="sts:AssumeRoleWithWebIdentity",
            resource_policy=trust(
                {"Federated": GITHUB},
                "sts:AssumeRoleWithWebIdentity",
                Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}},
            ),
            context={"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main"},
        ),
        assuming(
            "a web identity of another subject",
            IMPLICIT,
            GITHUB,
            action="sts:AssumeRoleWithWebIdentity",
            resource_policy=trust(
                {"Federated": GITHUB},
                "sts:AssumeRoleWithWebIdentity",
                Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}},
            ),
            context={"token.actions.githubusercontent.com:sub": "repo:evil/shop:ref:refs/heads/main"},
        ),
        assuming(
            "a web identity where another way is trusted",
            IMPLICIT,
            GITHUB,
            action="sts:AssumeRoleWithWebIdentity",
            resource_policy=trust({"Federated": GITHUB}, "sts:AssumeRole"),
        ),
    ],
    "GetCallerIdentity": [
        row("without a policy", ALLOWED, action="sts:GetCallerIdentity", resource="*"),
        row(
            "explicitly denied",
            ALLOWED,
            SESSION,
            action="sts:GetCallerIdentity",
            resource="*",
            identity_policies=[deny()],
        ),
    ],
    "Permissions for GetSessionToken": [
        row("without a policy", ALLOWED, action="sts:GetSessionToken", resource="*"),
        row(
            "policies have no effect",
            ALLOWED,
            action="sts:GetSessionToken",
            resource="*",
            identity_policies=[deny("sts:*")],
        ),
    ],
    "Compare AWS STS credentials": [
        row(
            "a role's session gets no session token",
            IMPLICIT,
            SESSION,
            action="sts:GetSessionToken",
            resource="*",
            identity_policies=[ANYTHING],
        ),
        row(
            "a role's session federates nobody",
            IMPLICIT,
            SESSION,
            action="sts:GetFederationToken",
            resource=FEDERATED,
            identity_policies=[ANYTHING],
        ),
        row(
            "a user federates where allowed",
            ALLOWED,
            action="sts:GetFederationToken",
            resource=FEDERATED,
            identity_policies=[allow("sts:GetFederationToken")],
        ),
        row(
            "a federated user assumes no role",
            IMPLICIT,
            FEDERATED,
            action="sts:AssumeRole",
            resource=ROLE,
            identity_policies=[ANYTHING],
            session_policies=[ANYTHING],
            resource_policy=trust({"AWS": ROOT}),
        ),
    ],
    "Key policies in AWS KMS": [
        row(
            "an administrator whom the key does not name",
            IMPLICIT,
            action="kms:Decrypt",
            resource=KEY,
            identity_policies=[ANYTHING],
            resource_policy=share({"AWS": ROLE}),
        ),
        row(
            "the account named",
            ALLOWED,
            action="kms:Decrypt",
            resource=KEY,
            identity_policies=[allow("kms:Decrypt", KEY)],
            resource_policy=share({"AWS": ROOT}, "kms:*"),
        ),
        row(
            "the account named for other actions",
            IMPLICIT,
            action="kms:Decrypt",
            resource=KEY,
            identity_policies=[ANYTHING],
            resource_policy=share({"AWS": ROOT}, "kms:Describe*"),
        ),
        row(
            "the user named",
            ALLOWED,
            action="kms:Decrypt",
            resource=KEY,
            resource_policy=share({"AWS": USER}, "kms:Decrypt"),
        ),
        row(
            "not even root",
            IMPLICIT,
            ROOT,
            action="kms:PutKeyPolicy",
            resource=KEY,
            resource_policy=share({"AWS": USER}),
        ),
        row(
            "a key of another account, both sides",
            ALLOWED,
            action="kms:Decrypt",
            resource=THEIR_KEY,
            identity_policies=[allow("kms:Decrypt", THEIR_KEY)],
            resource_policy=share({"AWS": ROOT}, "kms:Decrypt"),
        ),
        row(
            "a key of another account, its side alone",
            IMPLICIT,
            action="kms:Decrypt",
            resource=THEIR_KEY,
            resource_policy=share({"AWS": USER}, "kms:Decrypt"),
        ),
        row(
            "through one service only",
            IMPLICIT,
            action="kms:Decrypt",
            resource=KEY,
            resource_policy=share(
                {"AWS": USER}, Condition={"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
            ),
        ),
    ],
    "Bucket policies for Amazon S3": [
        reading("public reading", ALLOWED, "*", resource_policy=share("*", "s3:GetObject", BUCKET + "/*")),
        reading(
            "public reading is no writing",
            IMPLICIT,
            "*",
            action="s3:PutObject",
            resource_policy=share("*", "s3:GetObject", BUCKET + "/*"),
        ),
        reading(
            "without TLS",
            EXPLICIT,
            identity_policies=[ANYTHING],
            resource_policy=refuse(
                "*", "s3:*", [BUCKET, BUCKET + "/*"], Condition={"Bool": {"aws:SecureTransport": "false"}}
            ),
            context={"aws:SecureTransport": False},
        ),
        reading(
            "with TLS",
            ALLOWED,
            identity_policies=[ANYTHING],
            resource_policy=refuse(
                "*", "s3:*", [BUCKET, BUCKET + "/*"], Condition={"Bool": {"aws:SecureTransport": "false"}}
            ),
            context={"aws:SecureTransport": True},
        ),
        reading(
            "listing by prefix",
            ALLOWED,
            action="s3:ListBucket",
            resource=BUCKET,
            identity_policies=[
                allow(
                    "s3:ListBucket",
                    BUCKET,
                    Condition={"StringLike": {"s3:prefix": ["", "home/${aws:username}/*"]}},
                )
            ],
            context={"s3:prefix": "home/bob/"},
        ),
        reading(
            "listing another's prefix",
            IMPLICIT,
            action="s3:ListBucket",
            resource=BUCKET,
            identity_policies=[
                allow(
                    "s3:ListBucket",
                    BUCKET,
                    Condition={"StringLike": {"s3:prefix": ["", "home/${aws:username}/*"]}},
                )
            ],
            context={"s3:prefix": "home/eve/"},
        ),
        reading(
            "from outside of an endpoint",
            EXPLICIT,
            identity_policies=[ANYTHING],
            resource_policy=refuse("*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        ),
        reading(
            "all buckets",
            ALLOWED,
            action="s3:ListAllMyBuckets",
            resource="*",
            identity_policies=[allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")],
        ),
    ],
    "PutBucketPolicy": [
        reading(
            "the owner's root user mends a policy that locks it out",
            ALLOWED,
            ROOT,
            action="s3:PutBucketPolicy",
            resource=BUCKET,
            resource_policy=refuse("*"),
        ),
        reading("it does nothing else", EXPLICIT, ROOT, resource_policy=refuse("*")),
        reading(
            "nobody else does",
            EXPLICIT,
            action="s3:DeleteBucketPolicy",
            resource=BUCKET,
            identity_policies=[ANYTHING],
            resource_policy=refuse("*"),
        ),
        reading(
            "another account's root user does not",
            EXPLICIT,
            THEIR_ROOT,
            action="s3:PutBucketPolicy",
            resource=BUCKET,
            resource_policy=refuse("*"),
        ),
        reading(
            "a control policy still denies",
            EXPLICIT,
            ROOT,
            action="s3:PutBucketPolicy",
            resource=BUCKET,
            resource_policy=refuse("*"),
            service_control_policies=[[ANYTHING, deny("s3:PutBucketPolicy")]],
        ),
    ],
    "Grant a user permissions to pass a role to an AWS service": [
        row(
            "to the right service",
            ALLOWED,
            action="iam:PassRole",
            resource=ROLE,
            identity_policies=[
                allow(
                    "iam:PassRole",
                    ROLE,
                    Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
                )
            ],
            context={"iam:PassedToService": "ec2.amazonaws.com"},
        ),
        row(
            "to another service",
            IMPLICIT,
            action="iam:PassRole",
            resource=ROLE,
            identity_policies=[
                allow(
                    "iam:PassRole",
                    ROLE,
                    Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
                )
            ],
            context={"iam:PassedToService": "lambda.amazonaws.com"},
        ),
        row(
            "another role",
            IMPLICIT,
            action="iam:PassRole",
            resource=ROLE,
            identity_policies=[allow("iam:PassRole", f"arn:aws:iam::{US}:role/app-*")],
        ),
    ],
    "Cases of batch evaluation": [
        row(
            "what is null does not apply",
            ALLOWED,
            identity_policies=[None, ANYTHING],
            resource_policy=None,
            permissions_boundary=None,
            session_policies=None,
            service_control_policies=[None, [ANYTHING, None]],
            resource_control_policies=None,
            resource_account=None,
            context=None,
        ),
        mine(
            "a value that is null is absent",
            ALLOWED,
            when("Null", "aws:TokenIssueTime", "true"),
            **{"aws:TokenIssueTime": None},
        ),
        row(
            "who federated is not known",
            OPEN,
            FEDERATED,
            resource_policy=share({"AWS": USER}),
            session_policies=[ANYTHING],
        ),
        row(
            "several values where one is asked",
            OPEN,
            identity_policies=[when("StringEquals", "aws:PrincipalTag/a", "x")],
            context={"aws:PrincipalTag/a": ["x", "y"]},
        ),
        row(
            "an operator that AWS does not have",
            OPEN,
            identity_policies=[when("StringSounds", "aws:PrincipalTag/a", "x")],
            context={"aws:PrincipalTag/a": "x"},
        ),
    ],
}
