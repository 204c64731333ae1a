"""The peers, installed into `.bench/`, which git ignores; never requirements of the product."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
from importlib.util import find_spec
from pathlib import Path

from keywright.cdk.node import wheel_node

ROOT = Path(__file__).parent.parent
BENCH = ROOT / ".bench"
BIN = Path(sys.executable).parent
_JAVASCRIPT = {
    "aws_cdk": "aws-cdk-lib",
    "aws_cdk.cloud_assembly_schema": "@aws-cdk/cloud-assembly-schema",
    "constructs": "constructs",
}
PACKAGES = ("cfn-lint", "cloudsplaining", "troposphere", "deepdiff")


def python_peers() -> Path:
    """Give the folder of the Python peers' programs; installed once."""
    folder = BENCH / "python"
    if not (folder / "ready").exists():
        print("installing the peers:", ", ".join(PACKAGES), file=sys.stderr)
        venv.create(folder, with_pip=True)
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
        subprocess.run(pip, check=True)
        (folder / "ready").touch()
    return folder / "bin"


def javascript_peers() -> Path:
    """Give the folder of node modules: the CDK from inside the Python packages."""
    folder = BENCH / "javascript" / "node_modules"
    for package, name in _JAVASCRIPT.items():
        if not (folder / name).exists():
            archive = next(Path(_folder(package), "_jsii").glob("*.jsii.tgz"))
            partly = folder / "partly"
            with tarfile.open(archive) as content:
                content.extractall(partly, filter="data")
            (folder / name).parent.mkdir(exist_ok=True)
            (partly / "package").rename(folder / name)
            partly.rmdir()
    return folder


def _folder(package: str) -> str:
    """Find the folder of a package without importing it."""
    first, *rest = package.split(".")
    found = find_spec(first)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"the virtual environment has no {package}: make setup")
    return str(Path(found.origin).parent.joinpath(*rest))


def node() -> Path:
    """Give the Node that the product uses."""
    found = wheel_node()
    if found is None:
        raise FileNotFoundError("the virtual environment has no Node: make setup")
    return found


def versions() -> dict[str, str]:
    """Give the versions of everything that is measured and installed."""
    listed = [f"{sys.executable}", "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"]
    wanted = {"aws-cdk-lib", "cdk-nag", "z3-solver", "pydantic", *PACKAGES}
    programs = [listed]
    if (BENCH / "python" / "ready").exists():
        programs.append([str(BENCH / "python" / "bin" / "python"), *listed[1:]])
    found: dict[str, str] = {}
    for program in programs:
        text = subprocess.run(program, check=True, capture_output=True, text=True).stdout
        found |= {
            name: version
            for name, _, version in (line.partition("==") for line in text.split())
            if name in wanted
        }
    found["node"] = subprocess.run(
        [node(), "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()
    return dict(sorted(found.items()))
