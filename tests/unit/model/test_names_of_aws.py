"""Actions and condition keys that AWS does not list are refused, unless they are confirmed as newer than the reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.policy.reference import catalogue
from keywright.policy.reference.condition_keys import global_keys, is_known, known_keys
from keywright.reporting.finding import Severity
from tests.unit.model.folders import report_of

NEVER = (
    'never:\n  - {who: everyone, can: ["s3:DeleteObject", "CAN"], on: bucket/reports, unlisted: [UNLISTED]}\n'
)


@pytest.mark.parametrize(
    ("can", "unlisted"),
    [
        pytest.param("s3:PurgeBucket", '"s3:PurgeBucket"', id="an action"),
        pytest.param("s3:Purge*", '"s3:Purge*"', id="a pattern"),
        pytest.param("quantum-s3:Delete*", '"quantum-s3:Delete*"', id="a service"),
        pytest.param("s3:GetObject", "", id="nothing"),
    ],
)
def test_a_name_newer_than_the_reference_can_be_confirmed(can, unlisted):
    assert report_of(NEVER.replace("CAN", can).replace("UNLISTED", unlisted)) == []


DENIAL = """\
groups:
  readers:
    grants:
      - statement: {effect: EFFECT, KEY: ["s3:DeletObject"], resources: ["*"]}
        because: nobody deletes from here
        wildcards: nobody deletes from here
"""


@pytest.mark.parametrize(
    ("effect", "key", "severity"),
    [
        pytest.param("deny", "actions", Severity.ERROR, id="which denies nothing"),
        pytest.param("deny", "not_actions", Severity.ADVICE, id="which denies more"),
        pytest.param("allow", "actions", Severity.ADVICE, id="which allows nothing"),
    ],
)
def test_a_misspelled_action_is_an_error_where_it_protects_nothing(effect, key, severity):
    text = DENIAL.replace("EFFECT", effect).replace("KEY", key)
    text = text if effect == "allow" else text.replace("        wildcards: nobody deletes from here\n", "")
    (found,) = report_of(text)
    assert (found.message, found.severity) == ("no AWS action matches", severity)


KEYS = sorted(
    {*global_keys(), *(key for service in ("s3", "ec2", "iam", "kms") for key in known_keys(service))}
)


@given(st.sampled_from(KEYS), st.sampled_from(["x", "a-b", "Team"]))
def test_every_listed_key_is_known_in_any_case(key, tag):
    head = key.partition("${")[0].partition("<")[0].removesuffix("…")
    whole = head if head == key else head + tag
    assert is_known(whole)
    assert is_known(whole.lower())


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("aws:PrincipalTag/team", True),
        ("aws:PrincipalTags/team", False),
        ("aws:SourceVcp", False),
        ("token.actions.githubusercontent.com:sub", True),
        ("saml:aud", True),
        ("saml:audience", False),
        ("s3:prefix", True),
        ("s3:prefixx", False),
        ("sss:prefix", False),
    ],
)
def test_a_key_is_known_by_its_name(key, known):
    assert is_known(key) is known


def test_arns_name_services_by_other_prefixes_too():
    assert {"s3", "sqs", "elasticloadbalancing", "execute-api"} <= catalogue.services_in_arns()
    assert "s4" not in catalogue.services_in_arns()
