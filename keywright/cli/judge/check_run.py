"""The work of `keywright check`: check each path, apply exceptions and baseline, then report or fix."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import typer

from keywright.assembly.sources.template_file import LARGEST
from keywright.assembly.templates.reader import read_assembly, read_stream
from keywright.assembly.workers import LostWorkerError, map_in_order, workers_for_paths
from keywright.cli.errors import CommandError, KeywrightBugError, unwritable
from keywright.cli.formats import CheckFormat, Profile
from keywright.cli.terminal import Progress, print_error, write_report
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
from keywright.guardrails.reports.rendering import UNDECIDED as UNDECIDED_LABEL
from keywright.guardrails.reports.rendering import render_github, render_json, render_text
from keywright.guardrails.results import UNDECLARED, CheckedAssembly, CheckResult, ExceptionTarget
from keywright.guardrails.rule import without_conventions
from keywright.guardrails.verdict import check_own_assembly, check_path
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNUSABLE, exit_code_for
from keywright.reporting.finding import Finding, Location, Severity
from keywright.reporting.text import counted, printable

_STANDARD_INPUT = Path("-")
_COLOURS = {"error": "red", "warning": "yellow", "advice": "blue", UNDECIDED_LABEL: "magenta"}


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """The arguments and options of the command."""

    paths: list[Path]
    own: bool
    profile: Profile
    exceptions: Path | None
    invariants: Path | None
    baseline: Path | None
    today: date
    workers: int
    strict: bool
    form: CheckFormat
    output: Path | None
    write_baseline: Path | None
    fix: bool
    widening: bool
    diff: bool


def check(options: CheckOptions) -> int:
    """Check the paths, report or fix what is found, and give the exit code."""
    try:
        results = _check_all(options)
        left = _without_accepted(results, options)
        if options.write_baseline is not None:
            return _write_baseline(left, options.write_baseline)
        if options.fix or options.diff:
            return _fix(results, left, options)
        return _report(left, options)
    except BrokenRuleError as error:
        raise KeywrightBugError(error) from error
    except LostWorkerError as error:
        raise CommandError(error) from error


# Checking


def _check_all(options: CheckOptions) -> list[CheckResult]:
    """Check each path, in several processes where that is faster."""
    paths = options.paths
    # Standard input cannot be read in another process.
    workers = 1 if _STANDARD_INPUT in paths else options.workers or workers_for_paths(paths)
    # With several paths each worker has a path, and more processes within it would only compete.
    one = partial(_check_path, options=options, workers=1 if len(paths) > 1 else options.workers)
    with Progress(len(paths), "assemblies checked") as progress:
        results = [progress.past(each) for each in map_in_order(one, paths, workers)]
    return with_unknown_names(paths, results, options.invariants)


def _check_path(path: Path, options: CheckOptions, workers: int) -> CheckResult:
    """Check one path. What a synthesis accepted applies only to an assembly with its signature, or with `--own`."""
    invariants = invariants_at(path, options.invariants)
    if path == _STANDARD_INPUT:
        # One byte more than allowed shows that the input is too large.
        assembly = read_stream(sys.stdin.buffer.read(LARGEST + 1), "-")
        return check_assembly(assembly, own=options.own, invariants=invariants)
    if options.own:
        return check_own_assembly(path, options.today, invariants)
    return check_path(path, options.today, invariants, workers)


def _check_with_texts(options: CheckOptions, path: Path, texts: Mapping[str, str]) -> CheckedAssembly:
    """Check a path as if some of its files had other texts."""
    invariants = invariants_at(path, options.invariants)
    return checked_assembly(read_assembly(path, texts), own=False, invariants=invariants)


# Exceptions and baseline


def _without_accepted(results: list[CheckResult], options: CheckOptions) -> list[CheckResult]:
    """Leave out the findings that an exception accepts, that the baseline has, or that the profile leaves out."""
    left = _apply_exceptions(results, options)
    if options.profile is Profile.DEFAULT:
        left = [each if _is_ours(each, options) else without_conventions(each) for each in left]
    if options.baseline is None:
        return left
    known = read_baseline(options.baseline)
    if isinstance(known, Finding):
        raise CommandError(known)
    found, fixed = apply_baseline(left, known), fixed_findings(left, known, options.baseline)
    if fixed is not None:
        found[0] = replace(found[0], findings=(*found[0].findings, fixed))
    return found


def _is_ours(result: CheckResult, options: CheckOptions) -> bool:
    """Tell whether an assembly is ours: by option, or by the signature with which it says what its synthesis accepted."""
    return options.own or result.names is not UNDECLARED


def _apply_exceptions(results: list[CheckResult], options: CheckOptions) -> list[CheckResult]:
    """Apply each exceptions file to the paths beside it, or the one that is named to all paths."""
    paths = options.paths
    files = [options.exceptions or exceptions_file_for(path) for path in paths]
    found: dict[int, CheckResult] = {}
    for file in dict.fromkeys(files):
        places = [place for place, its in enumerate(files) if its == file]
        given, mistakes = read_exceptions(file)
        if file == options.exceptions and not file.is_file():
            mistakes.append(Finding(Location(str(file)), "there is no such file"))
        others = partial(_targets_beside, [paths[place] for place in places], file)
        together = apply_exceptions([results[place] for place in places], given, options.today, others)
        together[0] = replace(together[0], unusable=(*together[0].unusable, *mistakes))
        found.update(zip(places, together, strict=True))
    return [found[place] for place in range(len(paths))]


def _targets_beside(paths: list[Path], file: Path) -> Iterable[ExceptionTarget]:
    """Give what an exception may be for in the other templates of a folder, when single templates are checked."""
    # With the whole folder, an exception that matches nothing is out of date.
    if any(path.is_dir() for path in paths):
        return ()
    return exception_targets(read_assembly(file.parent))


# Reports


def exit_code(results: Sequence[CheckResult], *, strict: bool) -> int:
    """Give the exit code: unusable before findings, findings before undecided."""
    severities = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    return exit_code_for(
        unusable=any(each.unusable for each in results),
        findings=any(each.faults(severity) for each in results for severity in severities),
        undecided=strict and any(each.undecided for each in results),
    )


def _report(results: Sequence[CheckResult], options: CheckOptions) -> int:
    report = _render(results, options)
    write_report(report, options.output, coloured if options.form is CheckFormat.TEXT else str)
    return exit_code(results, strict=options.strict)


def _render(results: Sequence[CheckResult], options: CheckOptions) -> str:
    match options.form:
        case CheckFormat.SARIF:
            from keywright.guardrails.reports.sarif import render_sarif

            return render_sarif(results)
        case CheckFormat.JUNIT:
            from keywright.guardrails.reports.junit import render_junit

            return render_junit(results, strict=options.strict)
        case CheckFormat.JSON:
            return render_json(results)
        case CheckFormat.GITHUB:
            return render_github(results)
        case CheckFormat.TEXT:
            return render_text(results, options.today)


def coloured(report: str) -> str:
    """Colour the severities of a report."""
    return "\n".join(map(_coloured_line, report.split("\n")))


def _coloured_line(line: str) -> str:
    for label, colour in _COLOURS.items():
        if line.startswith((f"  {label} ", f"  {label}:")):
            return f"  {typer.style(label, fg=colour, bold=True)}{line.removeprefix(f'  {label}')}"
    return line


def _write_baseline(results: list[CheckResult], file: Path) -> int:
    """Write a baseline; a file that can't be read adds nothing to it."""
    print_error(*(each for result in results for each in (*result.notes, *result.unusable)))
    try:
        count = write_baseline(results, file)
    except OSError as error:
        raise unwritable(file, error) from error
    typer.echo(f"{counted(count, 'finding')} in the baseline")
    return UNUSABLE if any(each.unusable for each in results) else GOOD


# Fixes


def _fix(results: list[CheckResult], left: list[CheckResult], options: CheckOptions) -> int:
    """Fix what can be fixed, or show the diff; then report what is left."""
    from keywright.cli.judge.check_fixes import apply_all_fixes

    check_texts = partial(_check_with_texts, options)
    fixes = apply_all_fixes(options.paths, results, left, check_texts, widening=options.widening)
    if options.diff:
        diff = fixes.diff()
        # `patch` needs the diff as it is; a terminal must not act on what a template contains.
        typer.echo(printable(diff) if sys.stdout.isatty() else diff, nl=False)
        print_error(*(note for result in left for note in result.notes))
        code = exit_code(left, strict=options.strict)
        code = FINDINGS if diff and code != UNUSABLE else code
    else:
        done = fixes.write()
        if fixes.changed:
            # Checked again from the files, so that the report is about what was written.
            left = _without_accepted(_check_all(options), options)
        code = _report(left, options)
        print_error(done)
    print_error(*fixes.failures, *fixes.notes)
    return UNUSABLE if fixes.failures else code
