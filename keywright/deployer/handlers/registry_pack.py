"""Pack the registry's schemas: `python -m keywright.deployer.handlers.registry_pack FOLDER --source NAME --date YYYY-MM-DD`.

FOLDER holds one schema a file, as AWS publishes them: the unpacked `CloudformationSchema.zip` of a region (see "Resource
type schemas" in the CloudFormation User Guide), or a project's copy. The result replaces the data file beside this module;
the same folder gives the same bytes. Only facts are kept: which permissions a type's handlers call for.
"""

from __future__ import annotations

import argparse
import json
import lzma
from datetime import date
from pathlib import Path
from typing import Any

from keywright.deployer.handlers.registry import DATA


def pack(folder: Path, source: str, day: date) -> bytes:
    """Compress the schemas' facts, after a header line with their source.

    Raises:
        ValueError: The folder holds no schema, or a file of it is none; named in the message.
    """
    schemas = [_schema(path) for path in sorted(folder.glob("*.json"))]
    if not schemas:
        raise ValueError(f"cannot pack `{folder}`; accepted: a folder of schemas, `*.json`")
    kept = {each["typeName"]: each for each in schemas if each.get("handlers")}
    iam_action = sorted({one for each in kept.values() for one in _permissions(each)})
    numbers = {one: number for number, one in enumerate(iam_action)}
    types = {name: [_named_by(kept[name]), _handlers(kept[name], numbers)] for name in sorted(kept)}
    header = {"source": source, "date": day.isoformat(), "types": len(types)}
    content = lzma.compress(
        _written({"permissions": iam_action, "types": types}), preset=9 | lzma.PRESET_EXTREME
    )
    return _written(header) + b"\n" + content


def _schema(path: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if not schema.get("typeName"):
        raise ValueError(f"cannot pack `{path}`; accepted: a resource type's schema, with its `typeName`")
    return schema


def _permissions(schema: dict[str, Any]) -> set[str]:
    return {one for handler in schema["handlers"].values() for one in handler.get("permissions", ())}


def _handlers(schema: dict[str, Any], numbers: dict[str, int]) -> dict[str, list[int]]:
    return {
        name: sorted({numbers[one] for one in handler.get("permissions", ())})
        for name, handler in sorted(schema["handlers"].items())
    }


def _named_by(schema: dict[str, Any]) -> str:
    """Give the property that is the whole identifier and that a template sets."""
    identifier = schema.get("primaryIdentifier", [])
    if len(identifier) != 1 or identifier[0] in schema.get("readOnlyProperties", ()):
        return ""
    return str(identifier[0]).removeprefix("/properties/")


def _written(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


def main() -> None:
    """Read the folder named on the command line and write the data file."""
    parser = argparse.ArgumentParser(description="Pack the CloudFormation registry's handler permissions.")
    parser.add_argument("folder", type=Path, help="resource type schemas, one JSON file each")
    parser.add_argument("--source", required=True, help="whose copy it is, with its version")
    parser.add_argument("--date", required=True, type=date.fromisoformat, help="the day of that copy")
    given = parser.parse_args()
    DATA.write_bytes(pack(given.folder, given.source, given.date))


if __name__ == "__main__":
    main()
