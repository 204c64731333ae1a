"""An unused boundary grants nothing; the mark that says so is accepted only in templates of this project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.guardrails.engine import check_assembly
from tests.unit.guardrails.builders import assemble

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
MARK = {"keywright:serves": "permissions boundary"}


def codes(folder: Path, resources: dict[str, Any], *, own: bool) -> set[str]:
    return {each.rule for each in check_assembly(assemble(folder, resources), own=own).findings}


def policy(**more: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Metadata": MARK,
        "Properties": {"ManagedPolicyName": "wide", "PolicyDocument": EVERYTHING, **more},
    }


GROUP = {"Type": "AWS::IAM::Group", "Properties": {"ManagedPolicyArns": [{"Ref": "Wide"}]}}


def test_the_generated_boundary_is_no_grant(tmp_path: Path) -> None:
    assert not codes(tmp_path, {"Wide": policy()}, own=True) & {"POL002", "POL003", "ESC001"}


@pytest.mark.parametrize(
    ("resources", "own"),
    [
        pytest.param({"Wide": policy()}, False, id="in another tool's template"),
        pytest.param({"Wide": policy(), "Group": GROUP}, True, id="attached to a group"),
        pytest.param(
            {"Wide": policy(Groups=[{"Ref": "Group"}]), "Group": {"Type": "AWS::IAM::Group"}},
            True,
            id="a policy that attaches itself",
        ),
    ],
)
def test_the_mark_hides_no_grant(tmp_path: Path, resources: dict[str, Any], own: bool) -> None:
    assert "POL002" in codes(tmp_path, resources, own=own)
