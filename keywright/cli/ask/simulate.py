"""`keywright simulate`: evaluates many requests, one JSON line each."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import Form
from keywright.reporting.exit_codes import exit_code_for
from keywright.reporting.text import WHOLE, on_one_line

if TYPE_CHECKING:
    from keywright.policy.parsing.json_text import Line
    from keywright.reasoning.evaluation.batch import Case, CaseReader
    from keywright.reasoning.evaluation.verdict import Verdict


def command(
    file: Annotated[str, typer.Argument(metavar="FILE.jsonl", help="The requests; `-` for standard input.")],
    *,
    form: Form = ReportFormat.JSON,
) -> int:
    """Evaluate many requests, one JSON line each, and write a line with the verdict for each.

    A line has `id`, `principal` (`*`: anonymous), `action`, `resource` and, where they apply,
    `identity_policies`, `resource_policy`, `permissions_boundary`, `session_policies`,
    `service_control_policies` and `resource_control_policies` (lists of levels), `resource_account`,
    `context`. A key that is not in the context is absent from the request.

    Exit codes: 0 all requests are allowed, 1 one is denied, 2 a line is unusable (reported on standard error; the others are
    answered), 3 one is undecided.
    """
    from keywright.cli.reading import json_lines, shown_name
    from keywright.cli.terminal import print_error
    from keywright.reasoning.evaluation.batch import CaseReader
    from keywright.reasoning.evaluation.evaluate import evaluate_single
    from keywright.reasoning.evaluation.verdict import Allowed, Undecided
    from keywright.reporting.finding import with_severity

    reader = CaseReader()
    unusable = denied = undecided = 0
    for line in json_lines(file):
        case = _case(reader, line, shown_name(file))
        print_error(*map(with_severity, (*case.findings, *case.warnings)))
        if case.request is not None:
            verdict = evaluate_single(case.request, case.policies)
            undecided += isinstance(verdict, Undecided)
            denied += not isinstance(verdict, Undecided | Allowed)
        else:
            unusable += 1
            if case.id is None:
                continue
            # A line with an id gets an answer in any case, so that a caller can match answers with requests.
            verdict = Undecided(f"unusable: {case.findings[0].message}")
        sys.stdout.write(_line(case.id, verdict, form))
        if file == "-":  # another program may wait for each answer
            sys.stdout.flush()
    return exit_code_for(unusable=unusable, findings=denied, undecided=undecided)


def _case(reader: "CaseReader", line: "Line", name: str) -> "Case":
    from keywright.reasoning.evaluation.batch import Case

    if line.finding is not None:
        return Case(None, None, findings=(line.finding,))
    return reader.read(line.text, name, line.number)


def _line(identifier: Any, verdict: "Verdict", form: ReportFormat) -> str:
    if form is ReportFormat.JSON:
        return json.dumps({"id": identifier, "verdict": verdict.name, "because": verdict.because}) + "\n"
    name = identifier if isinstance(identifier, str) else json.dumps(identifier)
    return on_one_line(f"{name}: {verdict.name}: {verdict.because}", WHOLE) + "\n"
