"""Policies by which an organization limits its accounts: service control policies and resource control policies.

Source: "SCP syntax", "RCP syntax" and "Quotas and service limits", AWS Organizations User Guide.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from keywright.policy.parsing.documents import parse, to_findings
from keywright.policy.parsing.json_text import JsonText, read_json
from keywright.policy.parsing.notes import Note
from keywright.policy.quotas import CONTROL_POLICY
from keywright.policy.statement import Document, Effect, Kind, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.reporting.finding import Finding

LONGEST = CONTROL_POLICY.default


class Control(StrEnum):
    """What is limited: the principals of an account, or access to its resources."""

    SERVICE = "service control policy"
    RESOURCE = "resource control policy"


FULL_ACCESS = {
    Control.SERVICE: "FullAWSAccess",
    Control.RESOURCE: "RCPFullAWSAccess",
}
"""The policies of AWS that allow everything; the second is attached everywhere and can't be detached."""


def full_access(control: Control) -> Document:
    """Give AWS's own policy that allows everything."""
    everybody = {"*": ("*",)} if control is Control.RESOURCE else {}
    allow = Statement(actions=("*",), resources=("*",), principals=everybody)
    kind = Kind.RESOURCE if control is Control.RESOURCE else Kind.IDENTITY
    return Document((allow,), kind=kind, file=FULL_ACCESS[control])


def read_control_policy(text: str, file: str, control: Control) -> tuple[Document | None, list[Finding]]:
    """Read a document from JSON text; None with findings, since AWS would reject it."""
    source = JsonText(text.removeprefix("\ufeff"), file, 1)
    value, findings = read_json(source)
    if findings:
        return None, findings
    kind = Kind.RESOURCE if control is Control.RESOURCE else Kind.IDENTITY
    document, notes = parse(value, file, kind)
    notes = [*about_principals(value, notes, control), *_refused(value, document, control)]
    return (None if notes else document), to_findings(notes, file, source.locate)


def _refused(value: Any, document: Document, control: Control) -> Iterator[Note]:
    size = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    if size > LONGEST:
        yield Note("", f"a {control} is too long", f"{size:,} characters", f"at most {LONGEST:,}")
    for each in document.statements if control is Control.RESOURCE else ():
        yield from _of_resource(each)


def about_principals(value: Any, notes: list[Note], control: Control) -> list[Note]:
    """Replace what applies to other policies in the notes about principals by what AWS requires of these."""
    own = {each.pointer: each for each in _principals(value, control)}
    unlike = [each for each in notes if not any(_is_about(each, pointer) for pointer in own)]
    return [*own.values(), *unlike]


def _is_about(note: Note, pointer: str) -> bool:
    return note.pointer == pointer and (note.found == "neither" or pointer.endswith("Principal"))


def _principals(value: Any, control: Control) -> Iterator[Note]:
    statements = value.get("Statement") if isinstance(value, dict) else None
    several = isinstance(statements, list)
    for index, each in enumerate(statements if isinstance(statements, list) else [statements]):
        at = f"/Statement/{index}" if several else "/Statement"
        if isinstance(each, dict):
            yield from _principal_of(each, at, control)


def _principal_of(statement: dict[str, Any], at: str, control: Control) -> Iterator[Note]:
    for element in ("Principal", "NotPrincipal"):
        if element not in statement:
            continue
        if control is Control.SERVICE:
            message, accepted = "a service control policy names a principal", _NO_PRINCIPAL
        elif element == "NotPrincipal" or statement[element] not in ("*", {"AWS": "*"}, {"AWS": ["*"]}):
            message, accepted = "a resource control policy is not for every principal", _EVERY_PRINCIPAL
        else:
            continue
        yield Note(f"{at}/{element}", message, f"`{element}`", accepted, is_unclear=True)
    if control is Control.RESOURCE and not {"Principal", "NotPrincipal"} & statement.keys():
        message = "a resource control policy has no `Principal`"
        yield Note(at, message, "neither", _EVERY_PRINCIPAL, is_unclear=True)


_NO_PRINCIPAL = "no principal: it applies to every principal of the account"
_EVERY_PRINCIPAL = '`"Principal": "*"`'


def _of_resource(statement: Statement) -> Iterator[Note]:
    at = statement.pointer
    if statement.effect is not Effect.DENY:
        yield Note(
            f"{at}/Effect",
            "a resource control policy has an Allow statement",
            "`Allow`",
            "`Deny` statements only",
        )
    if statement.not_actions:
        yield Note(
            f"{at}/NotAction",
            "a resource control policy uses `NotAction`",
            "`NotAction`",
            "`Action`",
        )
