"""What `keywright review` does: read both sides, judge and compare them, write what was found."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from keywright.assembly.sources.declaration_locations import DeclarationLocations
from keywright.assembly.templates.changed_parts import ChangedParts, changed_parts
from keywright.assembly.templates.reader import read_accounts
from keywright.assembly.workers import LostWorkerError
from keywright.cli.formats import ReviewFormat
from keywright.cli.judge.review_notes import protection_notes
from keywright.cli.judge.synthesis import NotSynthesizedError, assemblies
from keywright.guardrails.comparison import check_both
from keywright.guardrails.engine import BrokenRuleError
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.output_file import write_whole
from keywright.reporting.text import printable
from keywright.review.comparison.snapshot import Snapshot
from keywright.review.report.approvals import approvals, labels, read_approvers
from keywright.review.report.as_json import as_json
from keywright.review.report.as_sarif import as_sarif
from keywright.review.report.expected import Expected, read_expected, with_declared, with_expected
from keywright.review.report.markdown import render_markdown, shortened
from keywright.review.review import Given, review, root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from keywright.assembly.templates.template import Assembly
    from keywright.review.result import Note, Review

Read = TypeVar("Read")
Pair = tuple[Read, Read]


@dataclass(frozen=True)
class Asked:
    """What is asked beside the two sides, as it is given."""

    allow: Path | None
    approvers: Path | None
    labels_file: Path | None
    today: date
    form: ReviewFormat
    deployer: Path | None = None

    def read(self) -> _Terms:
        """Read the files that are named.

        Raises:
            UnusableError: One can't be used.
        """
        expected: list[Expected] = _read(self.allow, read_expected, [])
        return _Terms(expected, _read(self.approvers, read_approvers, {}), self)


@dataclass(frozen=True)
class _Terms:
    expected: list[Expected]
    teams: Mapping[str, str]
    asked: Asked


def reviewing(base: str, head: str | None, asked: Asked) -> int:
    """Review, write what was found, and give the exit code."""
    try:
        terms = asked.read()
        with assemblies(base, head, Path.cwd()) as paths:
            return _answer(paths, terms)
    except BrokenRuleError as error:
        typer.echo(f"{error}; this is a mistake of keywright", err=True)
    except (UnusableError, NotSynthesizedError, LostWorkerError) as error:
        typer.echo("\n".join(map(printable, str(error).splitlines())), err=True)
    return 2


def _answer(paths: Pair[Path], terms: _Terms) -> int:
    (base, head), asked = paths, terms.asked
    sides = read_accounts([base]), read_accounts([head])
    roots = root_of(base), root_of(head)
    parts = changed_parts(*sides, roots)
    found = with_expected(_reviewed(sides, roots, parts, asked.today), terms.expected, asked.today)
    if not found.unusable:
        found = replace(
            found, notes=(*protection_notes(paths, sides, parts), *_of_deployer(sides[1], asked.deployer))
        )
        found = with_declared(found, DeclarationLocations.read(base), DeclarationLocations.read(head))
        found = replace(found, approvals=approvals(found, terms.teams))
    found = shortened(found, [str(each) for each in paths if each.is_dir()])
    typer.echo(
        _written(found, asked.form, sides, roots), nl=asked.form in {ReviewFormat.JSON, ReviewFormat.SARIF}
    )
    if asked.labels_file:
        _write(asked.labels_file, "".join(f"{each}\n" for each in labels(found)))
    return found.exit_code


def _of_deployer(now: Assembly, bootstrap: Path | None) -> tuple[Note, ...]:
    """Tell how the roles that deploy fit what is to be deployed.

    Raises:
        UnusableError: There is no such bootstrap, or nothing that one could be compared with.
    """
    if bootstrap is None:
        return ()
    from keywright.cli.judge.deployer_notes import deployer_notes

    try:
        return tuple(deployer_notes(now, bootstrap))
    except ValueError as error:
        raise UnusableError(str(error)) from error


def _write(file: Path, content: str) -> None:
    try:
        write_whole(file, content.encode())
    except OSError as error:
        raise UnusableError(f"{file}: the file can't be written: {error.strerror}") from error


def _written(found: Review, form: ReviewFormat, sides: Pair[Assembly], roots: Pair[str]) -> str:
    match form:
        case ReviewFormat.JSON:
            return json.dumps(as_json(found), indent=2)
        case ReviewFormat.HTML:
            from keywright.review.page.html import render_review

            was, now = map(Snapshot, sides, roots)
            return render_review(found, was, now)
        case ReviewFormat.SARIF:
            return json.dumps(as_sarif(found), indent=1)
        case ReviewFormat.MARKDOWN:
            return render_markdown(found)


class UnusableError(Exception):
    """A file that was named can't be used; each line of the message says what is wrong."""


def _read(path: Path | None, reader: Callable[[str, str], tuple[Read, list[Finding]]], nothing: Read) -> Read:
    """Read what one of the options names."""
    if path is None:
        return nothing
    try:
        content, findings = reader(path.read_text(encoding="utf-8"), str(path))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnusableError(f"{path}: the file can't be read: {reason}") from error
    if findings:
        raise UnusableError("\n".join(map(str, findings)))
    return content


def _reviewed(sides: Pair[Assembly], roots: Pair[str], parts: ChangedParts, today: date) -> Review:
    """Compare what was read from two paths; what no change reaches is left alone."""
    was, now = sides
    old, new = (
        [each for each in findings if each.severity is not Severity.ADVICE]
        for findings in check_both(was, now, parts)
    )
    return review(
        Given(was, roots[0], old, parts.base),
        Given(now, roots[1], new, parts.head),
        today,
        left_out=parts.left_out,
    )
