"""`keywright simulate`: many requests, one JSON line each."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from keywright.cli.formats import ReportFormat
from keywright.policy.parsing.json_text import Line, read_lines
from keywright.reasoning.evaluation.batch import Case, CaseReader
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.verdict import Allowed, Undecided, Verdict
from keywright.reporting.finding import Finding, Location, Severity


@dataclass(slots=True)
class Tally:
    """What decides the exit code: an unusable line before a denial, a denial before an undecided case."""

    unusable: int = 0
    denied: int = 0
    undecided: int = 0

    @property
    def exit_code(self) -> int:
        """Give 2, 1, 3 or 0."""
        return 2 if self.unusable else 1 if self.denied else 3 if self.undecided else 0


def command(
    file: Annotated[str, typer.Argument(metavar="FILE.jsonl", help="The cases; `-` reads standard input.")],
    *,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="A JSON line a case, or text.")
    ] = ReportFormat.JSON,
) -> int:
    """Evaluate many requests, one JSON line each, and write a line with the verdict for each.

    A line holds `id`, `principal` (`*`: anonymous), `action`, `resource` and, where they apply,
    `identity_policies`, `resource_policy`, `permissions_boundary`, `session_policies`,
    `service_control_policies` and `resource_control_policies` (lists of levels), `resource_account`,
    `context`. A key that the context lacks is absent from the request.

    Exit code: 2 when a line was unusable (said on standard error; the others are answered), 1 when a request is
    denied, 3 when one is undecided, 0 when all are allowed.
    """
    tally = Tally()
    name = "<stdin>" if file == "-" else file
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as stream:
            for line in answers(stream, name, tally, form):
                sys.stdout.write(line)
                if file == "-":
                    sys.stdout.flush()
    except BrokenPipeError:
        raise  # whoever read the answers left; the command line ends quietly
    except OSError as error:
        tell(Finding(Location(name), f"the file can't be read: {(error.strerror or str(error)).lower()}"))
        return 2
    return tally.exit_code


def answers(stream: BinaryIO, name: str, tally: Tally, form: ReportFormat) -> Iterator[str]:
    """Yield the answer to each case as it is read; tell at once what is wrong with a line."""
    reader = CaseReader()
    for line in read_lines(stream, name):
        case = _case(reader, line, name)
        for finding in (*case.findings, *case.warnings):
            tell(finding)
        verdict = _verdict(case, tally)
        if verdict is not None:
            yield _written(case.id, verdict, form)


def _case(reader: CaseReader, line: Line, name: str) -> Case:
    if line.finding is not None:
        return Case(None, None, findings=(line.finding,))
    return reader.read(line.text, name, line.number)


def _verdict(case: Case, tally: Tally) -> Verdict | None:
    """Decide a case and count it; an unusable one with an id is answered as undecided, another not at all."""
    if case.request is None:
        tally.unusable += 1
        return None if case.id is None else Undecided(f"unusable: {case.findings[0].message}")
    verdict = evaluate(case.request, case.policies)
    if isinstance(verdict, Undecided):
        tally.undecided += 1
    elif not isinstance(verdict, Allowed):
        tally.denied += 1
    return verdict


def _written(identifier: Any, verdict: Verdict, form: ReportFormat) -> str:
    if form is ReportFormat.JSON:
        answer = {"id": identifier, "verdict": verdict.name, "because": verdict.because}
        return json.dumps(answer) + "\n"
    name = identifier if isinstance(identifier, str) else json.dumps(identifier)
    return _printable(f"{name}: {verdict.name}: {verdict.because}") + "\n"


def tell(finding: Finding) -> None:
    """Say on standard error what is wrong and where."""
    place, _, words = str(finding).partition(": ")
    kind = "warning: " if finding.severity is Severity.WARNING else ""
    print(_printable(f"{place}: {kind}{words}"), file=sys.stderr)


def _printable(text: str) -> str:
    """Escape what a terminal would act on or can't show."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
