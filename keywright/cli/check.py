"""`keywright check`: judge assemblies and templates by the guardrails, without Node."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keywright.assembly.reading import read_assembly
from keywright.cli.clock import Today, day
from keywright.finding import Severity
from keywright.guardrails.engine import BrokenRuleError, Judgement, judge
from keywright.guardrails.rendering import render_github, render_json, render_text
from keywright.guardrails.verdict import judge_own

GOOD, FINDINGS, UNUSABLE, UNDECIDED = range(4)


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


RENDERERS = {Format.TEXT: render_text, Format.JSON: render_json, Format.GITHUB: render_github}
COLOURS = {"error": "red", "warning": "yellow", "advice": "blue", "cannot tell": "magenta"}


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="Folders written by cdk synth, folders of templates, or templates."
        ),
    ],
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings count (1), and so does what cannot be told (3).")
    ] = False,
    own: Annotated[
        bool,
        typer.Option(
            "--own", help="The templates are ours: conventions are errors, declared exceptions count."
        ),
    ] = False,
    today: Today = None,
    format: Annotated[Format, typer.Option(help="How to write the findings.")] = Format.TEXT,  # noqa: A002 - it is the option's name
) -> int:
    """Judge synthesized templates by the guardrails; anybody's, JSON or YAML."""
    try:
        judgements = [_judged(path, own=own, today=day(today)) for path in paths]
    except BrokenRuleError as error:
        typer.echo(f"{error}; this is a mistake of keywright", err=True)
        return UNUSABLE
    rendered = RENDERERS[format](judgements)
    typer.echo(_coloured(rendered) if format is Format.TEXT else rendered)
    return exit_code(judgements, strict=strict)


def _judged(path: Path, *, own: bool, today: date) -> Judgement:
    """Judge what stands at a path; what was accepted counts in our own assemblies alone, whose record we believe."""
    return judge_own(path, today) if own else judge(read_assembly(path), own=False)


def exit_code(judgements: list[Judgement], *, strict: bool) -> int:
    """Say it in a number: what is unusable goes before findings, findings before what cannot be told."""
    if any(each.unusable for each in judgements):
        return UNUSABLE
    counting = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if any(each.faults(severity) for each in judgements for severity in counting):
        return FINDINGS
    return UNDECIDED if strict and any(each.undecided for each in judgements) else GOOD


def _coloured(rendered: str) -> str:
    """Colour what a finding weighs; `typer.echo` takes the colours off where no terminal shows them."""
    return "\n".join(_coloured_line(line) for line in rendered.split("\n"))


def _coloured_line(line: str) -> str:
    for said, colour in COLOURS.items():
        if line.startswith((f"  {said} ", f"  {said}:")):
            return f"  {typer.style(said, fg=colour, bold=True)}{line.removeprefix(f'  {said}')}"
    return line
