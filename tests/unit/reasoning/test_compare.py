"""Comparing policies: which access is new."""

import pytest

from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import (
    NewAccess,
    NoNewAccess,
    UndecidedComparison,
    compare,
    compare_access,
)
from keywright.reasoning.comparison.resource_control_policies import UNLISTED
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.witnesses.replay import replay
from tests.unit.reasoning.policies import ACCOUNT, OTHER_ACCOUNT, ROLE, ROOT, USER, statement

BUCKET, OBJECTS = "arn:aws:s3:::reports", "arn:aws:s3:::reports/*"
NEW, SAME, OPEN = NewAccess, NoNewAccess, UndecidedComparison


def document(*statements, kind=Kind.IDENTITY, version="2012-10-17"):
    """Read a document, be it one that AWS would refuse for something that is still clear."""
    value = {"Version": version, "Statement": list(statements)}
    read = parse_document(value, file="test", kind=kind)[0]
    assert read.unread == ()
    return read


def allow(action="*", resource="*", **elements):
    return document(statement("Allow", action, resource, **elements))


def deny(action="*", resource="*"):
    return document(statement("Deny", action, resource))


def policy(*statements):
    return document(*statements)


def both(*statements):
    """An Allow of everything and more statements."""
    return document(statement("Allow"), *statements)


def when(operator, key, *values):
    return {"Condition": {operator: {key: list(values)}}}


def read(**conditions):
    return allow("s3:GetObject", OBJECTS, **conditions)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(allow(), allow(), SAME, id="nothing changes"),
        pytest.param(allow("s3:*"), allow("s3:Get*"), SAME, id="fewer actions"),
        pytest.param(allow("s3:Get*"), allow("s3:*"), NEW, id="more actions"),
        pytest.param(allow("S3:getobject"), allow("s3:GetObject"), SAME, id="case of actions"),
        pytest.param(
            allow("s3:Get*"),
            allow(["s3:GetObject", "s3:GetNobodyKnows"]),
            SAME,
            id="an unknown action counts",
        ),
        pytest.param(allow("s3:GetObject"), allow("s3:GetNobodyKnows"), NEW, id="an unknown action is new"),
        pytest.param(allow(["s3:Get*", "s3:P*"]), allow("s3:*et*"), NEW, id="patterns that overlap"),
        pytest.param(allow("s3:*"), allow("s3:*et*"), SAME, id="a pattern in the middle"),
        pytest.param(allow("s3:*", BUCKET), allow("s3:*", [BUCKET, OBJECTS]), NEW, id="more resources"),
        pytest.param(
            allow("s3:*", [BUCKET, OBJECTS]),
            allow("s3:*", "arn:aws:s3:::reports*"),
            NEW,
            id="a wider pattern",
        ),
        pytest.param(
            allow("s3:*", "arn:aws:s3:::reports*"),
            allow("s3:*", [BUCKET, OBJECTS]),
            SAME,
            id="a narrower pattern",
        ),
        pytest.param(
            allow("s3:*", OBJECTS),
            allow("s3:*", "arn:aws:s3:*:*:reports/*"),
            NEW,
            id="a wildcard is wider than no account",
        ),
        pytest.param(
            allow("sqs:*", "arn:aws:sqs:*:1:q"),
            allow("sqs:*", "arn:aws:sqs:eu-*:1:q"),
            SAME,
            id="a field's pattern",
        ),
        pytest.param(allow(), both(statement("Deny", "iam:*")), SAME, id="a denial takes away"),
        pytest.param(both(statement("Deny", "iam:*")), allow(), NEW, id="a denial goes"),
        pytest.param(
            both(statement("Deny", "iam:*")),
            both(statement("Deny", ["iam:*", "sts:*"])),
            SAME,
            id="a denial grows",
        ),
        pytest.param(
            both(statement("Deny", ["iam:*", "sts:*"])),
            both(statement("Deny", "iam:*")),
            NEW,
            id="a denial shrinks",
        ),
        pytest.param(
            both(statement("Deny", "s3:*", OBJECTS)),
            allow("s3:*", "arn:aws:s3:::other/*"),
            SAME,
            id="beside a denial",
        ),
        pytest.param(
            both({"Effect": "Deny", "Action": "s3:*", "NotResource": OBJECTS}),
            allow("s3:*", OBJECTS),
            SAME,
            id="not denied: NotResource",
        ),
        pytest.param(
            both({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}),
            allow("s3:*"),
            SAME,
            id="not denied: NotAction",
        ),
        pytest.param(
            policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            allow("s3:*"),
            SAME,
            id="within NotAction",
        ),
        pytest.param(
            policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            allow("*:Get*"),
            NEW,
            id="beyond NotAction",
        ),
        pytest.param(
            policy({"Effect": "Allow", "Action": "s3:*", "NotResource": OBJECTS}),
            allow("s3:*", "arn:aws:s3:::other/*"),
            SAME,
            id="within NotResource",
        ),
        pytest.param(
            document(statement("Allow", "s3:Get*"), statement("Allow", "s3:*", OBJECTS)),
            document(statement("Allow", "s3:GetObject", OBJECTS)),
            SAME,
            id="within two statements",
        ),
        pytest.param(
            document(
                statement("Allow", "s3:*", OBJECTS, **when("Bool", "aws:SecureTransport", "true")),
                statement("Allow", "s3:*", OBJECTS, **when("Bool", "aws:SecureTransport", "false")),
            ),
            allow("s3:*", OBJECTS),
            SAME,
            id="two halves of a key that no request lacks",
        ),
    ],
)
def test_identity_based(before, after, expected):
    assert isinstance(compare(before, after), expected)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(deny(), allow("sts:GetCallerIdentity"), SAME, id="everybody may ask who he is"),
        pytest.param(
            deny(), allow("sts:GetSessionToken"), SAME, id="policies never kept users from a session"
        ),
        pytest.param(deny("sts:*"), deny("ec2:*"), SAME, id="a denial goes of what nothing allows"),
    ],
)
def test_actions_that_need_no_policy(before, after, expected):
    assert isinstance(compare(before, after), expected)


TEAM, MFA, SOURCE = "aws:PrincipalTag/team", "aws:MultiFactorAuthPresent", "aws:SourceIp"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, when("Bool", MFA, "true"), SAME, id="a condition is added"),
        pytest.param(when("Bool", MFA, "true"), {}, NEW, id="a condition goes"),
        pytest.param(
            when("Bool", MFA, "true"), when("BoolIfExists", MFA, "true"), NEW, id="absent counts too"
        ),
        pytest.param(
            when("BoolIfExists", MFA, "true"), when("Bool", MFA, "true"), SAME, id="absent no longer"
        ),
        pytest.param(
            when("StringEquals", TEAM, "a", "b"), when("StringEquals", TEAM, "b"), SAME, id="one value goes"
        ),
        pytest.param(
            when("StringEquals", TEAM, "a"), when("StringEquals", TEAM, "a", "b"), NEW, id="one value more"
        ),
        pytest.param(
            when("StringLike", TEAM, "a*"), when("StringEquals", TEAM, "ab"), SAME, id="within a pattern"
        ),
        pytest.param(
            when("StringEqualsIgnoreCase", TEAM, "a"), when("StringEquals", TEAM, "A"), SAME, id="in any case"
        ),
        pytest.param(
            when("StringEquals", TEAM, "A"), when("StringEqualsIgnoreCase", TEAM, "a"), NEW, id="in its case"
        ),
        pytest.param(
            when("StringNotEquals", TEAM, "a"),
            when("StringEquals", TEAM, "b"),
            SAME,
            id="not one, but another",
        ),
        pytest.param(
            when("StringNotEquals", TEAM, "a"),
            when("Null", TEAM, "true"),
            SAME,
            id="negated holds when absent",
        ),
        pytest.param(
            when("StringEquals", TEAM, "a"), when("Null", TEAM, "true"), NEW, id="positive fails when absent"
        ),
        pytest.param(
            when("Null", TEAM, "false"), when("StringLike", TEAM, "*"), SAME, id="anything is something"
        ),
        pytest.param(
            when("StringLike", TEAM, "*"), when("Null", TEAM, "false"), SAME, id="something is anything"
        ),
        pytest.param(
            when("IpAddress", SOURCE, "10.0.0.0/8"),
            when("IpAddress", SOURCE, "10.1.0.0/16"),
            SAME,
            id="a smaller network",
        ),
        pytest.param(
            when("IpAddress", SOURCE, "10.1.0.0/16"),
            when("IpAddress", SOURCE, "10.0.0.0/15"),
            NEW,
            id="a larger network",
        ),
        pytest.param(
            when("IpAddress", SOURCE, "10.0.0.0/9", "10.128.0.0/9"),
            when("IpAddress", SOURCE, "10.0.0.0/8"),
            SAME,
            id="two halves",
        ),
        pytest.param(
            when("IpAddress", SOURCE, "0.0.0.0/0"),
            when("IpAddress", SOURCE, "::/0"),
            NEW,
            id="another version",
        ),
        pytest.param(
            when("NotIpAddress", SOURCE, "10.0.0.0/8"),
            when("NotIpAddress", SOURCE, "10.1.0.0/16"),
            NEW,
            id="a smaller exclusion",
        ),
        pytest.param(
            when("NumericLessThan", "s3:max-keys", "10"),
            when("NumericLessThanEquals", "s3:max-keys", "9"),
            SAME,
            id="numbers",
        ),
        pytest.param(
            when("NumericLessThan", "s3:max-keys", "10"),
            when("NumericEquals", "s3:max-keys", "9.5", "10"),
            NEW,
            id="the bound itself",
        ),
        pytest.param(
            when("DateLessThan", "aws:CurrentTime", "2027-01-01"),
            when("DateLessThan", "aws:CurrentTime", "2026-01-01"),
            SAME,
            id="an earlier end",
        ),
        pytest.param(
            when("DateLessThan", "aws:CurrentTime", "2026-01-01"),
            when("DateLessThan", "aws:CurrentTime", "2027-01-01"),
            NEW,
            id="a later end",
        ),
        pytest.param(
            when("ArnLike", "aws:SourceArn", "arn:aws:s3:*:1:*"),
            when("ArnEquals", "aws:SourceArn", "arn:aws:s3:x:1:y"),
            SAME,
            id="ARNs",
        ),
        pytest.param(
            when("ForAllValues:StringEquals", "aws:TagKeys", "a", "b"),
            when("ForAllValues:StringEquals", "aws:TagKeys", "a"),
            SAME,
            id="all of fewer",
        ),
        pytest.param(
            when("ForAllValues:StringEquals", "aws:TagKeys", "a"),
            when("ForAnyValue:StringEquals", "aws:TagKeys", "a"),
            NEW,
            id="any is not all",
        ),
        pytest.param(
            when("ForAnyValue:StringEquals", "aws:TagKeys", "a"),
            when("ForAllValues:StringEquals", "aws:TagKeys", "a"),
            NEW,
            id="all holds of none",
        ),
        pytest.param(
            when("ForAnyValue:StringEquals", "aws:TagKeys", "a", "b"),
            when("ForAnyValue:StringEquals", "aws:TagKeys", "a"),
            SAME,
            id="any of fewer",
        ),
        pytest.param(
            when("ForAllValues:StringLike", TEAM, "a*"),
            when("StringLike", TEAM, "a*"),
            SAME,
            id="a tag has one value",
        ),
        pytest.param(
            when("StringIsNice", TEAM, "a"),
            when("StringIsNice", TEAM, "a"),
            SAME,
            id="the same uninterpreted",
        ),
        pytest.param(when("StringIsNice", TEAM, "a"), {}, OPEN, id="without the uninterpreted"),
        pytest.param({}, when("StringIsNice", TEAM, "a"), SAME, id="whatever the uninterpreted"),
        pytest.param(
            when("StringEquals", TEAM, "${aws:username}"),
            when("StringEquals", TEAM, "${aws:username}"),
            SAME,
            id="the same variable",
        ),
        pytest.param(
            when("StringLike", TEAM, "*"),
            when("StringEquals", TEAM, "${aws:username}"),
            SAME,
            id="a variable is something",
        ),
        pytest.param(
            when("StringEquals", TEAM, "bob"),
            when("StringEquals", TEAM, "${aws:username}"),
            NEW,
            id="a variable is not bob",
        ),
        pytest.param(
            when("StringEquals", TEAM, "${aws:username}"),
            when("StringEquals", TEAM, "bob"),
            NEW,
            id="bob is not always",
        ),
        pytest.param(
            when("StringEquals", "aws:username", "bob"),
            when("StringEquals", "aws:userid", "x"),
            NEW,
            id="another key",
        ),
        pytest.param(
            when("StringEquals", "aws:PrincipalType", "User"),
            when("Null", "aws:username", "false"),
            SAME,
            id="only users have names",
        ),
        pytest.param(when("Null", "aws:PrincipalArn", "false"), {}, SAME, id="every holder has an ARN"),
        pytest.param(
            when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:1:t"),
            when("StringEquals", "aws:SourceArn", "arn:aws:sns:${aws:PrincipalTag/region}:1:t"),
            OPEN,
            id="a variable may hold a colon where a star of an ARN may not",
        ),
        pytest.param(
            when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:1:t"),
            when("StringEquals", "aws:SourceArn", "arn:aws:sns:${aws:RequestedRegion}:1:t"),
            SAME,
            id="a region holds no colon",
        ),
        pytest.param(
            when("NumericLessThan", TEAM, "5"),
            when("StringEquals", TEAM, "4"),
            SAME,
            id="a text that is a number",
        ),
        pytest.param(
            when("StringEquals", "aws:SecureTransport", "true"),
            when("Bool", "aws:SecureTransport", "true"),
            SAME,
            id="AWS spells true in one way",
        ),
        pytest.param(
            when("StringEquals", TEAM, "${aws:username}"),
            when("StringEqualsIgnoreCase", TEAM, "${aws:username}"),
            NEW,
            id="a variable's value in other letters",
        ),
        pytest.param(
            when("StringEqualsIgnoreCase", TEAM, "${aws:username}", "x"),
            when("StringEqualsIgnoreCase", TEAM, "${aws:username}"),
            SAME,
            id="the same variable in any letters",
        ),
        pytest.param(
            when("StringLike", TEAM, "*"),
            when("StringEqualsIgnoreCase", TEAM, "x${aws:username}"),
            SAME,
            id="a variable in any letters is something",
        ),
        pytest.param(
            when("StringLikeIfExists", "aws:TagKeys", "*"),
            {},
            OPEN,
            id="what one value is compared with may not match several",
        ),
        pytest.param(when("StringLikeIfExists", TEAM, "*"), {}, SAME, id="a tag is never several"),
        pytest.param(when("StringNotEquals", TEAM), {}, OPEN, id="a condition without values"),
        pytest.param(
            when("IpAddress", SOURCE, "10.0.0.0/255.0.0.0"),
            when("IpAddress", SOURCE, "10.0.0.0/8"),
            OPEN,
            id="a mask that AWS does not document",
        ),
    ],
)
def test_conditions(before, after, expected):
    assert isinstance(compare(read(**before), read(**after)), expected)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            "arn:aws:s3:::home/*", "arn:aws:s3:::home/${aws:username}/*", SAME, id="a variable within a star"
        ),
        pytest.param(
            "arn:aws:s3:::home/bob/*", "arn:aws:s3:::home/${aws:username}/*", NEW, id="a variable is not bob"
        ),
        pytest.param(
            "arn:aws:s3:::home/${aws:username}/*",
            "arn:aws:s3:::home/bob/*",
            NEW,
            id="bob is not the variable",
        ),
        pytest.param(
            "arn:aws:s3:::home/${aws:username}/*",
            "arn:aws:s3:::home/${aws:username}/a",
            SAME,
            id="below one's own",
        ),
        pytest.param(
            "arn:aws:s3:::home/${aws:username}", "arn:aws:s3:::home/${aws:userid}", NEW, id="another variable"
        ),
        pytest.param("arn:aws:s3:::home/${*}", "arn:aws:s3:::home/*", NEW, id="an escaped star"),
        pytest.param(
            "arn:aws:s3:::*username*", "arn:aws:s3:::${aws:username}", NEW, id="a variable's name is no text"
        ),
        pytest.param(
            "arn:aws:s3:::*${aws:username}*",
            "arn:aws:s3:::home/${aws:username}/x",
            SAME,
            id="a variable between stars",
        ),
        pytest.param(
            "arn:aws:s3:*:*:home",
            "arn:aws:s3:${aws:username, 'a:b'}:*:home",
            OPEN,
            id="a default that holds a colon",
        ),
        pytest.param(
            "arn:aws:iam::*:user/*",
            "arn:aws:iam::${aws:PrincipalAccount}:user/x",
            SAME,
            id="one's own account",
        ),
    ],
)
def test_variables_in_resources(before, after, expected):
    found = compare(allow("s3:*", before), allow("s3:*", after))
    assert isinstance(found, expected)


def test_a_variable_is_literal_in_the_old_version():
    home = "arn:aws:s3:::home/${aws:username}"
    old = document(statement("Allow", "s3:*", home), version="2008-10-17")
    assert isinstance(compare(old, allow("s3:*", home)), NewAccess)


def shared(principal, *statements, action="s3:GetObject", effect="Allow", **elements):
    made = {"Effect": effect, "Principal": principal, "Action": action, "Resource": OBJECTS} | elements
    return document(made, *statements, kind=Kind.RESOURCE)


def trust(principal, *statements, action="sts:AssumeRole", **elements):
    made = {"Effect": "Allow", "Principal": principal, "Action": action} | elements
    return document(made, *statements, kind=Kind.TRUST)


def excepting(*names):
    return [{"Effect": "Deny", "NotPrincipal": {"AWS": list(names)}, "Action": "*", "Resource": "*"}]


AWS = {"AWS": ROLE}
BY_ARN = when("ArnLike", "aws:PrincipalArn", ROLE)
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "token.actions.githubusercontent.com:sub"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(shared("*"), shared(AWS), SAME, id="one of everybody"),
        pytest.param(shared(AWS), shared("*"), NEW, id="everybody"),
        pytest.param(shared("*"), shared({"AWS": "*"}), SAME, id="two spellings of everybody"),
        pytest.param(shared({"AWS": ACCOUNT}), shared({"AWS": ROOT}), SAME, id="two spellings of an account"),
        pytest.param(shared({"AWS": ACCOUNT}), shared(AWS), SAME, id="one of the account"),
        pytest.param(shared(AWS), shared({"AWS": ACCOUNT}), NEW, id="the whole account"),
        pytest.param(shared({"AWS": ACCOUNT}), shared({"AWS": OTHER_ACCOUNT}), NEW, id="another account"),
        pytest.param(shared({"AWS": [ROLE, USER]}), shared({"AWS": USER}), SAME, id="one of two"),
        pytest.param(
            shared({"AWS": "*"}, **BY_ARN), shared(AWS), SAME, id="named by a condition, then by name"
        ),
        pytest.param(
            shared({"AWS": USER}),
            shared({"AWS": "*"}, **when("ArnLike", "aws:PrincipalArn", USER)),
            SAME,
            id="named by name, then by a condition",
        ),
        pytest.param(
            shared(AWS),
            shared({"AWS": "*"}, **when("ArnLike", "aws:PrincipalArn", USER)),
            NEW,
            id="another, by a condition",
        ),
        pytest.param(
            shared({"AWS": "*"}, **when("StringEquals", "aws:PrincipalAccount", ACCOUNT)),
            shared({"AWS": ROLE}),
            SAME,
            id="the account by a condition",
        ),
        pytest.param(
            shared({"AWS": ACCOUNT}),
            shared({"AWS": "*"}, **when("StringEquals", "aws:PrincipalAccount", ACCOUNT)),
            SAME,
            id="the account by name",
        ),
        pytest.param(
            shared({"Service": "s3.amazonaws.com"}),
            shared({"Service": "sns.amazonaws.com"}),
            NEW,
            id="another service",
        ),
        pytest.param(
            shared("*"), shared({"Service": "s3.amazonaws.com"}), SAME, id="a service is of everybody"
        ),
        pytest.param(
            shared("*", {"Effect": "Deny", "Principal": AWS, "Action": "*", "Resource": "*"}),
            shared({"AWS": USER}),
            SAME,
            id="beside a denial",
        ),
        pytest.param(
            shared("*", {"Effect": "Deny", "Principal": AWS, "Action": "*", "Resource": "*"}),
            shared(AWS),
            NEW,
            id="one who was denied",
        ),
        pytest.param(
            shared(
                "*", {"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE, ROOT]}, "Action": "*", "Resource": "*"}
            ),
            shared({"AWS": OTHER_ACCOUNT}),
            NEW,
            id="all others were denied",
        ),
        pytest.param(
            shared(
                {"AWS": USER},
                {"Effect": "Allow", "NotPrincipal": {"AWS": USER}, "Action": "*", "Resource": "*"},
            ),
            shared({"AWS": OTHER_ACCOUNT}),
            SAME,
            id="all others were allowed",
        ),
        pytest.param(
            shared({"AWS": "AROAEXAMPLEEXAMPLE12"}),
            shared({"AWS": "AROAEXAMPLEEXAMPLE12"}),
            SAME,
            id="a principal that is gone",
        ),
        pytest.param(
            shared("*", *excepting(ROOT, ROLE, USER)),
            shared("*", *excepting(ROOT, ROLE)),
            SAME,
            id="fewer are excepted from a denial",
        ),
        pytest.param(
            shared({"AWS": USER}),
            shared({"AWS": ACCOUNT}, **when("StringEquals", "aws:username", "bob")),
            SAME,
            id="a user's name is another's nowhere in the account",
        ),
        pytest.param(trust({"AWS": ACCOUNT}), trust(AWS), SAME, id="trust: one of the account"),
        pytest.param(trust(AWS), trust({"AWS": ACCOUNT}), NEW, id="trust: the whole account"),
        pytest.param(
            trust({"Service": "ec2.amazonaws.com"}),
            trust({"Service": "glue.amazonaws.com"}),
            NEW,
            id="trust: a service",
        ),
        pytest.param(
            trust({"AWS": ACCOUNT}, {"Effect": "Allow", "Principal": "*", "NotAction": "sts:AssumeRole"}),
            trust({"Federated": PROVIDER}, action="sts:AssumeRoleWithWebIdentity"),
            SAME,
            id="trust: other actions are everybody's",
        ),
        pytest.param(
            trust(
                {"Federated": PROVIDER},
                action="sts:AssumeRoleWithWebIdentity",
                **when("StringLike", SUBJECT, "repo:acme/*"),
            ),
            trust(
                {"Federated": PROVIDER},
                action="sts:AssumeRoleWithWebIdentity",
                **when("StringLike", SUBJECT, "repo:acme/shop:*"),
            ),
            SAME,
            id="trust: a narrower subject",
        ),
        pytest.param(
            trust(
                {"Federated": PROVIDER},
                action="sts:AssumeRoleWithWebIdentity",
                **when("StringEquals", SUBJECT, "repo:acme/shop:environment:production"),
            ),
            trust(
                {"Federated": PROVIDER},
                action="sts:AssumeRoleWithWebIdentity",
                **when("StringLike", SUBJECT, "repo:acme/shop:*"),
            ),
            NEW,
            id="trust: a wider subject",
        ),
        pytest.param(
            trust({"AWS": OTHER_ACCOUNT}, **when("StringEquals", "sts:ExternalId", "x")),
            trust({"AWS": OTHER_ACCOUNT}),
            NEW,
            id="trust: the external id goes",
        ),
    ],
)
def test_resource_based_and_trust(before, after, expected):
    assert isinstance(compare(before, after), expected)


def user(*identity, boundary=None, session=(), controls=()):
    return Policies(identity=identity, boundary=boundary, session=session, service_control=controls)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            user(allow("s3:*"), allow("ec2:*")),
            user(allow(["s3:*", "ec2:*"])),
            SAME,
            id="two policies become one",
        ),
        pytest.param(user(allow("s3:*")), user(allow("s3:*"), allow("ec2:*")), NEW, id="a group is joined"),
        pytest.param(user(allow()), user(allow(), deny("iam:*")), SAME, id="a guard is joined"),
        pytest.param(user(allow(), deny("iam:*")), user(allow()), NEW, id="a guard is left"),
        pytest.param(user(allow()), user(allow(), boundary=allow("s3:*")), SAME, id="a boundary is set"),
        pytest.param(user(allow(), boundary=allow("s3:*")), user(allow()), NEW, id="a boundary goes"),
        pytest.param(
            user(allow("s3:*"), boundary=allow("s3:*")),
            user(allow(), boundary=allow("s3:*")),
            SAME,
            id="a boundary caps",
        ),
        pytest.param(
            user(allow("s3:Get*")),
            user(allow(), boundary=allow("s3:Get*")),
            SAME,
            id="the same by a boundary",
        ),
        pytest.param(
            user(allow("s3:*"), boundary=allow("s3:Get*")),
            user(allow("s3:*"), boundary=allow("s3:P*")),
            NEW,
            id="another boundary",
        ),
        pytest.param(
            user(allow(), boundary=allow("s3:*")),
            user(allow(), controls=((allow("s3:*"),),)),
            SAME,
            id="a control policy caps as well",
        ),
        pytest.param(
            user(allow(), session=(allow("s3:*"),)),
            user(allow(), session=(allow("s3:Get*"),)),
            SAME,
            id="a session's policy shrinks",
        ),
        pytest.param(user(), user(allow("s3:*"), boundary=allow("ec2:*")), SAME, id="nothing is in both"),
        pytest.param(user(), user(), SAME, id="nothing at all"),
    ],
)
def test_sets_of_policies(before, after, expected):
    assert isinstance(compare_access(before, after), expected)


LINKED = "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        pytest.param(ROLE, SAME, id="a role"),
        pytest.param(LINKED, NEW, id="a service-linked role is not restricted"),
        pytest.param(ROOT, OPEN, id="the root user needs no allow"),
    ],
)
def test_a_control_policy_restricts_its_principal(holder, expected):
    before, after = user(allow("s3:*")), user(allow(), controls=((allow("s3:*"),),))
    assert isinstance(compare_access(before, after, holder), expected)


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        pytest.param(USER, SAME, id="only bob"),
        pytest.param(f"arn:aws:iam::{ACCOUNT}:group/all", NEW, id="a group's members are anybody"),
        pytest.param(f"arn:aws:iam::{ACCOUNT}:policy/all", NEW, id="who bears a policy is anybody"),
    ],
)
def test_the_name_of_a_principal_counts(holder, expected):
    bob = user(read(**when("StringEquals", "aws:username", "bob")))
    everyone = user(read(**when("StringLike", "aws:username", "b*")))
    assert isinstance(compare_access(bob, everyone, holder), expected)


def guarding(*statements):
    """A resource control policy."""
    return document(*statements, kind=Kind.RESOURCE)


def outsiders(action="s3:*"):
    """Keep everybody out who is not of the organization."""
    condition = when("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5")
    return guarding(statement("Deny", action, Principal="*", **condition))


def under(*levels, identity=(), resource=None):
    return Policies(identity=identity, resource=resource, resource_control=tuple((each,) for each in levels))


FULL = guarding(statement("Allow", Principal="*"))
ANYBODY = shared("*")
OF_THE_ORGANIZATION = shared("*", **when("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))
A_LINKED_ONE = shared({"AWS": LINKED})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(under(outsiders(), resource=ANYBODY), under(resource=ANYBODY), NEW, id="a control goes"),
        pytest.param(
            under(resource=ANYBODY), under(outsiders(), resource=ANYBODY), SAME, id="a control comes"
        ),
        pytest.param(
            under(outsiders("s3:GetObject"), resource=ANYBODY),
            under(outsiders("s3:Get*"), resource=ANYBODY),
            SAME,
            id="a control grows",
        ),
        pytest.param(
            under(outsiders("s3:*"), resource=ANYBODY),
            under(outsiders("s3:Put*"), FULL, resource=ANYBODY),
            NEW,
            id="a control shrinks",
        ),
        pytest.param(
            under(outsiders("s3:*"), resource=ANYBODY),
            under(outsiders("s3:Get*"), outsiders("s3:*"), resource=ANYBODY),
            SAME,
            id="another level keeps it",
        ),
        pytest.param(
            under(outsiders(), resource=OF_THE_ORGANIZATION),
            under(outsiders(), resource=ANYBODY),
            NEW,
            id="a service-linked role, which nobody keeps out",
        ),
        pytest.param(
            under(
                outsiders(),
                resource=shared(
                    {"AWS": OTHER_ACCOUNT}, **when("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5")
                ),
            ),
            under(outsiders(), resource=shared({"AWS": OTHER_ACCOUNT})),
            NEW,
            id="an account, of which a service-linked role may be",
        ),
        pytest.param(
            under(
                outsiders(),
                resource=shared({"AWS": USER}, **when("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5")),
            ),
            under(outsiders(), resource=shared({"AWS": USER})),
            SAME,
            id="a user, held to the organization by the control",
        ),
        pytest.param(
            under(outsiders()), under(outsiders(), resource=A_LINKED_ONE), NEW, id="a service-linked role"
        ),
        pytest.param(
            under(outsiders("sqs:*"), identity=(allow("s3:*"),)),
            under(outsiders("sqs:*"), identity=(allow(["s3:*", "sqs:*"]),)),
            NEW,
            id="an identity of the organization",
        ),
        pytest.param(
            under(guarding(statement("Deny", "sqs:*", Principal="*")), identity=(allow("s3:*"),)),
            under(guarding(statement("Deny", "sqs:*", Principal="*")), identity=(allow(["s3:*", "sqs:*"]),)),
            SAME,
            id="what nobody may, nobody gains",
        ),
        pytest.param(
            under(guarding(statement("Deny", "ec2:*", Principal="*")), identity=(allow("s3:*"),)),
            under(guarding(statement("Deny", "ec2:*", Principal="*")), identity=(allow(["s3:*", "ec2:*"]),)),
            OPEN,
            id="a service that may not take part",
        ),
        pytest.param(
            under(guarding(statement("Deny", "ec2:*", Principal="*")), identity=(allow(),)),
            under(identity=(allow(),)),
            OPEN,
            id="a control on a service that may not take part goes",
        ),
    ],
)
def test_resource_control(before, after, expected):
    found = compare_access(before, after)
    assert isinstance(found, expected), found
    if isinstance(found, UndecidedComparison):
        assert found.reason == UNLISTED
    if isinstance(found, NewAccess):
        assert replay(found.witness.request, before, after)


def test_an_unreadable_part_decides_nothing():
    unread, _ = parse_document({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}, file="x")
    found = compare(allow(), unread)
    assert isinstance(found, UndecidedComparison)
    assert found.reason.startswith("a part of a policy could not be read: ")


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        pytest.param(
            Policies(identity=(allow(),), resource=shared("*")),
            "a resource-based policy must be compared on its own",
            id="both kinds",
        ),
        pytest.param(
            Policies(
                resource=shared("*"),
                resource_control=((guarding(statement("Deny", "s3:*", Principal={"AWS": ACCOUNT})),),),
            ),
            "a resource control policy names a principal",
            id="resource control of somebody",
        ),
        pytest.param(
            Policies(
                resource=shared("*"),
                resource_control=((guarding(statement("Allow", "s3:*", Principal="*")),),),
            ),
            "a resource control policy has an Allow statement other than full access",
            id="resource control that allows",
        ),
    ],
)
def test_says_what_it_does_not_compare(policies, reason):
    assert compare_access(policies, policies) == UndecidedComparison(reason)
