"""Trusts in services have a confused-deputy condition where the service sends its source; the guardrails read the same table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from keywright.model.trusts.service import ServiceTrust
from keywright.policy.matching.arn import arn_pattern
from keywright.policy.matching.context import Context, Truth
from keywright.policy.reference.catalogue import resource_types_of
from keywright.policy.reference.services import DECLARABLE, DOMAIN, KINDS, SERVICES
from keywright.statements.trusts.services import service_trust
from tests.unit.guardrails.builders import findings, role

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT, OTHER = "111111111111", "222222222222"
HELD = [(name, kind) for name, service in SERVICES.items() for kind in service.resources]


def trust(service: str, **resources: str) -> Any:
    return service_trust(
        service=service, partition="aws", region="eu-central-1", account=ACCOUNT, resources=resources
    )


def lets_in(service: str, account: str, arn: str, **resources: str) -> bool:
    asked = Context.of({"aws:SourceAccount": (account,), "aws:SourceArn": (arn,)})
    tests = trust(service, **resources).condition_tests
    return all(each.holds(asked) is Truth.YES for each in tests)


def test_lambda_runs_functions_with_the_role():
    assert trust("lambda").to_json() == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def test_tasks_of_other_accounts_are_not_run_with_the_role():
    assert trust("ecs-tasks").to_json()["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-central-1:111111111111:*"},
        "StringEquals": {"aws:SourceAccount": "111111111111"},
    }


def test_builds_of_one_project_run_with_the_role():
    assert trust("codebuild", project="build").to_json() == {
        "Effect": "Allow",
        "Principal": {"Service": "codebuild.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": "arn:aws:codebuild:eu-central-1:111111111111:project/build"},
            "StringEquals": {"aws:SourceAccount": "111111111111"},
        },
    }


@pytest.mark.parametrize(
    ("arn", "account", "enters"),
    [
        pytest.param("codebuild:eu-central-1:111111111111:project/build", ACCOUNT, True, id="its project"),
        pytest.param(
            "codebuild:eu-central-1:111111111111:project/build-2", ACCOUNT, False, id="another project"
        ),
        pytest.param("codebuild:us-east-1:111111111111:project/build", ACCOUNT, False, id="another region"),
        pytest.param("codebuild:eu-central-1:222222222222:project/build", OTHER, False, id="another account"),
    ],
)
def test_a_project_is_distinguished_from_others(arn: str, account: str, enters: bool) -> None:
    assert lets_in("codebuild", account, f"arn:aws:{arn}", project="build") is enters


@pytest.mark.parametrize("name", [name for name in DECLARABLE if SERVICES[name].sends_source])
def test_no_other_accounts_source_is_accepted(name: str) -> None:
    assert not lets_in(name, OTHER, f"arn:aws:{name}:eu-central-1:{OTHER}:a/b")


def test_an_unknown_service_must_send_its_source():
    made = trust("newthing.amazonaws.com")
    assert made.principals == {"Service": ("newthing.amazonaws.com",)}
    assert made.conditions == {"StringEquals": {"aws:SourceAccount": (ACCOUNT,)}}


@pytest.mark.parametrize(
    ("service", "resources", "message"),
    [
        pytest.param("ec2", {}, "has a trust of its own; found `ec2`; accepted: a workload", id="EC2"),
        pytest.param("pods.eks", {}, "accepted: `eks: {cluster: …", id="pods"),
        pytest.param("codebuil", {}, "accepted: `codebuild`, `codepipeline`", id="a misspelling"),
        pytest.param("lambda.amazonaws.com", {}, "accepted: `lambda`", id="a known one by its principal"),
        pytest.param("*.amazonaws.com", {}, "found `*.amazonaws.com`", id="any service"),
        pytest.param("lambda", {"project": "x"}, "accepted: no resource", id="a resource of another's"),
        pytest.param(
            "codebuild", {"project": "build*"}, "found project `build*`; accepted: `project`", id="a pattern"
        ),
        pytest.param(
            "new.amazonaws.com",
            {"project": "x"},
            "accepted: no resource",
            id="a resource of an unknown service",
        ),
    ],
)
def test_refuses(service: str, resources: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        trust(service, **resources)


# The table


@pytest.mark.parametrize("name", SERVICES)
def test_the_guardrail_accepts_every_trust(name: str, tmp_path: Path) -> None:
    """A trust without conditions is found wherever the service would say for whom it acts; ours is never found."""
    bare = {"Effect": "Allow", "Principal": {"Service": f"{name}{DOMAIN}"}, "Action": "sts:AssumeRole"}
    assert bool(findings(tmp_path, "TRU012", {"R": role(bare)})) is SERVICES[name].sends_source
    if name in DECLARABLE:
        assert not findings(tmp_path, "TRU012", {"R": role(trust(name).to_json())})


@pytest.mark.parametrize(("name", "kind"), HELD)
def test_an_arn_is_one_that_the_service_has(name: str, kind: str) -> None:
    """AWS's own list of resource types knows the form of each ARN that we ask for."""
    for arn in trust(name, **{kind: "one"}).conditions["ArnLike"]["aws:SourceArn"]:
        forms = [arn_pattern(each.arn_pattern, False) for each in resource_types_of(arn.split(":")[2])]
        assert any(each.covers(arn.replace("*", "x")) for each in forms), arn


def test_the_declarations_have_a_key_for_each_kind():
    keys = set(ServiceTrust.model_fields) - {"service", "because"}
    assert keys == set(KINDS)


def test_the_how_to_lists_every_service(root: Path) -> None:
    """Its first cells hold names, and the second what each may be held to."""
    page = (root / "docs/how-to/give-an-aws-service-a-role.md").read_text()
    rows = [[re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:3]] for line in page.splitlines()]
    told = {name: set(kinds) & set(KINDS) for names, kinds in filter(len, rows) for name in names}
    assert told == {name: set(SERVICES[name].resources) for name in DECLARABLE}
    held_to_nothing = next(line for line in page.splitlines() if line.endswith("| nothing | the same |"))
    silent = {name for name in DECLARABLE if not SERVICES[name].sends_source}
    assert set(re.findall(r"`([^`]+)`", held_to_nothing)) == silent
