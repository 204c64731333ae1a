"""Subjects match the issuers' documented examples, and no other project."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.model.trusts.issuers.bitbucket import bitbucket_subject
from keywright.model.trusts.issuers.buildkite import buildkite_subject
from keywright.model.trusts.issuers.circleci import circleci_subject
from keywright.model.trusts.issuers.gitlab import gitlab_subject
from keywright.model.trusts.issuers.issuer import TokenSubject
from keywright.model.trusts.issuers.terraform import terraform_subject
from keywright.statements.trusts.web_identity import google_trust, oidc_trust
from tests.unit.statements.policy_checks import like

ONE, OTHER = "1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50", "2f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
COMMIT = "9f3182061f1e2cca4702c368cbc039b7dc9d4485"


def matches(subject, token):
    return like(subject.text, token) if subject.is_pattern else subject.text == token


@pytest.mark.parametrize(
    ("subject", "token"),
    [
        pytest.param(
            gitlab_subject("acme/platform/shop", branch="feature/1"),
            "project_path:acme/platform/shop:ref_type:branch:ref:feature/1",
            id="a branch of GitLab",
        ),
        pytest.param(
            gitlab_subject("acme/shop", tag="v1"),
            "project_path:acme/shop:ref_type:tag:ref:v1",
            id="a tag of GitLab",
        ),
        pytest.param(
            terraform_subject("acme", "Default Project", "shop", "apply"),
            "organization:acme:project:Default Project:workspace:shop:run_phase:apply",
            id="an apply",
        ),
        pytest.param(
            buildkite_subject("acme-inc/super-duper-app", branch="main"),
            f"organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/main:commit:{COMMIT}:step:build",
            id="a step of Buildkite",
        ),
        pytest.param(
            buildkite_subject("acme-inc/super-duper-app", tag="v1"),
            f"organization:acme-inc:pipeline:super-duper-app:ref:refs/tags/v1:commit:{COMMIT}:step:",
            id="a step without a key",
        ),
        pytest.param(
            circleci_subject(ONE, OTHER), f"org/{ONE}/project/{OTHER}/user/{ONE}", id="a job of CircleCI"
        ),
        pytest.param(bitbucket_subject(ONE), f"{{{ONE}}}:{{{OTHER}}}", id="a step of Bitbucket"),
        pytest.param(
            bitbucket_subject(ONE, OTHER),
            f"{{{ONE}}}:{{{OTHER}}}:{{{ONE}}}",
            id="a step of Bitbucket that deploys",
        ),
    ],
)
def test_matches_the_subject_that_the_issuer_writes(subject, token):
    assert matches(subject, token)


names = st.from_regex(r"[a-z][a-z0-9_.-]{0,6}", fullmatch=True)
refs = st.from_regex(r"[a-z][a-z0-9/._-]{0,8}", fullmatch=True)


@given(st.tuples(names, names, refs), st.tuples(names, names, refs), st.sampled_from(["branch", "tag"]))
def test_matches_no_other_project_and_no_other_ref(mine, theirs, kind):
    """The token of one project and ref matches the subject of another one only if they are the same."""
    for subject_of, token_of in (
        (gitlab_subject, lambda subject: subject.text),
        (buildkite_subject, lambda subject: subject.text.replace("*", f"{COMMIT}:step:x")),
    ):
        subject, token = (subject_of(f"{each[0]}/{each[1]}", **{kind: each[2]}) for each in (mine, theirs))
        assert matches(subject, token_of(token)) is (mine == theirs)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(f"org/{ONE}/project/{ONE}/user/{ONE}", id="another project"),
        pytest.param(f"org/{OTHER}/project/{OTHER}/user/{ONE}", id="another organization"),
        pytest.param(f"x/org/{ONE}/project/{OTHER}/user/{ONE}", id="more before it"),
    ],
)
def test_circleci_matches_one_project(token):
    assert not matches(circleci_subject(ONE, OTHER), token)


def test_bitbucket_distinguishes_environments():
    assert not matches(bitbucket_subject(ONE, OTHER), f"{{{ONE}}}:{{{ONE}}}:{{{OTHER}}}")
    assert not matches(bitbucket_subject(ONE, OTHER), f"{{{OTHER}}}:{{{OTHER}}}:{{{ONE}}}")


@pytest.mark.parametrize(
    ("make", "found"),
    [
        pytest.param(lambda: gitlab_subject("acme/shop"), "neither", id="no ref"),
        pytest.param(lambda: gitlab_subject("acme/shop", branch="main", tag="v1"), "both", id="two refs"),
        pytest.param(lambda: gitlab_subject("acme/*", branch="main"), "`acme/*`", id="any project"),
        pytest.param(
            lambda: gitlab_subject("acme/shop", branch="main:x"), "`main:x`", id="more than a field"
        ),
        pytest.param(lambda: buildkite_subject("shop", branch="main"), "`shop`", id="no organization"),
        pytest.param(lambda: terraform_subject("acme", "p", "w", "*"), "`*`", id="any phase"),
        pytest.param(lambda: circleci_subject("*", ONE), "`*`", id="any organization"),
        pytest.param(lambda: bitbucket_subject(f"{{{ONE}}}"), f"`{{{ONE}}}`", id="braces"),
        pytest.param(
            lambda: google_trust(service_account="robot@acme.iam.gserviceaccount.com", audience="acme"),
            "`robot@acme.iam.gserviceaccount.com`",
            id="an address",
        ),
        pytest.param(lambda: google_trust(service_account="1" * 21, audience="*"), "`*`", id="any audience"),
    ],
)
def test_refuses(make, found):
    with pytest.raises(ValueError, match=re.escape(f"found {found}")):
        make()


def test_only_a_pattern_is_compared_as_one():
    arguments = {"provider_arn": "arn", "url": "https://agent.buildkite.com", "audience": "sts.amazonaws.com"}
    pattern = oidc_trust(**arguments, subject=buildkite_subject("acme/shop", branch="main"))
    exact = oidc_trust(**arguments, subject=TokenSubject("a"))
    assert set(pattern.conditions) == {"StringEquals", "StringLike"}
    assert exact.conditions == {
        "StringEquals": {
            "agent.buildkite.com:aud": ("sts.amazonaws.com",),
            "agent.buildkite.com:sub": ("a",),
        }
    }


def test_google_compares_service_account_and_audience():
    trust = google_trust(service_account="1" * 21, audience="acme").to_json()
    assert trust["Principal"] == {"Federated": "accounts.google.com"}
    assert trust["Condition"] == {
        "StringEquals": {
            "accounts.google.com:aud": "1" * 21,
            "accounts.google.com:oaud": "acme",
            "accounts.google.com:sub": "1" * 21,
        }
    }
