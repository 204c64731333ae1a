"""`keywright across`: who in one account can assume which role in another, by the policies of both sides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import Form, Scheduler, Today, Workers, day
from keywright.reporting.exit_codes import exit_code_for
from keywright.reporting.text import joined, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.queries.cross_account import AssumableRole, CrossAccountAccess, OneSidedTrust
    from keywright.assembly.queries.question import Answer

    _Callers = list[tuple[AssumableRole, list[tuple[Answer, str, bool]]]]
    """The callers of each role: the context that they need in words, and whether they certainly can."""

Assemblies = Annotated[
    list[Path],
    typer.Argument(
        metavar="ASSEMBLY",
        help="The cdk.out of an organization, of each account, or a folder that contains them.",
    ),
]
_MOST_DECIDED = 200
"""Undecided callers for whom the deciding context is searched; for others `can` does it. The search takes time."""


def command(
    assemblies: Assemblies,
    *,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit with 3 if the assembly of an account on the other side is missing."
        ),
    ] = False,
    workers: Workers = 0,
    scheduler: Scheduler = "",
    today: Today = None,
    form: Form = ReportFormat.TEXT,
) -> int:
    """List who in one account can assume which role in another: by the caller's own policies and the role's trust policy.

    Reports what only one side allows: a trust policy that nobody can use, a permission to assume a role that does not
    trust the caller. What a condition requires, such as MFA, is shown beside the name. The request is made over TLS,
    today.

    Exit codes: 0 both sides agree, 1 only one side allows something, 2 unusable input, 3 with --strict an assembly is
    missing.
    """
    from keywright.assembly.cluster import Spread
    from keywright.assembly.identities.unresolved_attachments import all_principals
    from keywright.assembly.queries.cross_account import CrossAccountAccess
    from keywright.assembly.queries.excerpt import Sought
    from keywright.assembly.templates.symbolic_policies import Spelling
    from keywright.cli.ask.question import default_context, exit_code_of, read_with_doubts

    spread = Spread(workers, scheduler)
    assembly, doubts = read_with_doubts(*assemblies, sought=Sought(), spread=spread)
    found = CrossAccountAccess(assembly, all_principals(assembly, Spelling()), default_context(day(today)))
    # What needs a correction comes before what only needs another assembly.
    one_sided = sorted(found.one_sided(), key=lambda each: (not each.is_seen, each.text))
    callers = _callers(found)
    if form is ReportFormat.JSON:
        print(json.dumps(_as_json(found, callers, one_sided, doubts), indent=2))
    else:
        print(printable("\n".join(_lines(found, callers, one_sided, doubts))))
    code = exit_code_for(
        findings=any(each.is_seen for each in one_sided), undecided=doubts or (strict and one_sided)
    )
    return exit_code_of(assembly, code)


def _callers(found: CrossAccountAccess) -> _Callers:
    from keywright.reasoning.evaluation.verdict import Allowed

    left, callers = _MOST_DECIDED, []
    for role in found.assumable_roles:
        of_role = []
        for each in role.answers:
            is_sure = isinstance(each.verdict, Allowed)
            # The search tries contexts one by one; after the limit only the fact that there are conditions is
            # shown.
            needs = "" if is_sure else _needs(found, each) if left > 0 else "under conditions"
            of_role.append((each, needs, is_sure))
            left -= not is_sure
        callers.append((role, of_role))
    return callers


def _needs(found: CrossAccountAccess, caller: Answer) -> str:
    from keywright.cli.ask.answers import deciding_contexts

    decided = deciding_contexts(found.question, caller, only_allowing=True)
    if not decided:
        return f"possibly: {caller.verdict.because}"
    given = decided[0].given.items()
    return "with " + joined(
        f"{key}={' or '.join(values)}" if values else f"no {key}" for key, values in given
    )


def _lines(
    found: CrossAccountAccess, callers: _Callers, one_sided: list[OneSidedTrust], doubts: tuple[str, ...]
) -> Iterator[str]:
    yield f"between accounts {' and '.join(found.accounts) or 'of which none is known'}"
    yield from (f"  not certain: {each}" for each in doubts)
    for role, of_role in callers:
        yield from ("", f"{role.role.name} {role.role.arn}")
        for each, needs, _ in of_role:
            yield f"  {each.actor.name} of {each.actor.account} {needs}".rstrip()
    if not callers:
        yield from ("", "nobody in one account can assume a role in another")
    for title, is_seen in (("only one side allows", True), ("the other side's assembly is missing", False)):
        several = [each for each in one_sided if each.is_seen is is_seen]
        if several:
            yield from ("", f"{title}: {len(several)}")
            yield from (f"  {each.text}; {each.place}" for each in several)


def _as_json(
    found: CrossAccountAccess, callers: _Callers, one_sided: list[OneSidedTrust], doubts: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "accounts": list(found.accounts),
        "undecided": list(doubts),
        "roles": [
            {
                "role": role.role.arn,
                "assumed_by": [
                    {"principal": each.actor.arn, "sure": is_sure, "given": needs}
                    for each, needs, is_sure in of_role
                ],
            }
            for role, of_role in callers
        ],
        "one_sided": [{"says": each.text, "at": each.place, "seen": each.is_seen} for each in one_sided],
    }
