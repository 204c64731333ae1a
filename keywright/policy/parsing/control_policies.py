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
    notes = [*notes, *_refused(value, document, control)]
    return (None if notes else document), to_findings(notes, file, source.locate)


def _refused(value: Any, document: Document, control: Control) -> Iterator[Note]:
    size = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    if size > LONGEST:
        yield Note("", f"a {control} is too long", f"{size:,} characters", f"at most {LONGEST:,}")
    for each in document.statements:
        yield from _of_service(each) if control is Control.SERVICE else _of_resource(each)


def _of_service(statement: Statement) -> Iterator[Note]:
    if statement.principals or statement.not_principals:
        at = f"{statement.pointer}/{'Principal' if statement.principals else 'NotPrincipal'}"
        yield Note(
            at,
            "a service control policy names a principal",
            "`Principal`",
            "no principal: it applies to every principal of the account",
        )


def _of_resource(statement: Statement) -> Iterator[Note]:
    at = statement.pointer
    if statement.effect is not Effect.DENY:
        yield Note(
            f"{at}/Effect",
            "a resource control policy has an Allow statement",
            "`Allow`",
            "`Deny` statements only",
        )
    named = dict(statement.principals)
    if statement.not_principals or (named and named.get("*", named.get("AWS")) not in {(), ("*",)}):
        yield Note(
            f"{at}/{'NotPrincipal' if statement.not_principals else 'Principal'}",
            "a resource control policy is not for every principal",
            "its principals",
            '`"Principal": "*"`',
        )
    if statement.not_actions:
        yield Note(
            f"{at}/NotAction",
            "a resource control policy uses `NotAction`",
            "`NotAction`",
            "`Action`",
        )
