"""The bill of materials of a release, in CycloneDX: every pinned package, and what the wheel contains of others.

The scope of a component says who gets it: `required` with Keywright, `optional` with an extra, `excluded` in development only.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tomllib
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, requires
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from keywright.policy.reference.managed_policies import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_VENDORED = {"d3-selection": "keywright/review/page/d3-selection.min.js"}
"""npm package to the file that the wheel contains of it."""
_OF_EXTRAS = {"aws-cdk"}
_OWN = "keywright"


def write(root: Path, file: Path) -> int:
    """Write the bill of materials, and give the number of its components.

    Raises:
        ValueError: It does not fit the schema.
    """
    bill = bill_of_materials(root)
    text = json.dumps(bill, indent=2) + "\n"
    _validate(text, bill["specVersion"])
    file.write_text(text, encoding="utf-8")
    return len(bill["components"])


def bill_of_materials(root: Path) -> dict[str, Any]:
    """Make the bill of materials from what the repository pins."""
    words = (
        "requirements",
        "requirements.txt",
        "--pyproject",
        "pyproject.toml",
        "--output-reproducible",
        "--no-validate",
    )
    done = subprocess.run(  # noqa: S603 - the words are above
        [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", *words],
        cwd=root,
        capture_output=True,
        check=True,
    )
    bill: dict[str, Any] = json.loads(done.stdout)
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = _needed(project["dependencies"])
    optional = _needed(each for extra in project["optional-dependencies"].values() for each in extra)
    for each in bill["components"]:
        name = canonicalize_name(each["name"])
        each["scope"] = "required" if name in required else "optional" if name in optional else "excluded"
        del each["description"]  # the line of the requirements file
    bill["components"] += [*_of_npm(root), _managed_policies()]
    bill["metadata"]["component"]["purl"] = f"pkg:pypi/{_OWN}@{bill['metadata']['component']['version']}"
    needed = [each["bom-ref"] for each in bill["components"] if each["scope"] != "excluded"]
    others = [each["bom-ref"] for each in bill["components"]]
    bill["dependencies"] = [
        {"ref": bill["metadata"]["component"]["bom-ref"], "dependsOn": sorted(needed)},
        *({"ref": each} for each in sorted(others)),
    ]
    return bill


def _needed(roots: Iterable[str]) -> set[str]:
    """Follow the requirements of installed packages."""
    found: dict[str, set[str]] = {}
    todo = [each for each in map(Requirement, roots) if each.name != _OWN]
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        extras = {"", *requirement.extras}
        if name in found and extras <= found[name]:
            continue
        found[name] = found.get(name, set()) | extras
        try:
            further = map(Requirement, requires(name) or ())
        except PackageNotFoundError:  # for another platform
            continue
        todo += [each for each in further if any(_applies(each, extra) for extra in found[name])]
    return set(found)


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _of_npm(root: Path) -> list[dict[str, Any]]:
    """List what package-lock.json pins."""
    packages = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return [
        _npm(root, path.removeprefix("node_modules/"), pinned) for path, pinned in packages.items() if path
    ]


def _npm(root: Path, name: str, pinned: dict[str, Any]) -> dict[str, Any]:
    scope = "required" if name in _VENDORED else "optional" if name in _OF_EXTRAS else "excluded"
    digest = base64.b64decode(pinned["integrity"].removeprefix("sha512-")).hex()
    purl = f"pkg:npm/{name.replace('@', '%40')}@{pinned['version']}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": pinned["version"],
        "scope": scope,
        "licenses": [{"license": {"id": pinned["license"]}}],
        "purl": purl,
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://www.npmjs.com/package/{name}",
                "hashes": [{"alg": "SHA-512", "content": digest}],
            }
        ],
    }
    if name in _VENDORED:
        content = (root / _VENDORED[name]).read_bytes()
        component["hashes"] = [{"alg": "SHA-256", "content": sha256(content).hexdigest()}]
        component["properties"] = [{"name": "keywright:file", "value": _VENDORED[name]}]
    return component


def _managed_policies() -> dict[str, Any]:
    """Name the package that the AWS managed policies in the wheel come from."""
    header = json.loads(DATA.read_bytes().partition(b"\n")[0])
    name, _, version = header["source"].partition(" ")
    purl = f"pkg:npm/{name}@{version}"
    return {
        "type": "data",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "scope": "required",
        "licenses": [{"license": {"id": "MIT"}}],
        "purl": purl,
    }


def _validate(text: str, version: str) -> None:
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - loads slowly
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    error = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(text)
    if error is not None:
        raise ValueError(f"the bill of materials does not fit its schema; found {error}")
