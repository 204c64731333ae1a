"""Cases of batch evaluation: one JSON object per line, read into a request and the policies that apply to it.

A missing or null field means that this kind of policy does not apply; unknown fields are ignored. Equal
documents are parsed once.
"""

from __future__ import annotations

import marshal
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.context import Context
from keywright.policy.parsing.control_policies import Control, about_principals
from keywright.policy.parsing.documents import parse, to_findings
from keywright.policy.parsing.elements import as_text
from keywright.policy.parsing.json_text import JsonText, escaped, read_json
from keywright.policy.parsing.notes import Note, quoted
from keywright.policy.principals import ACCOUNT_ID
from keywright.policy.statement import Kind
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reporting.finding import Severity

if TYPE_CHECKING:
    from keywright.policy.matching.context import Values
    from keywright.policy.statement import Document
    from keywright.reporting.finding import Finding

LONGEST_NAME = 8_192
"""Characters of an action or ARN; the longest ARN that AWS has is 2,048 characters long."""
LONGEST_VALUE = 65_536
"""Characters of one value in the context."""
_MOST_REMEMBERED = 64 * 1024 * 1024
Documents = tuple["Document", ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `request` is None where the line is not valid, and `findings` then say why.

    `warnings` are about policies that AWS would reject although their meaning is clear; each is reported with
    the first case that contains the policy.
    """

    id: Any
    request: Request | None
    policies: Policies = field(default_factory=Policies)
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


class CaseReader:
    """Reads cases and caches their documents by content, up to a size limit."""

    def __init__(self) -> None:
        self._documents: dict[tuple[Kind | Control, bytes], Document] = {}
        self._remembered = 0

    def read(self, line: str, file: str, number: int) -> Case:
        """Read a line; `number` counts from 1 and locates findings."""
        source = JsonText(line, file, number)
        value, findings = read_json(source)
        if not isinstance(value, dict):
            findings = findings or to_findings(
                [Note("", "the case is not an object", quoted(value), "an object")], file, source.locate
            )
            return Case(None, None, findings=tuple(findings))
        return self._case(value, source, findings)

    def _case(self, value: dict[str, Any], source: JsonText, findings: list[Finding]) -> Case:
        fields = _Fields(value)
        request = _request(fields)
        policies = self._policies(fields)
        bad = [note for note in fields.notes if note.is_unclear]
        doubtful = [note for note in fields.notes if not note.is_unclear]
        findings = findings + to_findings(bad, source.file, source.locate)
        warnings = [
            replace(each, severity=Severity.WARNING)
            for each in to_findings(doubtful, source.file, source.locate)
        ]
        is_usable = request is not None and not findings
        return Case(
            value.get("id"), request if is_usable else None, policies, tuple(findings), tuple(warnings)
        )

    def _policies(self, fields: _Fields) -> Policies:
        return Policies(
            identity=self._several(fields, "identity_policies"),
            resource=self._one(fields, "resource_policy", _resource_kind(fields)),
            boundary=self._one(fields, "permissions_boundary", Kind.IDENTITY),
            session=self._several(fields, "session_policies"),
            service_control=self._levels(fields, "service_control_policies", Control.SERVICE),
            resource_control=self._levels(fields, "resource_control_policies", Control.RESOURCE),
        )

    def _one(self, fields: _Fields, name: str, kind: Kind) -> Document | None:
        value = fields.value.get(name)
        return None if value is None else self._document(value, f"/{name}", kind, fields.notes)

    def _several(self, fields: _Fields, name: str) -> Documents:
        return self._listed(fields.list_at(name), f"/{name}", Kind.IDENTITY, fields.notes)

    def _levels(self, fields: _Fields, name: str, control: Control) -> tuple[Documents, ...]:
        kind = Kind.RESOURCE if control is Control.RESOURCE else Kind.IDENTITY
        levels = []
        for index, level in enumerate(fields.list_at(name)):
            place = f"/{name}/{index}"
            if level is None:
                continue
            if not isinstance(level, list):
                fields.refuse(place, "is not a list of policies", level, "a list of documents")
                continue
            levels.append(self._listed(level, place, kind, fields.notes, control))
        return tuple(levels)

    def _listed(
        self,
        values: list[Any],
        pointer: str,
        kind: Kind,
        notes: list[Note],
        control: Control | None = None,
    ) -> Documents:
        return tuple(
            self._document(value, f"{pointer}/{index}", kind, notes, control)
            for index, value in enumerate(values)
            if value is not None
        )

    def _document(
        self, value: Any, pointer: str, kind: Kind, notes: list[Note], control: Control | None = None
    ) -> Document:
        key = (control or kind, marshal.dumps(value, 2))
        known = self._documents.get(key)
        if known is not None:
            return known
        document, own = parse(value, "", kind)
        if control is not None:
            own = about_principals(value, own, control)
        notes.extend(_within(note, pointer) for note in own)
        if not (document.unread or any(each.is_unclear for each in own)):
            self._remember(key, document)
        return document

    def _remember(self, key: tuple[Kind | Control, bytes], document: Document) -> None:
        self._remembered += len(key[1])
        if self._remembered > _MOST_REMEMBERED:
            self._documents.clear()
            self._remembered = len(key[1])
        self._documents[key] = document


def _within(note: Note, pointer: str) -> Note:
    return replace(note, pointer=f"{pointer}{note.pointer}")


def _resource_kind(fields: _Fields) -> Kind:
    """A role's resource-based policy is its trust policy."""
    action, resource = fields.value.get("action"), fields.value.get("resource")
    is_trust = isinstance(action, str) and action[:4].lower() == "sts:"
    return Kind.TRUST if is_trust and isinstance(resource, str) and ":role/" in resource else Kind.RESOURCE


@dataclass(slots=True)
class _Fields:
    """The fields of a case, and the findings about them."""

    value: dict[str, Any]
    notes: list[Note] = field(default_factory=list)

    def refuse(self, pointer: str, what: str, found: Any, accepted: str) -> None:
        self.notes.append(Note(pointer, f"`{pointer}` {what}", quoted(found), accepted, is_unclear=True))

    def text_at(self, name: str, accepted: str, default: str | None = None) -> str:
        """Return a required string (or the default of an optional one).

        Report a value that is not a string or too long.
        """
        found = self.value.get(name)
        found = default if found is None else found
        if isinstance(found, str) and 0 < len(found) <= LONGEST_NAME:
            return found
        if name not in self.value:
            self.notes.append(Note("", f"the case has no `{name}`", "", accepted, is_unclear=True))
        else:
            self.refuse(f"/{name}", "is not valid", found, accepted)
        return ""

    def list_at(self, name: str) -> list[Any]:
        found = self.value.get(name)
        if found is None or isinstance(found, list):
            return found or []
        self.refuse(f"/{name}", "is not a list", found, "a list")
        return []


def _request(fields: _Fields) -> Request | None:
    before = len(fields.notes)
    principal_text = fields.text_at(
        "principal", "an ARN, an account ID, a service, or `*` for an anonymous principal"
    )
    action = fields.text_at("action", "`service:Name`")
    if action and ":" not in action:
        fields.refuse("/action", "is not an action", action, "`service:Name`")
    resource = fields.text_at("resource", "an ARN, or `*` for an action without resources", default="*")
    request = Request(principal_text, action, resource, _context(fields), _account(fields))
    return request if len(fields.notes) == before else None


def _account(fields: _Fields) -> str:
    found = fields.value.get("resource_account")
    if found is None or (isinstance(found, str) and ACCOUNT_ID.fullmatch(found)):
        return found or ""
    fields.refuse("/resource_account", "is not an account ID", found, "a string of twelve digits")
    return ""


def _context(fields: _Fields) -> Context:
    found = fields.value.get("context")
    if found is None:
        return Context()
    if not isinstance(found, dict):
        fields.refuse("/context", "is not a context", found, "an object of condition keys")
        return Context()
    given = {key: _values(value, key, fields) for key, value in found.items() if value is not None}
    context = Context.of(given)
    if len(context.values) < len(given):
        fields.refuse("/context", "names a key twice, in different case", found, "each key once")
    return context


def _values(value: Any, key: str, fields: _Fields) -> Values:
    if isinstance(value, str) and len(value) <= LONGEST_VALUE:
        return (value,)
    texts = tuple(map(as_text, value if isinstance(value, list) else [value]))
    if any(text is None or len(text) > LONGEST_VALUE for text in texts):
        place = f"/context/{escaped(key)}"
        fields.refuse(place, "cannot be compared", value, "strings, numbers, booleans, or a list of them")
    return tuple(text for text in texts if text is not None)
