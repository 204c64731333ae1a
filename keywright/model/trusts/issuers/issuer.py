"""What an entry of the registry states about an issuer of tokens, and what several entries share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.model.fields.text import DeclaredName, GitName
from keywright.reporting.text import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Values = Mapping[str, Any]
    """What a trust, or a provider, declares, by key; keys that are not declared are absent."""

STS_AUDIENCE = "sts.amazonaws.com"
"""The audience that AWS's own tools ask tokens for."""
PLACEHOLDER_UUID = "00000000-0000-0000-0000-000000000000"
"""Stands in examples where a UUID has to be filled in."""
LITERAL_TEXT = r"[^*?$\x00-\x1f\x7f-\x9f\u0100-\U0010ffff]+"
"""Text that a policy compares literally: no wildcard, no policy variable, only characters that IAM accepts."""
_ONE_FIELD = r"[^*?$:\x00-\x1f\x7f-\x9f\u0100-\U0010ffff]+"
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True)
class DeclaredKey:
    """A key of a declaration: `form` is the type of its value (a shaped text, a `Literal`, `int`, or keys of its own)."""

    name: str
    form: Any
    text: str
    required: bool = False


@dataclass(frozen=True)
class DeclaredKeys:
    """The keys of one declared thing, such as a trust; `type_name` is its name in the JSON Schema."""

    type_name: str
    text: str
    keys: tuple[DeclaredKey, ...]


@dataclass(frozen=True)
class TokenSubject:
    """The `sub` claim of a token; `is_pattern` means that its `*` matches any text."""

    text: str
    is_pattern: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Issuer:
    """An issuer of OpenID Connect tokens.

    Patterns are texts, not compiled: `re` compiles and caches those that are used, so that importing the registry is quick.

    An issuer has an IAM OIDC provider with a fixed `address`, or none because IAM has it built in (`claims` then gives all
    claims to compare), or an address of its own for each of its servers (no `address`, no `trust`).
    """

    key: str
    """Its name in declarations: `oidc: gitlab` of a provider, `gitlab: …` of a trust."""
    name: str
    """Its name for people."""
    recognized_by: str
    """The part of an issuer's address, in lower case, by which trust policies of other authors are recognized."""
    sample_subject: str
    """A subject that the guardrails accept and show as an example."""

    address: str = ""
    """The issuer's https address; `{…}` stands for a key of the provider's declaration."""
    audience: str = STS_AUDIENCE
    """The audience of its tokens unless a provider declares others; `{…}` as in the address."""
    provider_keys: tuple[DeclaredKey, ...] = ()
    """What a provider's declaration must state beside `oidc`."""

    trust: DeclaredKeys | None = None
    """The keys of a trust in it; the first is `key`."""
    selectors: tuple[str, ...] = ()
    """Keys of a trust of which at most one is declared."""
    needs_selector: bool = False
    """Whether exactly one of the selectors must be declared: without it every branch would be trusted."""
    words: str = ""
    """A trust in words: `{…}` stands for a key, `{selected}` for the selector."""
    example: Values | None = None
    """A trust with placeholders, for advice."""
    provider_example: Values | None = None
    """The provider's further keys with placeholders, for advice."""
    subject: Callable[[Values, Values], TokenSubject] | None = None
    """Make the subject of a trust's tokens from what the trust and its provider declare."""
    claims: Callable[[Values], Mapping[str, str]] | None = None
    """Make all claims that a trust compares, for an issuer that IAM has built in."""

    subject_prefix: str = ""
    """How its subjects begin, by which an issuer at an unknown address is recognized."""
    one_project: str = ""
    """Subject patterns that match only subjects of one project."""
    selects_context: str = ""
    """Subject patterns that name a branch, tag, environment or the like; without it none has to."""

    mentioned_as: str = ""
    """How a reason for access keys mentions that software runs there."""
    better: str = ""
    """What to declare in place of a user for software that runs there."""

    @property
    def has_provider(self) -> bool:
        """Tell whether `oidc: KEY` declares a provider of it."""
        return bool(self.address)

    def in_words(self, values: Values) -> str:
        """Describe a trust for people."""
        return self.words.format(**values, selected=self._selected(values))

    def _selected(self, values: Values) -> str:
        chosen = next((key for key in self.selectors if key in values), None)
        if chosen is None:
            return ""
        value = values[chosen]
        return f", {chosen.replace('_', ' ')}s" if value is True else f", {chosen} {value}"


def provider_key(issuer: str, others: str = "") -> DeclaredKey:
    """Give the key by which a trust names its provider where several have the same issuer."""
    more = f": {others}" if others else ""
    text = f"The declared provider, where it is not the only one with `oidc: {issuer}`{more}."
    return DeclaredKey("provider", DeclaredName, text)


def ref_keys(verb: str = "that the job must run on") -> tuple[DeclaredKey, DeclaredKey]:
    """Give the keys that select a branch or a tag."""
    return (
        DeclaredKey("branch", GitName, f"The branch {verb}."),
        DeclaredKey("tag", GitName, f"The tag {verb}."),
    )


def exactly(subject: str, issuer: str) -> TokenSubject:
    """Give a subject that is compared exactly.

    Raises:
        ValueError: It is a pattern, or contains a policy variable.
    """
    if not re.fullmatch(LITERAL_TEXT, subject):
        raise refusal(
            f"the subject of `{issuer}` is compared exactly",
            found=f"`{subject}`",
            accepted="one literal value without `*`, `?` and `$`",
        )
    return TokenSubject(subject)


def branch_or_tag(project: str, branch: str | None, tag: str | None) -> tuple[str, str]:
    """Give the kind and the name of the one ref on which a project is trusted.

    Raises:
        ValueError: Neither or both are given, or the name would not stay within its part of the subject.
    """
    named = [(kind, name) for kind, name in (("branch", branch), ("tag", tag)) if name]
    if len(named) != 1:
        raise refusal(
            f"`{project}` is trusted on one branch or one tag",
            found="both" if named else "neither",
            accepted="exactly one of `branch` and `tag`",
        )
    ((kind, name),) = named
    return kind, one_field(name)


def one_field(value: str) -> str:
    """Return a name that cannot end its part of the subject: subjects separate their parts by colons.

    Raises:
        ValueError: It contains a colon, a wildcard or a policy variable.
    """
    if not re.fullmatch(_ONE_FIELD, value):
        raise refusal(
            "a part of a subject is compared exactly",
            found=f"`{value}`",
            accepted="Latin text without `*`, `?`, `$` and `:`",
        )
    return value


def checked_uuid(value: str) -> str:
    """Return an identifier by which an issuer names a project.

    Raises:
        ValueError: It is no UUID in lower case.
    """
    if not re.fullmatch(_UUID, value):
        raise refusal(
            "a project is identified by its UUID",
            found=f"`{value}`",
            accepted="a UUID in lower case, without braces",
        )
    return value
