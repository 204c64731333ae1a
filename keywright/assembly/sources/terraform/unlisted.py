"""Policies of types that no table has, found by the names and the content of their arguments."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node
    from keywright.assembly.sources.terraform.instances import Instance

_NAMED = re.compile(r"(?:[a-z]+_)*policy(?:_document|_text|_json|_in_json)?|access_polic(?:y|ies)")
_OTHER_POLICIES = re.compile(
    r"(?:scaling|lifecycle|tls|ssl|security|retention|backup|dlm|routing|cache|origin_request|response_headers"
    r"|stickiness|password|ssl_security|update|termination|placement|restart|overflow|deletion|evaluation|dns)_policy(?:_\w+)?"
)
"""Policies that are not IAM's."""
_CONTENT = ('"Effect"', '"Statement"')


def policies_of(instance: Instance) -> list[str]:
    """Give the arguments that have, or may have, a policy document."""
    found = [name for name, value in instance.values.items() if _is_document(value)]
    marks = instance.unknown if isinstance(instance.unknown, dict) else {}
    hidden = instance.hidden if isinstance(instance.hidden, dict) else {}
    open_ones = (name for name, mark in {**marks, **hidden}.items() if mark is True)
    return [*found, *(name for name in open_ones if name not in found and _is_named(name))]


def _is_document(value: Node) -> bool:
    """Tell whether a value is, or has within it, a policy document as text."""
    if isinstance(value, dict):
        return any(map(_is_document, value.values()))
    if isinstance(value, list):
        return any(map(_is_document, value))
    return isinstance(value, str) and all(each in value for each in _CONTENT)


def is_resource_based(node: Node) -> bool:
    """Tell whether a document names principals, so that it is read as one that may be on any resource."""
    return any(each in json.dumps(node).replace('\\"', '"') for each in ('"Principal"', '"NotPrincipal"'))


def _is_named(name: str) -> bool:
    return bool(_NAMED.fullmatch(name)) and not _OTHER_POLICIES.fullmatch(name)
