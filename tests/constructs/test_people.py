"""Many people at once are the same resources as each by itself."""

from __future__ import annotations

import re

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_constructs.people.person import Person, PersonDefinition
from access_constructs.synthesis.identity import BulkIdentities
from tests.constructs.synthesis import BOUNDARY, PATH, TOKEN, new_stack, resources

NAMES = st.text("aXz09+=.@_-", min_size=1, max_size=12)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


@st.composite
def given_people(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=str.lower))
    return [
        {
            "name": name,
            "path": PATH,
            "boundary_arn": BOUNDARY,
            "keeper_token": TOKEN,
            "groups": draw(st.lists(NAMES, max_size=3)),
            "console": draw(st.booleans()),
            "tags": draw(st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=3)),
        }
        for name in names
    ]


@settings(max_examples=25, deadline=None)
@given(given_people())
def test_bulk_people_equal_single_people(people):
    together, apart = new_stack(), new_stack()
    BulkIdentities(together, "people", [PersonDefinition(**each) for each in people])
    for each in people:
        Person(apart, each["name"], **each)
    assert resources(together) == resources(apart)


def plain(name="alice", **more):
    given = {"groups": ["mfa-guard", "readers"], "console": True, "tags": {}, **more}
    return PersonDefinition(name=name, path=PATH, boundary_arn=BOUNDARY, keeper_token=TOKEN, **given)


def test_rule_packs_and_aspects_see_typed_users():
    people = BulkIdentities(new_stack(), "people", [plain()])
    assert isinstance(people.get_resource("User0alice"), iam.CfnUser)


def test_bulk_users_get_the_tags_of_the_stack():
    together, apart = new_stack(), new_stack()
    one = plain(tags={"team": "b"})
    BulkIdentities(together, "people", [one])
    given = {key: value for key, value in vars(one).items() if key != "resources"}
    Person(apart, "alice", **given)
    for stack in (together, apart):
        cdk.Tags.of(stack).add("cost-center", "7")
    assert {"Key": "cost-center", "Value": "7"} in resources(together)["User0alice"]["Properties"]["Tags"]
    assert resources(together) == resources(apart)


def test_a_reference_to_a_group_of_the_stack_stays_a_reference():
    stack = new_stack()
    group = iam.CfnGroup(stack, "Readers")
    BulkIdentities(stack, "people", [plain(groups=[group.ref])])
    assert resources(stack)["User0alice"]["Properties"]["Groups"] == [{"Ref": "Readers"}]


@pytest.mark.parametrize(
    ("people", "message"),
    [
        pytest.param(
            [plain(), plain()],
            "a name is declared twice; found `alice`; accepted: each name once",
            id="twice",
        ),
        pytest.param(
            [plain(groups=[f"g{number}" for number in range(11)])],
            "`alice` is in too many groups; found 11; accepted: at most 10, including the group of the MFA guard",
            id="eleven groups",
        ),
        pytest.param(
            [plain("a,b")],
            "the name of a user with a secret must not have a comma; found `a,b`; accepted: letters, digits and `+=.@_-`",
            id="a comma",
        ),
    ],
)
def test_refuses(people, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        BulkIdentities(new_stack(), "people", people)


def acknowledged(construct):
    key = cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY
    return [entry.data for entry in construct.node.metadata if entry.type == key]


def test_accepts_findings_on_first_passwords_only_where_there_are_some():
    stack = new_stack()
    assert not acknowledged(BulkIdentities(stack, "without", [plain("bob", console=False)]))
    assert acknowledged(BulkIdentities(stack, "with", [plain()])) == acknowledged(
        Person(
            stack,
            "one",
            name="carol",
            path=PATH,
            boundary_arn=BOUNDARY,
            keeper_token=TOKEN,
            groups=["g"],
            console=True,
            tags={},
        ).first_password
    )
