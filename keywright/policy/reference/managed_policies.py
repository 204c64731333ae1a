"""The documents of AWS managed policies, as packed on a day, so that `ManagedPolicyArns` can be read offline.

The data file has a line of JSON with its date and the lengths of its blocks, then compressed blocks of policies, so
that reading one policy reads one block, and finally all names.
"""

from __future__ import annotations

import json
import lzma
import zlib
from functools import cache
from pathlib import Path
from typing import Any

PREFIX = "arn:aws:iam::aws:policy/"
"""Documents of the other partitions differ in their ARNs and services and are not held here."""

DATA = Path(__file__).with_name("managed_policies.blocks")


def block_of(name: str, blocks: int) -> int:
    """Give the number of the block with a policy, by its name."""
    return zlib.crc32(name.encode()) % blocks


@cache
def _header() -> tuple[int, dict[str, Any]]:
    """Give the length of the first line, and its content."""
    with DATA.open("rb") as file:
        line = file.readline()
    return len(line), json.loads(line)


@cache
def _block(number: int) -> dict[str, Any]:
    start, header = _header()
    with DATA.open("rb") as file:
        file.seek(start + sum(header["blocks"][:number]))
        policies: dict[str, Any] = json.loads(lzma.decompress(file.read(header["blocks"][number])))
    return policies


def managed_policy_document(arn: str) -> dict[str, Any] | None:
    """Give the latest packed document of an AWS managed policy; None where it is not known, which decides nothing.

    AWS edits its managed policies in place: the document is the one in force on `packed_on()`.
    """
    if not arn.startswith(PREFIX):
        return None
    name = arn.removeprefix(PREFIX)
    document: dict[str, Any] | None = _block(block_of(name, len(_header()[1]["blocks"]))).get(name)
    return document


def managed_policy_arns() -> tuple[str, ...]:
    """Name every AWS managed policy whose document is known; documents are left unread."""
    start, header = _header()
    with DATA.open("rb") as file:
        file.seek(start + sum(header["blocks"]))
        names: list[str] = json.loads(lzma.decompress(file.read(header["names"])))
    return tuple(PREFIX + name for name in names)


def packed_on() -> str:
    """Give the day of the newest packed document, `YYYY-MM-DD`."""
    return str(_header()[1]["date"])
