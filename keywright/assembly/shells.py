"""Who may open a shell on the instances of a role, by Session Manager: there one acts as the role."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.asking import Answer, is_open
from keywright.reasoning.sessions import START, fixed_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.asking import Question
    from keywright.reasoning.actor import Actor

_INSTANCES = ("ec2:instance",)


def shells_on(question: Question, role: Actor) -> Iterator[Answer]:
    """Give the answers of those who may, or perhaps may, each once: with the tags that an instance is given."""
    seen: set[str] = set()
    for carrier in question.population.account.carriers_of(_INSTANCES):
        if carrier.serves == role.arn:
            context = {**dict(fixed_by(carrier.tags)), **question.context}
            asked = replace(question, action=START, resource=carrier.arn, context=context)
            for answer in asked.answers():
                if is_open(answer.verdict) and answer.actor.arn not in seen and answer.actor is not role:
                    seen.add(answer.actor.arn)
                    yield answer
