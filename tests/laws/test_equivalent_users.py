"""Examining one of many users who differ only in their name gives the same result as examining each of
them.
"""

from dataclasses import fields, replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from keywright.policy.statement import Kind
from keywright.reasoning.account.actors import Account, Actor, CredentialSource, Grant, PolicyKind
from keywright.reasoning.escalation.equivalent_users import equivalence_classes
from keywright.reasoning.escalation.paths import find_escalations
from tests.unit.reasoning.actors import ACCOUNT, IAM, allow, deny, document, group, role, trusting, user

SECRET = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:"
NAMES = ("al", "alice", "bob", "carol", "team")
ACTIONS = st.lists(
    st.sampled_from(
        [
            "iam:CreateAccessKey",
            "iam:UpdateLoginProfile",
            "iam:PutUserPolicy",
            "iam:AttachUserPolicy",
            "iam:AddUserToGroup",
            "sts:AssumeRole",
            "secretsmanager:GetSecretValue",
            "s3:GetObject",
            "ssm:StartSession",
            "ec2:CreateTags",
        ]
    ),
    min_size=1,
    max_size=3,
    unique=True,
)
RESOURCES = st.lists(
    st.sampled_from(
        [
            "*",
            "arn:aws:iam::*",
            f"{IAM}user/*",
            f"{IAM}user/team/*",
            f"{IAM}user/team/al*",
            f"{IAM}user/*/bob",
            f"{IAM}user/b*",
            f"{IAM}user/team/alice",
            f"{IAM}user/team/bob",
            f"{IAM}user/Team/Carol",
            f"{IAM}user/carol",
            f"{IAM}user/team/${{aws:username}}",
            f"{IAM}user/${{aws:username, 'x'}}",
            f"{IAM}group/*",
            f"{IAM}group/${{aws:username}}",
            f"{IAM}role/*",
            f"{IAM}role/strong",
            f"{IAM}role/${{aws:username}}",
            f"{IAM}role/${{aws:username}}/*",
            f"{IAM}role/${{aws:PrincipalTag/team}}/*",
            f"{IAM}user/${{aws:PrincipalTag/team}}",
            f"{SECRET}*",
            f"{SECRET}<alice>",
            f"{SECRET}${{aws:username}}",
            f"{SECRET}${{aws:username}}/*",
            f"{SECRET}bob/*",
            "arn:aws:s3:::homes/${aws:username}/*",
            "arn:aws:s3:::homes/*",
            "arn:aws:s3:::homes/bob/*",
        ]
    ),
    min_size=1,
    max_size=2,
)
CONDITIONS = st.sampled_from(
    [
        {},
        {},
        {},
        {"ArnLike": {"aws:PrincipalArn": [f"{IAM}user/team/bob", f"{IAM}user/team/carol"]}},
        {"ArnLike": {"aws:PrincipalArn": f"{IAM}user/team/*"}},
        {"StringLike": {"aws:PrincipalArn": f"{IAM}user/team/a*"}},
        {"ArnNotEquals": {"aws:PrincipalArn": f"{IAM}user/team/al"}},
        {"StringEquals": {"aws:username": ["bob", "carol"]}},
        {"StringNotLike": {"aws:username": "al*"}},
        {"StringEqualsIgnoreCase": {"aws:username": "BOB"}},
        {"StringLike": {"s3:prefix": "home/${aws:username}/*"}},
        {"StringLike": {"s3:prefix": ["home/bob/*", "home/*"]}},
        {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}},
        {"StringLike": {"ssm:resourceTag/owner": "${aws:username}"}},
        {"StringEquals": {"aws:ResourceTag/owner": "${aws:userid}"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    ]
)
STATEMENTS = st.builds(
    lambda says, actions, on, conditions: says(*actions, on=on, **conditions),
    st.sampled_from([allow, allow, allow, deny]),
    ACTIONS,
    RESOURCES,
    CONDITIONS,
)
SEVERAL = st.lists(STATEMENTS, min_size=1, max_size=3)
TRUSTED = st.lists(
    st.builds(
        lambda who, conditions: trusting(who, **conditions),
        st.sampled_from([f"{IAM}root", f"{IAM}user/team/bob", f"{IAM}user/team/al", "lambda.amazonaws.com"]),
        CONDITIONS,
    ),
    max_size=2,
)
STRONG = allow("kinesis:*")


def instance(owner, serves):
    return CredentialSource(
        "ec2:instance", f"arn:aws:ec2:eu-central-1:{ACCOUNT}:instance/i-1", serves, {"owner": owner}
    )


@st.composite
def accounts(draw):
    """Draw users of which most hold the same, with the roles, groups and secrets that they may come to."""
    shared = Grant(document(*draw(SEVERAL)))
    joined = group("all", *draw(st.just([]) | SEVERAL))
    grants = (shared, *(replace(each, group=joined.arn) for each in joined.grants))
    boundary = draw(st.none() | SEVERAL)
    cap = document(*boundary) if boundary else None
    odd = draw(st.sampled_from([None, *NAMES]))
    path = draw(st.sampled_from(["team/", "team/", ""]))
    users = [
        replace(user(f"{path}{name}"), grants=grants, boundary=cap, groups=(joined.arn,)) for name in NAMES
    ]
    more = Grant(document(STRONG), PolicyKind.MANAGED, policy=f"{IAM}policy/more")
    users = [replace(each, grants=(*grants, more)) if each.user_name == odd else each for each in users]
    roles = [role("strong", STRONG, trust=draw(TRUSTED)), role("bob/team", STRONG, trust=draw(TRUSTED))]
    kept = draw(st.sampled_from([(), NAMES, ("bob", "al")]))
    form = draw(st.sampled_from(["<{}>", "{}/x", "{}"]))
    credential_sources = [
        CredentialSource("secretsmanager:Secret", SECRET + form.format(each.user_name), each.arn)
        for each in users
        if each.user_name in kept
    ]
    owner = draw(st.sampled_from(["bob", "nobody", "alice/x"]))
    credential_sources += [instance(owner, who.arn) for who in roles]
    extra = [user("other/bob")] if draw(st.booleans()) else []
    loose = document(*draw(SEVERAL), kind=Kind.IDENTITY)
    return Account(
        (*users, *extra, *roles),
        (joined, group("bob")),
        tuple(credential_sources),
        {f"{IAM}policy/loose": loose},
    )


def told(standings):
    return [(each.actor.arn, type(each).__name__, ways(each)) for each in standings]


def ways(result):
    return [(path.via, path.to, path.needs) for path in getattr(result, "paths", ())]


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_equivalent_users_have_the_same_result(account):
    alike = equivalence_classes(account, account.actors)
    event(f"{len(set(alike.values()))} sorts of {len(alike)} users")
    alone = replace(account)
    each = [result for one in alone.actors for result in find_escalations(alone, of=[one])]
    assert told(find_escalations(account)) == told(each)


SHOWN_ALONE = {"name", "origin"}
COMPARED = {
    Actor: "kind arn grants boundary boundary_arn may_have_boundary made_by trust groups tags doubts",
    CredentialSource: "kind arn identity_arn tags needs",
    Account: "actors groups credential_sources policies",
}
KEPT_BY_SEARCHES = {"step_cache", "_by_arn", "_sources_by_kinds"}


@pytest.mark.parametrize("kind", COMPARED, ids=lambda kind: kind.__name__)
def test_every_field_that_distinguishes_users_is_examined(kind):
    """Whatever is new in an account is looked at by `alike` before it is named here."""
    found = {each.name for each in fields(kind)} - SHOWN_ALONE - KEPT_BY_SEARCHES
    assert found == set(COMPARED[kind].split())


def of(*statements, **more):
    """Give four users with the same policy, in an account that holds something more."""
    shared = Grant(document(*statements))
    users = [replace(user(f"team/{name}"), grants=(shared,)) for name in ("al", "alice", "bob", "carol")]
    return Account((*users, *more.pop("others", ())), **more)


def alike(account):
    """Spell who is alike, such as `al carol | alice bob`."""
    sorts = {}
    for each, shared in equivalence_classes(account, account.actors).items():
        sorts.setdefault(shared, []).append(each.user_name)
    return " | ".join(sorted(map(" ".join, sorts.values())))


def secrets(*names, form="<{}>"):
    return tuple(
        CredentialSource("secretsmanager:Secret", SECRET + form.format(name), f"{IAM}user/team/{name}")
        for name in names
    )


def attach(name):
    return allow("iam:AttachUserPolicy", ArnEquals={"iam:PolicyARN": f"arn:aws:iam::aws:policy/{name}"})


GET = "secretsmanager:GetSecretValue"
HOME = "arn:aws:s3:::homes/"
ALL = "al alice bob carol"
NOBODY = ""


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        pytest.param(of(allow("s3:GetObject", on="*")), ALL, id="nothing names anybody"),
        pytest.param(of(allow("s3:*", on=f"{HOME}${{aws:username}}/*")), ALL, id="each its own name"),
        pytest.param(
            of(allow("s3:*", on=[f"{HOME}${{aws:username}}/*", f"{HOME}bob/*"])),
            "al alice carol",
            id="one named",
        ),
        pytest.param(
            of(allow("iam:*", on=[f"{IAM}user/team/al", f"{IAM}user/team/bob"])),
            "al bob | alice carol",
            id="two named together",
        ),
        pytest.param(
            of(allow("iam:*", on=f"{IAM}user/team/al*")), "al alice | bob carol", id="those that begin alike"
        ),
        pytest.param(of(allow("iam:*", on=f"{IAM}user/*/bob")), NOBODY, id="one named under any path"),
        pytest.param(
            of(allow("iam:*", on=f"{IAM}user/?eam/*")), NOBODY, id="a wildcard that might be anything"
        ),
        pytest.param(of(allow("iam:*", on=f"{IAM}user/team/*l*")), NOBODY, id="a part of names"),
        pytest.param(
            of(allow("s3:*", on=f"{HOME}x${{aws:username}}")), ALL, id="a beginning before the name"
        ),
        pytest.param(of(allow("s3:*", on=f"{HOME}${{aws:username}}-x")), NOBODY, id="more after the name"),
        pytest.param(of(allow("s3:*", on="arn:aws:s3:::${aws:PrincipalArn}")), NOBODY, id="the whole ARN"),
        pytest.param(
            of(allow("s3:*", StringEquals={"aws:username": "bob"})), "al alice carol", id="a name asked for"
        ),
        pytest.param(
            of(allow("s3:*", StringEqualsIgnoreCase={"aws:username": "BOB"})),
            "al alice carol",
            id="in other letters",
        ),
        pytest.param(
            of(allow("s3:*", StringLike={"aws:PrincipalArn": "arn:*/bob"})),
            NOBODY,
            id="an ARN's end asked for",
        ),
        pytest.param(
            of(allow("s3:*", NumericEquals={"aws:username": "1"})), NOBODY, id="a name taken as a number"
        ),
        pytest.param(
            of(allow("s3:*", StringLike={"s3:prefix": ["${aws:username}/*", "bob/*"]})),
            "al alice carol",
            id="a condition's value",
        ),
        pytest.param(
            of(allow(GET), credential_sources=secrets("al", "bob")),
            "al bob | alice carol",
            id="credentials kept of two",
        ),
        pytest.param(
            of(
                allow(GET, on=[f"{SECRET}<al>", f"{SECRET}x"]),
                credential_sources=secrets("al", "bob", "carol"),
            ),
            "bob carol",
            id="credentials of one that somebody may read",
        ),
        pytest.param(
            of(
                allow(GET, on=f"{SECRET}${{aws:username}}"),
                credential_sources=secrets("al", "bob", form="{}"),
            ),
            "alice carol",
            id="credentials under a name",
        ),
        pytest.param(
            of(allow("sts:*"), others=[role("r", trust=[trusting(f"{IAM}user/team/bob")])]),
            "al alice carol",
            id="one trusted",
        ),
        pytest.param(
            of(allow("sts:*", on=f"{IAM}role/${{aws:username}}"), others=[role("bob", STRONG)]),
            "al alice carol",
            id="a role called like one",
        ),
        pytest.param(of(allow("s3:*"), others=[user("bob")]), "al alice carol", id="two of one name"),
        pytest.param(
            of(allow("iam:ChangePassword", on=f"{IAM}user/${{aws:username}}")),
            ALL,
            id="its own name under no path",
        ),
        pytest.param(
            of(
                allow("ssm:StartSession", StringEquals={"ssm:resourceTag/owner": "${aws:username}"}),
                credential_sources=(instance("bob", f"{IAM}role/r"), instance("the team", f"{IAM}role/r")),
            ),
            "al alice carol",
            id="an instance tagged with one's name",
        ),
        pytest.param(
            of(allow("s3:*", on=[f"{HOME}{n}" for n in range(300)])),
            NOBODY,
            id="more patterns than it is worth",
        ),
        pytest.param(of(attach("AmazonS3ReadOnlyAccess")), ALL, id="a policy of AWS's that may be attached"),
        pytest.param(of(attach("IAMUserChangePassword")), NOBODY, id="one that speaks of names"),
    ],
)
def test_which_users_are_distinguished(account, expected):
    assert alike(account) == expected
