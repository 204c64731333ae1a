"""What `keywright compare` does: two documents, or a batch of pairs."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from keywright.cli.formats import ReportFormat
from keywright.policy.parsing.documents import parse, to_findings
from keywright.policy.parsing.json_text import LARGEST_TEXT, JsonText, Line, read_lines
from keywright.policy.statement import Document, Kind
from keywright.reasoning.comparison.batch import ComparisonCase, kind_of, read_comparison, read_policy_text
from keywright.reasoning.comparison.compare import (
    Comparison,
    NewAccess,
    NoNewAccess,
    UndecidedComparison,
    compare,
)
from keywright.reasoning.witnesses.replay import explain_change
from keywright.reporting.finding import Finding, Location, Severity
from keywright.reporting.text import printable


@dataclass(slots=True)
class Tally:
    """What decides the exit code: an unusable input before new access, new access before an undecided comparison."""

    unusable: int = 0
    new: int = 0
    undecided: int = 0

    def count(self, comparison: Comparison) -> None:
        """Count one answer."""
        self.new += isinstance(comparison, NewAccess)
        self.undecided += isinstance(comparison, UndecidedComparison)

    @property
    def exit_code(self) -> int:
        """Give 2, 1, 3 or 0."""
        return 2 if self.unusable else 1 if self.new else 3 if self.undecided else 0


def compare_two(old: Path, new: Path, kind: Kind | None, form: ReportFormat) -> int:
    """Compare two files, say how, and give the exit code."""
    values = [_json_of(path) for path in (old, new)]
    if not all(values):
        return 2
    (before, before_source), (after, after_source) = (each for each in values if each is not None)
    kind = kind or kind_of(before, after)
    documents = [_read(before, before_source, kind), _read(after, after_source, kind)]
    if any(document.unread for document in documents):
        return 2
    comparison = compare(*documents)
    tally = Tally()
    tally.count(comparison)
    if form is ReportFormat.JSON:
        print(json.dumps(_as_json(comparison)))
    else:
        print(printable(in_words(comparison, *documents)))
    return tally.exit_code


def _json_of(path: Path) -> tuple[Any, JsonText] | None:
    try:
        text = _text_of(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        tell(Finding(Location(str(path)), f"the file can't be read: {(reason or str(error)).lower()}"))
        return None
    source = JsonText(text, str(path))
    value, findings = read_policy_text(source)
    for finding in findings:
        tell(finding)
    return None if findings else (value, source)


def _text_of(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(LARGEST_TEXT + 1).decode("utf-8-sig")


def _read(value: Any, source: JsonText, kind: Kind) -> Document:
    document, notes = parse(value, source.file, kind)
    bad = [note for note in notes if note.is_unclear]
    doubtful = [note for note in notes if not note.is_unclear]
    for finding in to_findings(bad, source.file, source.locate):
        tell(finding)
    for finding in to_findings(doubtful, source.file, source.locate):
        tell(replace(finding, severity=Severity.WARNING))
    return document


def compare_batch(name: str, form: ReportFormat) -> int:
    """Answer each line of a file, and give the exit code."""
    tally = Tally()
    file = "<stdin>" if name == "-" else name
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as stream:
            for line in answers(stream, file, tally, form):
                sys.stdout.write(line)
    except BrokenPipeError:
        raise
    except OSError as error:
        tell(Finding(Location(file), f"the file can't be read: {(error.strerror or str(error)).lower()}"))
        return 2
    return tally.exit_code


def answers(stream: BinaryIO, file: str, tally: Tally, form: ReportFormat) -> Iterator[str]:
    """Yield the answer to each case as it is read; tell at once what is wrong with a line."""
    for line in read_lines(stream, file):
        case = _case(line, file)
        for finding in (*case.findings, *case.warnings):
            tell(finding)
        if case.documents is None:
            tally.unusable += 1
            if case.id is not None:
                reason = f"unusable: {case.findings[0].message}"
                yield _written(case.id, UndecidedComparison(reason), None, form)
            continue
        comparison = compare(*case.documents)
        tally.count(comparison)
        yield _written(case.id, comparison, case.documents, form)


def _case(line: Line, file: str) -> ComparisonCase:
    if line.finding is not None:
        return ComparisonCase(None, None, (line.finding,))
    return read_comparison(line.text, file, line.number)


def _written(
    identifier: Any, comparison: Comparison, documents: tuple[Document, Document] | None, form: ReportFormat
) -> str:
    if form is ReportFormat.JSON:
        return json.dumps({"id": identifier} | _as_json(comparison)) + "\n"
    name = identifier if isinstance(identifier, str) else json.dumps(identifier)
    words = in_words(comparison, *documents) if documents else in_words(comparison)
    return printable(f"{name}: {words}\n")


def _as_json(comparison: Comparison) -> dict[str, Any]:
    answer: dict[str, Any] = {"verdict": comparison.name, "witness": None}
    if isinstance(comparison, NewAccess):
        answer["witness"] = comparison.witness.to_json()
    if isinstance(comparison, UndecidedComparison):
        answer["because"] = comparison.reason
    return answer


def in_words(comparison: Comparison, *documents: Document) -> str:
    """Say the answer for people; of new access also which statement permits it and why it was not permitted before."""
    if isinstance(comparison, NoNewAccess):
        return "no new access: whatever the new policy permits, the old one did"
    if isinstance(comparison, UndecidedComparison):
        return f"undecided: {comparison.reason}"
    witness = comparison.witness
    lines = [f"new access: for instance `{witness.action}` on `{witness.resource}` by `{witness.principal}`"]
    lines += [f"  with {key} = {', '.join(values)}" for key, values in sorted(witness.context.items())]
    if witness.resource_account:
        lines.append(f"  where the resource belongs to account {witness.resource_account}")
    if documents:
        was, now = explain_change(witness.request, *documents)
        lines += [f"  before: {was}", f"  now: {now}"]
    return "\n".join(lines)


def tell(finding: Finding) -> None:
    """Say on standard error what is wrong and where."""
    place, _, words = str(finding).partition(": ")
    kind = "warning: " if finding.severity is Severity.WARNING else ""
    print(printable(f"{place}: {kind}{words}"), file=sys.stderr)
