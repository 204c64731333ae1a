"""`keywright check`: judge assemblies and templates by the guardrails, without Node."""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keywright.assembly.reading import read_assembly
from keywright.cli.clock import Today, day
from keywright.finding import Finding, Location, Severity
from keywright.guardrails.baseline import read_baseline, without_known, write_baseline
from keywright.guardrails.engine import BrokenRuleError, Judgement, judge
from keywright.guardrails.exceptions_file import beside, read_exceptions, without_excepted
from keywright.guardrails.invariants_file import invariants_at, with_strange_names
from keywright.guardrails.rendering import printable, render_github, render_json, render_text
from keywright.guardrails.verdict import judge_own

GOOD, FINDINGS, UNUSABLE, UNDECIDED = range(4)


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


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
    exceptions: Annotated[
        Path | None,
        typer.Option(
            "--exceptions",
            metavar="FILE",
            help="What is accepted; keywright-exceptions.yaml beside what is checked, if not given.",
        ),
    ] = None,
    invariants: Annotated[
        Path | None,
        typer.Option(
            "--invariants",
            metavar="FILE",
            help="What must never, or always, be possible; keywright-invariants.yaml beside what is checked, if not given.",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="What was found before: only what is new counts."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write-baseline",
            metavar="FILE",
            help="Write what is found now as a baseline, and leave with 0.",
        ),
    ] = None,
    today: Today = None,
    format: Annotated[Format, typer.Option(help="How to write the findings.")] = Format.TEXT,  # noqa: A002 - it is the option's name
) -> int:
    """Judge synthesized templates by the guardrails; anybody's, JSON or YAML."""
    try:
        judgements = [_judged(path, invariants, own=own, today=day(today)) for path in paths]
    except BrokenRuleError as error:
        typer.echo(f"{error}; this is a mistake of keywright", err=True)
        return UNUSABLE
    judgements = with_strange_names(paths, judgements, invariants)
    judgements = _accepted(paths, judgements, exceptions, day(today))
    if write is not None:
        return _written(judgements, write)
    if baseline is not None:
        known = read_baseline(baseline)
        if isinstance(known, Finding):
            typer.echo(printable(str(known)), err=True)
            return UNUSABLE
        judgements = without_known(judgements, known)
    rendered = _rendered(judgements, format, strict=strict)
    typer.echo(_coloured(rendered) if format is Format.TEXT else rendered)
    return exit_code(judgements, strict=strict)


def _judged(path: Path, file: Path | None, *, own: bool, today: date) -> Judgement:
    """Judge what stands at a path; what was accepted at synthesis counts in our own assemblies alone."""
    invariants = invariants_at(path, file)
    if own:
        return judge_own(path, today, invariants)
    return judge(read_assembly(path), own=False, invariants=invariants)


def _accepted(
    paths: list[Path], judgements: list[Judgement], exceptions: Path | None, today: date
) -> list[Judgement]:
    """Apply each file of exceptions to what it stands beside, or the one that is named to everything."""
    files = [exceptions or beside(path) for path in paths]
    found: list[Judgement] = []
    for file in dict.fromkeys(files):
        together = [each for each, its in zip(judgements, files, strict=True) if its == file]
        given, mistakes = read_exceptions(file)
        if file == exceptions and not file.is_file():
            mistakes.append(Finding(Location(str(file)), "there is no such file"))
        together = without_excepted(together, given, today)
        together[0] = replace(together[0], unusable=(*together[0].unusable, *mistakes))
        found += together
    return found


def _written(judgements: list[Judgement], path: Path) -> int:
    """Write a baseline; what cannot be read is no part of one."""
    for each in (finding for judgement in judgements for finding in judgement.unusable):
        typer.echo(printable(str(each)), err=True)
    try:
        count = write_baseline(judgements, path)
    except OSError as error:
        typer.echo(f"{printable(str(path))}: the baseline cannot be written: {error.strerror}", err=True)
        return UNUSABLE
    typer.echo("1 finding is known from now on" if count == 1 else f"{count} findings are known from now on")
    return UNUSABLE if any(each.unusable for each in judgements) else GOOD


def _rendered(judgements: list[Judgement], form: Format, *, strict: bool) -> str:
    match form:
        case Format.SARIF:
            from keywright.guardrails.sarif import render_sarif  # noqa: PLC0415 - loaded by who asks for it

            return render_sarif(judgements)
        case Format.JUNIT:
            from keywright.guardrails.junit import render_junit  # noqa: PLC0415 - loaded by who asks for it

            return render_junit(judgements, strict=strict)
        case Format.JSON:
            return render_json(judgements)
        case Format.GITHUB:
            return render_github(judgements)
        case _:
            return render_text(judgements)


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
