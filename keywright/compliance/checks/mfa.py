"""Control 1.9: users who sign in with a password can do nothing without MFA, proved by the policy engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.invariants.declaration import DeclaredInvariant
from keywright.assembly.invariants.proof import prove_invariants
from keywright.compliance.report import Assessment, Enforcer
from keywright.policy.reference import catalogue
from keywright.reporting.finding import Finding
from keywright.reporting.text import counted, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.invariants.declaration import InvariantResult
    from keywright.assembly.templates.policy_documents import TemplateStatement
    from keywright.compliance.input import CheckedTemplates, Input
    from keywright.guardrails.subjects.kinds import User

RULE = "USR002"
_MFA = "aws:MultiFactorAuthPresent"
_SENSITIVE_ACTIONS = (
    "sts:AssumeRole",
    "iam:AddUserToGroup",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "iam:PassRole",
    "iam:PutUserPolicy",
    "iam:UpdateLoginProfile",
)
"""Actions that must be denied without MFA, beside all actions of services for which access is granted."""
_MOST_SHOWN = 10
_ENROLLMENT_SERVICES = frozenset({"iam", "sts"})
"""Services of which MFA enrollment needs some actions."""


def mfa(source: Input) -> Assessment:
    """Assess all users with a password."""
    if source.templates is None:
        return _declared(source)
    people = [user for user in source.templates.users if user.signs_in]
    names = {user.identity.label for user in people}
    found = source.templates.by_rule(RULE, lambda each: _is_about(each, names))
    if not people:
        return found + Assessment(evidence=("no user of these templates signs in with a password",))
    return found + _proof(source.templates, people)


def _declared(source: Input) -> Assessment:
    if source.declarations is None:
        return Assessment()
    people = [name for name, user in source.declarations.users.items() if user.console]
    return Assessment(
        enforced_by=(Enforcer("`mfa: required` of the account", source.places.at("account", "mfa")),),
        evidence=(f"every person has the MFA guard: {counted(len(people), 'person')} with sign-in",),
    )


def _is_about(finding: Finding, names: set[str]) -> bool:
    return any(f"`{name}`" in finding.message for name in names)


def _proof(templates: CheckedTemplates, people: list[User]) -> Assessment:
    """Prove that no user is allowed any action of the services in use without MFA."""
    services = sorted(_services(templates, people))
    # `iam:*` and `sts:*` cannot be proved, because enrolling an MFA device needs some of their actions
    # without MFA.
    patterns = (*(f"{each}:*" for each in services), *_SENSITIVE_ACTIONS)
    results = prove_invariants(templates.assembly, [_never(user, patterns) for user in people])
    assessment = sum(map(_assess_result, results), Assessment(enforced_by=tuple(_guards(people))))
    if all(result.verdict == "proved" for result in results):
        named = joined([f"`{user.identity.label}`" for user in people], most=_MOST_SHOWN)
        assessment += Assessment(evidence=(f"proved for {named}: without MFA {_denied_actions(services)}",))
    return assessment


def _denied_actions(services: list[str]) -> str:
    few = len(services) <= _MOST_SHOWN
    of = ", ".join(services) if few else f"any of {len(services)} services"
    return (
        f"no action of {of} is allowed, and no role can be assumed, no key, login profile or policy created"
    )


def _services(templates: CheckedTemplates, people: list[User]) -> set[str]:
    """Return the services that policies name; all known ones if a policy covers any service.

    Services that no policy names need no proof of their own: policies treat them all alike.
    """
    statements = [each for policy in templates.view.granting_policies for each in policy.statements]
    named = {service for each in statements for service in _named(each.actions, each.not_actions)}
    opened = {service for each in statements for service in _opened(each)}
    # A policy for an unknown service may be for any, so that all services are proved.
    if not all(map(_is_literal, opened)) or any(map(_has_unread_policies, people)):
        named |= set(catalogue.services())
    return set(filter(_is_literal, named)) - _ENROLLMENT_SERVICES


def _opened(statement: TemplateStatement) -> Iterator[str]:
    """Return the services that a statement allows, or excludes from its denial; `*` for all except some."""
    if statement.may_allow:
        yield from _named(statement.actions, ("*",) if statement.not_actions else ())
    else:
        yield from _named(statement.not_actions)


def _named(*actions: Iterable[object]) -> Iterator[str]:
    return (str(each).partition(":")[0].lower() for several in actions for each in several)


def _is_literal(service: str) -> bool:
    return service.replace("-", "").isalnum()


def _has_unread_policies(user: User) -> bool:
    """Return whether a user has a policy whose document is in no template."""
    identities = (user.identity, *user.everyone.groups_of(user.identity))
    return any(attached.policy is None for identity in identities for attached in identity.attached)


def _never(user: User, patterns: tuple[str, ...]) -> DeclaredInvariant:
    return DeclaredInvariant(
        kind="never",
        who=(f"user/{user.identity.label}",),
        can=patterns,
        on=("*",),
        # The key is absent for long-term access keys, which count as requests without MFA.
        when={"BoolIfExists": {_MFA: ("false",)}},
        without_mfa=True,
        words="without mfa",
        location=user.identity.resource.location,
    )


def _assess_result(result: InvariantResult) -> Assessment:
    place = result.declared.location
    # A user whose name only the deployment knows cannot be found, which proves nothing about it.
    if result.missing:
        return Assessment(undecided=(f"{', '.join(result.missing)} is not in the templates",))
    if result.breaches:
        request = result.breaches[0].request
        what = f"`{request.action}` on `{request.resource}`" if request else "a request"
        message = f"{result.declared.who[0]} can act without MFA"
        return Assessment(
            gaps=(Finding(place, message, what, "the MFA guard policy, in a group of every person"),)
        )
    return Assessment(
        undecided=tuple(f"{result.declared.who[0]}: {each.because}" for each in result.doubts[:1])
    )


def _guards(people: list[User]) -> Iterator[Enforcer]:
    """Return the policies that require MFA, each once."""
    found = set()
    for user in people:
        for identity in (user.identity, *user.everyone.groups_of(user.identity)):
            for policy in identity.policies:
                requires = any(
                    _MFA.lower() in str(each.conditions).lower() and not each.may_allow
                    for each in policy.statements
                )
                if requires and policy.holder not in found:
                    found.add(policy.holder)
                    yield Enforcer(f"`{policy.holder.logical_id}`", policy.holder.location)
