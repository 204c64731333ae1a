"""Read policy documents: nothing is dropped, and what AWS would reject is a finding.

Source: "Grammar of the IAM JSON policy language" and the pages of the elements. Messages name the place as a JSON
pointer; findings of a document read from text have its line and column.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from keywright.policy.parsing.elements import here, read_statement
from keywright.policy.parsing.json_text import JsonText, read_json
from keywright.policy.parsing.notes import Note, quoted
from keywright.policy.statement import VERSION_WITH_VARIABLES, Document, Kind, Unread
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keywright.policy.statement import Statement

    Places = Callable[[Iterable[str]], dict[str, Location]]

VERSIONS = (VERSION_WITH_VARIABLES, "2008-10-17")
MOST_SHOWN = 1_000
_ELEMENTS = ("Version", "Id", "Statement")


def read_document(
    text: str, file: str, kind: Kind = Kind.IDENTITY, *, first_line: int = 1
) -> tuple[Document, list[Finding]]:
    """Read a document from JSON text; `first_line` is the text's place within a larger file.

    Text that is no JSON gives a document that is wholly unread.
    """
    source = JsonText(text.removeprefix("\ufeff"), file, first_line)
    value, findings = read_json(source)
    if findings:
        unread = tuple(Unread("", finding.message) for finding in findings)
        return Document((), kind=kind, file=file, unread=unread), findings
    return parse_document(value, file=file, kind=kind, places=source.locate)


def parse_document(
    value: Any, *, file: str, kind: Kind = Kind.IDENTITY, places: Places | None = None
) -> tuple[Document, list[Finding]]:
    """Read a document from a JSON value.

    `places` gives locations for JSON pointers into the value, all at once; without it findings name the file alone.
    """
    document, notes = parse(value, file, kind)
    return document, to_findings(notes, file, places)


def parse(value: Any, file: str, kind: Kind) -> tuple[Document, list[Note]]:
    """Read a document whose place in its file is not yet known."""
    notes: list[Note] = []
    return _document(value, file, kind, notes), notes


def to_findings(notes: list[Note], file: str, places: Places | None = None) -> list[Finding]:
    """Convert notes to findings with locations; beyond the first thousand only their number is given."""
    shown = notes[:MOST_SHOWN]
    located = places({note.pointer for note in shown}) if places and shown else {}
    nowhere = Location(file)
    findings = [
        Finding(located.get(note.pointer, nowhere), note.message, note.found, note.offered) for note in shown
    ]
    if len(notes) > MOST_SHOWN:
        findings.append(
            Finding(findings[-1].location, f"{len(notes) - MOST_SHOWN:,} more findings are not shown")
        )
    return findings


def _document(value: Any, file: str, kind: Kind, notes: list[Note]) -> Document:
    if not isinstance(value, dict):
        notes.append(Note("", "the policy is not a JSON object", quoted(value), "an object", is_unclear=True))
        return Document((), kind=kind, file=file, unread=_unread(notes))
    version = _version(value, notes)
    _check_elements(value, notes)
    statements = _statements(value, kind, notes, knows_variables=version == VERSION_WITH_VARIABLES)
    if kind is not Kind.RESOURCE:
        _check_sids(statements, notes)
    identifier = value.get("Id", "")
    return Document(
        statements, version, identifier if isinstance(identifier, str) else "", kind, file, _unread(notes)
    )


def _unread(notes: list[Note]) -> tuple[Unread, ...]:
    return tuple(Unread(note.pointer, note.message) for note in notes if note.is_unclear)


def _version(value: dict[str, Any], notes: list[Note]) -> str:
    """Give the version; a document without one is of the old version, which knows no variables."""
    found = value.get("Version", VERSIONS[1])
    if found in VERSIONS:
        return str(found)
    message = "`/Version` is not a version of the policy language"
    notes.append(Note("/Version", message, quoted(found), listed(VERSIONS), is_unclear=True))
    return VERSION_WITH_VARIABLES


def _check_elements(value: dict[str, Any], notes: list[Note]) -> None:
    message = "the document has an unknown element"
    unknown = (name for name in value if name not in _ELEMENTS)
    notes.extend(Note("", message, quoted(name), names=_ELEMENTS) for name in unknown)
    if not isinstance(value.get("Id", ""), str):
        notes.append(Note("/Id", "`/Id` is not a string", quoted(value["Id"]), "a string"))


def _statements(
    value: dict[str, Any], kind: Kind, notes: list[Note], *, knows_variables: bool
) -> tuple[Statement, ...]:
    found = value.get("Statement")
    if not isinstance(found, (dict, list)):
        shown = quoted(found) if "Statement" in value else ""
        message = "the document has no statements"
        notes.append(Note("", message, shown, "an object or a list of objects", is_unclear=True))
        return ()
    if not found:
        notes.append(Note("/Statement", f"{here('/Statement')} is empty", "", "at least one statement"))
    several = (
        {"/Statement": found}
        if isinstance(found, dict)
        else {f"/Statement/{i}": s for i, s in enumerate(found)}
    )
    read = (
        read_statement(each, pointer, kind, notes, knows_variables=knows_variables)
        for pointer, each in several.items()
    )
    return tuple(statement for statement in read if statement is not None)


def _check_sids(statements: tuple[Statement, ...], notes: list[Note]) -> None:
    times = Counter(statement.sid for statement in statements if statement.sid)
    for statement in statements:
        if times[statement.sid] > 1:
            place = f"{statement.pointer}/Sid"
            notes.append(Note(place, f"{here(place)} is used by another statement", quoted(statement.sid)))
