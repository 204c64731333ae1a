"""The work of `keywright compare`: two documents, or a batch of pairs."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keywright.cli.errors import CommandError, unreadable
from keywright.cli.formats import ReportFormat
from keywright.cli.reading import json_lines, shown_name
from keywright.cli.terminal import print_error
from keywright.policy.parsing.documents import parse, to_findings
from keywright.policy.parsing.json_text import LARGEST_TEXT, JsonText, Line
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
from keywright.reporting.exit_codes import UNUSABLE, exit_code_for
from keywright.reporting.finding import Severity, with_severity
from keywright.reporting.text import joined, printable


def compare_two(old: Path, new: Path, kind: Kind | None, form: ReportFormat) -> int:
    """Compare two files, print the answer, and give the exit code."""
    (before, before_source), (after, after_source) = _json_of(old), _json_of(new)
    kind = kind or kind_of(before, after)
    documents = [_read(before, before_source, kind), _read(after, after_source, kind)]
    # A comparison with an unread element could only be undecided; the element is the mistake to correct.
    if any(document.unread for document in documents):
        return UNUSABLE
    comparison = compare(*documents)
    if form is ReportFormat.JSON:
        print(json.dumps(_as_json(comparison)))
    else:
        print(printable(_in_words(comparison, *documents)))
    return exit_code_for(
        findings=isinstance(comparison, NewAccess), undecided=isinstance(comparison, UndecidedComparison)
    )


def _json_of(path: Path) -> tuple[Any, JsonText]:
    try:
        with path.open("rb") as stream:
            # One byte more than allowed lets the reader refuse the file without reading all of it.
            text = stream.read(LARGEST_TEXT + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    source = JsonText(text, str(path))
    value, findings = read_policy_text(source)
    if findings:
        raise CommandError("\n".join(map(with_severity, findings)))
    return value, source


def _read(value: Any, source: JsonText, kind: Kind) -> Document:
    document, notes = parse(value, source.file, kind)
    unclear = to_findings([note for note in notes if note.is_unclear], source.file, source.locate)
    doubtful = to_findings([note for note in notes if not note.is_unclear], source.file, source.locate)
    print_error(*map(with_severity, unclear))
    print_error(*(with_severity(replace(each, severity=Severity.WARNING)) for each in doubtful))
    return document


@dataclass(slots=True)
class _Tally:
    """Counts what decides the exit code."""

    unusable: int = 0
    findings: int = 0
    undecided: int = 0


def compare_batch(name: str, form: ReportFormat) -> int:
    """Answer each line of a file as it is read, and give the exit code."""
    tally = _Tally()
    for line in json_lines(name):
        for answer in _answer(_case(line, shown_name(name)), tally, form):
            sys.stdout.write(answer)
    return exit_code_for(unusable=tally.unusable, findings=tally.findings, undecided=tally.undecided)


def _answer(case: ComparisonCase, tally: _Tally, form: ReportFormat) -> Iterator[str]:
    """Yield the answer; an unusable case with an id is answered as undecided, one without is not answered."""
    print_error(*map(with_severity, (*case.findings, *case.warnings)))
    if case.documents is None:
        tally.unusable += 1
        if case.id is not None:
            reason = f"unusable: {case.findings[0].message}"
            yield _line(case.id, UndecidedComparison(reason), (), form)
        return
    comparison = compare(*case.documents)
    tally.findings += isinstance(comparison, NewAccess)
    tally.undecided += isinstance(comparison, UndecidedComparison)
    yield _line(case.id, comparison, case.documents, form)


def _case(line: Line, file: str) -> ComparisonCase:
    if line.finding is not None:
        return ComparisonCase(None, None, (line.finding,))
    return read_comparison(line.text, file, line.number)


def _line(
    identifier: Any, comparison: Comparison, documents: tuple[Document, ...], form: ReportFormat
) -> str:
    if form is ReportFormat.JSON:
        return json.dumps({"id": identifier} | _as_json(comparison)) + "\n"
    name = identifier if isinstance(identifier, str) else json.dumps(identifier)
    return printable(f"{name}: {_in_words(comparison, *documents)}\n")


def _as_json(comparison: Comparison) -> dict[str, Any]:
    answer: dict[str, Any] = {"verdict": comparison.name, "witness": None}
    if isinstance(comparison, NewAccess):
        answer["witness"] = comparison.witness.to_json()
    if isinstance(comparison, UndecidedComparison):
        answer["because"] = comparison.reason
    return answer


def _in_words(comparison: Comparison, *documents: Document) -> str:
    """Write the answer for people; for new access also which statement allows it and why it was not allowed before."""
    if isinstance(comparison, NoNewAccess):
        return "no new access: the old policy allows everything that the new policy allows"
    if isinstance(comparison, UndecidedComparison):
        return f"undecided: {comparison.reason}"
    witness = comparison.witness
    lines = [f"new access: for example `{witness.action}` on `{witness.resource}` by `{witness.principal}`"]
    lines += [f"  with {key} = {joined(values)}" for key, values in sorted(witness.context.items())]
    if witness.resource_account:
        lines.append(f"  with the resource in account {witness.resource_account}")
    if documents:
        was, now = explain_change(witness.request, *documents)
        lines += [f"  before: {was}", f"  now: {now}"]
    return "\n".join(lines)
