"""Services, pods and machines: the resources of a role that trusts them, in any stack."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from access_stacks.context import Context
from access_stacks.pinned_stack import DeclarationRefused
from keywright.model.declarations import Declarations
from keywright.model.reading import read
from tests.certificates import authority, private_key, revoked

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

DECLARED = """account: {id: "111111111111", region: eu-central-1}
buckets: {data: {}}
identity_providers: {cluster: {oidc: "https://oidc.eks.eu-central-1.amazonaws.com/id/0123ABCD"}}
trust_anchors: {factory: {bundle: factory.pem, revoked: revoked.pem}}
roles:
  build:
    trusts: [{service: codebuild, project: build}, {service: backup}]
    grants: [{s3: [list, write], bucket: data}]
  web:
    trusts: [{eks: {cluster: production, namespace: shop, service_account: web}}]
    grants: [{s3: [list, read], bucket: data, prefix_by: {tag: kubernetes-namespace}}]
  old-web: {trusts: [{oidc: cluster, namespace: shop, service_account: old}]}
  floor: {trusts: [{trust_anchor: factory, common_name: floor-7}]}
  floor-two: {trusts: [{trust_anchor: factory, common_name: floor-8}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "access").mkdir()
    (tmp_path / "access/all.yaml").write_text(DECLARED)
    (tmp_path / "access/factory.pem").write_text(authority())
    (tmp_path / "access/revoked.pem").write_text(revoked(3))
    return tmp_path


def test_passes_every_guardrail_without_an_exception(
    folder: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """cdk-nag and the guardrails check the synthesis; a finding would exit with 1."""
    from access_stacks.synthesis import synthesize

    today = date(2026, 11, 24)
    reading = read(folder / "access", today)
    assert reading.declarations is not None, "\n".join(map(str, reading.findings))
    assert reading.findings == []
    given = json.loads((root / "cdk.json").read_text())["context"]
    context = Context(access=folder / "access", today=today, sandbox=False, given=given)
    assert synthesize(reading, reading.declarations, context, str(folder / "cdk.out")) == 0
    assert "0 errors, 0 warnings, 0 undecided, 0 accepted by declared exceptions" in capsys.readouterr().err


def templates(folder: Path, **more: Any) -> dict[str, Any]:
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs

    reading = read(folder / "access", date(2026, 11, 24))
    assert reading.declarations is not None
    declarations = Declarations.model_validate(reading.declarations.model_dump(by_alias=True) | more)
    app = cdk.App(
        analytics_reporting=False, builtin_cloud_formation_validation=False, outdir=str(folder / "out")
    )
    compose(app, StackInputs(declarations, folder / "access"))
    return {stack.stack_name: stack.template["Resources"] for stack in app.synth().stacks}


def test_is_as_reviewed(folder: Path, snapshot: SnapshotAssertion) -> None:
    """The keys of the test's authority are new each time: its certificate and list are named by their kind."""
    text = json.dumps(templates(folder)["access-roles"])
    named = re.sub(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", r"\1", text)
    resources = {
        name: {key: each for key, each in resource.items() if key != "Metadata"}
        for name, resource in json.loads(named).items()
        if resource["Type"] != "AWS::CDK::Metadata"
    }
    assert resources == snapshot(extension_class=JSONSnapshotExtension, name="access-roles")


def test_creates_an_anchor_in_each_stack_whose_roles_trust_it(folder: Path) -> None:
    """No stack refers to a resource of another: an export in use could not be removed."""
    stay = {"access-roles-2": ("floor-two",)}
    found = templates(folder, shards={"roles": {"stacks": 2, "stay": stay}})
    for name in ("access-roles", "access-roles-2"):
        resources = found[name]
        roles = [each for each in ("floor", "floorX2dtwo") if f"Role0{each}" in resources]
        assert ("TrustAnchor0factory" in resources) is bool(roles)
        assert "ImportValue" not in str(resources)
    assert "TrustAnchor0factory" in found["access-roles-2"]


def test_refuses_a_bundle_with_a_private_key_at_its_line(folder: Path) -> None:
    """A file may change between validation and synthesis."""
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs

    reading = read(folder / "access", date(2026, 11, 24))
    (folder / "access/factory.pem").write_text(private_key())
    assert reading.declarations is not None
    with pytest.raises(DeclarationRefused, match="found a private key") as refused:
        compose(cdk.App(analytics_reporting=False), StackInputs(reading.declarations, folder / "access"))
    assert refused.value.path == ("trust_anchors", "factory")
