"""How the answers of `can` and `who-can` are shown: verdict, deciding statements, what would decide, hints."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.assembly.queries.question import may_be_allowed
from keywright.policy.matching.arn import arn_pattern
from keywright.policy.matching.patterns import service_of
from keywright.policy.reference import catalogue
from keywright.reasoning.evaluation.verdict import Allowed, Layer, Undecided
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNDECIDED
from keywright.reporting.text import WHOLE, joined, listed, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.queries.question import Answer, DecidingStatement, Question
    from keywright.policy.matching.context import Values
    from keywright.policy.reference.catalogue import Action
    from keywright.reasoning.account.actors import Actor


def exit_code(answers: Iterable[Answer]) -> int:
    """Give good if somebody is allowed, undecided if somebody may be, findings if nobody is."""
    verdicts = [each.verdict for each in answers]
    if any(isinstance(each, Allowed) for each in verdicts):
        return GOOD
    return UNDECIDED if any(map(may_be_allowed, verdicts)) else FINDINGS


def verdict_of(answer: Answer) -> str:
    """Name a verdict: `denied` if only the kind of denial is undecided."""
    verdict = answer.verdict
    # Whether by a Deny statement or by a missing Allow can be open while the denial is certain.
    return "denied" if isinstance(verdict, Undecided) and verdict.is_denied else verdict.name


def full_name(actor: Actor) -> str:
    """Give the name and the ARN, where both are known."""
    # A `<` marks a part that only the deployment knows; such an ARN cannot be looked up.
    is_one = "<" in actor.arn or actor.arn == actor.name
    return printable(actor.name if is_one else f"{actor.name} {actor.arn}")


def reasons(answer: Answer) -> list[str]:
    """Explain an answer, statement by statement."""
    lines = [_statement(each) for each in answer.deciding]
    if not answer.deciding or isinstance(answer.verdict, Undecided):
        lines = [f"because {answer.verdict.because}", *lines]
    return [printable(line) for line in lines]


def path_of(answer: Answer) -> str:
    """Name how somebody has access: through a group, by a resource-based policy, or directly."""
    layers = {each.layer for each in answer.deciding}
    if any(each.group for each in answer.deciding):
        return "through a group"
    by_resource = Layer.RESOURCE in layers and Layer.IDENTITY not in layers
    return "by the resource's policy" if by_resource else "directly"


def _statement(deciding: DecidingStatement) -> str:
    statement = deciding.statement
    through = f" through {deciding.group}" if deciding.group else ""
    actions = _some(statement.actions) or f"all but {_some(statement.not_actions)}"
    resources = _some(statement.resources) or (
        f"all but {_some(statement.not_resources)}" if statement.not_resources else "itself"
    )
    holder = f", {deciding.holder}" if deciding.holder != deciding.place else ""
    condition = f" if {json.dumps(statement.to_json()['Condition'])}" if statement.conditions else ""
    where = f"{deciding.layer}{through} at {deciding.place}{holder}"
    return f"{statement.effect} {actions} on {resources}{condition}: {where}"


def _some(texts: tuple[str, ...]) -> str:
    return joined(texts, most=3)


# What would decide


@dataclass(frozen=True)
class DecidingContext:
    """The context that would decide an undecided answer, and the verdict with it."""

    given: Mapping[str, Values]
    verdict: str

    @property
    def options(self) -> tuple[str, ...]:
        """Give it as options of the command."""
        return tuple(self._options())

    def _options(self) -> Iterator[str]:
        for key, values in self.given.items():
            for value in values:
                yield from ("--context", f"{key}={value}")
            if not values:
                yield from ("--absent", key)

    def __str__(self) -> str:
        return printable(f"{self.verdict} with {shlex.join(self.options)}")


def deciding_contexts(
    question: Question, answer: Answer, *, only_allowing: bool = False
) -> list[DecidingContext]:
    """Give a context that would allow an undecided request and, unless only that is asked, one that would deny it."""
    found: dict[bool, DecidingContext] = {}
    if isinstance(answer.verdict, Undecided) and may_be_allowed(answer.verdict):
        for given, then in question.deciding_contexts(answer):
            is_allowed = isinstance(then.verdict, Allowed)
            found.setdefault(is_allowed, DecidingContext(given, then.verdict.name))
            if len(found) > 1 or (only_allowing and True in found):
                break
    return [found[is_allowed] for is_allowed in (True, False) if is_allowed in found]


def as_json(answer: Answer, decided: Iterable[DecidingContext] = ()) -> dict[str, Any]:
    """Give an answer as data."""
    return {
        "principal": {"name": answer.actor.name, "arn": answer.actor.arn},
        "resource": answer.resource,
        "verdict": verdict_of(answer),
        "because": answer.verdict.because,
        "deciding": [
            {
                "policy": str(each.layer),
                "at": each.place,
                "holder": each.holder,
                "through": each.group,
                "statement": each.statement.to_json(),
            }
            for each in answer.deciding
        ],
        "decided_with": [
            {"context": {key: list(values) for key, values in each.given.items()}, "verdict": each.verdict}
            for each in decided
        ],
    }


# Hints


def hints(action: str, resource: str) -> Iterator[str]:
    """Hint at what may be wrong with a question that is answered by no: an unknown action, a resource of another type."""
    known = catalogue.action(action)
    if known is None:
        yield f"AWS lists no action `{action}`{_nearest(action)}"
    elif not known.resource_types:
        if resource != "*":
            yield f"`{known}` takes no resource; ask about `*`"
    elif resource != "*" and not _acts_on(known, resource):
        forms = sorted((each.arn_format for each in catalogue.resource_types(known)), key=len)[:3]
        yield f"`{known}` does not act on such a resource; it acts on {listed(forms, longest=WHOLE)}"


def _acts_on(known: Action, resource: str) -> bool:
    types = catalogue.resource_types(known)
    return not types or any(arn_pattern(each.arn_pattern, False).covers(resource) for each in types)  # noqa: FBT003 - no variables


def _nearest(action: str) -> str:
    from difflib import get_close_matches

    service = service_of(action)
    names = {str(each).lower(): str(each) for each in catalogue.actions_of(service)}
    services = {each: f"{each}:…" for each in catalogue.services()}
    found = (
        get_close_matches(action.lower(), names, n=3) if names else get_close_matches(service, services, n=3)
    )
    return f"; nearest: {listed((names or services)[each] for each in found)}" if found else ""
