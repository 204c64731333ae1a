"""The work of `keywright review`: read both sides, compare them, write the review."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from keywright.assembly.sources.declaration_locations import DeclarationLocations
from keywright.assembly.templates.changed_parts import ChangedParts, changed_parts
from keywright.assembly.templates.reader import is_terraform_plan, read_accounts, read_assembly
from keywright.assembly.workers import LostWorkerError
from keywright.cli.errors import CommandError, KeywrightBugError, unreadable
from keywright.cli.formats import ReviewFormat
from keywright.cli.judge.review_notes import deployer_notes, protection_notes
from keywright.cli.judge.synthesis import assemblies
from keywright.cli.terminal import write_file
from keywright.guardrails.comparison import check_both
from keywright.guardrails.engine import BrokenRuleError
from keywright.reporting.finding import Severity
from keywright.review.comparison.snapshot import Snapshot
from keywright.review.report.approvals import approvals, labels, read_approvers
from keywright.review.report.as_json import as_json
from keywright.review.report.as_sarif import as_sarif
from keywright.review.report.expected import Expected, read_expected, with_declared, with_expected
from keywright.review.report.markdown import render_markdown, render_text, shortened
from keywright.review.review import Given, review, roots_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from keywright.assembly.templates.template import Assembly
    from keywright.reporting.finding import Finding
    from keywright.review.result import Review

Read = TypeVar("Read")
Pair = tuple[Read, Read]


@dataclass(frozen=True)
class ReviewOptions:
    """The options of the command."""

    allow: Path | None
    approvers: Path | None
    labels_file: Path | None
    today: date
    form: ReviewFormat
    deployer: Path | None = None
    output: Path | None = None


def review_paths(base: str, head: str | None, options: ReviewOptions) -> int:
    """Review, write what is found, and give the exit code."""
    # Read before the synthesis, which runs the code of a pull request and could change the files.
    expected: list[Expected] = _read(options.allow, read_expected, [])
    teams: Mapping[str, str] = _read(options.approvers, read_approvers, {})
    try:
        with _sides(base, head) as (paths, sides):
            roots = roots_of(paths, sides)
            found = _review(paths, sides, roots, expected, options)
            found = replace(found, approvals=() if found.unusable else approvals(found, teams))
            # The folders of both sides are often temporary and mean nothing to a reader.
            found = shortened(found, [str(each) for each in paths if each.is_dir()])
            text = _render(found, options.form, sides, roots)
    except BrokenRuleError as error:
        raise KeywrightBugError(error) from error
    except LostWorkerError as error:
        raise CommandError(error) from error
    if options.form in {ReviewFormat.TEXT, ReviewFormat.JSON, ReviewFormat.SARIF}:
        text += "\n"
    if options.output:
        write_file(options.output, text)
    else:
        typer.echo(text, nl=False)
    if options.labels_file:
        write_file(options.labels_file, "".join(f"{each}\n" for each in labels(found)))
    return found.exit_code


@contextmanager
def _sides(base: str, head: str | None) -> Iterator[tuple[Pair[Path], Pair[Assembly]]]:
    """Read both sides; a plan of Terraform alone is both, before and after it."""
    if head is None and is_terraform_plan(Path(base)):
        path = Path(base)
        yield (path, path), (read_assembly(path, before=True), read_assembly(path))
        return
    with assemblies(base, head, Path.cwd()) as paths:
        yield paths, (read_accounts([paths[0]]), read_accounts([paths[1]]))


def _read(path: Path | None, reader: Callable[[str, str], tuple[Read, list[Finding]]], nothing: Read) -> Read:
    """Read the file that an option names."""
    if path is None:
        return nothing
    try:
        content, findings = reader(path.read_text(encoding="utf-8"), str(path))
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    # A file of approvers or expected gains with a mistake is refused, never half applied.
    if findings:
        raise CommandError("\n".join(map(str, findings)))
    return content


def _review(
    paths: Pair[Path],
    sides: Pair[Assembly],
    roots: Pair[str],
    expected: list[Expected],
    options: ReviewOptions,
) -> Review:
    parts = changed_parts(*sides, roots)
    found = with_expected(_compare(sides, roots, parts, options.today), expected, options.today)
    # Notes on only a part of the input would be mistaken for a complete review.
    if found.unusable:
        return found
    of_deployer = deployer_notes(sides[1], options.deployer) if options.deployer else ()
    found = replace(found, notes=(*protection_notes(paths, sides, parts), *of_deployer))
    return with_declared(found, *map(DeclarationLocations.read, paths))


def _compare(sides: Pair[Assembly], roots: Pair[str], parts: ChangedParts, today: date) -> Review:
    """Compare two assemblies; what no change affects is left out."""
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


def _render(found: Review, form: ReviewFormat, sides: Pair[Assembly], roots: Pair[str]) -> str:
    match form:
        case ReviewFormat.JSON:
            return json.dumps(as_json(found), indent=2)
        case ReviewFormat.HTML:
            from keywright.review.page.html import render_review

            was, now = map(Snapshot, sides, roots)
            return render_review(found, was, now)
        case ReviewFormat.SARIF:
            return json.dumps(as_sarif(found), indent=1)
        case ReviewFormat.TEXT:
            return render_text(found)
        case ReviewFormat.MARKDOWN:
            return render_markdown(found)
