"""What is adopted keeps its names, path, boundary and description, and every ARN of it has its own path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from keywright.guardrails.engine import check_assembly
from keywright.guardrails.results import exception_text
from keywright.model.accepted_findings import accepted_findings
from keywright.model.reading import read
from tests.laws.insiders import TODAY, assembly_of

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.assembly.templates.template import Assembly

KEPT = "because: it is changed together with its owner, until: 2027-03-31"
DECLARED = f"""\
account: {{id: "111111111111", region: eu-central-1, handover: welcome}}
buckets: {{reports: {{}}}}
policies:
  shared: {{grants: [{{s3: [list], bucket: reports}}], adopted: {{path: /old/, description: Lists reports}}}}
groups:
  readers: {{grants: [{{s3: [read], bucket: reports}}], adopted: {{path: /}}}}
  welcome: {{}}
users:
  alva: {{person: {{email: a@orbit.example}}, groups: [readers, welcome], console: true, adopted: {{path: /}}}}
  ben:
    person: {{email: b@orbit.example}}
    groups: [readers]
    console: true
    adopted: {{path: /team/, boundary: none, mfa: later, {KEPT}}}
  new: {{person: {{email: n@orbit.example}}, groups: [readers], console: true}}
  scanner:
    application: {{because: the scanner cannot assume a role by itself, review: 2027-05-01}}
    access_keys: [{{serial: 1, issued: 2026-11-01}}]
    grants: [{{s3: [put], bucket: reports, prefix: scans/}}]
    adopted: {{path: /, boundary: "arn:aws:iam::111111111111:policy/limit"}}
workloads:
  web:
    ec2: {{launch: none}}
    grants: [{{s3: [list], bucket: reports}}]
    adopted: {{path: /service/, role: WebServer, profile: web-profile, profile_path: /, boundary: none, {KEPT}}}
roles:
  guide:
    trusts: [{{group: readers}}, {{workload: web}}]
    policies: [{{managed: policy/shared, because: several roles list the same reports}}]
    adopted: {{path: /, description: Guides visitors}}
"""
OURS = "arn:aws:iam::111111111111"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return assembly_of(DECLARED, tmp_path_factory.mktemp("adopted"))


@pytest.fixture(scope="module")
def resources(assembly: Assembly) -> dict[str, dict[str, Any]]:
    return {each.logical_id: each.raw.get("Properties", {}) for each in assembly.resources}


def test_names_paths_and_descriptions_stay(resources: dict[str, dict[str, Any]]) -> None:
    keys = ("UserName", "GroupName", "RoleName", "InstanceProfileName", "ManagedPolicyName")
    found = {
        name: (
            next((properties[key] for key in keys if key in properties), None),
            properties["Path"],
            properties.get("Description"),
        )
        for name, properties in resources.items()
        if "Path" in properties and not str(properties["Path"]).startswith("/access/")
    }
    assert found == {
        "SharedPolicy0shared": ("shared", "/old/", "Lists reports"),
        "Group0readers": ("readers", "/", None),
        "User0alva": ("alva", "/", None),
        "User0ben": ("ben", "/team/", None),
        "Application0scanner": ("scanner", "/", None),
        "InstanceRole0web": ("WebServer", "/service/", None),
        "InstanceProfile0web": ("web-profile", "/", None),
        "Role0guide": ("guide", "/", "Guides visitors"),
    }


def test_boundaries_are_kept_or_missing(resources: dict[str, dict[str, Any]]) -> None:
    boundaries = {
        name: resources[name].get("PermissionsBoundary")
        for name in ("User0alva", "User0ben", "Application0scanner", "InstanceRole0web", "Role0guide")
    }
    ours = f"{OURS}:policy/access/keywright-boundary"
    assert boundaries == {
        "User0alva": ours,
        "User0ben": None,
        "Application0scanner": f"{OURS}:policy/limit",
        "InstanceRole0web": None,
        "Role0guide": ours,
    }


def test_only_who_waits_for_mfa_is_outside_of_the_guard(resources: dict[str, dict[str, Any]]) -> None:
    guarded = {
        name for name, each in resources.items() if {"Ref": "Group0mfaX2dguard"} in each.get("Groups", [])
    }
    assert guarded == {"User0alva", "User0new"}


def test_policies_name_each_identity_under_its_own_path(resources: dict[str, dict[str, Any]]) -> None:
    trust = json.dumps(resources["Role0guide"]["AssumeRolePolicyDocument"])
    for arn in ("user/alva", "user/team/ben", "user/access/new", "role/service/WebServer"):
        assert f'"{OURS}:{arn}"' in trust
    assert f"{OURS}:role/guide" in json.dumps(resources["Group0readers"])
    assert resources["Role0guide"]["ManagedPolicyArns"] == [f"{OURS}:policy/old/shared"]
    self_service = json.dumps(resources["Group0mfaX2dguard"])
    boundary = json.dumps(resources["ManagedPolicy0keywrightX2dboundary"])
    for path in ("/", "/access/", "/team/"):
        assert f'"{OURS}:user{path}${{aws:username}}"' in self_service
    # Ben and the scanner have no boundary, or another.
    for path in ("/", "/access/"):
        assert f"{OURS}:user{path}${{aws:username" in boundary
    assert "/team/" not in boundary
    assert f'"{OURS}:role/guide"' in boundary
    keeper = json.dumps(resources["ManagedPolicy0keywrightX2dkeeper"])
    for user in ("alva", "team/ben", "scanner", "access/*"):
        assert f'"{OURS}:user/{user}"' in keeper


def test_the_guardrails_accept_it_until_the_last_day(assembly: Assembly, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(DECLARED)
    declarations = read(tmp_path, TODAY).declarations
    assert declarations is not None
    reported = {
        (each.rule, each.resource, exception_text(each))
        for each in check_assembly(assembly, own=True).findings
        if each.rule in {"LIF001", "USR002"}
    }
    accepted = {(each.rule, each.on, each.finding) for each in accepted_findings(declarations)}
    on = {"user/ben": "User0ben", "workload/web": "InstanceRole0web"}
    assert reported == {(rule, on[name], finding) for rule, name, finding in accepted}
