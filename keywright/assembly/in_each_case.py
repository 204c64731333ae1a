"""An answer that hangs on a template's conditions, for each way in which they may turn out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.asking import Answer, Question
from keywright.assembly.everybody import everybody
from keywright.assembly.existence import exists
from keywright.assembly.supposing import asked_of, cases, said, supposing
from keywright.policy.truth import NO

if TYPE_CHECKING:
    from keywright.assembly.template import Assembly

MOST_CASES = 16
"""Ways that are tried; beyond them what hangs on conditions stays undecided."""


@dataclass(frozen=True)
class Case:
    """One way, in words, and the answer then; None where the principal is not deployed at all."""

    says: str
    answer: Answer | None


def in_each_case(question: Question, answer: Answer) -> list[Case]:
    """Give the answer in each case; nothing where the conditions are none, or too many."""
    several = [each for each in cases(asked_of(question.assembly), MOST_CASES) if each]
    return [
        Case(said(each), _answer(supposing(question.assembly, each), question, answer)) for each in several
    ]


def _answer(assembly: Assembly, question: Question, answer: Answer) -> Answer | None:
    people = everybody(assembly, question.spelling)
    actor = people.account.actor(answer.actor.arn)
    resource = people.resources.get(answer.actor.arn)
    if actor is None or (resource is not None and exists(resource) is NO):
        return None
    asked = Question(
        assembly, people, question.action, question.resource, question.context, question.spelling
    )
    return asked.answer(actor)
