"""What `keywright check` does with what it judged: write it, fix it, or know it from now on."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import typer

from keywright.assembly.sources.source import LARGEST_FILE
from keywright.assembly.templates.reader import read_assembly, read_stream
from keywright.assembly.workers import LostWorkerError, map_in_order, workers_for_paths, workers_within
from keywright.cli.formats import CheckFormat
from keywright.cli.judge.check_reports import coloured, rendered, shown
from keywright.cli.terminal import Progress
from keywright.guardrails.engine import BrokenRuleError, check_assembly, checked_assembly, exception_targets
from keywright.guardrails.exceptions.baseline import (
    apply_baseline,
    fixed_findings,
    read_baseline,
    write_baseline,
)
from keywright.guardrails.exceptions.exceptions_file import (
    apply_exceptions,
    exceptions_file_for,
    read_exceptions,
)
from keywright.guardrails.invariants.invariants_file import invariants_at, with_unknown_names
from keywright.guardrails.results import CheckedAssembly, CheckResult, ExceptionTarget
from keywright.guardrails.verdict import check_own_assembly
from keywright.reporting.finding import Finding, Location, Severity
from keywright.reporting.text import printable

STREAM = Path("-")
"""A template on standard input."""


class UnusableInputError(Exception):
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


def all_judged(paths: Sequence[Path], terms: Terms) -> list[CheckResult]:
    """Judge what stands at each path, by several workers where that pays.

    Raises:
        UnusableInputError: A worker was stopped.
    """
    workers = 1 if STREAM in paths else terms.workers or workers_for_paths(paths)
    one = partial(_judged, terms=terms, workers=1 if len(paths) > 1 else terms.workers)
    try:
        with Progress(len(paths), "assemblies judged") as progress:
            judgements = [progress.past(each) for each in map_in_order(one, paths, workers)]
    except LostWorkerError as error:
        raise UnusableInputError(str(error)) from error
    return with_unknown_names(paths, judgements, terms.invariants)


def _judged(path: Path, terms: Terms, workers: int) -> CheckResult:
    """Judge what stands at a path; what was accepted at synthesis counts in our own assemblies alone."""
    invariants = invariants_at(path, terms.invariants)
    if path == STREAM:
        assembly = read_stream(sys.stdin.buffer.read(LARGEST_FILE + 1), "-")
        return check_assembly(assembly, own=terms.own, invariants=invariants)
    if terms.own:
        return check_own_assembly(path, terms.today, invariants)
    assembly = read_assembly(path)
    return check_assembly(
        assembly, own=False, workers=workers_within(assembly, workers), invariants=invariants
    )


def judged_instead(terms: Terms, path: Path, texts: Mapping[str, str]) -> CheckedAssembly:
    """Judge what stands at a path with other texts in some of its files."""
    return checked_assembly(
        read_assembly(path, texts), own=False, invariants=invariants_at(path, terms.invariants)
    )


def settled(paths: list[Path], judgements: list[CheckResult], terms: Terms) -> list[CheckResult]:
    """Take away what is accepted, and what is known.

    Raises:
        UnusableInputError: The baseline cannot be read.
    """
    left = _accepted(paths, judgements, terms.exceptions, terms.today)
    if terms.baseline is None:
        return left
    known = read_baseline(terms.baseline)
    if isinstance(known, Finding):
        raise UnusableInputError(str(known))
    found, past = apply_baseline(left, known), fixed_findings(left, known, terms.baseline)
    if past is not None:
        found[0] = replace(found[0], findings=(*found[0].findings, past))
    return found


def _accepted(
    paths: list[Path], judgements: list[CheckResult], exceptions: Path | None, today: date
) -> list[CheckResult]:
    """Apply each file of exceptions to what it stands beside, or the one that is named to everything."""
    files = [exceptions or exceptions_file_for(path) for path in paths]
    found: dict[int, CheckResult] = {}
    for file in dict.fromkeys(files):
        places = [place for place, its in enumerate(files) if its == file]
        given, mistakes = read_exceptions(file)
        if file == exceptions and not file.is_file():
            mistakes.append(Finding(Location(str(file)), "there is no such file"))
        beside_them = partial(_beside, [paths[place] for place in places], file)
        together = apply_exceptions([judgements[place] for place in places], given, today, beside_them)
        together[0] = replace(together[0], unusable=(*together[0].unusable, *mistakes))
        found.update(zip(places, together, strict=True))
    return [found[place] for place in range(len(paths))]


def _beside(paths: list[Path], file: Path) -> Iterable[ExceptionTarget]:
    """Give what stands in the templates beside those that were asked for, one by one, and their exceptions."""
    if any(path.is_dir() for path in paths):
        return ()
    return exception_targets(read_assembly(file.parent))


GOOD, FINDINGS, UNUSABLE, UNDECIDED = range(4)
INTERRUPTED = 130


@dataclass(frozen=True)
class Wishes:
    """What somebody wants of what was judged."""

    strict: bool
    form: CheckFormat
    output: Path | None
    write: Path | None
    fix: bool
    widening: bool
    diff: bool


@dataclass(frozen=True)
class Checking:
    """One run of the command; `run` gives its exit code."""

    paths: list[Path]
    terms: Terms
    wishes: Wishes

    def run(self) -> int:
        """Judge, and do what is wished."""
        try:
            return self._run()
        except BrokenRuleError as error:
            typer.echo(f"{printable(str(error))}; this is a mistake of keywright", err=True)
            return UNUSABLE
        except UnusableInputError as error:
            typer.echo(printable(str(error)), err=True)
            return UNUSABLE
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            return INTERRUPTED

    def _run(self) -> int:
        judgements = all_judged(self.paths, self.terms)
        left = settled(self.paths, judgements, self.terms)
        if self.wishes.write is not None:
            return _written(left, self.wishes.write)
        if self.wishes.fix or self.wishes.diff:
            return self._repaired(judgements, left)
        return self._reported(left)

    def _repaired(self, judgements: list[CheckResult], left: list[CheckResult]) -> int:
        """Fix, or show the difference that it would make; then say what is left."""
        from keywright.cli.judge.check_fixes import repair

        check = partial(judged_instead, self.terms)
        repairs = repair(self.paths, judgements, left, check, widening=self.wishes.widening)
        if self.wishes.diff:
            code = self._difference(repairs.diff(), left)
        else:
            said = repairs.write()
            if repairs.changed:
                left = settled(self.paths, all_judged(self.paths, self.terms), self.terms)
            code = self._reported(left)
            typer.echo(said, err=True)
        for each in (*repairs.failures, *repairs.notes):
            typer.echo(printable(str(each)), err=True)
        return UNUSABLE if repairs.failures else code

    def _reported(self, judgements: Sequence[CheckResult]) -> int:
        wishes = self.wishes
        report = rendered(judgements, wishes.form, strict=wishes.strict)
        is_put = shown(report, wishes.output, coloured if wishes.form is CheckFormat.TEXT else str)
        return exit_code(judgements, strict=wishes.strict) if is_put else UNUSABLE

    def _difference(self, difference: str, judgements: Sequence[CheckResult]) -> int:
        """Show a difference as it is, for `patch`; on a terminal without what would steer it."""
        typer.echo(printable(difference) if sys.stdout.isatty() else difference, nl=False)
        code = exit_code(judgements, strict=self.wishes.strict)
        return FINDINGS if difference and code != UNUSABLE else code


def _written(judgements: list[CheckResult], path: Path) -> int:
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


def exit_code(judgements: Sequence[CheckResult], *, strict: bool) -> int:
    """Say it in a number: what is unusable goes before findings, findings before what cannot be told."""
    if any(each.unusable for each in judgements):
        return UNUSABLE
    counting = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if any(each.faults(severity) for each in judgements for severity in counting):
        return FINDINGS
    return UNDECIDED if strict and any(each.undecided for each in judgements) else GOOD
