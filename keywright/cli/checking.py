"""What `keywright check` does with what it judged: write it, fix it, or know it from now on."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typer

from keywright.cli.judged import Terms, UnusableError, all_judged, judged_instead, settled
from keywright.cli.report_format import Format
from keywright.cli.reports import coloured, rendered, shown
from keywright.guardrails.engine import BrokenRuleError
from keywright.guardrails.exceptions.baseline import write_baseline
from keywright.guardrails.judgement import Judgement
from keywright.reporting.finding import Severity
from keywright.reporting.text import printable

GOOD, FINDINGS, UNUSABLE, UNDECIDED = range(4)
INTERRUPTED = 130

__all__ = ["Checking", "Terms", "Wishes", "exit_code"]


@dataclass(frozen=True)
class Wishes:
    """What somebody wants of what was judged."""

    strict: bool
    form: Format
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
        except UnusableError as error:
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

    def _repaired(self, judgements: list[Judgement], left: list[Judgement]) -> int:
        """Fix, or show the difference that it would make; then say what is left."""
        from keywright.cli.repairs import repair  # noqa: PLC0415 - loaded by who asks for it

        judge = partial(judged_instead, self.terms)
        repairs = repair(self.paths, judgements, left, judge, widening=self.wishes.widening)
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

    def _reported(self, judgements: Sequence[Judgement]) -> int:
        wishes = self.wishes
        report = rendered(judgements, wishes.form, strict=wishes.strict)
        is_put = shown(report, wishes.output, coloured if wishes.form is Format.TEXT else str)
        return exit_code(judgements, strict=wishes.strict) if is_put else UNUSABLE

    def _difference(self, difference: str, judgements: Sequence[Judgement]) -> int:
        """Show a difference as it is, for `patch`; on a terminal without what would steer it."""
        typer.echo(printable(difference) if sys.stdout.isatty() else difference, nl=False)
        code = exit_code(judgements, strict=self.wishes.strict)
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


def exit_code(judgements: Sequence[Judgement], *, strict: bool) -> int:
    """Say it in a number: what is unusable goes before findings, findings before what cannot be told."""
    if any(each.unusable for each in judgements):
        return UNUSABLE
    counting = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if any(each.faults(severity) for each in judgements for severity in counting):
        return FINDINGS
    return UNDECIDED if strict and any(each.undecided for each in judgements) else GOOD
