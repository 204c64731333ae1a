"""The permissions needed to deploy the sample, as golden files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from keywright.assembly.templates.reader import read_assembly
from keywright.deployer.bootstrap.plan import plan_of
from keywright.deployer.bootstrap.template import template_of
from keywright.deployer.requirements.permissions import is_known

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from keywright.deployer.bootstrap.plan import Plan


@pytest.fixture(scope="module")
def plan(assembly: Path) -> Plan:
    return plan_of(read_assembly(assembly))


@pytest.fixture(scope="module")
def bootstrap(plan: Plan) -> dict[str, Any]:
    return template_of(plan)


def test_is_as_reviewed(bootstrap: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    assert bootstrap == snapshot(extension_class=JSONSnapshotExtension, name="bootstrap")


def test_nothing_of_the_sample_is_undecided(plan: Plan) -> None:
    assert plan.required.undecided == ()
    types = {each.type for each in plan.assembly.resources if each.type.startswith("AWS::")}
    assert [each for each in sorted(types) if not is_known(each)] == []
