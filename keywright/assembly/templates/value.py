"""Values of a template before deployment: text with known and unknown parts, lists, mappings, absence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from keywright.policy.matching.memoize import memoized

DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^}]*\}\}")
"""`{{resolve:ssm:…}}`, filled in by CloudFormation at deployment ("Using dynamic references", CloudFormation User Guide)."""

PLACEHOLDER = re.compile(
    r"\{\{(?!resolve:)[^{}]*\}\}"
    r"|\$\{(?:opt|self|env|ssm|cf|sls|param)[:(](?:[^{}]|\$\{[^{}]*\})*\}"
    r"|\$\{(?:file|strToBool)\((?:[^{}]|\$\{[^{}]*\})*\}"
    r"|#\{[^{}]*\}|<%[^%]*%>"
)
"""What a tool fills in before CloudFormation sees the template: the Serverless Framework ("Variables", Serverless Framework
documentation; its `aws` and `s3` are left out, as IAM has policy variables of these names), Jinja and ERB."""
_OPENINGS = ("{{", "${", "#{", "<%")

LONGEST_TEXT = 1 << 17
"""Characters of one resolved text; a longer one, from references that double it, is unknown."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something known only at deployment, and why.

    `reference` names it as the template does (`Role.Arn`, `AWS::AccountId`), `origin` the stack in which that name is
    valid. Two with the same reference and origin have the same value. `is_identifier` marks what AWS generates (a
    name, an account number): one value, never a wildcard.
    """

    reason: str
    reference: str = ""
    origin: str = ""
    is_identifier: bool = False

    @property
    def symbol(self) -> str:
        """Write it for policies: equal only to itself, without ARN separators and wildcards."""
        named = "|".join(filter(None, (self.origin, self.reference or self.reason)))
        plain = _UNFIT.sub("_", named.replace("::", ".").replace(":", ".").replace("/", "|"))
        # Two names that differ only in replaced characters must stay two symbols.
        return f"<{plain}>" if not _UNFIT.search(named) else f"<{plain}~{_short_hash(named)}>"

    def __str__(self) -> str:
        return f"<{self.reference or 'unknown'}>"


_UNFIT = re.compile(r"[^\w .:/|-]")


def _short_hash(named: str) -> str:
    from hashlib import blake2b  # noqa: PLC0415 - few symbols need it

    return blake2b(named.encode(errors="surrogatepass"), digest_size=4).hexdigest()


@dataclass(frozen=True)
class Text:
    """A text whose parts are known or unknown. Build it with `text(...)`, which normalizes the parts."""

    parts: tuple[str | Unknown, ...] = ()

    # The generated method hashes a tuple of all fields, which is slower for the most frequent key.
    def __hash__(self) -> int:
        return hash(self.parts)

    @cached_property
    def literal(self) -> str | None:
        """Give the whole text if all of it is known."""
        if not self.parts:
            return ""
        only = self.parts[0]
        return only if len(self.parts) == 1 and isinstance(only, str) else None

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Give the parts that only the deployment knows."""
        return tuple(part for part in self.parts if isinstance(part, Unknown))

    @property
    def prefix(self) -> str:
        """Give what the text certainly begins with."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""

    @property
    def suffix(self) -> str:
        """Give what the text certainly ends with."""
        return self.parts[-1] if self.parts and isinstance(self.parts[-1], str) else ""

    def surely_has(self, characters: str) -> bool:
        """Tell whether a known part has any of these characters."""
        return any(each in part for part in self.parts if isinstance(part, str) for each in characters)

    def may_have(self, characters: str) -> bool:
        """Tell whether a known part has one of these characters, or an unknown part may."""
        return not self.is_single or self.surely_has(characters)

    @property
    def is_single(self) -> bool:
        """Tell whether all unknown parts are identifiers: apart from its literal wildcards the text is then one value."""
        return all(each.is_identifier for each in self.unknowns)

    def may_be(self, other: str) -> bool:
        """Tell whether some values of the unknown parts make the text equal `other`; case-sensitive."""
        if self.literal is not None:
            return self.literal == other
        if "*" in other and not self.may_have("*"):
            return False
        start, end = len(self.prefix), len(other) - len(self.suffix)
        if start > end or not other.startswith(self.prefix) or not other.endswith(self.suffix):
            return False
        for part in self.parts[bool(self.prefix) : len(self.parts) - bool(self.suffix)]:
            if isinstance(part, str):
                found = other.find(part, start, end)
                if found < 0:
                    return False
                start = found + len(part)
        return True

    @property
    def spelled(self) -> str:
        """Write it for policies, with a symbol for each unknown part."""
        return "".join(part if isinstance(part, str) else part.symbol for part in self.parts)

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Absent:
    """No value: `AWS::NoValue`, or null."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Encoded:
    """Base64 of a value, kept readable: user data, mostly."""

    content: Value


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The possible values, depending on the template's conditions; at least two, none of them alternatives."""

    values: tuple[Value, ...]


Value = Text | Unknown | Absent | Encoded | Alternatives | tuple["Value", ...] | Mapping[str, "Value"]


def text(*parts: str | Unknown | Text) -> Text:
    """Join parts into a text: adjacent known parts become one, dynamic references become unknown."""
    flat: list[str | Unknown] = []
    known: list[str] = []
    length = 0
    for part in parts:
        for each in part.parts if isinstance(part, Text) else (part,):
            if isinstance(each, str):
                known.append(each)
                length += len(each)
            else:
                flat += filter(None, ("".join(known),))
                flat.append(each)
                known = []
    # A text that doubles at each level of references would fill the memory.
    if length > LONGEST_TEXT:
        return Text((Unknown(f"it is longer than {LONGEST_TEXT} characters"),))
    flat += filter(None, ("".join(known),))
    return Text(tuple(flat))


@memoized
def literal_text(characters: str) -> Text:
    """Read a literal text; dynamic references and placeholders of other tools in it are unknown."""
    if not may_be_filled_in(characters):
        return Text((characters,)) if characters else Text()
    parts: list[str | Unknown] = []
    end = 0
    for found in _FILLED_IN.finditer(characters):
        is_reference = found[0].startswith("{{resolve:")
        reason = (
            "a dynamic reference is filled in at deployment"
            if is_reference
            else "a placeholder of another tool"
        )
        parts += [characters[end : found.start()], Unknown(reason, found[0])]
        end = found.end()
    return text(*parts, characters[end:])


_FILLED_IN = re.compile(f"{DYNAMIC_REFERENCE.pattern}|{PLACEHOLDER.pattern}")


def may_be_filled_in(characters: str) -> bool:
    """Tell quickly whether a literal text may contain a dynamic reference or a placeholder of another tool."""
    return any(map(characters.__contains__, _OPENINGS))


def with_dynamic_references(joined: Text) -> Text:
    """See the dynamic references that only joining completed."""
    if not any("{{resolve:" in part for part in joined.parts if isinstance(part, str)):
        return joined
    return text(*(literal_text(part) if isinstance(part, str) else part for part in joined.parts))


def as_text(value: Value) -> Text:
    """Convert a value to text; anything but a string is unknown."""
    match value:
        case Text():
            return value
        case Unknown():
            return Text((value,))
        case Absent():
            return Text((Unknown("it is absent"),))
        case Encoded():
            return Text((Unknown("it is Base64-encoded"),))
        case Alternatives():
            return Text((Unknown("it depends on the template's conditions"),))
        case _:
            return Text((Unknown("it is not a string"),))


def as_texts(value: Value) -> tuple[Text, ...]:
    """See a value as the texts of a list; one alone counts as a list of one, an absent one as none."""
    match value:
        case Absent():
            return ()
        case tuple():
            texts = tuple(each for each in value if isinstance(each, Text))
            if len(texts) == len(value):
                return texts
            return tuple(each for item in value for each in as_texts(item))
        case _:
            return (as_text(value),)


def possible_values(value: Value) -> tuple[Value, ...]:
    """Give every possible value; most have one."""
    return value.values if isinstance(value, Alternatives) else (value,)


def value_at(value: Value, *path: str | int) -> Value:
    """Follow a path through mappings and lists; absent if it ends early, unknown if a value on it is."""
    for step in path:
        match value:
            case Mapping() if isinstance(step, str):
                value = value.get(step, ABSENT)
            case tuple() if isinstance(step, int) and -len(value) <= step < len(value):
                value = value[step]
            case Unknown():
                return value
            case _:
                return ABSENT
    return value
