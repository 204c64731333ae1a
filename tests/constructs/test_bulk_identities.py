"""Many groups or roles at once are the same resources as each by itself, and no finding is accepted that one of them refuses."""

from __future__ import annotations

import re
from datetime import date

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from access_constructs.people.group import AccessGroup, GroupDefinition
from access_constructs.roles.role import AccessRole, RoleDefinition
from access_constructs.synthesis.identity import BulkIdentities, fits_in_bulk
from keywright.policy.statement import Effect, Statement
from tests.constructs.synthesis import ACCOUNT, BOUNDARY, PATH, new_stack, resources

NAMES = st.text("aXz09+=.@_-", min_size=1, max_size=12)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
WILD = ("arn:aws:s3:::reports/*", "arn:aws:s3:::reports/a/*", "*")
STATEMENTS = st.lists(
    st.builds(
        Statement,
        effect=st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.DENY]),
        actions=st.lists(
            st.sampled_from(
                ["s3:GetObject", "s3:ListBucket", "s3:PutBucketPolicy", "ec2:DescribeInstances", "s3:*"]
            ),
            min_size=1,
            max_size=2,
            unique=True,
        ).map(tuple),
        resources=st.lists(
            st.sampled_from([*WILD, "arn:aws:s3:::reports"]), min_size=1, max_size=2, unique=True
        ).map(tuple),
        conditions=st.just({}) | TEXTS.map(lambda text: {"StringEquals": {"aws:PrincipalTag/a": (text,)}}),
    ),
    max_size=3,
)
TRUST = Statement(principals={"AWS": (f"arn:aws:iam::{ACCOUNT}:root",)}, actions=("sts:AssumeRole",))
READ = Statement(actions=("s3:GetObject",), resources=("arn:aws:s3:::reports/*",))
WRITE = Statement(actions=("s3:PutBucketPolicy",), resources=("arn:aws:s3:::reports/*",))
ARNS = st.just(()) | st.just(("arn:aws:iam::aws:policy/SecurityAudit",))


def group(name, **more):
    return {"name": name, "path": PATH, **more}


def role(name, **more):
    given = {"boundary_arn": BOUNDARY, "trust": (TRUST,), "session_seconds": 3600, "statements": ()}
    return {"name": name, "path": PATH, **given, **more}


@st.composite
def some_groups(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=str.lower))
    bounds = st.none() | st.dates(date(2027, 1, 1), date(2028, 1, 1))
    found = [group(name, statements=draw(STATEMENTS), until=draw(bounds)) for name in names]
    return [each if each["until"] else {**each, "managed_policy_arns": draw(ARNS)} for each in found]


@st.composite
def some_roles(draw):
    tags = st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=2)
    return [
        role(
            name,
            statements=draw(STATEMENTS),
            boundary_arn=draw(st.sampled_from([None, BOUNDARY])),
            session_seconds=draw(st.sampled_from([3600, 43200])),
            managed_policy_arns=draw(ARNS),
            tags=draw(tags),
        )
        for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=str.lower))
    ]


SEVERAL = some_groups().map(lambda found: (GroupDefinition, AccessGroup, found)) | some_roles().map(
    lambda found: (RoleDefinition, AccessRole, found)
)


def acknowledged(construct):
    key = cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY
    data = [entry.data for entry in construct.node.metadata if entry.type == key]
    return {id_ for each in data for id_ in each}


def resource_of(made):
    return made.group if isinstance(made, AccessGroup) else made.role


def found(resource):
    """Name the findings of rule packs in an identity's policies, read from the template as they do."""
    policies = resource["Properties"].get("Policies", ())
    allowed = [
        each
        for policy in policies
        for each in policy["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow"
    ]
    values = [("Action", each["Action"]) for each in allowed] + [
        ("Resource", each["Resource"]) for each in allowed
    ]
    listed = [
        (key, each) for key, value in values for each in (value if isinstance(value, list) else [value])
    ]
    wild = {f"AwsSolutions::AwsSolutions-IAM5[{key}::{each}]" for key, each in listed if "*" in each}
    packs = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
    rules = (["IAMNoInlinePolicy"] if policies else []) + (
        ["IAMGroupHasUsers"] if resource["Type"] == "AWS::IAM::Group" else []
    )
    return wild | {f"{pack}::{pack}-{rule}" for pack in packs for rule in rules}


@settings(max_examples=20, deadline=None)
@given(SEVERAL)
@example((GroupDefinition, AccessGroup, [group("a", statements=[READ]), group("b", statements=[WRITE])]))
@example((GroupDefinition, AccessGroup, [group("a", statements=[READ]), group("b", statements=[READ])]))
def test_bulk_identities_equal_single_identities_and_accept_no_more(several):
    plain, construct, given_ = several
    together, apart = new_stack(), new_stack()
    piece = BulkIdentities(together, "owners", [plain(**each) for each in given_])
    single = [construct(apart, f"{number}", **each) for number, each in enumerate(given_)]
    assert resources(together) == resources(apart)
    all_at_once = acknowledged(piece)
    owned = {apart.resolve(resource_of(each).logical_id): acknowledged(each) for each in single}
    for name, resource in resources(apart).items():
        assert all_at_once & found(resource) <= owned[name]
    if all(fits_in_bulk(apart, plain(**each)) for each in given_):
        assert all_at_once == set().union(*owned.values())


def test_accepts_a_finding_only_where_all_identities_accept_it():
    stack = new_stack()
    both = [
        GroupDefinition(**group("a", statements=[READ])),
        GroupDefinition(**group("b", statements=[WRITE])),
    ]
    ids = "AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:s3:::reports/*]"
    assert ids in acknowledged(BulkIdentities(stack, "one", both[:1]))
    assert ids not in acknowledged(BulkIdentities(new_stack(), "two", both))
    assert [fits_in_bulk(stack, each) for each in both] == [True, False]


def test_rule_packs_and_aspects_see_typed_identities():
    stack = new_stack()
    made = BulkIdentities(stack, "groups", [GroupDefinition(**group("readers"))])
    assert isinstance(made.get_resource("Group0readers"), iam.CfnGroup)
    assert isinstance(
        BulkIdentities(stack, "roles", [RoleDefinition(**role("audit"))]).get_resource("Role0audit"),
        iam.CfnRole,
    )


def test_bulk_users_get_the_tags_of_the_stack():
    together, apart = new_stack(), new_stack()
    given_ = role("audit", tags={"team": "b"})
    BulkIdentities(together, "roles", [RoleDefinition(**given_)])
    AccessRole(apart, "audit", **given_)
    for stack in (together, apart):
        cdk.Tags.of(stack).add("cost-center", "7")
    assert {"Key": "cost-center", "Value": "7"} in resources(together)["Role0audit"]["Properties"]["Tags"]
    assert resources(together) == resources(apart)


MANY = [Statement(actions=("s3:GetObject",), resources=(f"arn:aws:s3:::b{n}/{'x' * 99}",)) for n in range(60)]


def test_grants_over_the_quota_use_a_separate_construct():
    assert not fits_in_bulk(new_stack(), GroupDefinition(**group("readers", statements=MANY)))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        pytest.param(
            [group("a"), group("a")],
            "a name is declared twice; found `a`; accepted: each name once",
            id="twice",
        ),
        pytest.param(
            [group("a", statements=MANY)],
            "`a` cannot be made in bulk; found statements that exceed its inline quota; accepted: a construct of its own",
            id="past the quota",
        ),
    ],
)
def test_refuses(groups, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        BulkIdentities(new_stack(), "groups", [GroupDefinition(**each) for each in groups])
