"""1.9: whoever signs in with a password can do nothing before the second factor; proved, not read off a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.invariants.declaration import DeclaredInvariant
from keywright.assembly.invariants.proof import prove_invariants
from keywright.compliance.answer import Answer, Enforcer
from keywright.policy.reference import catalogue
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.invariants.declaration import InvariantResult
    from keywright.assembly.templates.policy_documents import TemplateStatement
    from keywright.compliance.seen import Seen, Templates
    from keywright.guardrails.subjects.kinds import User

RULE = "USR002"
_MFA = "aws:MultiFactorAuthPresent"
_TO_MORE = (
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
"""What must not go without a second factor, beside all of the services that anything is granted of."""
_FEW = 10
_OWN = frozenset({"iam", "sts"})
"""Services of which enrolling a second factor needs some actions."""


def second_factor(seen: Seen) -> Answer:
    """Judge everybody with a password."""
    if seen.templates is None:
        return _declared(seen)
    people = [user for user in seen.templates.users if user.signs_in]
    names = {user.identity.label for user in people}
    found = seen.templates.of_rule(RULE, lambda each: _is_about(each, names))
    if not people:
        return found + Answer(evidence=("no user of these templates signs in with a password",))
    return found + _proof(seen.templates, people)


def _declared(seen: Seen) -> Answer:
    if seen.declarations is None:
        return Answer()
    people = [name for name, user in seen.declarations.users.items() if user.console]
    return Answer(
        by=(Enforcer("`mfa: required` of the account", seen.places.at("account", "mfa")),),
        evidence=(f"the MFA guard is part of every person: {_many(people, 'signs', 'sign')} in",),
    )


def _is_about(finding: Finding, names: set[str]) -> bool:
    return any(f"`{name}`" in finding.message for name in names)


def _many(people: list[str], one: str, several: str) -> str:
    return f"{len(people)} person {one}" if len(people) == 1 else f"{len(people)} people {several}"


def _proof(templates: Templates, people: list[User]) -> Answer:
    """Ask the policy engine of each: may it do anything of what is granted anywhere, without a second factor?"""
    services = sorted(_services(templates, people))
    patterns = (*(f"{each}:*" for each in services), *_TO_MORE)
    results = prove_invariants(templates.assembly, [_never(user, patterns) for user in people])
    made = sum(map(_stands, results), Answer(by=tuple(_guards(people))))
    if all(result.verdict == "proved" for result in results):
        named = _named_first([user.identity.label for user in people])
        made += Answer(evidence=(f"proved of {named}: without a second factor {_nothing(services)}",))
    return made


def _named_first(names: list[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(f"`{name}`" for name in names[:_FEW]) + more


def _nothing(services: list[str]) -> str:
    few = len(services) <= _FEW
    of = ", ".join(services) if few else f"any of {len(services)} services"
    return f"no action of {of} is allowed, no role is assumed, no key, login or policy is made"


def _services(templates: Templates, people: list[User]) -> set[str]:
    """Return the services that policies speak of; all that are known where one speaks of any service.

    A service that no policy names is let through or not as all those are that are not named either.
    """
    statements = [each for policy in templates.whole.granting_policies for each in policy.statements]
    named = {service for each in statements for service in _named(each.actions, each.not_actions)}
    opened = {service for each in statements for service in _opened(each)}
    if not all(map(_is_literal, opened)) or any(map(_holds_unread, people)):
        named |= set(catalogue.services())
    return set(filter(_is_literal, named)) - _OWN


def _opened(statement: TemplateStatement) -> Iterator[str]:
    """Return the services that a statement grants, or spares from what it denies; `*` for all but some."""
    if statement.may_allow:
        yield from _named(statement.actions, ("*",) if statement.not_actions else ())
    else:
        yield from _named(statement.not_actions)


def _named(*actions: Iterable[object]) -> Iterator[str]:
    return (str(each).partition(":")[0].lower() for several in actions for each in several)


def _is_literal(service: str) -> bool:
    return service.replace("-", "").isalnum()


def _holds_unread(user: User) -> bool:
    """Return whether somebody has a policy whose document stands in no template."""
    bearers = (user.identity, *user.everyone.groups_of(user.identity))
    return any(attached.policy is None for bearer in bearers for attached in bearer.attached)


def _never(user: User, patterns: tuple[str, ...]) -> DeclaredInvariant:
    return DeclaredInvariant(
        kind="never",
        who=(f"user/{user.identity.label}",),
        can=patterns,
        on=("*",),
        when={"BoolIfExists": {_MFA: ("false",)}},
        without_mfa=True,
        words="without mfa",
        location=user.identity.resource.location,
    )


def _stands(result: InvariantResult) -> Answer:
    place = result.declared.location
    if result.missing:
        return Answer(doubts=(f"{', '.join(result.missing)} cannot be found in the templates",))
    if result.breaches:
        request = result.breaches[0].request
        what = f"`{request.action}` on `{request.resource}`" if request else "a request"
        message = f"{result.declared.who[0]} can act without a second factor"
        return Answer(gaps=(Finding(place, message, what, "the MFA guard, in a group of every person"),))
    return Answer(doubts=tuple(f"{result.declared.who[0]}: {each.because}" for each in result.doubts[:1]))


def _guards(people: list[User]) -> Iterator[Enforcer]:
    """Name the policies that ask everybody for it, each once."""
    seen = set()
    for user in people:
        for bearer in (user.identity, *user.everyone.groups_of(user.identity)):
            for policy in bearer.policies:
                asks = any(
                    _MFA.lower() in str(each.conditions).lower() and not each.may_allow
                    for each in policy.statements
                )
                if asks and policy.holder not in seen:
                    seen.add(policy.holder)
                    yield Enforcer(f"`{policy.holder.logical_id}`", policy.holder.location)
