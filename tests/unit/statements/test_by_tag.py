"""Grants by tag or user name: exactly one folder, exactly one condition, nothing wider."""

from __future__ import annotations

from datetime import date

import pytest

from keywright.model.grants.grant import AccessLevel
from keywright.statements.conditions import principal_tag, resource_tag_condition
from keywright.statements.grants.s3 import S3Grant
from keywright.statements.grants.services import ServiceGrant
from keywright.statements.self_service import own_access_keys_statement

ACCOUNT = "111111111111"
PATH = "/access/"
BUCKET = "arn:aws:s3:::reports"


def s3(**given):
    return S3Grant(bucket_arn=BUCKET, levels=(AccessLevel.LIST, AccessLevel.READ), **given).statements()


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        pytest.param({"prefix": None, "prefix_tag": "team"}, "${aws:PrincipalTag/team}/", id="a tag's"),
        pytest.param(
            {"prefix": "teams/", "prefix_tag": "cost-center"},
            "teams/${aws:PrincipalTag/cost-center}/",
            id="a tag's below a prefix",
        ),
        pytest.param({"prefix": "home/", "prefix_user_name": True}, "home/${aws:username}/", id="a user's"),
    ],
)
def test_a_grant_is_on_one_folder(given, folder):
    listing, reading = s3(**given)
    assert listing.conditions == {"StringLike": {"s3:prefix": (f"{folder}*",)}}
    assert (listing.resources, reading.resources) == ((BUCKET,), (f"{BUCKET}/{folder}*",))


def test_a_grant_on_folders_has_no_actions_on_the_whole_bucket():
    levels = (AccessLevel.WRITE, AccessLevel.PERMISSIONS_MANAGEMENT)
    found = S3Grant(bucket_arn=BUCKET, levels=levels, prefix=None, prefix_tag="team").statements()
    assert {each for statement in found for each in statement.resources} == {
        f"{BUCKET}/${{aws:PrincipalTag/team}}/*"
    }


@pytest.mark.parametrize(
    "key", ["", "team}", "${aws:username}", "team*", "a b", "x" * 129], ids=lambda key: key[:12] or "nothing"
)
def test_a_malformed_tag_key_is_refused(key):
    for ask in (
        lambda: principal_tag(key),
        lambda: resource_tag_condition(key),
        lambda: s3(prefix=None, prefix_tag=key),
    ):
        with pytest.raises(ValueError, match="the key of a tag is malformed"):
            ask()


@pytest.mark.parametrize("value", ["", "*", "te?t", "${aws:PrincipalTag/team}", "x" * 257, "a\n"])
def test_a_tag_value_with_a_wildcard_is_refused(value):
    with pytest.raises(ValueError, match="a tag's value is compared literally"):
        resource_tag_condition("team", value)


def service(*resources, service="secretsmanager", levels=(AccessLevel.READ,)):
    return ServiceGrant(
        service=service,
        levels=levels,
        resources=resources,
        partition="aws",
        region="eu-central-1",
        account=ACCOUNT,
        tagged=resource_tag_condition("team"),
        until=date(2027, 1, 31),
    ).statements()


def test_every_statement_requires_the_tag_and_expires():
    for statement in service("secret:*"):
        assert statement.conditions == {
            "StringEquals": {"aws:ResourceTag/team": ("${aws:PrincipalTag/team}",)},
            "DateLessThan": {"aws:CurrentTime": ("2027-02-01T00:00:00Z",)},
        }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param({}, "a grant by resource tag names no resources", id="no resource"),
        pytest.param(
            {"service": "polly", "resources": ("lexicon/x",)}, "that supports resource tags", id="no tags"
        ),
    ],
)
def test_a_condition_on_a_tag_that_never_matches_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        service(*given.pop("resources", ()), **given)


def test_own_access_keys_require_mfa_and_expire():
    statement = own_access_keys_statement("aws", ACCOUNT, PATH, date(2027, 1, 31))
    assert statement.resources == (f"arn:aws:iam::{ACCOUNT}:user{PATH}${{aws:username}}",)
    assert statement.conditions == {
        "Bool": {"aws:MultiFactorAuthPresent": ("true",)},
        "DateLessThan": {"aws:CurrentTime": ("2027-02-01T00:00:00Z",)},
    }
    assert not any("*" in action for action in statement.actions)
