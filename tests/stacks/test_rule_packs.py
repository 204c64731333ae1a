"""The sample and some more declarations under every rule pack: each remaining finding is accepted by a construct."""

from __future__ import annotations

import json
import shutil
from contextlib import chdir
from typing import TYPE_CHECKING, Any

import pytest

from access_stacks import app

if TYPE_CHECKING:
    from pathlib import Path

BESIDE = """\
roles:
  aws-support:
    trusts: [{group: operators}]
    policies: [{managed: AWSSupportAccess, because: incidents are handled together with AWS Support}]
  project:
    trusts: [{group: makers}]
    until: 2027-01-31
    tags: {team: blue}
    grants: [{s3: [list, read], bucket: reports, prefix_by: {tag: team}}]
groups:
  makers:
    self_service: {access_keys: {because: the machines of the laboratory have no browser}}
    grants:
      - {s3: [list, read, write], bucket: inbox, prefix: teams/, prefix_by: {tag: team}}
      - {s3: [list, read, write], bucket: inbox, prefix: home/, prefix_by: {user_name: true}}
users:
  temp:
    person: {email: temp@acme.example}
    groups: [makers]
    tags: {team: blue}
    console: true
    cli: {session_token: {because: the ship has neither browser nor network}}
    until: 2027-01-31
"""
PACKS = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")


@pytest.fixture(scope="module")
def reports(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Synthesize with all packs selected, as the app does."""
    folder = tmp_path_factory.mktemp("packs")
    access = shutil.copytree(root / "access", folder / "access")
    account = access / "account.yaml"
    packs = ", ".join(["AwsSolutions", *PACKS])
    more = f"checks: [{packs}]\n  access_analyzer: {{unused_days: 90}}"
    account.write_text(account.read_text().replace("checks: [AwsSolutions]", more))
    (access / "beside.yaml").write_text(BESIDE)
    given = json.loads((root / "cdk.json").read_text())["context"]
    context = json.dumps({**given, "access": str(access), "today": "2026-11-24"})
    with chdir(root):
        code = app.run({"CDK_CONTEXT_JSON": context, "CDK_OUTDIR": str(folder / "cdk.out")})
    report = json.loads((folder / "cdk.out/validation-report.json").read_text(encoding="utf-8"))
    assert code == 0
    return report["pluginReports"]


def of(pack: str, reports: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return [
        each for report in reports for each in report.get(key, []) if each["ruleName"].startswith(f"{pack}-")
    ]


@pytest.mark.parametrize("pack", PACKS)
def test_finds_nothing(pack: str, reports: list[dict[str, Any]]) -> None:
    assert of(pack, reports, "violations") == []


@pytest.mark.parametrize("pack", PACKS)
def test_records_the_reason_of_an_accepted_finding_on_the_resource(
    pack: str, reports: list[dict[str, Any]]
) -> None:
    accepted = of(pack, reports, "suppressedViolations")
    places = {where["constructPath"] for each in accepted for where in each["violatingConstructs"]}
    assert {each["ruleName"].removeprefix(f"{pack}-").partition("[")[0] for each in accepted} >= {
        "IAMNoInlinePolicy",
        "S3BucketReplicationEnabled",
        "S3DefaultEncryptionKMS",
    }
    assert {"access-roles/roles/Role0operate", "access-workloads/report-service/Role"} <= places
    assert not {place for place in places if place.count("/") < 2}


def test_support_needs_no_exception(reports: list[dict[str, Any]]) -> None:
    """The AWS managed policy is the narrowest there is: the role accepts the finding itself."""
    accepted = {
        where["constructPath"]
        for each in of("AwsSolutions", reports, "suppressedViolations")
        if each["ruleName"] == "AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/AWSSupportAccess]"
        for where in each["violatingConstructs"]
    }
    assert accepted == {"access-roles/role-aws-support/Role"}
    assert of("AwsSolutions", reports, "violations") == []
