"""The answer of `keywright who-can`."""

from __future__ import annotations

import json
import sys
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
    UnusableError,
    as_json,
    deciding_keys,
    exit_code,
    named,
    path_of,
    read_question,
    reasons,
)
from keywright.cli.ask.hints import hints
from keywright.cli.formats import ReportFormat
from keywright.cli.options import day
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.reporting.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.cli.ask.answers import Decided, ReadQuestion
    from keywright.cli.ask.question import Typed
    from keywright.reasoning.account.actors import Actor

MOST_WORKED_OUT = 200
"""Undecided principals for whom it is worked out what would let them; of others `can` tells it."""
_PATHS = ("directly", "through a group", "by the resource's policy", "by assuming a role")


def answer(typed: Typed, form: ReportFormat) -> int:
    """Print the answer; give the exit code."""
    try:
        asked = read_question(typed, day(typed.today))
    except UnusableError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    answers = sorted(
        (
            each
            for each in (*asked.question.answers(), *asked.question.external_answers())
            if may_be_allowed(each.verdict)
        ),
        key=lambda each: (not isinstance(each.verdict, Allowed), each.actor.name, each.actor.arn),
    )
    if form is ReportFormat.JSON:
        ways = Ways(asked)
        print(json.dumps([_as_json(asked, each, ways) for each in answers], indent=2))
    else:
        print("\n".join(_lines(asked, answers, typed)))
    return 3 if asked.doubts else exit_code(answers)


def _routes(question: Question, answer: Answer) -> list[RolePath]:
    return list(question.role_paths(answer.actor)) if answer.actor.kind is ActorKind.ROLE else []


def _is_sure(route: RolePath) -> bool:
    return all(isinstance(each.verdict, Allowed) for each in route.assumptions)


@dataclass
class Ways:
    """With what each who is undecided would be allowed; for so many as somebody may read."""

    asked: ReadQuestion
    left: int = MOST_WORKED_OUT

    def of(self, answer: Answer) -> list[Decided]:
        """Work it out for one."""
        is_told = self.asked.doubts or isinstance(answer.verdict, Allowed) or not answer.actor.origin
        if is_told or not self.left:
            return []
        self.left -= 1
        return deciding_keys(self.asked.question, answer, only_allowing=True)

    @cached_property
    def _assigned(self) -> dict[str, list[str]]:
        """Say to whom each permission set is assigned."""
        found: dict[str, list[str]] = {}
        question = self.asked.question
        for each in assignments(question.assembly, question.spelling.text):
            says = f"assigned to {each.called} in the account {each.account}"
            found.setdefault(each.what, []).append(printable(says))
        return found

    def people_behind(self, actor: Actor) -> list[str]:
        """Say who acts as somebody, where assignments tell, or shells on instances."""
        assigned = self._assigned.get(actor.name, []) if actor.name.startswith(PERMISSION_SET_PREFIX) else []
        return [*assigned, *self._shells(actor)]

    def shells(self, actor: Actor) -> list[Answer]:
        """Give who may, or perhaps may, open a shell on instances that act as somebody."""
        return (
            list(session_manager_access(self.asked.question, actor)) if actor.kind is ActorKind.ROLE else []
        )

    def _shells(self, actor: Actor) -> list[str]:
        found = self.shells(actor)
        sure = [each.actor.name for each in found if isinstance(each.verdict, Allowed)]
        open_ones = [f"{each.actor.name} perhaps" for each in found if not isinstance(each.verdict, Allowed)]
        names = ", ".join(map(printable, (*sure, *open_ones)))
        return [f"and whoever has a shell on its instances: {names}"] if names else []


# For people


@dataclass
class _Principal:
    """One who may, or perhaps may: by its own answer, by the roles it may come to act as, or by both."""

    actor: Actor
    answer: Answer | None = None
    roles: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return path_of(self.answer) if self.answer else _PATHS[-1]

    def lines(self, ways: Ways) -> list[str]:
        roles = [f"by assuming {printable(each)}" for each in sorted(self.roles)]
        if self.answer is None:
            return [f"  {named(self.actor)}: {roles[0]}", *(f"    or {each}" for each in roles[1:])]
        decided = map(str, ways.of(self.answer))
        people = ways.people_behind(self.actor)
        lines = (*people, *reasons(self.answer), *decided, *(f"or {each}" for each in roles))
        return [f"  {named(self.actor)}: {self.path}", *(f"    {line}" for line in lines)]


def _lines(asked: ReadQuestion, answers: list[Answer], typed: Typed) -> list[str]:
    question, ways = asked.question, Ways(asked)
    sure, open_ones = _gathered(question, answers)
    lines = [f"{typed.action} on {printable(str(asked.resource))}"]
    lines += [printable(f"  can't be told for certain: {each}") for each in asked.doubts]
    may = "may as it is written" if asked.doubts else "may"
    for title, several in ((may, sure), ("undecided", open_ones)):
        if several:
            counted = Counter(each.path for each in several)
            paths = ", ".join(f"{counted[path]} {path}" for path in _PATHS if counted[path])
            lines += ["", f"{len(several)} {title}: {paths}"]
            lines += [line for each in several for line in each.lines(ways)]
    listed = (*sure, *open_ones)
    first = next((each for each in listed if each.actor.origin), None)
    if not listed:
        told = hints(typed.action, question.resource)
        return [*lines, "  nobody in this assembly", *(f"  {printable(each)}" for each in told)]
    if first is None:
        return lines
    name = printable(first.actor.name)
    return [*lines, "", f"why: {typed.can(name)}", f"all it may do: {typed.explain(name)}"]


def _gathered(question: Question, answers: list[Answer]) -> tuple[list[_Principal], list[_Principal]]:
    """Give those who may and those of whom it is open, each once; who may by itself is not listed by its roles."""
    sure = {each.actor: _Principal(each.actor, each) for each in answers if isinstance(each.verdict, Allowed)}
    own = frozenset(sure)
    open_ones = {each.actor: _Principal(each.actor, each) for each in answers if each.actor not in own}
    for answer in answers:
        for route in _routes(question, answer):
            if route.actor not in own:
                group = sure if _is_sure(route) and answer.actor in own else open_ones
                listed = group.setdefault(route.actor, _Principal(route.actor))
                listed.roles.append(", then ".join(each.name for each in route.roles))
    left = (each for each in open_ones.values() if each.actor not in sure)
    return _sorted(sure.values()), _sorted(left)


def _sorted(several: Iterable[_Principal]) -> list[_Principal]:
    return sorted(several, key=lambda each: (_PATHS.index(each.path), each.actor.name, each.actor.arn))


# For programs


def _as_json(asked: ReadQuestion, answer: Answer, ways: Ways) -> dict[str, Any]:
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
        for each in ways.shells(answer.actor)
    ]
    more = {"path": path_of(answer), "acting_as_it": acting, "shells": shells}
    return as_json(asked.doubted(answer), ways.of(answer)) | more
