"""How broad a statement is: all resources, all actions of a service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.guardrails.subjects.effective_conditions import effective_conditions
from keywright.policy.matching.context import Truth, truth

if TYPE_CHECKING:
    from keywright.assembly.templates.policy_documents import TemplateStatement, Texts
    from keywright.assembly.templates.value import Text

_ANY = re.compile(r"[*?:]*\*[*?:]*|arn:[^:]*:[^:]*:[^:]*:[^:]*:[*/?:]*\*[*/?:]*")
_EVERY_ARN = re.compile(r"arn:[^:]*(?::\*+){1,4}")
_WHOLE_SERVICE = re.compile(r"([A-Za-z0-9-]+):[*?]*\*[*?]*")
_CALLER_KEYS = ("aws:",)
_RESOURCE_KEYS = ("aws:resource", "aws:requesttag/", "aws:tagkeys", "aws:calledvia", "aws:viaawsservice")


def is_all_wildcards(values: Texts, wildcards: str) -> Truth:
    """Return whether some value consists of these wildcards only; maybe for an unknown value."""
    found = [Truth.YES for value in values if value.literal and not value.literal.strip(wildcards)]
    unknown = [Truth.MAYBE for value in values if value.literal is None and value.may_be("*")]
    return max([*found, *unknown], default=Truth.NO)


def covers_all_resources(values: Texts) -> Truth:
    """Return whether some value covers every resource of every service."""
    is_arn = any(_EVERY_ARN.fullmatch(value.literal or "") for value in values)
    return max(is_all_wildcards(values, "*"), truth(is_arn))


def covers_everything(statement: TemplateStatement) -> Truth:
    """Return whether a statement covers every action on every resource."""
    return min(is_all_wildcards(statement.actions, "*:"), covers_all_resources(statement.resources))


def covers_any_resource(values: Texts) -> Truth:
    """Return whether some value covers every resource: `*`, or an ARN with nothing but wildcards as its last field."""
    return max((_any_resource(value) for value in values), default=Truth.NO)


def _any_resource(value: Text) -> Truth:
    shown = "".join(part if isinstance(part, str) else "x" for part in value.parts)
    if value.is_single:
        return Truth.YES if _ANY.fullmatch(shown) else Truth.NO
    return Truth.MAYBE if value.may_be("*") else Truth.NO


def service_wildcard(pattern: Text) -> str:
    """Return the service of a pattern that covers all its actions; "" for other patterns."""
    found = _WHOLE_SERVICE.fullmatch(pattern.literal or "")
    return found[1].lower() if found else ""


def restricts_resources(statement: TemplateStatement) -> Truth:
    """Return whether a condition restricts the resources: by a resource tag, or a key of the service.

    Tests of the caller, the network or the time do not restrict the resources.
    """
    return effective_conditions(statement, ()).restricts(_restricts_resources)


def _restricts_resources(key: str) -> bool:
    return key.startswith(_RESOURCE_KEYS) or not key.startswith(_CALLER_KEYS)
