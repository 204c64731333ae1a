"""The table of properties that take a secret has all those of CloudFormation's registry."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from keywright.guardrails.reference.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECRET = re.compile(
    r"(?i).*(?:password|passwd|passphrase|secret|token|apikey|privatekey|secretkey|accesskey|authkey)"
)
_NO_SECRET = {
    "clienttoken": "makes a request idempotent",
    "servicetoken": "the ARN of a custom resource's function",
    "billingtoken": "names an accessor",
    "removeprivatekey": "the ID of a key",
}


def test_the_table_has_every_property_of_the_registry() -> None:
    schemas = [
        each for each in files("cfnlint.data.schemas.resources").iterdir() if each.name.endswith(".json")
    ]
    found = {
        name.lower() for each in schemas for name in _texts(json.loads(each.read_text(encoding="utf-8")))
    }
    secrets = {name for name in found if _SECRET.fullmatch(name)} - _NO_SECRET.keys()
    assert len(secrets) > 40
    assert secrets - set(table("secret_properties")) == set(), (
        "add them to keywright/guardrails/reference/reference.json"
    )


def _texts(schema: Any) -> Iterator[str]:
    """Give the properties that are free texts: no lists of values, and no ARNs by their pattern."""
    pending = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            pending += node.values()
            for name, each in (node.get("properties") or {}).items():
                if isinstance(each, dict) and _is_free_text(each):
                    yield name


def _is_free_text(schema: dict[str, Any]) -> bool:
    is_text = schema.get("type", "string") in ("string", ["string"])
    return (
        is_text
        and "$ref" not in schema
        and "enum" not in schema
        and "arn" not in str(schema.get("pattern")).lower()
    )
