"""Web identity: which issuer a trust statement names, which claims it compares, and how wide a subject is.

Sources: "Create a role for OpenID Connect federation" and "Available keys for AWS OIDC federation", IAM User Guide; for
each issuer, its entry in the registry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Text, Unknown
from keywright.guardrails.subjects.trusts import WEB_IDENTITY
from keywright.model.trusts.issuers.github import GITHUB
from keywright.model.trusts.issuers.registry import ISSUERS
from keywright.policy.matching.context import Truth
from keywright.policy.principals import WEB_IDENTITY_PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from keywright.guardrails.subjects.allowed_principals import AllowedPrincipal
    from keywright.guardrails.subjects.condition_tests import ConditionTest
    from keywright.guardrails.subjects.trusts import TrustStatement
    from keywright.model.trusts.issuers.issuer import Issuer as RegisteredIssuer

AUDIENCES = ("aud", "oaud", "app_id")
SUBJECTS = ("sub", "id", "user_id")

_PROVIDER = re.compile(r".*:oidc-provider/", re.DOTALL)


@dataclass(frozen=True)
class Issuer:
    """An identity provider as a trust statement names it; `name` is unknown in part where the template does not say."""

    name: Text

    @property
    def label(self) -> str:
        """Name it for people."""
        return str(self.name) or "its issuer"

    @property
    def is_for_end_users(self) -> bool:
        """Return whether its subjects are an application's own end users, whom nobody lists in a trust policy."""
        return self.name.literal in WEB_IDENTITY_PROVIDERS

    def claims(self, names: Iterable[str]) -> Callable[[str], bool]:
        """Make the test of whether a condition key (in lower case) is one of this issuer's claims."""
        endings = tuple(f":{name}" for name in names)
        literal = self.name.literal
        if literal is None:
            return lambda key: key.endswith(endings) and not key.startswith(("aws:", "sts:", "saml:"))
        keys = {f"{literal.lower()}{ending}" for ending in endings}
        return keys.__contains__


def issuers(statement: TrustStatement) -> Iterator[tuple[AllowedPrincipal, Issuer]]:
    """Return the issuers that a statement lets web identities in from; SAML providers are none."""
    for each in statement.allowed_principals(WEB_IDENTITY):
        if each.kind == "Federated" and ":saml-provider/" not in str(each.value):
            yield each, Issuer(_name(each.value))


def _name(provider: Text) -> Text:
    """Return what stands after `oidc-provider/` in a provider's ARN; the whole where it is no ARN."""
    parts = list(provider.parts)
    for index, part in enumerate(parts):
        if isinstance(part, str) and ":oidc-provider/" in part:
            parts = [_PROVIDER.sub("", part), *parts[index + 1 :]]
            break
    return Text(tuple(part for part in parts if part != ""))


def widest_subjects(principal: AllowedPrincipal, issuer: Issuer) -> tuple[Truth, list[str]]:
    """Return whether the tests on an issuer's subject leave more than one project, and show those that are so wide.

    All tests must hold, so that the narrowest decides; one that may hold besides makes it uncertain.
    """
    widths = [_widths(test, issuer) for test in subject_tests(principal, issuer)]
    widest = min((max(each.values(), default=Truth.NO) for each in widths), default=Truth.NO)
    wide = [value for each in widths for value, width in each.items() if width >= widest]
    others = [test for choice in principal.conditions.choices for test in choice]
    is_subject = issuer.claims(SUBJECTS)
    if any(test.is_positive and is_subject(test.key) for test in others):
        widest = min(widest, Truth.MAYBE)
    return widest, wide


def _widths(test: ConditionTest, issuer: Issuer) -> dict[str, Truth]:
    matches = test.matches_patterns
    return {str(value): is_wide(value, issuer) if matches else Truth.NO for value in test.values}


def subject_tests(principal: AllowedPrincipal, issuer: Issuer) -> list[ConditionTest]:
    """Return the positive tests on an issuer's subject; all of them must hold."""
    is_subject = issuer.claims(SUBJECTS)
    return [test for test in principal.conditions.tests if test.is_positive and is_subject(test.key)]


def is_wide(value: Text, issuer: Issuer) -> Truth:
    """Return whether a subject pattern admits more than one project of its issuer; what is unknown may hold a wildcard."""
    widest, narrowest = (
        _is_wide("".join(_spelled(part, hidden) for part in value.parts), str(issuer.name)) for hidden in "*x"
    )
    return widest if widest is narrowest else Truth.MAYBE


def _spelled(part: str | Unknown, hidden: str) -> str:
    if isinstance(part, str):
        return part
    return "x" if part.is_identifier else hidden


def _is_wide(pattern: str, issuer: str) -> Truth:
    if "*" not in pattern and "?" not in pattern:
        return Truth.NO
    entry = next(_entries_for(pattern, issuer), None)
    if entry is not None:
        return Truth.NO if re.fullmatch(entry.one_project, pattern) else Truth.YES
    return Truth.YES if re.match(r"[^:/]*[*?]", pattern) else Truth.MAYBE


def _entries_for(pattern: str, issuer: str) -> Iterator[RegisteredIssuer]:
    """Return the registry's entry for an issuer by its address, else by how its subjects begin."""
    known = [entry for entry in ISSUERS if entry.one_project]
    yield from (entry for entry in known if entry.recognized_by in issuer.lower())
    yield from (entry for entry in known if pattern.startswith(entry.subject_prefix))


def sample_subject(issuer: Issuer) -> str:
    """Return an example of a subject that restricts the issuer's tokens to one project; GitHub's where it is unknown."""
    return next(_entries_for("", str(issuer.name)), GITHUB).sample_subject


def names_context(value: Text) -> bool:
    """Return whether a subject selects a branch, tag, environment or the like where its issuer has such contexts."""
    shown = str(value)
    return not any(
        entry.selects_context
        and shown.startswith(entry.subject_prefix)
        and not re.match(entry.selects_context, shown)
        for entry in ISSUERS
    )
