"""`keywright review`: who gains and who loses what access between two assemblies."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from keywright.assembly.changing import ChangingParts, changing_parts
from keywright.assembly.declared_places import DeclaredPlaces
from keywright.assembly.reading import read_assembly
from keywright.assembly.template import Assembly
from keywright.assembly.workers import LostWorkerError
from keywright.cli.clock import Today, day
from keywright.cli.printable import printable
from keywright.cli.standing import notes
from keywright.cli.synthesis import NotSynthesizedError, assemblies
from keywright.finding import Finding, Severity
from keywright.guardrails.both import judge_both
from keywright.guardrails.engine import BrokenRuleError
from keywright.review.approvers import read_approvers
from keywright.review.as_json import as_json
from keywright.review.as_sarif import as_sarif
from keywright.review.change import Review
from keywright.review.declared import with_declared
from keywright.review.expected import Expected, read_expected, with_expected
from keywright.review.kinds import approvals, labels
from keywright.review.markdown import render_markdown
from keywright.review.review import Given, review, root_of
from keywright.review.shortened import shortened
from keywright.review.side import Side

Read = TypeVar("Read")
Pair = tuple[Read, Read]


class Format(StrEnum):
    """For the pull request, for programs, for code scanning, or as a page with the access map."""

    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"


def command(
    base: Annotated[
        str,
        typer.Argument(
            help="Before: a cdk.out, a folder of templates, a template, or a commit of this repository."
        ),
    ],
    head: Annotated[
        str | None, typer.Argument(help="After; for a commit, the working tree where this is left out.")
    ] = None,
    *,
    allow: Annotated[
        Path | None,
        typer.Option("--allow", metavar="FILE", help="Expected widenings with their reasons, as YAML."),
    ] = None,
    approvers: Annotated[
        Path | None,
        typer.Option("--approvers", metavar="FILE", help="Who has to approve which kind of change, as YAML."),
    ] = None,
    labels_file: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="Write the pull request's labels here, one a line."),
    ] = None,
    today: Today = None,
    form: Annotated[
        Format,
        typer.Option("--format", help="A comment in Markdown, one JSON document, SARIF, or an HTML page."),
    ] = Format.MARKDOWN,
) -> int:
    """Say who gains and who loses what access, and who can become whom: proved, or shown by a request.

    What only the deployment knows is never taken for a pass. Parameters stand for their defaults. A commit, such as
    `main`, is synthesized in a clean tree, which runs its code; a path that is there goes before a commit of that name.

    Exit code: 2 when an input is unusable, 1 when access widens, 3 when that is undecided, else 0.
    """
    try:
        asked = _Asked(
            _read(allow, read_expected, []),
            _read(approvers, read_approvers, {}),
            day(today),
            form,
            labels_file,
        )
        with assemblies(base, head, Path.cwd()) as paths:
            return _answer(paths, asked)
    except BrokenRuleError as error:
        typer.echo(f"{error}; this is a mistake of keywright", err=True)
    except (UnusableError, NotSynthesizedError, LostWorkerError) as error:
        typer.echo("\n".join(map(printable, str(error).splitlines())), err=True)
    return 2


@dataclass(frozen=True)
class _Asked:
    """What is asked beside the two sides."""

    expected: list[Expected]
    teams: Mapping[str, str]
    today: date
    form: Format
    labels_file: Path | None


def _answer(paths: Pair[Path], asked: _Asked) -> int:
    base, head = paths
    sides = read_assembly(base), read_assembly(head)
    roots = root_of(base), root_of(head)
    parts = changing_parts(*sides, roots)
    found = with_expected(_reviewed(sides, roots, parts, asked.today), asked.expected, asked.today)
    if not found.unusable:
        found = replace(found, notes=notes(paths, sides, parts))
        found = with_declared(found, DeclaredPlaces.read(base), DeclaredPlaces.read(head))
        found = replace(found, approvals=approvals(found, asked.teams))
    found = shortened(found, [str(each) for each in paths if each.is_dir()])
    typer.echo(_written(found, asked.form, sides, roots), nl=asked.form in {Format.JSON, Format.SARIF})
    if asked.labels_file:
        _write(asked.labels_file, "".join(f"{each}\n" for each in labels(found)))
    return found.exit_code


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UnusableError(f"{file}: the file can't be written: {error.strerror}") from error


def _written(found: Review, form: Format, sides: Pair[Assembly], roots: Pair[str]) -> str:
    match form:
        case Format.JSON:
            return json.dumps(as_json(found), indent=2)
        case Format.HTML:
            from keywright.review.html import render_review  # noqa: PLC0415 - loaded by who asks for it

            was, now = map(Side, sides, roots)
            return render_review(found, was, now)
        case Format.SARIF:
            return json.dumps(as_sarif(found), indent=1)
        case Format.MARKDOWN:
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
        raise UnusableError(f"{path}: the file can't be read: {error}") from error
    if findings:
        raise UnusableError("\n".join(map(str, findings)))
    return content


def _reviewed(sides: Pair[Assembly], roots: Pair[str], parts: ChangingParts, today: date) -> Review:
    """Compare what was read from two paths; what no change reaches is left alone."""
    was, now = sides
    old, new = (
        [each for each in findings if each.severity is not Severity.ADVICE]
        for findings in judge_both(was, now, parts)
    )
    return review(
        Given(was, roots[0], old, parts.base),
        Given(now, roots[1], new, parts.head),
        today,
        left_out=parts.left_out,
    )
