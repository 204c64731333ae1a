"""The answer of `keywright can`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.in_each_case import in_each_case
from keywright.assembly.looking_up import UnusableNameError, find_actor
from keywright.cli.asked import (
    UnusableError,
    as_json,
    deciding_keys,
    exit_code,
    named,
    read_question,
    reasons,
)
from keywright.cli.clock import day
from keywright.cli.printable import printable
from keywright.cli.question import Format, Typed
from keywright.reasoning.actor import ActorKind
from keywright.reasoning.verdict import Allowed, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.assembly.asking import Answer, Question, Route
    from keywright.assembly.looking_up import Named
    from keywright.cli.asked import Decided
    from keywright.reasoning.actor import Actor


NOT_THERE = "not-deployed"


@dataclass(frozen=True)
class _Case:
    """A verdict, and what the template's conditions are supposed to be for it."""

    verdict: str
    where: str

    def __str__(self) -> str:
        return printable(f"{self.verdict} {self.where}".strip())


def answer(principal: str, typed: Typed, form: Format) -> int:
    """Print the answer; give the exit code."""
    try:
        asked = read_question(typed, day(typed.today), principal=principal)
        actor = find_actor(principal, asked.question.population)
    except (UnusableError, UnusableNameError) as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    written, cases = _settled(asked.question, asked.question.answer(actor))
    found = asked.doubted(written)
    roles = [] if isinstance(written.verdict, Allowed) else _by_roles(asked.question, actor)
    decided = [] if asked.doubts else deciding_keys(asked.question, found)
    if form is Format.JSON:
        by_roles = [[each.name for each in route.roles] for route, _ in roles]
        told = [{"verdict": each.verdict or found.verdict.name, "where": each.where} for each in cases]
        print(json.dumps(as_json(found, decided) | {"cases": told, "by_roles": by_roles}, indent=2))
    else:
        print(
            "\n".join(
                _lines(found, typed.action, asked.resource, roles, [*map(str, decided), *map(str, cases)])
            )
        )
        print("\n".join(_further(principal, typed, decided)))
    return exit_code([found])


def _settled(question: Question, answer: Answer) -> tuple[Answer, list[_Case]]:
    """Settle an answer that is one in each case of the template's conditions; say which case decides, if one does."""
    cases = in_each_case(question, answer) if isinstance(answer.verdict, Undecided) else []
    told = [_Case(case.answer.verdict.name if case.answer else NOT_THERE, case.says) for case in cases]
    verdicts = {each.verdict for each in told}
    if verdicts <= {answer.verdict.name}:
        return answer, []
    if len(verdicts) == 1 and cases[0].answer is not None:
        return cases[0].answer, [_Case("", "however the template's conditions turn out")]
    return answer, told


def _by_roles(question: Question, actor: Actor) -> list[tuple[Route, Answer]]:
    """Give the roles that may, and that the actor may come to act as."""
    found = []
    for role in question.population.account.of_kind(ActorKind.ROLE):
        answer = question.answer(role)
        if isinstance(answer.verdict, Allowed):
            found += [(route, answer) for route in question.routes(role) if route.actor is actor]
    return found


def _lines(
    found: Answer, action: str, resource: Named, roles: list[tuple[Route, Answer]], ways: Iterable[str]
) -> list[str]:
    lines = [f"{found.verdict.name}: {named(found.actor)}: {action} on {printable(str(resource))}"]
    lines += [f"  {line}" for line in reasons(found)]
    lines += [f"  {each}" for each in ways]
    for route, through in roles:
        steps = ", then ".join(printable(each.name) for each in route.roles)
        sure = all(isinstance(each.verdict, Allowed) for each in route.assumptions)
        lines.append(f"  {'by assuming' if sure else 'perhaps by assuming'} {steps}")
        lines += [f"    {line}" for each in route.assumptions for line in reasons(each)]
        lines += [f"    {line}" for line in reasons(through)]
    return lines


def _further(principal: str, typed: Typed, decided: list[Decided]) -> list[str]:
    """Say how to ask on."""
    again = [
        f"ask again: {typed.without(tuple(each.given)).can(principal, each.options)}" for each in decided[:1]
    ]
    return [printable(line) for line in (*again, f"all it may do: {typed.explain(principal)}")]
