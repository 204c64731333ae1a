"""`keywright review`: who gains and who loses what access between two assemblies."""

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from keywright.assembly.changing import changing_parts
from keywright.assembly.reading import read_assembly
from keywright.assembly.template import Assembly
from keywright.cli.clock import Today, day
from keywright.cli.printable import printable
from keywright.finding import Severity
from keywright.guardrails.both import judge_both
from keywright.guardrails.engine import BrokenRuleError
from keywright.review.as_json import as_json
from keywright.review.change import Review
from keywright.review.expected import Expected, read_expected, with_expected
from keywright.review.html import render_review
from keywright.review.markdown import render_markdown
from keywright.review.review import Given, review, root_of
from keywright.review.side import Side

Read = TypeVar("Read")
Pair = tuple[Read, Read]


class Format(StrEnum):
    """For the pull request, for programs, or as a page with the access map."""

    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


def command(
    base: Annotated[Path, typer.Argument(help="Before: a cdk.out, a folder of templates, or a template.")],
    head: Annotated[Path, typer.Argument(help="After.")],
    *,
    allow: Annotated[
        Path | None,
        typer.Option("--allow", metavar="FILE", help="Expected widenings with their reasons, as YAML."),
    ] = None,
    today: Today = None,
    form: Annotated[
        Format, typer.Option("--format", help="A comment in Markdown, one JSON document, or an HTML page.")
    ] = Format.MARKDOWN,
) -> int:
    """Say who gains and who loses what access, and who can become whom: proved, or shown by a request.

    What only the deployment knows is never taken for a pass. Parameters stand for their defaults.

    Exit code: 2 when an input is unusable, 1 when access widens, 3 when that is undecided, else 0.
    """
    try:
        expected = _expected(allow) if allow else []
        sides = read_assembly(base), read_assembly(head)
        roots = root_of(base), root_of(head)
        found = _reviewed(sides, roots, day(today))
    except BrokenRuleError as error:
        typer.echo(f"{error}; this is a mistake of keywright", err=True)
        return 2
    except UnusableError as error:
        typer.echo(printable(str(error)), err=True)
        return 2
    found = with_expected(found, expected, day(today))
    typer.echo(_written(found, form, sides, roots), nl=form is Format.JSON)
    return found.exit_code


def _written(found: Review, form: Format, sides: Pair[Assembly], roots: Pair[str]) -> str:
    match form:
        case Format.JSON:
            return json.dumps(as_json(found), indent=2)
        case Format.HTML:
            was, now = map(Side, sides, roots)
            return render_review(found, was, now)
        case Format.MARKDOWN:
            return render_markdown(found)


class UnusableError(Exception):
    """The file of expected widenings can't be used; each line of the message says what is wrong."""


def _expected(path: Path) -> list[Expected]:
    try:
        expected, findings = read_expected(path.read_text(encoding="utf-8"), str(path))
    except (OSError, ValueError) as error:
        raise UnusableError(f"{path}: the file can't be read: {error}") from error
    if findings:
        raise UnusableError("\n".join(map(str, findings)))
    return expected


def _reviewed(sides: Pair[Assembly], roots: Pair[str], today: date) -> Review:
    """Compare what was read from two paths; what no change reaches is left alone."""
    was, now = sides
    parts = changing_parts(was, now, roots)
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
