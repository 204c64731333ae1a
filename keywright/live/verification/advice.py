"""Advice that is the same for many identities: one finding for each of them, and one line for people who read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.reporting.finding import Finding, Location, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAMED = 3
"""Names on one line; the rest is a number."""


@dataclass(frozen=True, slots=True)
class SharedAdvice(Finding):
    """Advice about one identity that others may get as well.

    `name` is the identity; `of_many` says the same of several, such as "users have no MFA device yet".
    """

    name: str = ""
    of_many: str = ""


def summarized(findings: Sequence[Finding], account: str) -> list[Finding]:
    """Replace advice that several identities get by one finding with their number and the first names.

    Errors and warnings stay as they are: each is a line of its own.
    """
    written: list[Finding] = []
    seen: set[str] = set()
    for finding in findings:
        if not isinstance(finding, SharedAdvice):
            written.append(finding)
        elif finding.of_many not in seen:
            seen.add(finding.of_many)
            same = [each for each in _shared(findings) if each.of_many == finding.of_many]
            written.append(_together(same, account) if len(same) > 1 else finding)
    return written


def _shared(findings: Iterable[Finding]) -> list[SharedAdvice]:
    return [each for each in findings if isinstance(each, SharedAdvice)]


def _together(advice: Sequence[SharedAdvice], account: str) -> Finding:
    names = listed(sorted(each.name for each in advice), most=_NAMED)
    return Finding(
        Location(f"account {account}"),
        f"{len(advice)} {advice[0].of_many}",
        found=f"{names} (`--format json` lists all)" if len(advice) > _NAMED else names,
        accepted=advice[0].accepted,
        severity=Severity.ADVICE,
    )
