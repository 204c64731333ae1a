"""Results as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keywright.guardrails.exceptions.baseline import baseline_key
from keywright.guardrails.reports.rendering import printable
from keywright.guardrails.rule import all_rules
from keywright.reporting.finding import Edit, Finding, Fix, Location, Outcome, Severity
from keywright.reporting.sarif import notification, physical, sarif_of, uri_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.guardrails.results import CheckResult
    from keywright.guardrails.rule import Rule

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
_EXCEPTIONS = "exceptions"
"""The rule id of findings about exceptions, and about templates that are known only at deployment."""


def render_sarif(results: Sequence[CheckResult]) -> str:
    """Write one run with the findings and their rules; unusable input becomes a notification."""
    found = [each for result in results for each in result.findings]
    ids = sorted({each.rule or _EXCEPTIONS for each in found})
    unusable = [each for result in results for each in result.unusable]
    notes = [each for result in results for each in result.notes]
    document = sarif_of(
        "Keywright",
        [_rule(each) for each in ids],
        [_result(each, ids) for each in found],
        [
            *(notification(_message(each), each.location) for each in unusable),
            *(notification(_message(each), each.location, level="note") for each in notes),
        ],
    )
    return json.dumps(document, indent=1)


def _rule(code: str) -> dict[str, Any]:
    rule: Rule | None = all_rules().get(code)
    if rule is None:
        return {
            "id": code,
            "shortDescription": {"text": "undecided findings, and exceptions that match nothing"},
        }
    return {
        "id": code,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.page, "markdown": f"```text\n{rule.page}\n```"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, ids: list[str]) -> dict[str, Any]:
    code = finding.rule or _EXCEPTIONS
    undecided = finding.outcome is Outcome.UNDECIDED
    result: dict[str, Any] = {
        "ruleId": code,
        "ruleIndex": ids.index(code),
        # SARIF has a kind for results that a person has to decide.
        "kind": "review" if undecided else "fail",
        "level": "none" if undecided else _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_place(finding.location, finding)],
        "partialFingerprints": {"keywright/v1": _fingerprint(finding)},
    }
    if finding.see:
        result["relatedLocations"] = [{"id": index, **_place(each)} for index, each in enumerate(finding.see)]
    if finding.fix:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _fix(fix: Fix) -> dict[str, Any]:
    """Write a fix as edits of one file; SARIF has no property for a fix that adds access, so its description says so."""
    note = " (adds access)" if fix.widens else ""
    change = {
        "artifactLocation": {"uri": uri_of(fix.edits[0].start.file)},
        "replacements": [_replacement(each) for each in fix.edits],
    }
    return {"description": {"text": printable(f"{fix.message}{note}")}, "artifactChanges": [change]}


def _replacement(edit: Edit) -> dict[str, Any]:
    region = {
        "startLine": edit.start.line,
        "startColumn": edit.start.column,
        "endLine": edit.end.line,
        "endColumn": edit.end.column,
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


def _message(finding: Finding) -> str:
    parts = [finding.message]
    parts += [f"found {finding.found}"] if finding.found else []
    parts += [f"accepted: {finding.accepted}"] if finding.accepted else []
    return printable("; ".join(parts))


def _fingerprint(finding: Finding) -> str:
    # Without the line, so that a finding keeps its identity when other lines change.
    return sha256("\n".join(baseline_key(finding)).encode()).hexdigest()


def _place(location: Location, finding: Finding | None = None) -> dict[str, Any]:
    named = [each for each in (finding.path, finding.resource) if each] if finding else []
    logical = [{"fullyQualifiedName": printable(each), "kind": "resource"} for each in named]
    return {"physicalLocation": physical(location), **({"logicalLocations": logical} if logical else {})}
