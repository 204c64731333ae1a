"""The work of `keywright can`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.identity_center import PERMISSION_SET_PREFIX
from keywright.assembly.queries.lookup import UnusableNameError, find_actor
from keywright.assembly.queries.question import answers_by_condition, is_principal_key
from keywright.cli.ask.answers import (
    as_json,
    deciding_contexts,
    exit_code,
    full_name,
    hints,
    reasons,
    verdict_of,
)
from keywright.cli.ask.question import exit_code_of, read_question, with_session_policies
from keywright.cli.errors import CommandError
from keywright.cli.formats import ReportFormat
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.trust import ASSUME_ROLE
from keywright.reasoning.evaluation.verdict import Allowed, Undecided
from keywright.reporting.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.queries.lookup import NamedResource
    from keywright.assembly.queries.question import Answer, Question, RolePath
    from keywright.cli.ask.answers import DecidingContext
    from keywright.cli.ask.question import ReadQuestion, TypedQuestion
    from keywright.reasoning.account.actors import Actor


NOT_THERE = "not-deployed"


@dataclass(frozen=True)
class _Case:
    """A verdict, and the values of the template's conditions for which it holds."""

    verdict: str
    where: str

    def __str__(self) -> str:
        return printable(f"{self.verdict} {self.where}".strip())


@dataclass(frozen=True)
class _Role:
    """A role that is allowed, how the principal assumes it, and with which context, where that is undecided."""

    route: RolePath
    answer: Answer
    decided: tuple[DecidingContext, ...]


@dataclass(frozen=True)
class _Result:
    """The answer with everything that is shown beside it."""

    answer: Answer
    decided: list[DecidingContext]
    cases: list[_Case]
    roles: list[_Role]
    hints: list[str]

    @property
    def first_decided(self) -> DecidingContext | None:
        """The context with which to ask again."""
        return next(chain(self.decided, *(each.decided for each in self.roles)), None)


def answer_question(principal: str, typed: TypedQuestion, form: ReportFormat) -> int:
    """Print the answer, and give the exit code."""
    asked = read_question(typed, principal=principal)
    # Session policies limit a role's session, so the principal is a role of the templates.
    result = None if typed.session_policies else _of_external_principal(asked, principal)
    if result is None:
        try:
            actor = find_actor(
                principal, asked.question.principals, asked.question.assembly.left_out.values()
            )
        except UnusableNameError as error:
            raise CommandError(error) from error
        asked = replace(asked, question=replace(asked.question, requester=actor.arn))
        result = _of_actor(with_session_policies(asked, actor, typed.session_policies), actor)
    if form is ReportFormat.JSON:
        print(json.dumps(_as_json(result), indent=2))
    else:
        print("\n".join([*_lines(result, typed.action, asked.resource), *_next(principal, typed, result)]))
    return exit_code_of(asked.question.assembly, exit_code([result.answer]))


def _of_external_principal(asked: ReadQuestion, principal: str) -> _Result | None:
    found = asked.question.external_answer(principal)
    if found is None:
        return None
    hinted = (
        [] if isinstance(found.verdict, Allowed) else hints(asked.question.action, asked.question.resource)
    )
    return _Result(asked.with_doubts(found), [], [], [], list(hinted))


def _of_actor(asked: ReadQuestion, actor: Actor) -> _Result:
    written, cases = _settled(asked.question, asked.question.answer(actor))
    is_allowed = isinstance(written.verdict, Allowed)
    found = asked.with_doubts(written)
    return _Result(
        found,
        # No context decides an answer that depends on an unread part of the templates.
        [] if asked.doubts else deciding_contexts(asked.question, found),
        cases,
        [] if is_allowed else list(_by_roles(asked.question, actor)),
        [] if is_allowed else list(hints(asked.question.action, asked.question.resource)),
    )


def _settled(question: Question, answer: Answer) -> tuple[Answer, list[_Case]]:
    """Decide an answer that is the same in each case of the template's conditions, or give the answer of each case."""
    cases = answers_by_condition(question, answer) if isinstance(answer.verdict, Undecided) else []
    found = [_Case(case.answer.verdict.name if case.answer else NOT_THERE, case.text) for case in cases]
    verdicts = {each.verdict for each in found}
    if verdicts <= {answer.verdict.name}:
        return answer, []
    # The conditions matter for single statements and not for the answer.
    if len(verdicts) == 1 and cases[0].answer is not None:
        return cases[0].answer, [_Case("", "whatever the template's conditions are")]
    return answer, found


def _by_roles(question: Question, actor: Actor) -> Iterator[_Role]:
    """Yield the roles that are allowed and that the actor can assume."""
    for role in question.principals.account.of_kind(ActorKind.ROLE):
        answer = question.answer(role)
        if isinstance(answer.verdict, Allowed):
            for route in question.role_paths(role):
                if route.actor is actor:
                    yield _Role(route, answer, tuple(_assumed_with(question, route)))


def _assumed_with(question: Question, route: RolePath) -> Iterator[DecidingContext]:
    for each in route.assumptions:
        assuming = replace(question, action=ASSUME_ROLE, resource=each.resource)
        for decided in deciding_contexts(assuming, each, only_allowing=True):
            # An option describes the asking principal; for a role on the way, the same key has another value.
            if each.actor.arn == question.requester or not any(map(is_principal_key, decided.given)):
                yield decided


def _as_json(result: _Result) -> dict[str, Any]:
    verdict = verdict_of(result.answer)
    return as_json(result.answer, result.decided) | {
        "cases": [{"verdict": each.verdict or verdict, "where": each.where} for each in result.cases],
        "by_roles": [[each.name for each in one.route.roles] for one in result.roles],
        "hints": result.hints,
    }


def _lines(result: _Result, action: str, resource: NamedResource) -> Iterator[str]:
    found = result.answer
    yield f"{verdict_of(found)}: {full_name(found.actor)}: {action} on {printable(str(resource))}"
    for line in (*reasons(found), *result.decided, *result.cases, *map(printable, result.hints)):
        yield f"  {line}"
    for each in result.roles:
        steps = ", then ".join(printable(role.name) for role in each.route.roles)
        sure = all(isinstance(assumed.verdict, Allowed) for assumed in each.route.assumptions)
        yield f"  {'by assuming' if sure else 'possibly by assuming'} {steps}"
        for line in (line for assumed in each.route.assumptions for line in reasons(assumed)):
            yield f"    {line}"
        for line in (*each.decided, *reasons(each.answer)):
            yield f"    {line}"


def _next(principal: str, typed: TypedQuestion, result: _Result) -> Iterator[str]:
    """Give the commands to ask next."""
    decided = result.first_decided
    if decided is not None:
        again = typed.without(tuple(decided.given)).can(principal, decided.options)
        yield printable(f"ask again: {again}")
    actor = result.answer.actor
    if actor.origin and not actor.name.startswith(PERMISSION_SET_PREFIX):
        yield printable(f"everything it can do: {typed.explain(principal)}")
