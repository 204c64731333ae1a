"""What `keywright check` judges: paths on some terms, what is accepted and known taken away."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from keywright.assembly.sources.source import LARGEST_FILE
from keywright.assembly.templates.reader import read_assembly, read_stream
from keywright.assembly.workers import LostWorkerError, in_order, workers_for, workers_within
from keywright.cli.check import STREAM
from keywright.cli.progress import Progress
from keywright.guardrails.engine import judge, judged, things_in
from keywright.guardrails.exceptions.baseline import gone, read_baseline, without_known
from keywright.guardrails.exceptions.exceptions_file import beside, read_exceptions, without_excepted
from keywright.guardrails.invariants.invariants_file import invariants_at, with_strange_names
from keywright.guardrails.judgement import Judged, Judgement, Thing
from keywright.guardrails.verdict import judge_own
from keywright.reporting.finding import Finding, Location


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


def all_judged(paths: Sequence[Path], terms: Terms) -> list[Judgement]:
    """Judge what stands at each path, by several workers where that pays.

    Raises:
        UnusableError: A worker was stopped.
    """
    workers = 1 if STREAM in paths else terms.workers or workers_for(paths)
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
    return judge(assembly, own=False, workers=workers_within(assembly, workers), invariants=invariants)


def judged_instead(terms: Terms, path: Path, texts: Mapping[str, str]) -> Judged:
    """Judge what stands at a path with other texts in some of its files."""
    return judged(read_assembly(path, texts), own=False, invariants=invariants_at(path, terms.invariants))


def settled(paths: list[Path], judgements: list[Judgement], terms: Terms) -> list[Judgement]:
    """Take away what is accepted, and what is known.

    Raises:
        UnusableError: The baseline cannot be read.
    """
    left = _accepted(paths, judgements, terms.exceptions, terms.today)
    if terms.baseline is None:
        return left
    known = read_baseline(terms.baseline)
    if isinstance(known, Finding):
        raise UnusableError(str(known))
    found, past = without_known(left, known), gone(left, known, terms.baseline)
    if past is not None:
        found[0] = replace(found[0], findings=(*found[0].findings, past))
    return found


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
