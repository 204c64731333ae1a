"""Random small policies and cases, over few names so that they meet."""

from hypothesis import strategies as st

ACCOUNTS = ("111111111111", "222222222222")
USERS = tuple(f"arn:aws:iam::{account}:user/bob" for account in ACCOUNTS)
ROLES = tuple(f"arn:aws:iam::{account}:role/ci" for account in ACCOUNTS)
SESSIONS = tuple(f"arn:aws:sts::{account}:assumed-role/ci/run" for account in ACCOUNTS)
PRINCIPALS = st.sampled_from([*USERS, *SESSIONS, "*"])
ACTIONS = ("s3:GetObject", "s3:PutObject", "sqs:SendMessage")
ACTION_PATTERNS = ("*", "*", "*", "s3:*", "S3:get*", "s3:?utObject", "sqs:SendMessage", "*:*Object")
RESOURCES = ("arn:aws:s3:::b/bob/x", "arn:aws:s3:::b/x", "arn:aws:sqs:eu-west-1:111111111111:q")
RESOURCE_PATTERNS = (
    "*",
    "*",
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/?",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:*:*:*",
    "arn:aws:sqs:*:111111111111:q",
    "arn:*:*:*:*:*x",
)
KEYS = {
    "aws:PrincipalTag/team": ("red", "blue", "Blue"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "s3:max-keys": ("1", "10", "10.0"),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    "aws:SourceIp": ("10.0.0.1", "192.168.0.1", "2001:db8::1"),
    "aws:PrincipalArn": (*ROLES, *USERS),
}
OPERATORS = {
    "aws:PrincipalTag/team": (
        ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike", "Null"),
        ("red", "blue", "b*", "?ed"),
    ),
    "aws:MultiFactorAuthPresent": (("Bool", "BoolIfExists", "Null"), ("true", "false")),
    "s3:max-keys": (
        (
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericGreaterThanEquals",
            "NumericLessThanIfExists",
        ),
        ("1", "10", "5"),
    ),
    "aws:CurrentTime": (
        ("DateLessThan", "DateGreaterThanEquals", "DateEquals"),
        ("2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ),
    "aws:SourceIp": (
        ("IpAddress", "NotIpAddress", "IpAddressIfExists"),
        ("10.0.0.0/8", "2001:db8::/32", "192.168.0.1"),
    ),
    "aws:PrincipalArn": (
        ("ArnLike", "ArnNotLike"),
        ("arn:aws:iam::*:role/*", "arn:aws:iam::111111111111:user/bob"),
    ),
}


def one_or_more(values):
    """Draw one value standing alone, or a few in a list."""
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=2)


@st.composite
def conditions(draw):
    """Draw a `Condition` element."""
    made = {}
    for key in draw(st.lists(st.sampled_from(sorted(OPERATORS)), max_size=2, unique=True)):
        operators, values = OPERATORS[key]
        operator = draw(st.sampled_from(operators))
        wanted = ("true", "false") if operator == "Null" else values
        made.setdefault(operator, {})[key] = draw(one_or_more(wanted))
    return made


@st.composite
def statements(draw, *, named=False, everyone=False, effects=("Allow", "Allow", "Allow", "Allow", "Deny")):
    """Draw a statement, with principals where it hangs on a resource."""
    made = {
        "Effect": draw(st.sampled_from(effects)),
        draw(st.sampled_from(["Action"] * 5 + ["NotAction"])): draw(one_or_more(ACTION_PATTERNS)),
        "Resource": draw(one_or_more(RESOURCE_PATTERNS)),
    }
    if draw(st.integers(0, 4)) == 0:
        made["NotResource"] = draw(one_or_more([each for each in RESOURCE_PATTERNS if "$" not in each]))
        del made["Resource"]
    if draw(st.integers(0, 2)) == 0:
        made["Condition"] = draw(conditions())
    if everyone:
        made["Principal"] = draw(st.sampled_from(["*", {"AWS": "*"}]))
    elif named:
        aws = [*USERS, *ROLES, *SESSIONS, *ACCOUNTS, f"arn:aws:iam::{ACCOUNTS[0]}:root"]
        made["Principal"] = draw(
            st.just("*") | st.just({"AWS": "*"}) | st.fixed_dictionaries({"AWS": one_or_more(aws)})
        )
    return made


def documents(**how):
    """Draw a document."""
    several = st.lists(statements(**how), min_size=1, max_size=2)
    return st.builds(lambda found: {"Version": "2012-10-17", "Statement": found}, several | statements(**how))


def _maybe(strategy):
    return st.none() | st.none() | strategy


def _few(strategy):
    return st.lists(strategy, max_size=2)


ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
FULL = {"Version": "2012-10-17", "Statement": ALL["Statement"] | {"Principal": "*"}}


def cases():
    """Draw a case of the batch format."""
    return st.fixed_dictionaries(
        {
            "id": st.just("case"),
            "principal": PRINCIPALS,
            "action": st.sampled_from(ACTIONS),
            "resource": st.sampled_from(RESOURCES),
            "identity_policies": st.lists(documents() | st.just(ALL), max_size=2),
            "resource_policy": _maybe(documents(named=True)),
            "permissions_boundary": _maybe(documents() | st.just(ALL)),
            "session_policies": st.just([]) | _few(documents() | st.just(ALL)),
            "service_control_policies": _few(st.just([ALL]) | st.lists(documents(), min_size=1, max_size=2)),
            "resource_control_policies": _few(
                st.just([FULL]) | documents(everyone=True).map(lambda found: [FULL, found])
            ),
            "resource_account": st.sampled_from([*ACCOUNTS, ACCOUNTS[0]]),
            "context": st.fixed_dictionaries(
                {}, optional={key: st.sampled_from(found) for key, found in KEYS.items()}
            ),
        }
    )
