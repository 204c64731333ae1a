"""`keywright who-can`: the principals that may do an action on a resource, and by which path."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from keywright.assembly.asking import Answer, Question, Route, is_open
from keywright.cli.asked import (
    Assembly,
    Context,
    Form,
    Format,
    UnusableError,
    as_json,
    exit_code,
    named,
    read_question,
    reasons,
)
from keywright.cli.clock import Today, day
from keywright.cli.printable import printable
from keywright.reasoning.actor import ActorKind
from keywright.reasoning.verdict import Allowed


def command(
    action: Annotated[str, typer.Argument(help="Such as `s3:DeleteObject`.")],
    resource: Annotated[
        str, typer.Argument(help="Such as `bucket/reports`, or an ARN; `*` in it asks for any.")
    ],
    assembly: Assembly = Path("cdk.out"),
    *,
    context: Context = None,
    today: Today = None,
    form: Form = Format.TEXT,
) -> int:
    """List the users and roles that may do an action on a resource, by which statements, and who may act as them.

    A condition on a key that --context does not give may hold or not: that principal is then listed as undecided.
    A request comes over TLS, today. An organization's control policies are not judged.

    Exit code: 0 when somebody may, 1 when nobody, 3 when that is undecided, 2 when question or assembly is unusable.
    """
    try:
        asked = read_question(action, resource, assembly, context=context, today=day(today))
    except UnusableError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    answers = [each for each in asked.question.answers() if is_open(each.verdict)]
    if form is Format.JSON:
        print(json.dumps(_as_json(asked.question, answers), indent=2))
    else:
        print(f"{action} on {printable(str(asked.resource))}")
        print("\n".join(_lines(asked.question, answers)) or "  nobody in this assembly")
    return exit_code(answers)


def _routes(question: Question, answer: Answer) -> list[Route]:
    return list(question.routes(answer.actor)) if answer.actor.kind is ActorKind.ROLE else []


def _lines(question: Question, answers: list[Answer]) -> list[str]:
    lines: list[str] = []
    for answer in sorted(answers, key=lambda each: not isinstance(each.verdict, Allowed)):
        lines.append(f"  {answer.verdict.name}: {named(answer)}")
        lines += [f"    {line}" for line in reasons(answer)]
        lines += [f"    {_route(route)}" for route in _routes(question, answer)]
    return lines


def _route(route: Route) -> str:
    sure = all(isinstance(each.verdict, Allowed) for each in route.assumptions)
    over = [printable(each.name) for each in route.roles[:-1]]
    return " ".join(
        [
            printable(route.actor.name),
            "may act as it" if sure else "may act as it where conditions hold",
            *([f"over {', '.join(over)}"] if over else []),
        ]
    )


def _as_json(question: Question, answers: list[Answer]) -> list[dict[str, Any]]:
    return [
        as_json(answer)
        | {
            "acting_as_it": [
                {
                    "principal": route.actor.name,
                    "over": [each.name for each in route.roles[:-1]],
                    "sure": all(isinstance(each.verdict, Allowed) for each in route.assumptions),
                }
                for route in _routes(question, answer)
            ]
        }
        for answer in answers
    ]
