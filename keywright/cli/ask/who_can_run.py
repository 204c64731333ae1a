"""The work of `keywright who-can`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.identity_center import PERMISSION_SET_PREFIX, assignments
from keywright.assembly.queries.question import (
    Answer,
    Question,
    RolePath,
    may_be_allowed,
    session_manager_access,
)
from keywright.cli.ask.answers import (
    as_json,
    deciding_contexts,
    exit_code,
    full_name,
    hints,
    path_of,
    reasons,
)
from keywright.cli.ask.question import exit_code_of, read_question
from keywright.cli.formats import ReportFormat
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.resource_sets import refusal_of_all
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.reporting.exit_codes import UNDECIDED
from keywright.reporting.text import joined, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.cli.ask.answers import DecidingContext
    from keywright.cli.ask.question import ReadQuestion, TypedQuestion
    from keywright.reasoning.account.actors import Actor

_MOST_DECIDED = 200
"""Undecided principals for whom the deciding context is searched; for others `can` does it. The search takes time."""
_PATHS = ("directly", "through a group", "by the resource's policy", "by assuming a role")


def answer_question(typed: TypedQuestion, form: ReportFormat) -> int:
    """Print the answer, and give the exit code."""
    asked = read_question(typed)
    answers = sorted(
        (
            each
            for each in (*asked.question.answers(), *asked.question.external_answers())
            if may_be_allowed(each.verdict)
        ),
        key=lambda each: (not isinstance(each.verdict, Allowed), each.actor.name, each.actor.arn),
    )
    if form is ReportFormat.JSON:
        details = _Details(asked)
        print(json.dumps([_as_json(asked, each, details) for each in answers], indent=2))
    else:
        print("\n".join(_lines(asked, answers, typed)))
    # The unread part may allow somebody who is not listed.
    return exit_code_of(asked.question.assembly, UNDECIDED if asked.doubts else exit_code(answers))


def _routes(question: Question, answer: Answer) -> list[RolePath]:
    return list(question.role_paths(answer.actor)) if answer.actor.kind is ActorKind.ROLE else []


def _is_sure(route: RolePath) -> bool:
    return all(isinstance(each.verdict, Allowed) for each in route.assumptions)


@dataclass
class _Details:
    """Finds what is shown beside a principal: the deciding context, and who acts as it."""

    asked: ReadQuestion
    left: int = _MOST_DECIDED

    def deciding_contexts(self, answer: Answer) -> list[DecidingContext]:
        """Give the context that would allow an undecided request."""
        is_left_out = self.asked.doubts or isinstance(answer.verdict, Allowed) or not answer.actor.origin
        if is_left_out or not self.left:
            return []
        self.left -= 1
        return deciding_contexts(self.asked.question, answer, only_allowing=True)

    @cached_property
    def _assigned(self) -> dict[str, list[str]]:
        """Map each permission set to those who are assigned to it."""
        found: dict[str, list[str]] = {}
        question = self.asked.question
        for each in assignments(question.assembly, question.spelling.text):
            says = f"assigned to {each.called} in the account {each.account}"
            found.setdefault(each.what, []).append(printable(says))
        return found

    def users_of(self, actor: Actor) -> list[str]:
        """Name who acts as a role: by an assignment of a permission set, or by a shell on an instance."""
        assigned = self._assigned.get(actor.name, []) if actor.name.startswith(PERMISSION_SET_PREFIX) else []
        return [*assigned, *self._shells(actor)]

    def shells(self, actor: Actor) -> list[Answer]:
        """Give who can, or possibly can, open a shell on the instances of a role."""
        return (
            list(session_manager_access(self.asked.question, actor)) if actor.kind is ActorKind.ROLE else []
        )

    def _shells(self, actor: Actor) -> list[str]:
        found = self.shells(actor)
        sure = [each.actor.name for each in found if isinstance(each.verdict, Allowed)]
        open_ones = [f"{each.actor.name} possibly" for each in found if not isinstance(each.verdict, Allowed)]
        names = joined(map(printable, (*sure, *open_ones)))
        return [f"and who can open a shell on its instances: {names}"] if names else []


# For people


@dataclass
class _Principal:
    """A principal that can, or possibly can: by its own policies, by roles that it can assume, or by both."""

    actor: Actor
    answer: Answer | None = None
    roles: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return path_of(self.answer) if self.answer else _PATHS[-1]

    def lines(self, details: _Details) -> list[str]:
        roles = [f"by assuming {printable(each)}" for each in sorted(self.roles)]
        if self.answer is None:
            return [f"  {full_name(self.actor)}: {roles[0]}", *(f"    or {each}" for each in roles[1:])]
        decided = map(str, details.deciding_contexts(self.answer))
        people = details.users_of(self.actor)
        lines = (*people, *reasons(self.answer), *decided, *(f"or {each}" for each in roles))
        return [f"  {full_name(self.actor)}: {self.path}", *(f"    {line}" for line in lines)]


def _lines(asked: ReadQuestion, answers: list[Answer], typed: TypedQuestion) -> list[str]:
    question, details = asked.question, _Details(asked)
    sure, open_ones = _gathered(question, answers)
    lines = [f"{typed.action} on {printable(str(asked.resource))}"]
    lines += [printable(f"  not certain: {each}") for each in asked.doubts]
    can = "can, as written" if asked.doubts else "can"
    for title, several in ((can, sure), ("undecided", open_ones)):
        if several:
            number = Counter(each.path for each in several)
            paths = joined(f"{number[path]} {path}" for path in _PATHS if number[path])
            lines += ["", f"{len(several)} {title}: {paths}"]
            lines += [line for each in several for line in each.lines(details)]
    listed = (*sure, *open_ones)
    first = next((each for each in listed if each.actor.origin), None)
    if not listed:
        refusal = refusal_of_all([typed.action], [question.resource])
        hinted = [*([refusal] if refusal else []), *hints(typed.action, question.resource)]
        return [*lines, "  nobody in this assembly", *(f"  {printable(each)}" for each in hinted)]
    if first is None:
        return lines
    name = printable(first.actor.name)
    return [*lines, "", f"why: {typed.can(name)}", f"everything it can do: {typed.explain(name)}"]


def _gathered(question: Question, answers: list[Answer]) -> tuple[list[_Principal], list[_Principal]]:
    """Give those who can and those who are undecided. Roles are not listed for who can by its own policies."""
    sure = {each.actor: _Principal(each.actor, each) for each in answers if isinstance(each.verdict, Allowed)}
    own = frozenset(sure)
    open_ones = {each.actor: _Principal(each.actor, each) for each in answers if each.actor not in own}
    for answer in answers:
        for route in _routes(question, answer):
            # Roles are left out for a principal whose own policies suffice: they would hide that.
            if route.actor not in own:
                group = sure if _is_sure(route) and answer.actor in own else open_ones
                listed = group.setdefault(route.actor, _Principal(route.actor))
                listed.roles.append(", then ".join(each.name for each in route.roles))
    # A principal that certainly can through one role is not also undecided through another.
    left = (each for each in open_ones.values() if each.actor not in sure)
    return _sorted(sure.values()), _sorted(left)


def _sorted(several: Iterable[_Principal]) -> list[_Principal]:
    return sorted(several, key=lambda each: (_PATHS.index(each.path), each.actor.name, each.actor.arn))


# For programs


def _as_json(asked: ReadQuestion, answer: Answer, details: _Details) -> dict[str, Any]:
    acting = [
        {
            "principal": route.actor.name,
            "over": [each.name for each in route.roles[:-1]],
            "sure": _is_sure(route),
        }
        for route in _routes(asked.question, answer)
    ]
    shells = [
        {"principal": each.actor.name, "sure": isinstance(each.verdict, Allowed)}
        for each in details.shells(answer.actor)
    ]
    more = {"path": path_of(answer), "acting_as_it": acting, "shells": shells}
    return as_json(asked.with_doubts(answer), details.deciding_contexts(answer)) | more
