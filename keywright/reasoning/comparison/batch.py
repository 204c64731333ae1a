"""Cases of batch comparison: one JSON object per line, read into two documents of one kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keywright.policy.parsing.documents import parse, to_findings
from keywright.policy.parsing.json_text import JsonText, read_json
from keywright.policy.parsing.notes import Note, quoted
from keywright.policy.statement import Document, Kind
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE, AFTER = "before", "after"
LARGEST_POLICY = 2 * 1024 * 1024
"""Characters of a policy; AWS accepts less than a fiftieth of that."""


@dataclass(frozen=True, slots=True)
class ComparisonCase:
    """One case; without documents where the line is not valid, and `findings` then say why.

    `warnings` are about policies that AWS would reject although their meaning is clear.
    """

    id: Any
    documents: tuple[Document, Document] | None
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


def read_policy_text(source: JsonText, policies: int = 1) -> tuple[Any, list[Finding]]:
    """Read a text with some policies as JSON; a text that is too long to be compared soon is refused."""
    most = policies * LARGEST_POLICY
    if len(source.text) > most:
        return None, [Finding(source.location(0), f"the text is longer than {most:,} characters")]
    return read_json(source)


def read_comparison(line: str, file: str, number: int) -> ComparisonCase:
    """Read a line; `number` counts from 1 and locates findings.

    A missing kind is derived from the documents.
    """
    source = JsonText(line, file, number)
    value, findings = read_policy_text(source, policies=2)
    if findings:
        return ComparisonCase(None, None, tuple(findings))
    if not isinstance(value, dict):
        note = Note("", "the case is not an object", quoted(value), "an object", is_unclear=True)
        return ComparisonCase(None, None, tuple(to_findings([note], file, source.locate)))
    return _case(value, source)


def _case(value: dict[str, Any], source: JsonText) -> ComparisonCase:
    notes = [*_missing(value), *_unknown_kind(value)]
    documents = None
    if not notes:
        kind = Kind(value["kind"]) if value.get("kind") else kind_of(value[BEFORE], value[AFTER])
        before, after = (_document(value, name, kind, source.file, notes) for name in (BEFORE, AFTER))
        documents = (before, after)
    bad = to_findings([note for note in notes if note.is_unclear], source.file, source.locate)
    doubtful = to_findings([note for note in notes if not note.is_unclear], source.file, source.locate)
    return ComparisonCase(
        value.get("id"),
        None if bad else documents,
        tuple(bad),
        tuple(replace(each, severity=Severity.WARNING) for each in doubtful),
    )


def _missing(value: dict[str, Any]) -> Iterator[Note]:
    for name in (BEFORE, AFTER):
        if value.get(name) is None:
            yield Note("", f"the case has no `{name}`", "", "a policy document", is_unclear=True)


def _unknown_kind(value: dict[str, Any]) -> Iterator[Note]:
    kind = value.get("kind")
    if kind is not None and kind not in tuple(Kind):
        yield Note(
            "/kind", "`/kind` is not a kind of policy", quoted(kind), listed(tuple(Kind)), is_unclear=True
        )


def _document(value: dict[str, Any], name: str, kind: Kind, file: str, notes: list[Note]) -> Document:
    document, own = parse(value[name], file, kind)
    notes.extend(replace(note, pointer=f"/{name}{note.pointer}") for note in own)
    return document


def kind_of(*values: Any) -> Kind:
    """Return the kind of the documents.

    Identity-based without principals, a trust policy without resources.
    """
    statements = [statement for value in values for statement in _statements(value)]
    if not any(element in each for each in statements for element in ("Principal", "NotPrincipal")):
        return Kind.IDENTITY
    has_resource = any(element in each for each in statements for element in ("Resource", "NotResource"))
    return Kind.RESOURCE if has_resource else Kind.TRUST


def _statements(value: Any) -> list[dict[str, Any]]:
    found = value.get("Statement") if isinstance(value, dict) else None
    several = found if isinstance(found, list) else [found]
    return [each for each in several if isinstance(each, dict)]
