"""`keywright check`: judge assemblies and templates by the guardrails, without Node."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from keywright.assembly.reading import read_assembly, read_stream
from keywright.assembly.source import LARGEST_FILE
from keywright.cli.clock import Today, day
from keywright.cli.printable import printable
from keywright.cli.progress import Progress
from keywright.cli.reports import Format, rendered, shown
from keywright.cli.rules import explain, list_rules, refuse_switches
from keywright.finding import Finding, Location, Severity
from keywright.guardrails.baseline import read_baseline, without_known, write_baseline
from keywright.guardrails.engine import BrokenRuleError, Judged, Judgement, Thing, judge, judged, things_in
from keywright.guardrails.exceptions_file import beside, read_exceptions, without_excepted
from keywright.guardrails.invariants_file import invariants_at, with_strange_names
from keywright.guardrails.verdict import judge_own
from keywright.guardrails.workers import LostWorkerError, in_order, workers_for, workers_within

GOOD, FINDINGS, UNUSABLE, UNDECIDED = range(4)
INTERRUPTED = 130
STREAM = Path("-")
"""Stands for a template on standard input."""


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
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Rewrite the templates where that is safe: nobody may do more by it."),
    ] = False,
    widening: Annotated[
        bool,
        typer.Option(
            "--widening", help="With --fix: rewrite also what makes a grant work that was meant and is none."
        ),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show what --fix would rewrite, and write nothing; 1 if there is any."),
    ] = False,
    today: Today = None,
    format: Annotated[Format, typer.Option(help="How to write the findings.")] = Format.TEXT,  # noqa: A002 - it is the option's name
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the report to a file.")
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", min=0, metavar="N", help="Processes; 0 takes the cores where there is enough to do."
        ),
    ] = 0,
    _list: Annotated[
        bool,
        typer.Option("--list-rules", callback=list_rules, is_eager=True, help="List the rules, and leave."),
    ] = False,
    _explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="RULE",
            callback=explain,
            is_eager=True,
            help="Print a rule's page, and leave.",
        ),
    ] = None,
    _switched: Annotated[
        list[str] | None,
        typer.Option("--ignore", "--select", "--skip", "--disable", hidden=True, callback=refuse_switches),
    ] = None,
) -> int:
    """Judge synthesized templates by the guardrails; anybody's, JSON or YAML, `-` for one on standard input."""
    if STREAM in paths and (fix or diff):
        raise typer.BadParameter("standard input cannot be rewritten; accepted: a template's file")
    _refuse_senseless(fixes=fix or diff, widening=widening, diff=diff, writes=write is not None, form=format)
    terms = Terms(own, exceptions, baseline, day(today), workers, invariants)
    try:
        judgements = _all_judged(paths, terms)
        settled = _settled(paths, judgements, terms)
        if write is not None:
            return _written(settled, write)
        if not (fix or diff):
            return _reported(settled, format, output, strict=strict)
        from keywright.cli.repairs import repair  # noqa: PLC0415 - loaded by who asks for it

        repairs = repair(paths, judgements, settled, partial(_judged_instead, terms), widening=widening)
        if not diff:
            repairs.write()
            settled = _settled(paths, _all_judged(paths, terms), terms) if repairs.changed else settled
    except (BrokenRuleError, UnusableError) as error:
        typer.echo(printable(str(error)), err=True)
        return UNUSABLE
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        return INTERRUPTED
    code = (
        _shown_difference(repairs.diff(), settled, strict=strict)
        if diff
        else _reported(settled, format, output, strict=strict)
    )
    for each in (*repairs.failures, *repairs.notes):
        typer.echo(printable(str(each)), err=True)
    if not diff:
        typer.echo(repairs.said(), err=True)
    return UNUSABLE if repairs.failures else code


class UnusableError(Exception):
    """Something beside the templates cannot be used; the message says what and where."""


@dataclass(frozen=True)
class Terms:
    """On which terms is judged: whose templates, what is accepted, what is known, by which day, by how many workers."""

    own: bool
    exceptions: Path | None
    baseline: Path | None
    today: date
    workers: int
    invariants: Path | None = None


def _refuse_senseless(*, fixes: bool, widening: bool, diff: bool, writes: bool, form: Format) -> None:
    """Refuse options that do not go together.

    Raises:
        BadParameter: Some do not.
    """
    if widening and not fixes:
        raise typer.BadParameter("`--widening` says what `--fix` may do; accepted: `--fix --widening`")
    if fixes and writes:
        raise typer.BadParameter("`--write-baseline` goes without `--fix`; accepted: one after the other")
    if diff and form is not Format.TEXT:
        raise typer.BadParameter(
            "`--diff` shows a difference alone; accepted: `--format json`, which holds each fix"
        )


def _all_judged(paths: Sequence[Path], terms: Terms) -> list[Judgement]:
    """Judge what stands at each path, by several workers where that pays.

    Raises:
        UnusableError: A worker was stopped.
    """
    workers = terms.workers or workers_for(paths)
    one = partial(_judged, terms=terms, workers=1 if len(paths) > 1 else terms.workers)
    try:
        with Progress(len(paths), "assemblies judged") as progress:
            judgements = [progress.past(each) for each in in_order(one, paths, workers)]
    except LostWorkerError as error:
        raise UnusableError(str(error)) from error
    return with_strange_names(paths, judgements, terms.invariants)


def _judged(path: Path, terms: Terms, workers: int) -> Judgement:
    """Judge what stands at a path; what was accepted at synthesis counts in our own assemblies alone."""
    invariants = invariants_at(path, terms.invariants)
    if path == STREAM:
        assembly = read_stream(sys.stdin.buffer.read(LARGEST_FILE + 1), "-")
        return judge(assembly, own=terms.own, invariants=invariants)
    if terms.own:
        return judge_own(path, terms.today, invariants)
    assembly = read_assembly(path)
    return judge(assembly, own=False, workers=workers or workers_within(assembly), invariants=invariants)


def _judged_instead(terms: Terms, path: Path, texts: Mapping[str, str]) -> Judged:
    """Judge what stands at a path with other texts in some of its files."""
    return judged(read_assembly(path, texts), own=False, invariants=invariants_at(path, terms.invariants))


def _settled(paths: list[Path], judgements: list[Judgement], terms: Terms) -> list[Judgement]:
    """Take away what is accepted, and what is known.

    Raises:
        UnusableError: The baseline cannot be read.
    """
    settled = _accepted(paths, judgements, terms.exceptions, terms.today)
    if terms.baseline is None:
        return settled
    known = read_baseline(terms.baseline)
    if isinstance(known, Finding):
        raise UnusableError(str(known))
    return without_known(settled, known)


def _accepted(
    paths: list[Path], judgements: list[Judgement], exceptions: Path | None, today: date
) -> list[Judgement]:
    """Apply each file of exceptions to what it stands beside, or the one that is named to everything."""
    files = [exceptions or beside(path) for path in paths]
    found: dict[int, Judgement] = {}
    for file in dict.fromkeys(files):
        places = [place for place, its in enumerate(files) if its == file]
        given, mistakes = read_exceptions(file)
        if file == exceptions and not file.is_file():
            mistakes.append(Finding(Location(str(file)), "there is no such file"))
        beside_them = partial(_beside, [paths[place] for place in places], file)
        together = without_excepted([judgements[place] for place in places], given, today, beside_them)
        together[0] = replace(together[0], unusable=(*together[0].unusable, *mistakes))
        found.update(zip(places, together, strict=True))
    return [found[place] for place in range(len(paths))]


def _beside(paths: list[Path], file: Path) -> Iterable[Thing]:
    """Give what stands in the templates beside those that were asked for, one by one, and their exceptions."""
    if any(path.is_dir() for path in paths):
        return ()
    return things_in(read_assembly(file.parent))


def _reported(judgements: list[Judgement], form: Format, output: Path | None, *, strict: bool) -> int:
    is_shown = shown(rendered(judgements, form, strict=strict), form, output)
    return exit_code(judgements, strict=strict) if is_shown else UNUSABLE


def _shown_difference(difference: str, judgements: list[Judgement], *, strict: bool) -> int:
    """Show a difference as it is, for `patch`; on a terminal without what would steer it."""
    for line in difference.splitlines(keepends=True) if sys.stdout.isatty() else [difference]:
        typer.echo(printable(line) if sys.stdout.isatty() else line, nl=False)
    code = exit_code(judgements, strict=strict)
    return FINDINGS if difference and code != UNUSABLE else code


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


def exit_code(judgements: list[Judgement], *, strict: bool) -> int:
    """Say it in a number: what is unusable goes before findings, findings before what cannot be told."""
    if any(each.unusable for each in judgements):
        return UNUSABLE
    counting = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if any(each.faults(severity) for each in judgements for severity in counting):
        return FINDINGS
    return UNDECIDED if strict and any(each.undecided for each in judgements) else GOOD
