"""An assembly that states no account or region, in each one that it names: any of these may be its own.

In its own account an ARN of that account names the assembly's own resource or identity, and `:root` its own
principals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from keywright.assembly.identities.principals import account_of
from keywright.assembly.identities.unresolved_attachments import all_principals
from keywright.assembly.queries.decision import may_be_allowed
from keywright.assembly.templates.conditions import copy_assembly
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.policy.principals import ACCOUNT_AT_DEPLOYMENT
from keywright.reasoning.escalation.paths import NoEscalation, UndecidedEscalation, find_escalations
from keywright.reasoning.evaluation.verdict import Allowed, Undecided

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.queries.decision import Answer
    from keywright.assembly.templates.template import Assembly, Template
    from keywright.policy.statement import Document
    from keywright.reasoning.account.actors import Account, Actor
    from keywright.reasoning.escalation.paths import EscalationResult

    Search = Callable[[Account, Collection[Actor]], Iterable[EscalationResult]]

MOST_ENVIRONMENTS = 32
"""Accounts and regions that are tried together."""
TOO_MANY_ENVIRONMENTS = (
    "no template states its account or region, and the templates name more than can be tried"
)
REGION_AT_DEPLOYMENT = "<AWS.Region>"
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z.-])\d{12}(?![0-9A-Za-z.-])")
_REGION = re.compile(r"(?<![\w-])(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-[a-z]+)+-\d(?![\w-])")


class EnvironmentQuestion(Protocol):
    """The parts of a question that account and region change."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    assembly: Assembly
    principals: AccountPrincipals
    resource: str
    spelling: Spelling
    session_policies: Mapping[str, tuple[Document, ...]]
    requester: str


AnyQuestion = TypeVar("AnyQuestion", bound=EnvironmentQuestion)


@dataclass(frozen=True, order=True)
class Environment:
    """An account and a region; empty if known only at deployment."""

    account: str = ""
    region: str = ""

    def __str__(self) -> str:
        return " and ".join(filter(None, (self.account, self.region)))

    def written(self, text: str) -> str:
        """Replace the symbols of account and region in a text."""
        found = text.replace(ACCOUNT_AT_DEPLOYMENT, self.account) if self.account else text
        return found.replace(REGION_AT_DEPLOYMENT, self.region) if self.region else found


# Many questions are asked about one assembly: its copies and their principals are made once, and go with it.
_KNOWN: WeakKeyDictionary[Assembly, dict[Environment, Assembly]] = WeakKeyDictionary()
_PRINCIPALS: WeakKeyDictionary[Assembly, AccountPrincipals] = WeakKeyDictionary()


def named_accounts(assembly: Assembly) -> tuple[str, ...]:
    """Give the named accounts that may be the assembly's own; none if every template states its account."""
    texts = [each.source.characters for each in assembly.templates if not each.account]
    return tuple(sorted({found for text in texts for found in _ACCOUNT.findall(text)}))


def _named_regions(question: EnvironmentQuestion) -> tuple[str, ...]:
    """Give the named regions that may be the assembly's own, if the question is about a region."""
    texts = [each.source.characters for each in question.assembly.templates if not each.region]
    resource = question.resource
    # Regions multiply the work, and most questions are about global names.
    if not texts or not (REGION_AT_DEPLOYMENT in resource or _REGION.search(resource)):
        return ()
    return tuple(sorted({found for text in (*texts, resource) for found in _REGION.findall(text)}))


def in_environment(assembly: Assembly, place: Environment) -> Assembly:
    """Give a copy of the assembly with account and region set where a template states none."""

    def pinned(template: Template) -> Template:
        return replace(
            template, account=template.account or place.account, region=template.region or place.region
        )

    known = _KNOWN.setdefault(assembly, {})
    if place not in known:
        known[place] = copy_assembly(assembly, pinned)
    return known[place]


@dataclass(frozen=True)
class OtherEnvironments(Generic[AnyQuestion]):
    """The same question in every environment that may be the assembly's own."""

    questions: Mapping[Environment, AnyQuestion]
    has_too_many: bool = False

    @classmethod
    def of(cls, question: AnyQuestion) -> OtherEnvironments[AnyQuestion]:
        """Repeat the question for each environment, if there are not too many."""
        accounts = () if question.spelling.account else named_accounts(question.assembly)
        pairs = product(("", *accounts), ("", *_named_regions(question)))
        places = [each for each in (Environment(*pair) for pair in pairs) if each != Environment()]
        if len(places) > MOST_ENVIRONMENTS:
            return cls({}, has_too_many=True)
        return cls({each: _in_environment(question, each) for each in places})

    def settled(self, answer: Answer, others: Mapping[Environment, Answer]) -> Answer:
        """Make an answer undecided if another environment has a different one."""
        if self.has_too_many and _kind(answer) is not None:
            return replace(
                answer, verdict=Undecided(f"{TOO_MANY_ENVIRONMENTS}; otherwise it is {answer.verdict.name}")
            )
        unlike = {place: each for place, each in others.items() if _kind(each) is not _kind(answer)}
        if not unlike or _kind(answer) is None:
            return answer
        place, other = next(iter(unlike.items()))
        what = " and ".join(filter(None, ("account" * bool(place.account), "region" * bool(place.region))))
        because = (
            f"no template states its {what}: {other.verdict.name} in {place}, otherwise {answer.verdict.name}"
        )
        return replace(answer, verdict=Undecided(because), deciding=other.deciding or answer.deciding)

    def actors(self, *actors: Actor) -> Iterator[tuple[Environment, AnyQuestion, list[Actor]]]:
        """Find some principals in every environment that has all of them."""
        for place, question in self.questions.items():
            found = [question.principals.account.actor(place.written(each.arn)) for each in actors]
            there = [each for each in found if each is not None]
            if len(there) == len(actors):
                yield place, question, there


def _in_environment(question: AnyQuestion, place: Environment) -> AnyQuestion:
    assembly = in_environment(question.assembly, place)
    spelling = Spelling(question.spelling.account or place.account)
    return replace(
        question,
        assembly=assembly,
        principals=_principals(assembly, spelling),
        resource=place.written(question.resource),
        spelling=spelling,
        session_policies={place.written(arn): each for arn, each in question.session_policies.items()},
        requester=place.written(question.requester),
        is_pinned=True,
    )


def _principals(assembly: Assembly, spelling: Spelling) -> AccountPrincipals:
    """Give the principals of a copy; found once per copy."""
    if assembly not in _PRINCIPALS:
        _PRINCIPALS[assembly] = all_principals(assembly, spelling)
    return _PRINCIPALS[assembly]


def _kind(answer: Answer) -> bool | None:
    """Tell allowed from denied; None if undecided."""
    if isinstance(answer.verdict, Allowed):
        return True
    return None if may_be_allowed(answer.verdict) else False


def escalation_results(assembly: Assembly, now: datetime) -> tuple[EscalationResult, ...]:
    """Give the escalation result of every principal at a time."""
    found = find_escalations(account_of(assembly, now))
    return recheck_in_each_account(
        assembly, found, lambda account, some: find_escalations(account, of=some), now
    )


def recheck_in_each_account(
    assembly: Assembly, found: tuple[EscalationResult, ...], search: Search, now: datetime | None = None
) -> tuple[EscalationResult, ...]:
    """Make a `NoEscalation` undecided if the principal can escalate in an account that may be the assembly's."""
    contained = {each.actor.arn: each.actor for each in found if isinstance(each, NoEscalation)}
    # Only a proof needs the other accounts; an escalation that was found stays one.
    accounts = named_accounts(assembly) if contained else ()
    if len(accounts) > MOST_ENVIRONMENTS:
        return tuple(
            _unclear(each, TOO_MANY_ENVIRONMENTS) if isinstance(each, NoEscalation) else each
            for each in found
        )
    because: dict[str, str] = {}
    for account in accounts:
        place = Environment(account)
        there = account_of(in_environment(assembly, place), now)
        arns = {there.actor(place.written(arn)): arn for arn in contained if arn not in because}
        for each in search(there, [actor for actor in arns if actor is not None]):
            if not isinstance(each, NoEscalation) and each.actor in arns:
                says = f"no template states its account; in account {account} it may be able to escalate"
                because[arns[each.actor]] = says
    return tuple(
        _unclear(each, because[each.actor.arn])
        if isinstance(each, NoEscalation) and each.actor.arn in because
        else each
        for each in found
    )


def _unclear(result: EscalationResult, because: str) -> UndecidedEscalation:
    return UndecidedEscalation(result.actor, (because,))
