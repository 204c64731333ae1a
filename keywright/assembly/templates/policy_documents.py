"""Policy documents in templates: statements whose texts may be partly unknown.

Source: "Grammar of the IAM JSON policy language", IAM User Guide. Element names, the value of `Effect` and operators
are read case-insensitively: what AWS rejects is never deployed, and what it accepts must not be missed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.resolve import resolve
from keywright.assembly.templates.value import (
    ABSENT,
    Absent,
    Text,
    Unknown,
    Value,
    as_text,
    as_texts,
    literal_text,
    possible_values,
    text,
    value_at,
)
from keywright.policy.statement import VERSION_WITH_VARIABLES, Document, Effect, Statement, Unread

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node, Step
    from keywright.assembly.templates.template import Resource
    from keywright.reporting.finding import Location


_EFFECTS = {each.value: each for each in Effect}
_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_KNOWN = frozenset({*_LISTS, "Sid", "Effect", "Condition"})
_OF_DOCUMENTS = frozenset({"Version", "Id", "Statement"})


def plain_document(node: Node, file: str) -> Document | None:
    """Read a literal identity-based policy; None if any part of it is not a string in its usual place."""
    # Most documents are literal, and reading them so takes a fraction of the time of resolving every value.
    if not isinstance(node, dict) or not _OF_DOCUMENTS.issuperset(node):
        return None
    written, version = node.get("Statement"), node.get("Version", "")
    if not isinstance(written, list) or not isinstance(version, str):
        return None
    knows_variables = version == VERSION_WITH_VARIABLES
    statements = tuple(_plain_statement(each, at, knows_variables) for at, each in enumerate(written))
    known = tuple(each for each in statements if each is not None)
    return Document(known, VERSION_WITH_VARIABLES, file=file) if len(known) == len(statements) else None


def _plain_statement(node: Node, at: int, knows_variables: bool) -> Statement | None:  # noqa: FBT001 - called for every one
    if not isinstance(node, dict) or not _KNOWN.issuperset(node):
        return None
    effect, sid = _EFFECTS.get(str(node.get("Effect"))), node.get("Sid", "")
    given: dict[str, Any] = {name: _texts(node[key]) for key, name in _LISTS.items() if key in node}
    conditions = _plain_conditions(node["Condition"]) if "Condition" in node else {}
    if effect is None or conditions is None or None in given.values() or not _is_plain(sid):
        return None
    return Statement(
        effect,
        conditions=conditions,
        sid=str(sid),
        knows_variables=knows_variables,
        pointer=f"/Statement/{at}",
        **given,
    )


def _texts(node: Node) -> tuple[str, ...] | None:
    several = node if isinstance(node, list) else [node]
    return tuple(map(str, several)) if all(map(_is_plain, several)) else None


def _is_plain(node: Node) -> bool:
    return isinstance(node, str) and literal_text(node).literal is not None


def _plain_conditions(node: Node) -> dict[str, dict[str, tuple[str, ...]]] | None:
    """Read conditions on texts; in JSON and YAML those on truth and numbers are often written as such, and left."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    if not isinstance(node, dict) or _is_function(node):
        return None
    for operator, keys in node.items():
        if not isinstance(keys, dict) or _is_function(keys) or not keys:
            return None
        tests = {key: _texts(values) for key, values in keys.items()}
        found[operator] = {key: values for key, values in tests.items() if values}
        if len(found[operator]) < len(keys):
            return None
    return found


def _is_function(node: dict[str, Node]) -> bool:
    return any(key == "Ref" or key.startswith("Fn::") for key in node)


Texts = tuple[Text, ...]
TemplateConditions = Mapping[str, Mapping[str, Texts]]

_ELEMENTS = {
    name.lower(): name
    for name in (
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    )
}


@dataclass(frozen=True)
class TemplateStatement:
    """One statement of a template; of each pair (actions, not_actions …) at most one is non-empty.

    `unknown` has the elements, operators and principal types that are wholly unknown until deployment. With any of
    them the statement may allow more, and require more or less, than its other fields state.
    """

    effect: Effect | Unknown
    actions: Texts = ()
    not_actions: Texts = ()
    resources: Texts = ()
    not_resources: Texts = ()
    principals: Mapping[str, Texts] = field(default_factory=dict)
    not_principals: Mapping[str, Texts] = field(default_factory=dict)
    conditions: TemplateConditions = field(default_factory=dict)
    sid: str = ""
    knows_variables: bool = True
    unknown: Mapping[str, Unknown] = field(default_factory=dict)
    index: int = 0

    @property
    def may_allow(self) -> bool:
        """Tell whether the statement allows or may allow."""
        return self.effect is not Effect.DENY

    @property
    def is_single(self) -> bool:
        """Tell whether every unknown part of its texts is an identifier, so that no symbol may be a wildcard."""
        return all(each.is_single for each in self._texts)

    @cached_property
    def literal(self) -> Statement | None:
        """Give the statement if every part of it is known; otherwise None."""
        if self.unknown or not isinstance(self.effect, Effect) or any(each.unknowns for each in self._texts):
            return None
        return self.as_statement()

    def as_statement(self, spell: Callable[[Text], str] = lambda each: each.spelled) -> Statement:
        """Give the statement with each unknown part as a symbol, `<stack|Reference>`, for display or comparison.

        An unknown effect counts as Allow; wholly unknown elements are left out: see `unknown`.
        """

        def strings(values: Texts) -> tuple[str, ...]:
            return tuple(map(spell, values))

        return Statement(
            effect=self.effect if isinstance(self.effect, Effect) else Effect.ALLOW,
            actions=strings(self.actions),
            not_actions=strings(self.not_actions),
            resources=strings(self.resources),
            not_resources=strings(self.not_resources),
            principals={kind: strings(values) for kind, values in self.principals.items()},
            not_principals={kind: strings(values) for kind, values in self.not_principals.items()},
            conditions={
                operator: {key: strings(values) for key, values in keys.items()}
                for operator, keys in self.conditions.items()
            },
            sid=self.sid,
            knows_variables=self.knows_variables,
            pointer=f"/Statement/{self.index}",
        )

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Give the parts of its texts that only the deployment knows."""
        return tuple(one for each in self._texts for one in each.unknowns)

    @property
    def _texts(self) -> Texts:
        kinds = (*self.principals.values(), *self.not_principals.values())
        return (
            *self.actions,
            *self.not_actions,
            *self.resources,
            *self.not_resources,
            *(each for values in kinds for each in values),
            *(each for keys in self.conditions.values() for values in keys.values() for each in values),
        )


@dataclass(frozen=True)
class TemplateDocument:
    """One policy document of a template; `unreadable` has what is not a statement or is wholly unknown."""

    statements: tuple[TemplateStatement, ...] = ()
    version: str = ""
    unreadable: tuple[Unknown, ...] = ()

    @cached_property
    def literal(self) -> Document | None:
        """Give the document if every part of it is known; otherwise None."""
        if self.unreadable or any(each.literal is None for each in self.statements):
            return None
        return self.as_document()

    def as_document(self) -> Document:
        """Give the document with each unknown part of a text as a symbol, `<stack|Reference>`, equal only to itself.

        `unread` has the wholly unknown elements. A symbol may be a wildcard unless it is an identifier: see
        `TemplateStatement.is_single`.
        """
        unread = [Unread("/Statement", each.reason) for each in self.unreadable]
        for statement in self.statements:
            pointer = f"/Statement/{statement.index}"
            if isinstance(statement.effect, Unknown):
                unread.append(Unread(f"{pointer}/Effect", statement.effect.reason))
            unread += [
                Unread(f"{pointer}/{element.replace('.', '/')}", unknown.reason)
                for element, unknown in statement.unknown.items()
            ]
        return Document(
            tuple(each.as_statement() for each in self.statements), self.version, unread=tuple(unread)
        )


@dataclass(frozen=True)
class Policy:
    """A policy with its location, and every document that the template's conditions make possible.

    `path` leads to the document below the resource that has it. Usually there is one document. Documents are read on
    demand; `plain` reads a literal one from `node` without resolving it.
    """

    name: Text
    holder: Resource
    path: tuple[Step, ...]
    read: Callable[[], tuple[TemplateDocument, ...]] = field(repr=False, compare=False)
    node: Node = field(default=None, repr=False, compare=False)

    @cached_property
    def documents(self) -> tuple[TemplateDocument, ...]:
        """Give every document that it may be."""
        return self.read()

    @cached_property
    def plain(self) -> Document | None:
        """Give the document if the template writes it literally."""
        # The condition decides which branch of an `Fn::If` counts, so the document is resolved under it.
        if "Condition" in self.holder.raw:
            return None
        return plain_document(self.node, self.holder.template.file)

    @cached_property
    def statements(self) -> tuple[TemplateStatement, ...]:
        """Give the distinct statements of all possible documents."""
        if len(self.documents) == 1:
            return self.documents[0].statements
        found: list[TemplateStatement] = []
        for document in self.documents:
            found += [each for each in document.statements if each not in found]
        return tuple(found)

    @cached_property
    def unreadable(self) -> tuple[Unknown, ...]:
        """Give the wholly unknown parts of the documents."""
        return tuple(dict.fromkeys(each for document in self.documents for each in document.unreadable))

    @property
    def location(self) -> Location:
        """Give the location of the document."""
        return self.holder.locate(*self.path)

    def locate(self, statement: TemplateStatement) -> Location:
        """Give the location of a statement."""
        return self.holder.locate(*self.path, "Statement", statement.index)


def read_policy(name: Text, holder: Resource, path: tuple[Step, ...], value: Value) -> Policy:
    """Read a policy from a value with its possible values."""
    return Policy(name, holder, path, lambda: tuple(map(read_document, possible_values(value))))


def policy_at(name: Text, holder: Resource, path: tuple[Step, ...], node: Node) -> Policy:
    """Make a policy from an unresolved document; it is resolved on demand."""

    def read() -> tuple[TemplateDocument, ...]:
        found = resolve(node, holder.template, when=holder.raw.get("Condition"))
        return tuple(map(read_document, found or (ABSENT,)))

    return Policy(name, holder, path, read, node)


def read_document(value: Value) -> TemplateDocument:
    """Read a policy document, a single statement, or JSON text. Anything else is unreadable, never an error."""
    if isinstance(value, Text) and "{" in value.prefix:
        value = _decoded(value)
    if isinstance(value, Absent):
        return TemplateDocument()
    if not isinstance(value, Mapping):
        return TemplateDocument(unreadable=(_as_unknown(value, "it is not a policy document"),))
    members = {key.lower(): item for key, item in value.items()}
    # A single statement without a document around it is read too: one that AWS accepts must not be missed.
    given = members.get("statement", value if "effect" in members else ABSENT)
    items = given if isinstance(given, tuple) else () if isinstance(given, Absent) else (given,)
    version = str(as_text(members.get("version", Text())))
    return TemplateDocument(
        statements=tuple(
            _statement(item, index, knows_variables=version == VERSION_WITH_VARIABLES)
            for index, item in enumerate(items)
            if isinstance(item, Mapping)
        ),
        version=version,
        unreadable=tuple(
            _as_unknown(item, "it is not a statement") for item in items if not isinstance(item, Mapping)
        ),
    )


_MARK = re.compile("\ue000([0-9]+)\ue001")
"""Stands for an unknown part while a text is parsed as JSON; uses private use characters."""


def _decoded(document: Text) -> Value:
    """Read a document that is a JSON string, such as from `Fn::Sub`; parts of it may be unknown."""
    # The text becomes valid JSON only with something in place of its unknown parts.
    marked = "".join(
        part if isinstance(part, str) else f"\ue000{index}\ue001" for index, part in enumerate(document.parts)
    )
    try:
        return _lifted(json.loads(marked, parse_int=str, parse_float=str), document)
    except (ValueError, RecursionError):
        return Unknown("it is not a policy document")


def _lifted(node: object, document: Text) -> Value:
    match node:
        case dict():
            return {str(_marked(key, document)): _lifted(item, document) for key, item in node.items()}
        case list():
            return tuple(_lifted(item, document) for item in node)
        case bool():
            return Text(("true" if node else "false",))
        case None:
            return ABSENT
        case _:
            return _marked(str(node), document)


def _marked(characters: str, document: Text) -> Text:
    """Put the unknown parts back in their places."""
    pieces = _MARK.split(characters)
    return text(
        *(
            document.parts[int(piece)] if index % 2 else literal_text(piece)
            for index, piece in enumerate(pieces)
        )
    )


def _as_unknown(value: Value, reason: str) -> Unknown:
    if isinstance(value, Unknown):
        return value
    unknowns = value.unknowns if isinstance(value, Text) else ()
    return unknowns[0] if unknowns else Unknown(reason)


def _statement(item: Mapping[str, Value], index: int, *, knows_variables: bool) -> TemplateStatement:
    elements = {_ELEMENTS.get(key.lower(), key): value for key, value in item.items()}
    unknown: dict[str, Unknown] = {
        key: value for key, value in elements.items() if isinstance(value, Unknown) and key != "Effect"
    }
    return TemplateStatement(
        effect=_effect(elements.get("Effect", ABSENT)),
        actions=as_texts(elements.get("Action", ABSENT)),
        not_actions=as_texts(elements.get("NotAction", ABSENT)),
        resources=as_texts(elements.get("Resource", ABSENT)),
        not_resources=as_texts(elements.get("NotResource", ABSENT)),
        principals=_principals("Principal", elements.get("Principal", ABSENT), unknown),
        not_principals=_principals("NotPrincipal", elements.get("NotPrincipal", ABSENT), unknown),
        conditions=_conditions(elements.get("Condition", ABSENT), unknown),
        sid=str(as_text(elements.get("Sid", Text()))),
        knows_variables=knows_variables,
        unknown=unknown,
        index=index,
    )


def _effect(value: Value) -> Effect | Unknown:
    literal = as_text(value).literal
    found = next((each for each in Effect if literal is not None and each.lower() == literal.lower()), None)
    return found or _as_unknown(value, "the effect is neither Allow nor Deny")


_KINDS = {"aws": "AWS", "service": "Service", "federated": "Federated", "canonicaluser": "CanonicalUser"}


def _principals(element: str, value: Value, unknown: dict[str, Unknown]) -> Mapping[str, Texts]:
    match value:
        case Absent() | Unknown():
            return {}
        case Mapping():
            found: dict[str, Texts] = {}
            for kind, item in value.items():
                name = _KINDS.get(kind.lower(), kind)
                found[name] = (*found.get(name, ()), *as_texts(item))
            return found
        case Text():
            if value.literal == "*":
                return {"*": (value,)}
            # It may be `*`, so who is meant is not known.
            if value.literal is None:
                unknown[element] = value.unknowns[0]
                return {}
            return {"AWS": (value,)}
        case _:
            return {"AWS": as_texts(value)}


def _conditions(value: Value, unknown: dict[str, Unknown]) -> TemplateConditions:
    if not isinstance(value, Mapping):
        if not isinstance(value, Absent | Unknown):
            unknown["Condition"] = _as_unknown(value, "it is not a condition")
        return {}
    found: dict[str, dict[str, Texts]] = {}
    for operator, keys in value.items():
        if not isinstance(keys, Mapping):
            unknown[f"Condition.{operator}"] = _as_unknown(keys, "it is not a condition")
            continue
        found.setdefault(operator, {}).update({key: as_texts(item) for key, item in keys.items()})
    return found


def policies_in(resource: Resource, *path: str) -> tuple[Policy, ...]:
    """Read the policy at a property, if it has one."""
    value = resource.properties.get(path[0], ABSENT)
    if isinstance(value, Absent):
        return ()

    def read() -> tuple[TemplateDocument, ...]:
        return tuple(read_document(value_at(each, *path[1:])) for each in possible_values(value))

    return (Policy(Text((path[-1],)), resource, ("Properties", *path), read),)
