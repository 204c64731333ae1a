"""The answer of `keywright across`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.unresolved_attachments import all_principals
from keywright.assembly.queries.cross_account import CrossAccountAccess
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.cli.ask.answers import UnusableError, deciding_keys, readable, usual
from keywright.cli.formats import ReportFormat
from keywright.cli.options import day
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.reporting.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from keywright.assembly.queries.cross_account import AssumableRole, OneSidedTrust
    from keywright.assembly.queries.question import Answer

MOST_WORKED_OUT = 200
"""Callers for whom it is worked out what a role still asks of them; of others `can` tells it."""


def answer(paths: Sequence[Path], form: ReportFormat, today: datetime | None, *, strict: bool) -> int:
    """Print the answer; give the exit code."""
    try:
        assembly, doubts = readable(*paths)
    except UnusableError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    found = CrossAccountAccess(assembly, all_principals(assembly, Spelling()), usual(day(today)))
    one_sided = sorted(found.one_sided(), key=lambda each: (not each.is_seen, each.text))
    told = _told(found)
    if form is ReportFormat.JSON:
        print(json.dumps(_as_json(found, told, one_sided, doubts), indent=2))
    else:
        print(printable("\n".join(_lines(found, told, one_sided, doubts))))
    if any(each.is_seen for each in one_sided):
        return 1
    return 3 if doubts or (strict and one_sided) else 0


_Told = list[tuple["AssumableRole", list[tuple["Answer", str]]]]


def _told(found: CrossAccountAccess) -> _Told:
    """Say of everybody with what they may."""
    left, told = MOST_WORKED_OUT, []
    for door in found.assumable_roles:
        callers = []
        for each in door.answers:
            callers.append((each, _with(found, each) if left > 0 else "under conditions"))
            left -= not isinstance(each.verdict, Allowed)
        told.append((door, callers))
    return told


def _with(across: CrossAccountAccess, caller: Answer) -> str:
    if isinstance(caller.verdict, Allowed):
        return ""
    decided = deciding_keys(across.question, caller, only_allowing=True)
    if not decided:
        return f"perhaps: {caller.verdict.because}"
    return "with " + ", ".join(
        f"{key}={' or '.join(values)}" if values else f"no {key}" for key, values in decided[0].given.items()
    )


def _lines(
    found: CrossAccountAccess, told: _Told, one_sided: list[OneSidedTrust], doubts: tuple[str, ...]
) -> Iterator[str]:
    yield f"between accounts {' and '.join(found.accounts) or 'of which none is known'}"
    yield from (f"  can't be told for certain: {each}" for each in doubts)
    for door, callers in told:
        yield ""
        yield f"{door.role.name} {door.role.arn}"
        for each, given in callers:
            yield f"  {each.actor.name} of {each.actor.account}{f' {given}' if given else ''}"
    if not told:
        yield from ("", "nobody of one account may assume a role of another")
    for title, is_seen in (("one side alone", True), ("the other side is not seen", False)):
        several = [each for each in one_sided if each.is_seen is is_seen]
        if several:
            yield from ("", f"{title}: {len(several)}")
            yield from (f"  {each.text}; {each.place}" for each in several)


def _as_json(
    found: CrossAccountAccess, told: _Told, one_sided: list[OneSidedTrust], doubts: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "accounts": list(found.accounts),
        "undecided": list(doubts),
        "roles": [
            {
                "role": door.role.arn,
                "assumed_by": [
                    {"principal": each.actor.arn, "sure": isinstance(each.verdict, Allowed), "given": given}
                    for each, given in callers
                ],
            }
            for door, callers in told
        ],
        "one_sided": [{"says": each.text, "at": each.place, "seen": each.is_seen} for each in one_sided],
    }
