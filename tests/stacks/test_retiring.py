"""`retiring:` adds one Deny to the identity's own policies and changes nothing else: without it, the identity is as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.guardrails.engine import check_assembly
from tests.laws.insiders import assembly_of

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Assembly

RETIRING = "retiring: {since: 2026-11-20, because: not used since spring}"
DECLARED = """\
account: {id: "111111111111", region: eu-central-1, handover: welcome}
buckets: {reports: {}}
groups:
  readers: {grants: [{s3: [read], bucket: reports}]}
  welcome: {}
users:
  alva: {person: {email: a@orbit.example}, groups: [readers], console: true, cli: trueA}
  ben: {person: {email: b@orbit.example}, groups: [readers, welcome], console: true}
  scanner:
    application: {because: the scanner cannot assume a role by itself, review: 2027-05-01}
    access_keys: [{serial: 1, issued: 2026-11-01}]
    grants: [{s3: [put], bucket: reports, prefix: scans/}]S
roles:
  guide: {trusts: [{group: readers}], grants: [{s3: [list], bucket: reports}]G}
  bare: {trusts: [{account: "333333333333", external_id: orbit-7f3a}]B}
"""
MARKS = {"Person": "A", "Application": "S", "guide": "G", "bare": "B"}
DENIAL = {"Action": "*", "Effect": "Deny", "Resource": "*", "Sid": "Retiring"}


def declared(*retiring: str) -> str:
    text = DECLARED
    for mark in MARKS.values():
        more = "" if mark not in retiring else f"\n    {RETIRING}" if mark == "S" else f", {RETIRING}"
        for before in ("trueA", "]S", "]G", "]B"):
            if before.endswith(mark):
                text = text.replace(before, before[:-1] + more)
    return text


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assembly, Assembly]:
    folders = (tmp_path_factory.mktemp(name) for name in ("before", "retiring"))
    before, after = declared(), declared(*MARKS.values())
    assert before.count("retiring") == 0
    assert after.count("retiring") == len(MARKS)
    first, second = (assembly_of(text, folder) for text, folder in zip((before, after), folders, strict=True))
    return first, second


def resources(assembly: Assembly) -> dict[str, Any]:
    return {each.logical_id: {**each.raw, "Metadata": None} for each in assembly.resources}


def without_denial(resource: dict[str, Any]) -> dict[str, Any]:
    """Take the Deny out of the one inline policy, and the policy where nothing else is in it."""
    properties = dict(resource["Properties"])
    policies = properties.pop("Policies", [])
    (policy,) = policies
    document = policy["PolicyDocument"]
    left = [each for each in document["Statement"] if each != DENIAL]
    if left:
        properties["Policies"] = [{**policy, "PolicyDocument": {**document, "Statement": left}}]
    return {**resource, "Properties": properties}


def test_nothing_else_of_any_resource_changes(assemblies: tuple[Assembly, Assembly]) -> None:
    before, after = map(resources, assemblies)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == {"User0alva", "Application0scanner", "Role0guide", "Role0bare"}
    for name in changed:
        assert DENIAL in after[name]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        assert without_denial(after[name]) == before[name], name


def test_no_guardrail_refuses_it(assemblies: tuple[Assembly, Assembly]) -> None:
    before, after = (check_assembly(each, own=True).findings for each in assemblies)
    assert {(each.rule, each.resource) for each in after} <= {(each.rule, each.resource) for each in before}
