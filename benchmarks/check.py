"""Checking templates, against cfn-lint, cdk-nag and cloudsplaining on the same templates."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks.accounts import mixed_template
from benchmarks.measure import OURS, Competitor, Row, run_interleaved
from benchmarks.peers import BIN, ROOT, python_peers

ANY = frozenset(range(32))
"""cfn-lint's exit code is a bit mask; a finding is not a failure of the run."""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Measure one resource (start-up), a full template, and many templates on all cores."""
    found: list[Row] = []
    for size in (1, 20) if quick else (1, 500):
        path = folder / f"mixed-{size}.template.json"
        path.write_text(json.dumps(mixed_template(size)))
        goal = "0.5 s beyond one resource" if size > 1 else ""
        rounds = 1 if quick else 3
        found += run_interleaved(
            "check", f"one template, {size} resources", _competitors(path), rounds=rounds, goal=goal
        )
    if quick:
        return found
    many = folder / "many"
    many.mkdir()
    for n in range(100):
        template = mixed_template(50, salt=50 * n)
        (many / f"{n}.template.json").write_text(json.dumps(template))
    files = sorted(many.iterdir())
    ours = Competitor(
        OURS,
        [BIN / "keywright", "check", *files, "--format", "json"],
        findings,
        "findings",
        frozenset({0, 1}),
    )
    lint = Competitor(
        "cfn-lint", [python_peers() / "cfn-lint", "--format", "json", *files], _listed, "findings", ANY
    )
    return [*found, *run_interleaved("check", "100 templates, 50 resources each", [ours, lint], rounds=3)]


def _competitors(path: Path) -> list[Competitor]:
    bin_ = python_peers()
    scripts = Path(__file__).parent / "scripts"
    details = path.with_suffix(".details.json")
    details.write_text(json.dumps(authorization_details(json.loads(path.read_text()))))
    away = path.parent / "away"
    away.mkdir(exist_ok=True)
    splaining = ["scan", "--input-file", details, "--output", away, "--skip-open-report"]
    return [
        Competitor(
            OURS,
            [BIN / "keywright", "check", path, "--format", "json"],
            findings,
            "findings",
            frozenset({0, 1}),
        ),
        Competitor("cfn-lint", [bin_ / "cfn-lint", "--format", "json", path], _listed, "findings", ANY),
        Competitor(
            "cdk-nag",
            [sys.executable, scripts / "cdk_nag_check.py", path],
            int,
            "findings",
            environment={"PYTHONPATH": str(ROOT)},
        ),
        Competitor("cloudsplaining", [bin_ / "cloudsplaining", *splaining], _findings_of(away), "findings"),
    ]


def findings(text: str) -> int:
    """Count our findings."""
    return len(json.loads(text)["findings"])


def _listed(text: str) -> int:
    return len(json.loads(text or "[]"))


def _findings_of(folder: Path) -> Any:
    """Count the policies in the triage that cloudsplaining writes into a folder."""

    def count(text: str) -> int:
        del text
        written = (each.read_text("utf-8") for each in folder.glob("iam-results-*.json"))
        return sum(len(re.findall('"ServiceWildcard"', each)) for each in written)

    return count


def authorization_details(template: dict[str, Any]) -> dict[str, Any]:
    """Give a template's identities as `aws iam get-account-authorization-details` would, once deployed."""
    found: dict[str, list[Any]] = {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
    }
    kinds = {"AWS::IAM::User": "User", "AWS::IAM::Group": "Group", "AWS::IAM::Role": "Role"}
    for resource in template["Resources"].values():
        kind, properties = kinds.get(resource["Type"]), resource["Properties"]
        if kind:
            found[f"{kind}DetailList"].append(_identity(kind, properties))
        elif resource["Type"] == "AWS::IAM::ManagedPolicy":
            found["Policies"].append(_managed(properties))
    return found


def _identity(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    name = properties[f"{kind}Name"]
    return {
        "Path": "/",
        f"{kind}Name": name,
        f"{kind}Id": f"ID{name}",
        "Arn": f"arn:aws:iam::111111111111:{kind.lower()}/{name}",
        "CreateDate": "2026-01-01T00:00:00+00:00",
        f"{kind}PolicyList": properties.get("Policies", []),
        "AttachedManagedPolicies": [],
        "GroupList": [],
        "InstanceProfileList": [],
        "Tags": [],
        "RoleLastUsed": {},
        "AssumeRolePolicyDocument": properties.get("AssumeRolePolicyDocument", {}),
    }


def _managed(properties: dict[str, Any]) -> dict[str, Any]:
    name = properties["ManagedPolicyName"]
    version = {
        "Document": properties["PolicyDocument"],
        "VersionId": "v1",
        "IsDefaultVersion": True,
        "CreateDate": "2026-01-01T00:00:00+00:00",
    }
    return {
        "PolicyName": name,
        "PolicyId": f"ID{name}",
        "Arn": f"arn:aws:iam::111111111111:policy/{name}",
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2026-01-01T00:00:00+00:00",
        "UpdateDate": "2026-01-01T00:00:00+00:00",
        "PolicyVersionList": [version],
    }
