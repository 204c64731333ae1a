"""A grant on a bucket: exact actions, and never a key or a listing outside its prefix."""

from __future__ import annotations

import re
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.model.grants.s3 import HALVES, S3Level
from keywright.statements.grants.s3 import (
    BUCKET_ACTIONS,
    KEY_ACTIONS,
    OBJECT_ACTIONS,
    PREFIX_ACTIONS,
    PREFIX_VERSION_ACTIONS,
    VERSION_ACTIONS,
    S3Grant,
)

if TYPE_CHECKING:
    from keywright.policy.statement import Statement

BUCKET = "arn:aws:s3:::reports"
KEY = "arn:aws:kms:eu-central-1:111111111111:key/0a1b"
LEVELS = tuple(S3Level)
DOOR = "arn:aws:s3:eu-central-1:111111111111:accesspoint/analysts"
EVERY_ACTION = sorted(
    {
        action
        for table in (OBJECT_ACTIONS, VERSION_ACTIONS, PREFIX_ACTIONS, PREFIX_VERSION_ACTIONS, BUCKET_ACTIONS)
        for actions in table.values()
        for action in actions
    }
)

literal = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="*?$"), max_size=8
).filter(lambda text: not any("\x7f" <= character <= "\x9f" for character in text))
prefixes = st.builds("{}/".format, literal.filter(lambda text: text and not text.startswith("/")))
some_levels = st.lists(st.sampled_from(LEVELS), min_size=1, unique=True)


def like(pattern: str, value: str) -> bool:
    """Match as IAM does, written for these tests alone."""
    return (
        re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), value, re.DOTALL) is not None
    )


def allows(statements: tuple[Statement, ...], action: str, resource: str, **context: str) -> bool:
    return any(
        action in statement.actions
        and any(like(pattern, resource) for pattern in statement.resources)
        and all(
            name in context and any(like(value, context[name]) for value in values)
            for keys in statement.conditions.values()
            for name, values in ((key.replace(":", "_"), values) for key, values in keys.items())
        )
        for statement in statements
    )


def grant(*levels: S3Level, prefix: str | None = None, **more: object) -> tuple[Statement, ...]:
    return S3Grant(bucket_arn=BUCKET, levels=levels, prefix=prefix, **more).statements()


@given(
    prefix=prefixes, levels=some_levels, key=literal, action=st.sampled_from(EVERY_ACTION), near=st.booleans()
)
def test_never_exceeds_its_prefix(prefix, levels, key, action, near):
    key = f"{prefix[:-1]}{key}" if near else key
    statements = grant(*levels, prefix=prefix)
    inside = key.startswith(prefix)
    assert inside or not allows(statements, action, f"{BUCKET}/{key}")
    assert inside or not allows(statements, action, BUCKET, s3_prefix=key)
    assert not allows(statements, action, BUCKET)
    assert not allows(statements, action, f"{BUCKET}-secret/{prefix}{key}")


@given(prefix=prefixes, key=literal)
def test_reaches_all_of_its_prefix(prefix, key):
    statements = grant(*LEVELS, prefix=prefix)
    assert allows(statements, "s3:ListBucket", BUCKET, s3_prefix=f"{prefix}{key}")
    for action in OBJECT_ACTIONS[S3Level.READ] + OBJECT_ACTIONS[S3Level.WRITE]:
        assert allows(statements, action, f"{BUCKET}/{prefix}{key}")


@given(levels=some_levels, prefix=st.none() | prefixes)
def test_levels_add_up(levels, prefix):
    together = grant(*levels, prefix=prefix)
    apart = [grant(level, prefix=prefix) for level in levels]

    def pairs(statements):
        return {
            (action, resource)
            for each in statements
            for action in each.actions
            for resource in each.resources
        }

    assert pairs(together) == set().union(*map(pairs, apart))


def test_does_not_depend_on_the_order_of_levels():
    assert len({repr(grant(*order, prefix="a/", key_arn=KEY)) for order in permutations(LEVELS)}) == 1


@pytest.mark.parametrize("level", LEVELS, ids=str)
@pytest.mark.parametrize("prefix", [None, "monthly/"], ids=["bucket", "prefix"])
def test_has_no_wildcard_action(level, prefix):
    actions = [
        action for statement in grant(level, prefix=prefix, key_arn=KEY) for action in statement.actions
    ]
    assert actions
    assert not [action for action in actions if "*" in action]


@pytest.mark.parametrize(
    ("levels", "resource", "actions"),
    [
        pytest.param(["list"], BUCKET, ["s3:ListBucket"], id="list"),
        pytest.param(
            ["read"],
            f"{BUCKET}/monthly/*",
            ["s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging"],
            id="read",
        ),
        pytest.param(
            ["write"],
            f"{BUCKET}/monthly/*",
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            id="write",
        ),
        pytest.param(
            ["put"],
            f"{BUCKET}/monthly/*",
            ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"],
            id="put",
        ),
        pytest.param(["delete"], f"{BUCKET}/monthly/*", ["s3:DeleteObject"], id="delete"),
        pytest.param(
            ["tagging"],
            f"{BUCKET}/monthly/*",
            ["s3:DeleteObjectTagging", "s3:PutObjectTagging"],
            id="tagging",
        ),
        pytest.param(
            ["permissions management"],
            f"{BUCKET}/monthly/*",
            ["s3:PutObjectAcl"],
            id="permissions management",
        ),
    ],
)
def test_on_a_prefix_yields(levels, resource, actions):
    (statement,) = grant(*map(S3Level, levels), prefix="monthly/")
    assert (statement.resources, statement.actions) == ((resource,), tuple(actions))


def test_every_action_is_of_its_level_in_aws_own_catalogue(catalogue):
    in_parts = {"s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads"}
    for table in (OBJECT_ACTIONS, VERSION_ACTIONS, PREFIX_ACTIONS, PREFIX_VERSION_ACTIONS, BUCKET_ACTIONS):
        for level, actions in table.items():
            filed = "write" if level in HALVES else level
            for action in set(actions) - in_parts:
                written = catalogue.actions.get_action_details("s3", action.removeprefix("s3:"))[
                    "accessLevel"
                ]
                assert written.split(",")[0].lower() == filed, action


def test_only_actions_that_support_a_prefix_are_restricted_to_one(catalogue):
    for action in PREFIX_ACTIONS[S3Level.LIST] + PREFIX_VERSION_ACTIONS[S3Level.LIST]:
        details = catalogue.actions.get_action_details("s3", action.removeprefix("s3:"))
        assert "s3:prefix" in details["conditionKeys"]


@pytest.mark.parametrize("actions", KEY_ACTIONS.values(), ids=map(str, KEY_ACTIONS))
def test_key_conditions_are_known_to_the_key_actions(catalogue, actions):
    for action in actions:
        keys = catalogue.actions.get_action_details("kms", action.removeprefix("kms:"))["conditionKeys"]
        assert {"kms:ViaService", "kms:EncryptionContext:${EncryptionContextKey}"} <= set(keys)


@pytest.mark.parametrize(
    ("key", "via"),
    [
        pytest.param(KEY, "s3.eu-central-1.amazonaws.com", id="aws"),
        pytest.param(
            "arn:aws-cn:kms:cn-north-1:111111111111:key/1", "s3.cn-north-1.amazonaws.com.cn", id="China"
        ),
        pytest.param(
            "arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/1",
            "s3.us-gov-west-1.amazonaws.com",
            id="GovCloud",
        ),
    ],
)
def test_the_key_is_used_only_through_s3_for_these_objects(key, via):
    statement = grant(S3Level.WRITE, prefix="monthly/", key_arn=key)[-1]
    assert statement.to_json() == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": key,
        "Condition": {
            "StringEquals": {"kms:ViaService": via},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": [BUCKET, f"{BUCKET}/monthly/*"]},
        },
    }


def test_listing_needs_no_key():
    assert all("kms" not in action for each in grant(S3Level.LIST, key_arn=KEY) for action in each.actions)


def test_write_is_put_and_delete():
    assert grant(S3Level.WRITE) == grant(S3Level.PUT, S3Level.DELETE)


@pytest.mark.parametrize("level", [level for level in LEVELS if level is not S3Level.DELETE], ids=str)
@pytest.mark.parametrize("versions", [False, True], ids=["current", "versions"])
def test_only_delete_deletes_versions(level, versions):
    every = {action for each in grant(level, versions=versions) for action in each.actions}
    assert "s3:DeleteObjectVersion" not in every


@pytest.mark.parametrize(
    ("level", "more"),
    [
        ("list", {"s3:ListBucketVersions"}),
        ("read", {"s3:GetObjectVersion", "s3:GetObjectVersionAttributes", "s3:GetObjectVersionTagging"}),
        ("put", set()),
        ("delete", {"s3:DeleteObjectVersion"}),
        ("tagging", {"s3:DeleteObjectVersionTagging", "s3:PutObjectVersionTagging"}),
        ("permissions management", {"s3:PutObjectVersionAcl"}),
    ],
)
def test_versions_add(level, more):
    before = {action for each in grant(S3Level(level), prefix="monthly/") for action in each.actions}
    after = {
        action for each in grant(S3Level(level), prefix="monthly/", versions=True) for action in each.actions
    }
    assert after - before == more


def test_with_an_access_point_both_allow_and_the_bucket_only_through_it():
    statements = grant(S3Level.LIST, S3Level.READ, prefix="monthly/", access_point_arn=DOOR)
    through = {"s3:DataAccessPointArn": (DOOR,)}
    within = {"s3:prefix": ("monthly/*",)}
    assert [(each.resources, each.conditions) for each in statements] == [
        ((DOOR,), {"StringLike": within}),
        ((BUCKET,), {"StringLike": within, "StringEquals": through}),
        ((f"{DOOR}/object/monthly/*",), {}),
        ((f"{BUCKET}/monthly/*",), {"StringEquals": through}),
    ]


@given(levels=some_levels, prefix=st.none() | prefixes, key=literal, action=st.sampled_from(EVERY_ACTION))
def test_with_an_access_point_nothing_is_allowed_without_it(levels, prefix, key, action):
    statements = grant(*levels, prefix=prefix, access_point_arn=DOOR)
    for resource in (BUCKET, f"{BUCKET}/{prefix or ''}{key}"):
        assert not allows(statements, action, resource, s3_prefix=f"{prefix or ''}{key}")


@pytest.mark.parametrize("door", ["analysts", "arn:aws:s3:::analysts", "arn:aws:s3:eu:1:accesspoint/*"])
def test_refuses_what_is_not_one_access_point(door):
    with pytest.raises(ValueError, match="a grant is for one access point; found `"):
        grant(S3Level.READ, access_point_arn=door)


def test_every_statement_expires():
    statements = grant(
        *LEVELS, prefix="monthly/", key_arn=KEY, access_point_arn=DOOR, until=date(2027, 1, 31)
    )
    assert {each.conditions["DateLessThan"]["aws:CurrentTime"] for each in statements} == {
        ("2027-02-01T00:00:00Z",)
    }


@pytest.mark.parametrize(
    "prefix", ["monthly", "/monthly/", "mon*/", "mon?/", "${aws:username}/", "", "/", "mon\nthly/", "данные/"]
)
def test_refuses_a_prefix_that_is_no_literal_folder(prefix):
    with pytest.raises(ValueError, match="a prefix is a folder, compared literally; found `"):
        grant(S3Level.READ, prefix=prefix)


@pytest.mark.parametrize(
    "bucket", ["reports", "arn:aws:s3:::*", "arn:aws:s3:::reports/x", "arn:aws:s3:::re*", "arn:aws:s3:eu:1:x"]
)
def test_refuses_what_is_not_one_bucket(bucket):
    with pytest.raises(ValueError, match="a grant is for one bucket; found `"):
        S3Grant(bucket_arn=bucket, levels=[S3Level.READ], prefix=None)


@pytest.mark.parametrize("key", ["alias/x", "arn:aws:kms:eu-central-1:111111111111:alias/x", "*"])
def test_refuses_a_key_by_alias(key):
    with pytest.raises(ValueError, match="a key is named by the ARN of the key itself; found `"):
        grant(S3Level.READ, key_arn=key)


@pytest.mark.parametrize("levels", [("reed",), "read", (S3Level.READ, "all")])
def test_refuses_an_unknown_level(levels):
    said = "an access level is unknown, or is not in a tuple; found `.*`; accepted: a tuple of `list`, "
    with pytest.raises(ValueError, match=said):
        S3Grant(bucket_arn=BUCKET, levels=levels, prefix=None)


def test_refuses_an_empty_grant():
    with pytest.raises(ValueError, match="a grant has no access level; found no level"):
        grant()
