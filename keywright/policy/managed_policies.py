"""AWS managed policies by their documents, as packed on a day: what `ManagedPolicyArns` grants without asking AWS."""

from __future__ import annotations

import json
import lzma
from functools import cache
from importlib.resources import files
from typing import Any

PREFIX = "arn:aws:iam::aws:policy/"
"""Documents of the other partitions differ in their ARNs and services and are not held here."""

DATA = "managed_policies.json.xz"


@cache
def _packed() -> dict[str, Any]:
    packed: dict[str, Any] = json.loads(lzma.decompress(files(__package__).joinpath(DATA).read_bytes()))
    return packed


def managed_policy_document(arn: str) -> dict[str, Any] | None:
    """Give the latest packed document of an AWS managed policy; None where it is not known, which decides nothing.

    AWS edits its managed policies in place: the document is the one in force on `packed_on()`.
    """
    if not arn.startswith(PREFIX):
        return None
    document: dict[str, Any] | None = _packed()["policies"].get(arn.removeprefix(PREFIX))
    return document


def managed_policy_arns() -> tuple[str, ...]:
    """Name every AWS managed policy whose document is known."""
    return tuple(PREFIX + name for name in _packed()["policies"])


def packed_on() -> str:
    """Give the day of the newest packed document, `YYYY-MM-DD`."""
    return str(_packed()["date"])
