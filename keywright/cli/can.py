"""`keywright can`: may a principal do an action on a resource, and by which statement."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from keywright.assembly.asking import Answer, Question, Route
from keywright.assembly.looking_up import Named, UnknownNameError, find_actor
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
from keywright.reasoning.actor import Actor, ActorKind
from keywright.reasoning.verdict import Allowed


def command(
    principal: Annotated[str, typer.Argument(help="Such as `user/alice`, `role/deployer`, or an ARN.")],
    action: Annotated[str, typer.Argument(help="Such as `s3:GetObject`.")],
    resource: Annotated[
        str, typer.Argument(help="Such as `bucket/reports`, or an ARN; `*` in it asks for any.")
    ],
    assembly: Assembly = Path("cdk.out"),
    *,
    context: Context = None,
    today: Today = None,
    form: Form = Format.TEXT,
) -> int:
    """Tell whether a principal may do an action on a resource, by which statement, and where that stands.

    Groups count. What it may do by assuming a role is named beside. A condition on a key that --context does not
    give may hold or not: the answer is then undecided. A request comes over TLS, today. An organization's control
    policies are not judged.

    Exit code: 0 allowed, 1 denied, 3 undecided, 2 when the question or the assembly is unusable.
    """
    try:
        asked = read_question(
            action, resource, assembly, context=context, today=day(today), principal=principal
        )
        actor = find_actor(principal, asked.question.population)
    except (UnusableError, UnknownNameError) as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    answer = asked.question.answer(actor)
    roles = [] if isinstance(answer.verdict, Allowed) else _by_roles(asked.question, actor)
    if form is Format.JSON:
        by_roles = [[each.name for each in route.roles] for route, _ in roles]
        print(json.dumps(as_json(answer) | {"by_roles": by_roles}, indent=2))
    else:
        print(_text(answer, action, asked.resource, roles))
    return exit_code([answer])


def _by_roles(question: Question, actor: Actor) -> list[tuple[Route, Answer]]:
    """Give the roles that may, and that the actor may come to act as."""
    found = []
    for role in question.population.account.of_kind(ActorKind.ROLE):
        answer = question.answer(role)
        if isinstance(answer.verdict, Allowed):
            found += [(route, answer) for route in question.routes(role) if route.actor is actor]
    return found


def _text(answer: Answer, action: str, resource: Named, roles: list[tuple[Route, Answer]]) -> str:
    lines = [f"{answer.verdict.name}: {named(answer)}: {action} on {printable(str(resource))}"]
    lines += [f"  {line}" for line in reasons(answer)]
    for route, through in roles:
        steps = ", then ".join(printable(each.name) for each in route.roles)
        sure = all(isinstance(each.verdict, Allowed) for each in route.assumptions)
        lines.append(f"  {'by assuming' if sure else 'perhaps by assuming'} {steps}")
        lines += [f"    {line}" for each in route.assumptions for line in reasons(each)]
        lines += [f"    {line}" for line in reasons(through)]
    return "\n".join(lines)
