"""What `can` and `who-can` share: reading the question, and showing statements that decide."""

import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from keywright.assembly.actors import population
from keywright.assembly.asking import Answer, Deciding, Question, is_open
from keywright.assembly.known import Spelling
from keywright.assembly.looking_up import Named, UnknownNameError, find_resource
from keywright.assembly.reading import read_assembly
from keywright.cli.printable import printable
from keywright.policy.principals import ACCOUNT_ID
from keywright.reasoning.verdict import Allowed, Undecided

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9-]+")
_ACCOUNT = re.compile(rf":({ACCOUNT_ID.pattern})(?::|$)")


_USUAL = {"aws:securetransport": ("true",)}


class Format(StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


Assembly = Annotated[
    Path,
    typer.Argument(metavar="[ASSEMBLY-or-TEMPLATE]", help="A cdk.out, a folder of templates, or a template."),
]
Context = Annotated[
    list[str] | None,
    typer.Option("--context", metavar="KEY=VALUE", help="A condition key's value; repeat it for several."),
]
Form = Annotated[Format, typer.Option("--format", help="For people, or one JSON document.")]


class UnusableError(Exception):
    """The question or the assembly can't be used; each line of the message says what is wrong."""


@dataclass(frozen=True)
class Asked:
    """A question that can be answered, and the resource as it was named."""

    question: Question
    resource: Named


def read_question(
    action: str, resource: str, path: Path, *, context: list[str] | None, today: date, principal: str = ""
) -> Asked:
    """Read the assembly and the arguments; unless the context says otherwise, the request comes over TLS, at noon.

    Raises:
        UnusableError: Something of them can't be used.
    """
    if not _ACTION.fullmatch(action):
        raise UnusableError(
            f"the action is no action; found `{action}`; accepted: one, such as `s3:GetObject`"
        )
    values = _values(context or [], today)
    assembly = read_assembly(path)
    if assembly.findings:
        raise UnusableError("\n".join(map(str, assembly.findings)))
    account = _ACCOUNT.search(principal) or _ACCOUNT.search(resource)
    spelling = Spelling(account[1] if account else "")
    try:
        named = find_resource(resource, action, assembly, spelling)
    except UnknownNameError as error:
        raise UnusableError(str(error)) from error
    people = population(assembly, spelling.account)
    return Asked(Question(assembly, people, action, named.arn, values, spelling), named)


def _values(context: list[str], today: date) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for each in context:
        key, equals, value = each.partition("=")
        if not equals or ":" not in key:
            raise UnusableError(
                f"the context is no key and value; found `{each}`; accepted: `aws:SourceIp=192.0.2.1`"
            )
        values[key.lower()] = (*values.get(key.lower(), ()), value)
    return _USUAL | {"aws:currenttime": (f"{today}T12:00:00Z",)} | values


def exit_code(answers: list[Answer]) -> int:
    """Give 0 when somebody may, 3 when that is undecided, 1 when nobody may."""
    if any(isinstance(each.verdict, Allowed) for each in answers):
        return 0
    return 3 if any(is_open(each.verdict) for each in answers) else 1


def named(answer: Answer) -> str:
    """Name an actor both ways, where both are known."""
    actor = answer.actor
    return printable(actor.name if "<" in actor.arn else f"{actor.name} {actor.arn}")


def reasons(answer: Answer) -> list[str]:
    """Say why, statement by statement."""
    lines = [_statement(each) for each in answer.deciding]
    if not answer.deciding or isinstance(answer.verdict, Undecided):
        lines = [f"because {answer.verdict.because}", *lines]
    return [printable(line) for line in lines]


def _statement(deciding: Deciding) -> str:
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


def as_json(answer: Answer) -> dict[str, Any]:
    """Give an answer as data."""
    return {
        "principal": {"name": answer.actor.name, "arn": answer.actor.arn},
        "resource": answer.resource,
        "verdict": answer.verdict.name,
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
    }
