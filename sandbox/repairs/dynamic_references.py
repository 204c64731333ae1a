"""Sixty dynamic references a template, as the AWS CloudFormation User Guide "Understand CloudFormation quotas" says.

The emulator counts those written out, not those an Fn::Join or Fn::Sub builds, which is how the CDK writes
them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.repairs.emulator import engine, validate_template_limits
from sandbox.repairs.seams import patch

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 60
_OPENING = "{{resolve:"


def register() -> None:
    """Count all of them before anything is made."""
    patch(engine, "_validate_template_limits", _validate)


def _validate(template: dict[str, Any]) -> None:
    validate_template_limits(template)
    count = len(set(built_references(template)))
    if count > LIMIT:
        raise ValueError(
            f"Template format error: Number of dynamic references, {count}, is greater than maximum allowed, {LIMIT}"
        )


def built_references(node: Any) -> Iterator[str]:
    """Give every text of a template that is, or is built to be, a dynamic reference; the same one comes again."""
    if isinstance(node, str):
        if _OPENING in node:
            yield node
    elif isinstance(node, list):
        for each in node:
            yield from built_references(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in {"Fn::Join", "Fn::Sub"} and _OPENING in json.dumps(value):
                yield json.dumps(value, sort_keys=True)
            else:
                yield from built_references(value)
