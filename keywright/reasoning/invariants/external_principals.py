"""Whether a resource-based policy allows principals whose own policies are not known.

Other accounts, or anyone.

Naming a known account allows none of its principals by itself: their own policies decide, and those are
checked one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.policy.matching.patterns import Glob
from keywright.policy.principals import PrincipalKind, is_everyone, principal, role_arn
from keywright.policy.statement import Effect, Statement
from keywright.reasoning.comparison.compare import compare_access
from keywright.reasoning.comparison.search import Comparison, NewAccess, NoNewAccess, UndecidedComparison
from keywright.reasoning.evaluation.policies import Policies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.policy.statement import Document
    from keywright.reasoning.invariants.principals import AttachedPolicy
    from keywright.reasoning.invariants.request_sets import RequestSet


@dataclass(frozen=True)
class ExceptedPrincipals:
    """Principals that are exempt.

    ARNs or patterns of ARNs, accounts as the ARN of their root user, services.
    """

    texts: tuple[str, ...] = ()

    def covers(self, text: str) -> bool:
        """Return whether a principal, as a policy names it, is exempt."""
        who = principal(text)
        return any(
            _covers(each, text) or (who.account and who.account == _whole_account(each))
            for each in self.texts
        )

    @property
    def denials(self) -> Iterator[Statement]:
        """Return Deny statements that exclude the exempt principals where a policy names everyone."""
        accounts = tuple(_whole_account(each) for each in self.texts if _whole_account(each))
        arns = tuple(each for each in self.texts if each.startswith("arn:") and not _whole_account(each))
        services = tuple(each for each in self.texts if not each.startswith("arn:"))
        yield from _denying("StringEquals", "aws:PrincipalAccount", accounts)
        yield from _denying("ArnLike", "aws:PrincipalArn", arns)
        yield from _denying("StringEquals", "aws:PrincipalServiceName", services)


def _denying(operator: str, key: str, values: tuple[str, ...]) -> Iterator[Statement]:
    if values:
        yield Statement(
            Effect.DENY,
            actions=("*",),
            resources=("*",),
            principals={"*": ("*",)},
            conditions={operator: {key: values}},
        )


def _covers(pattern: str, text: str) -> bool:
    return pattern == text or Glob.parse(pattern).matches(text)


def _whole_account(text: str) -> str:
    """Return the account that an ARN of a root user stands for."""
    who = principal(text)
    return who.account if who.kind is PrincipalKind.ROOT else ""


@dataclass(frozen=True, eq=False)
class ExternalPrincipals:
    """All principals except the exempt ones and the `insiders`, whose policies are known."""

    insiders: frozenset[str]
    accounts: frozenset[str]
    exempt: ExceptedPrincipals = ExceptedPrincipals()

    def find_allowed_request(self, requests: RequestSet, attached: AttachedPolicy) -> Comparison:
        """Look for a request that a policy allows an external principal.

        One that it may allow is undecided.
        """
        found = self._found(requests, attached.at_most_allowing())
        if not isinstance(found, NewAccess) or attached.at_least is None:
            return found
        sure = self._found(requests, attached.at_least_allowing())
        if isinstance(sure, NewAccess):
            return sure
        return UndecidedComparison("whether it allows an external principal is known only at deployment")

    def _found(self, requests: RequestSet, document: Document) -> Comparison:
        concerned = requests.concerned(document)
        if concerned.unread:
            reason = concerned.unread[0].reason
            return UndecidedComparison(f"a part of the policy could not be read: {reason}")
        kept = [found for each in concerned.statements for found in self._kept(each)]
        if not any(each.effect is Effect.ALLOW for each in kept):
            return NoNewAccess()
        left = replace(concerned, statements=(*kept, *self.exempt.denials))
        return compare_access(Policies(), Policies(resource=left, service_control=((requests.document,),)))

    def _kept(self, statement: Statement) -> Iterator[Statement]:
        if statement.effect is Effect.DENY or statement.not_principals or is_everyone(statement.principals):
            yield statement
            return
        left = dict(self._external(statement.principals))
        if left:
            yield replace(statement, principals=left)

    def _external(self, named: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for kind, values in named.items():
            left = tuple(each for each in values if not self._is_known_or_exempt(kind, each))
            if left:
                yield kind, left

    def _is_known_or_exempt(self, kind: str, value: str) -> bool:
        if self.exempt.covers(value):
            return True
        who = principal(value)
        if kind != "AWS" or not who.account:
            return False
        if who.kind is PrincipalKind.ROOT:
            return who.account in self.accounts
        if who.kind is PrincipalKind.ROLE_SESSION:
            return role_arn(who) in self.insiders or any(
                (known.account, known.name, known.kind) == (who.account, who.name, PrincipalKind.ROLE)
                for known in map(principal, self.insiders)
            )
        return value in self.insiders
