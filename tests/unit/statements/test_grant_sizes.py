"""Many long prefixes: split over policies within IAM's quotas, or refused with sizes and line, by `validate` and synthesis alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from access_stacks.compose import compose
from access_stacks.inputs import StackInputs
from access_stacks.pinned_stack import DeclarationRefused
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.policy.compaction import document_size
from keywright.policy.quotas import INLINE, MANAGED, MANAGED_POLICY
from keywright.statements.declared.sizes import check_sizes
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 24)
BASE = """\
account: {id: "111111111111", region: eu-central-1, handover: helpers, break_glass: role/rescue, password_policy: {}}
groups:
  helpers: {}
  analysts: {}
buckets: {reports: {}}
roles:
  rescue:
    trusts: [{group: helpers}]
    policies: [{managed: AdministratorAccess, because: somebody must be able to repair the account}]
users:
  dora: {person: {email: dora@acme.example}, groups: [helpers], console: true}
"""
CENTER = """\
identity_center:
  instance: arn:aws:sso:::instance/ssoins-1234567890abcdef
  identity_store: d-1234567890
  groups: {writers: {id: 12345678-1234-1234-1234-123456789012}}
assignments: [{permission_set: Read, groups: [writers]}]
"""
KINDS = {
    "group": "groups:\n  readers:\n    grants: [GRANTS]\n",
    "person": (
        "users:\n  erin:\n    person: {email: e@acme.example}\n    because: nobody else has these folders\n"
        "    grants: [GRANTS]\n"
    ),
    "application": (
        "users:\n  robot:\n    application: {because: it cannot assume a role, review: 2027-05-01, considered: true}\n"
        "    grants: [GRANTS]\n"
    ),
    "role": "roles:\n  reader:\n    trusts: [{group: analysts}]\n    grants: [GRANTS]\n",
    "workload": "workloads:\n  reader:\n    ec2: {launch: none}\n    grants: [GRANTS]\n",
    "policy": (
        "policies:\n  shared:\n    grants: [GRANTS]\n"
        "groups: {readers: {policies: [{managed: policy/shared, because: they all read it}]}}\n"
    ),
    "permission set": f"{CENTER}permission_sets:\n  Read:\n    grants: [GRANTS]\n",
    "delegation": "delegations:\n  team:\n    to: [group/analysts]\n    grants: [GRANTS]\n",
}
SPLIT = ("group", "person", "application", "role", "workload")
"""The kinds whose grants are split over managed policies."""
ONE_DOCUMENT = ("policy", "permission set")


def grants(number: int, length: int) -> str:
    return ", ".join(
        f"{{s3: [read, write], bucket: reports, prefix: {each:03}-{'x' * (length - 5)}/}}"
        for each in range(number)
    )


@dataclass(frozen=True)
class Outcome:
    """What `validate` finds, and what synthesis refuses or writes."""

    found: list[str]
    refused: str | None
    templates: dict[str, dict[str, Any]]


def outcome(folder: Path, kind: str, number: int, length: int) -> Outcome:
    access = folder / "access"
    access.mkdir()
    (access / "base.yaml").write_text(BASE)
    (access / "more.yaml").write_text(KINDS[kind].replace("GRANTS", grants(number, length)))
    reading = read(access, TODAY)
    assert reading.declarations is not None, list(map(str, reading.findings))
    found = [str(each) for each in check_sizes(reading.declarations, TODAY, reading.places, reading.lock)]
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(folder / "out"),
        context={"@aws-cdk/core:enablePartitionLiterals": True},
    )
    try:
        compose(app, StackInputs(in_force(reading.declarations, TODAY).declarations, access))
    except DeclarationRefused as refused:
        return Outcome(found, f"{reading.places.at(*refused.path)}: {refused}", {})
    app.synth()
    written = (json.loads(each.read_text()) for each in (folder / "out").glob("*.template.json"))
    return Outcome(found, None, {name: each for one in written for name, each in one["Resources"].items()})


def sizes_of(resources: dict[str, dict[str, Any]]) -> dict[str, list[int]]:
    """Give the characters of the inline and managed policies that grant on the prefixes."""
    sizes: dict[str, list[int]] = {"inline": [], "managed": []}
    for each in resources.values():
        properties = each.get("Properties", {})
        documents = [one["PolicyDocument"] for one in properties.get("Policies", ())]
        if each["Type"] == "AWS::IAM::ManagedPolicy":
            sizes["managed"] += [document_size(properties["PolicyDocument"])] * ("xxxx" in str(properties))
        elif "xxxx" in str(documents):
            sizes["inline"].append(sum(map(document_size, documents)))
    return sizes


@pytest.mark.parametrize("kind", SPLIT)
def test_ninety_prefixes_are_split_within_the_quotas(tmp_path: Path, kind: str) -> None:
    done = outcome(tmp_path, kind, 90, 64)
    assert done.found == []
    assert done.refused is None
    sizes = sizes_of(done.templates)
    assert sizes["inline"] == []
    assert 1 < len(sizes["managed"]) <= MANAGED["group"].default
    assert max(sizes["managed"]) <= MANAGED_POLICY.default
    text = json.dumps(done.templates)
    assert all(f"/{each:03}-xxx" in text for each in range(90))


@pytest.mark.parametrize(
    ("kind", "number"), [("group", 18), ("person", 6), ("application", 6), ("role", 40), ("workload", 40)]
)
def test_fewer_prefixes_are_inline(tmp_path: Path, kind: str, number: int) -> None:
    sizes = sizes_of(outcome(tmp_path, kind, number, 64).templates)
    quota = INLINE[
        "user" if kind in ("person", "application") else kind if kind == "group" else "role"
    ].default
    assert sizes["managed"] == []
    (size,) = sizes["inline"]
    assert quota / 3 < size <= quota


@pytest.mark.parametrize("kind", [*SPLIT, *ONE_DOCUMENT])
def test_what_fits_nowhere_is_refused_with_its_size_and_line(tmp_path: Path, kind: str) -> None:
    done = outcome(tmp_path, kind, 90, 700)
    (found,) = done.found
    line = next(
        number
        for number, each in enumerate((tmp_path / "access/more.yaml").read_text().splitlines(), 1)
        if "grants: [" in each
    )
    assert f"/more.yaml:{line}:" in found
    assert "are too long; found 68," in found
    assert "fewer or shorter prefixes" in found
    assert done.refused is not None
    assert "/more.yaml:" in done.refused
    assert " characters; accepted: " in done.refused


def test_a_delegation_is_refused_by_synthesis_with_its_size_and_line(tmp_path: Path) -> None:
    """Its boundary depends on more than its grants, so that `validate` does not measure it."""
    done = outcome(tmp_path, "delegation", 90, 64)
    assert done.found == []
    assert done.refused is not None
    assert "more.yaml:2:3: the boundary of delegation `team` is too long; found " in done.refused


@pytest.mark.parametrize("kind", [*SPLIT, *ONE_DOCUMENT])
@pytest.mark.parametrize("length", [150, 400])
@pytest.mark.parametrize("number", [20, 60])
def test_validate_refuses_exactly_what_synthesis_refuses(
    tmp_path: Path, kind: str, number: int, length: int
) -> None:
    done = outcome(tmp_path, kind, number, length)
    assert bool(done.found) == (done.refused is not None)


def test_validate_prints_the_sizes(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "more.yaml").write_text(KINDS["role"].replace("GRANTS", grants(90, 700)))
    done = keywright("validate", str(tmp_path), "--today", TODAY.isoformat())
    assert done.returncode == 1
    assert done.stdout.decode().replace(f"{tmp_path}/", "") == (
        "more.yaml:4:5: the grants of role `reader` are too long; found 68,092 characters; accepted: at most 10 managed "
        "policies of 6,144 characters: fewer or shorter prefixes and resources, one prefix above them, or another role for "
        "some of them\n1 mistake in 1 file; nothing was written\n"
    )
