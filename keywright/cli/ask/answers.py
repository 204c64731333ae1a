"""What `can` and `who-can` share: reading the question, and showing statements that decide."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.unresolved_attachments import all_principals
from keywright.assembly.queries.lookup import NamedResource, UnusableNameError, find_resource
from keywright.assembly.queries.question import Answer, DecidingStatement, Question, may_be_allowed
from keywright.assembly.templates.reader import read_accounts
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.policy.principals import ACCOUNT_ID
from keywright.reasoning.evaluation.verdict import Allowed, Layer, Undecided
from keywright.reporting.finding import Outcome
from keywright.reporting.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from keywright.assembly.templates.template import Assembly
    from keywright.cli.ask.question import Typed
    from keywright.policy.matching.context import Values
    from keywright.reasoning.account.actors import Actor

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9-]+")
_KEY = re.compile(r"[^:\s]+:\S+")
_ACCOUNT = re.compile(rf":({ACCOUNT_ID.pattern})(?::|$)")


_USUAL: Mapping[str, Values] = {"aws:securetransport": ("true",)}


class UnusableError(Exception):
    """The question or the assembly can't be used; each line of the message says what is wrong."""


@dataclass(frozen=True)
class ReadQuestion:
    """A question that can be answered, and the resource as it was named.

    `doubts` say what of the templates can't be seen; answers are then about what is written.
    """

    question: Question
    resource: NamedResource
    doubts: tuple[str, ...] = ()

    def doubted(self, answer: Answer) -> Answer:
        """Give an answer as undecided where not all of the templates can be seen."""
        if not self.doubts:
            return answer
        because = f"{self.doubts[0]}; as it is written: {answer.verdict.name}"
        return replace(answer, verdict=Undecided(because))


def read_question(typed: Typed, today: date, *, principal: str = "") -> ReadQuestion:
    """Read the assembly and the arguments; unless the context says otherwise, the request comes over TLS, at noon.

    Raises:
        UnusableError: Something of them can't be used.
    """
    if not _ACTION.fullmatch(typed.action):
        raise UnusableError(
            f"the action is no action; found `{typed.action}`; accepted: one, such as `s3:GetObject`"
        )
    values = _values(typed, today)
    assembly, doubts = readable(typed.assembly)
    account = _ACCOUNT.search(principal) or _ACCOUNT.search(typed.resource)
    spelling = Spelling(account[1] if account else "")
    try:
        named = find_resource(typed.resource, typed.action, assembly, spelling)
    except UnusableNameError as error:
        raise UnusableError(str(error)) from error
    people = all_principals(assembly, spelling)
    return ReadQuestion(Question(assembly, people, typed.action, named.arn, values, spelling), named, doubts)


def readable(*paths: Path) -> tuple[Assembly, tuple[str, ...]]:
    """Read an assembly, or those of several accounts as one, and say what of it can't be seen.

    Raises:
        UnusableError: A file of it can't be used.
    """
    assembly = read_accounts(paths)
    if any(each.outcome is not Outcome.UNDECIDED for each in assembly.findings):
        raise UnusableError("\n".join(map(str, assembly.findings)))
    return assembly, tuple(map(str, assembly.findings))


def _values(typed: Typed, today: date) -> dict[str, Values]:
    values: dict[str, Values] = {}
    for each in typed.context:
        key, equals, value = each.partition("=")
        if not equals or not _KEY.fullmatch(key):
            raise UnusableError(
                f"the context is no key and value; found `{each}`; accepted: `aws:SourceIp=192.0.2.1`"
            )
        values[key.lower()] = (*values.get(key.lower(), ()), value)
    for key in typed.absent:
        if not _KEY.fullmatch(key) or key.lower() in values:
            found = "it has a value too" if key.lower() in values else "no key"
            raise UnusableError(
                f"the absent key can't be used: {found}; found `{key}`; accepted: a key, such as `aws:SourceVpce`"
            )
        values[key.lower()] = ()
    return usual(today) | values


def usual(today: date) -> dict[str, Values]:
    """Give what is taken to hold of every request: it comes over TLS, at noon."""
    return {**_USUAL, "aws:currenttime": (f"{today}T12:00:00Z",)}


def exit_code(answers: Iterable[Answer]) -> int:
    """Give 0 when somebody may, 3 when that is undecided, 1 when nobody may."""
    verdicts = [each.verdict for each in answers]
    if any(isinstance(each, Allowed) for each in verdicts):
        return 0
    return 3 if any(map(may_be_allowed, verdicts)) else 1


def verdict_of(answer: Answer) -> str:
    """Name a verdict; what is denied in any case is denied, however it is."""
    verdict = answer.verdict
    return "denied" if isinstance(verdict, Undecided) and verdict.is_denied else verdict.name


def named(actor: Actor) -> str:
    """Name somebody both ways, where both are known."""
    is_one = "<" in actor.arn or actor.arn == actor.name
    return printable(actor.name if is_one else f"{actor.name} {actor.arn}")


def reasons(answer: Answer) -> list[str]:
    """Say why, statement by statement."""
    lines = [_statement(each) for each in answer.deciding]
    if not answer.deciding or isinstance(answer.verdict, Undecided):
        lines = [f"because {answer.verdict.because}", *lines]
    return [printable(line) for line in lines]


def path_of(answer: Answer) -> str:
    """Tell by which path somebody may: through a group, by a policy of the resource, or directly."""
    layers = {each.layer for each in answer.deciding}
    if any(each.group for each in answer.deciding):
        return "through a group"
    return (
        "by the resource's policy"
        if layers & {Layer.RESOURCE} and Layer.IDENTITY not in layers
        else "directly"
    )


def _statement(deciding: DecidingStatement) -> str:
    statement = deciding.statement
    through = f" through {deciding.group}" if deciding.group else ""
    actions = _listed(statement.actions) or f"all but {_listed(statement.not_actions)}"
    resources = _listed(statement.resources) or (
        f"all but {_listed(statement.not_resources)}" if statement.not_resources else "itself"
    )
    held = f", {deciding.holder}" if deciding.holder != deciding.place else ""
    condition = f" if {json.dumps(statement.to_json()['Condition'])}" if statement.conditions else ""
    return f"{statement.effect} {actions} on {resources}{condition}: {deciding.layer}{through} at {deciding.place}{held}"


def _listed(texts: tuple[str, ...]) -> str:
    shown = ", ".join(texts[:3])
    return f"{shown} and {len(texts) - 3} more" if len(texts) > 3 else shown  # noqa: PLR2004 - three are shown


# What would decide


@dataclass(frozen=True)
class Decided:
    """What has to be known beside to decide an open answer, and what it then is."""

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


def deciding_keys(question: Question, answer: Answer, *, only_allowing: bool = False) -> list[Decided]:
    """Give what would make an undecided answer an allowed one and, unless only that is asked, a denied one."""
    found: dict[bool, Decided] = {}
    if isinstance(answer.verdict, Undecided) and may_be_allowed(answer.verdict):
        for given, then in question.deciding_contexts(answer):
            found.setdefault(isinstance(then.verdict, Allowed), Decided(given, then.verdict.name))
            if len(found) > 1 or (only_allowing and True in found):
                break
    return [found[is_allowed] for is_allowed in (True, False) if is_allowed in found]


def as_json(answer: Answer, decided: Iterable[Decided] = ()) -> dict[str, Any]:
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
