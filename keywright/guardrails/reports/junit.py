"""Results as JUnit XML, for build servers: a test suite for each template, a test case for each rule.

Source: the schema that Jenkins, GitLab ("Unit test reports") and others read; there is no standard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from keywright.guardrails.reports.rendering import printable
from keywright.guardrails.rule import all_rules
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.guardrails.results import CheckResult


def render_junit(results: Sequence[CheckResult], *, strict: bool = False) -> str:
    """Write a case for each rule and template: failed, undecided (skipped, with `strict` failed) or passed."""
    root = Element("testsuites", name="keywright check")
    for result in results:
        for file in dict.fromkeys([*result.files, *(each.location.file for each in result.findings)]):
            _suite(root, file, result, strict=strict)
        if result.unusable:
            _unusable(root, result)
        for note in result.notes:
            suite = SubElement(root, "testsuite", name="notes")
            case = SubElement(suite, "testcase", classname=printable(note.location.file), name="note")
            SubElement(case, "system-out").text = printable(str(note))
            _count(suite)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True)


def _suite(root: Element, file: str, result: CheckResult, *, strict: bool) -> None:
    found = [each for each in result.findings if each.location.file == file]
    suite = SubElement(root, "testsuite", name=printable(file))
    # Rules without findings are listed as passed, so that a build server shows what was checked.
    codes = [
        *(all_rules() if file in result.files else ()),
        *sorted({each.rule for each in found} - {*all_rules()}),
    ]
    for code in codes:
        title = all_rules()[code].title if code in all_rules() else "can be checked"
        case = SubElement(suite, "testcase", classname=printable(file), name=f"{code} {title}".strip())
        _answer(case, [each for each in found if each.rule == code], strict=strict)
    _count(suite)


def _answer(case: Element, found: list[Finding], *, strict: bool) -> None:
    failing = [each for each in found if _fails(each, strict=strict)]
    if failing:
        kind = "undecided" if failing[0].outcome is Outcome.UNDECIDED else str(failing[0].severity)
        SubElement(case, "failure", message=printable(failing[0].message), type=kind).text = _lines(failing)
    elif any(each.outcome is Outcome.UNDECIDED for each in found):
        SubElement(case, "skipped", message=printable(found[0].message))
    rest = [each for each in found if each not in failing]
    if rest:
        SubElement(case, "system-out").text = _lines(rest)


def _fails(finding: Finding, *, strict: bool) -> bool:
    if finding.outcome is Outcome.UNDECIDED:
        return strict
    return finding.severity is Severity.ERROR or (strict and finding.severity is Severity.WARNING)


def _lines(findings: Sequence[Finding]) -> str:
    return "\n".join(printable(str(each)) for each in findings)


def _unusable(root: Element, result: CheckResult) -> None:
    suite = SubElement(root, "testsuite", name="unusable")
    for each in result.unusable:
        case = SubElement(suite, "testcase", classname=printable(each.location.file), name="can be read")
        SubElement(case, "error", message=printable(each.message), type="unusable").text = printable(
            str(each)
        )
    _count(suite)


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
