"""The answer of `keywright can`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.identity_center import PERMISSION_SET_PREFIX
from keywright.assembly.queries.lookup import UnusableNameError, find_actor
from keywright.assembly.queries.question import answers_by_condition, is_principal_key
from keywright.cli.ask.answers import (
    UnusableError,
    as_json,
    deciding_keys,
    exit_code,
    named,
    read_question,
    reasons,
    verdict_of,
)
from keywright.cli.ask.hints import hints
from keywright.cli.ask.session_policies import narrowed
from keywright.cli.formats import ReportFormat
from keywright.cli.options import day
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.trust import ASSUME_ROLE
from keywright.reasoning.evaluation.verdict import Allowed, Undecided
from keywright.reporting.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.queries.lookup import NamedResource
    from keywright.assembly.queries.question import Answer, Question, RolePath
    from keywright.cli.ask.answers import Decided, ReadQuestion
    from keywright.cli.ask.question import Typed
    from keywright.reasoning.account.actors import Actor


NOT_THERE = "not-deployed"


@dataclass(frozen=True)
class _Case:
    """A verdict, and what the template's conditions are supposed to be for it."""

    verdict: str
    where: str

    def __str__(self) -> str:
        return printable(f"{self.verdict} {self.where}".strip())


@dataclass(frozen=True)
class _Role:
    """A role that may, how the principal comes to act as it, and with what it would, where that is open."""

    route: RolePath
    answer: Answer
    decided: tuple[Decided, ...]


@dataclass(frozen=True)
class _Told:
    """The answer with all that is told beside it."""

    answer: Answer
    decided: list[Decided]
    cases: list[_Case]
    roles: list[_Role]
    hints: list[str]

    @property
    def first_decided(self) -> Decided | None:
        """What to ask with, so that the answer is none or a role may be assumed."""
        return next(chain(self.decided, *(each.decided for each in self.roles)), None)


def answer(principal: str, typed: Typed, form: ReportFormat) -> int:
    """Print the answer; give the exit code."""
    try:
        asked = read_question(typed, day(typed.today), principal=principal)
        stranger = None if typed.session_policies else _of_stranger(asked, principal)
        told = stranger or _told(*_about(asked, find_actor(principal, asked.question.principals), typed))
    except (UnusableError, UnusableNameError) as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    if form is ReportFormat.JSON:
        print(json.dumps(_as_json(told), indent=2))
    else:
        print("\n".join([*_lines(told, typed.action, asked.resource), *_further(principal, typed, told)]))
    return exit_code([told.answer])


def _about(asked: ReadQuestion, actor: Actor, typed: Typed) -> tuple[ReadQuestion, Actor]:
    """Ask about somebody, whom the context is about, in a session with the policies that were named."""
    about = replace(asked, question=replace(asked.question, requester=actor.arn))
    return narrowed(about, actor, typed)


def _of_stranger(asked: ReadQuestion, principal: str) -> _Told | None:
    found = asked.question.external_answer(principal)
    if found is None:
        return None
    told = [] if isinstance(found.verdict, Allowed) else hints(asked.question.action, asked.question.resource)
    return _Told(asked.doubted(found), [], [], [], list(told))


def _told(asked: ReadQuestion, actor: Actor) -> _Told:
    written, cases = _settled(asked.question, asked.question.answer(actor))
    is_allowed = isinstance(written.verdict, Allowed)
    found = asked.doubted(written)
    return _Told(
        found,
        [] if asked.doubts else deciding_keys(asked.question, found),
        cases,
        [] if is_allowed else list(_by_roles(asked.question, actor)),
        [] if is_allowed else list(hints(asked.question.action, asked.question.resource)),
    )


def _settled(question: Question, answer: Answer) -> tuple[Answer, list[_Case]]:
    """Settle an answer that is one in each case of the template's conditions; say which case decides, if one does."""
    cases = answers_by_condition(question, answer) if isinstance(answer.verdict, Undecided) else []
    told = [_Case(case.answer.verdict.name if case.answer else NOT_THERE, case.text) for case in cases]
    verdicts = {each.verdict for each in told}
    if verdicts <= {answer.verdict.name}:
        return answer, []
    if len(verdicts) == 1 and cases[0].answer is not None:
        return cases[0].answer, [_Case("", "however the template's conditions turn out")]
    return answer, told


def _by_roles(question: Question, actor: Actor) -> Iterator[_Role]:
    """Give the roles that may, and that the actor may come to act as."""
    for role in question.principals.account.of_kind(ActorKind.ROLE):
        answer = question.answer(role)
        if isinstance(answer.verdict, Allowed):
            for route in question.role_paths(role):
                if route.actor is actor:
                    yield _Role(route, answer, tuple(_assumed_with(question, route)))


def _assumed_with(question: Question, route: RolePath) -> Iterator[Decided]:
    for each in route.assumptions:
        assuming = replace(question, action=ASSUME_ROLE, resource=each.resource)
        for decided in deciding_keys(assuming, each, only_allowing=True):
            if each.actor.arn == question.requester or not any(map(is_principal_key, decided.given)):
                yield decided


def _as_json(told: _Told) -> dict[str, Any]:
    verdict = verdict_of(told.answer)
    return as_json(told.answer, told.decided) | {
        "cases": [{"verdict": each.verdict or verdict, "where": each.where} for each in told.cases],
        "by_roles": [[each.name for each in one.route.roles] for one in told.roles],
        "hints": told.hints,
    }


def _lines(told: _Told, action: str, resource: NamedResource) -> Iterator[str]:
    found = told.answer
    yield f"{verdict_of(found)}: {named(found.actor)}: {action} on {printable(str(resource))}"
    for line in (*reasons(found), *told.decided, *told.cases, *map(printable, told.hints)):
        yield f"  {line}"
    for each in told.roles:
        steps = ", then ".join(printable(role.name) for role in each.route.roles)
        sure = all(isinstance(assumed.verdict, Allowed) for assumed in each.route.assumptions)
        yield f"  {'by assuming' if sure else 'perhaps by assuming'} {steps}"
        for line in (line for assumed in each.route.assumptions for line in reasons(assumed)):
            yield f"    {line}"
        for line in (*each.decided, *reasons(each.answer)):
            yield f"    {line}"


def _further(principal: str, typed: Typed, told: _Told) -> Iterator[str]:
    """Say how to ask on."""
    decided = told.first_decided
    if decided is not None:
        again = typed.without(tuple(decided.given)).can(principal, decided.options)
        yield printable(f"ask again: {again}")
    actor = told.answer.actor
    if actor.origin and not actor.name.startswith(PERMISSION_SET_PREFIX):
        yield printable(f"all it may do: {typed.explain(principal)}")
