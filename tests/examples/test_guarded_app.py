"""How much the guardrails report about an ordinary CDK app: `docs/how-to/check-your-own-cdk-app.md` says the same."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import aws_cdk as cdk
import pytest

from examples.guarded_app.app import compose
from keywright.guardrails.cdk.plugin import attach, conclude
from keywright.guardrails.verdict import report
from keywright.model.invariants import Never

NOISE = Counter({"LIF001": 4})
"""A role without a permissions boundary, four times: a warning in an app that is not of our constructs."""


@pytest.fixture
def app(root, tmp_path):
    context = json.loads((root / "examples/guarded_app/cdk.json").read_text(encoding="utf-8"))["context"]
    made = cdk.App(analytics_reporting=False, outdir=str(tmp_path), context=context)
    compose(made)
    return made


def found(app):
    verdict = report(Path(app.outdir))
    assert not verdict.failures
    return Counter(each.rule for each in verdict.findings)


def test_by_default_it_is_not_ours(app):
    attach(app, packs=())
    assert conclude(app) == 0
    assert found(app) == NOISE


def test_with_own_the_conventions_are_errors(app):
    attach(app, packs=(), own=True)
    assert conclude(app) == 1
    assert found(app) == NOISE


def test_beside_cdk_nag_both_count(app):
    attach(app)
    assert conclude(app) == 1
    assert found(app) == NOISE + Counter(
        {"AwsSolutions-IAM4": 3, "AwsSolutions-IAM5": 8, "AwsSolutions-L1": 2}
    )


def test_a_promise_that_does_not_hold_refuses(app):
    attach(app, packs=(), invariants=[Never(who="everyone", can="dynamodb:PutItem", on="*")])
    assert conclude(app) == 1
    assert found(app) == NOISE + Counter({"INV001": 1})


def test_a_promise_about_a_misspelled_action_is_refused(app):
    with pytest.raises(
        ValueError, match=r"no AWS action matches; found `s3:DeletObject`; accepted: `s3:DeleteObject`"
    ):
        attach(app, packs=(), invariants=[Never(who="everyone", can="s3:DeletObject", on="*")])
