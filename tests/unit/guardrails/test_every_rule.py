"""Properties of all rules."""

import re
from pathlib import Path

import pytest

from keywright.guardrails.engine import BrokenRuleError, check_assembly, lower_severity
from keywright.guardrails.reports.rule_pages import SECTIONS, Page, pages, write
from keywright.guardrails.rule import Rule, all_rules, rule_of
from keywright.guardrails.rules import tru001_trust_policy_not_public
from keywright.guardrails.subjects.kinds import SUBJECTS
from keywright.reporting.finding import Outcome, Severity
from tests.unit.guardrails.builders import as_resources, assemble, findings, role
from tests.unit.guardrails.faults import FAULTS

RULES = [pytest.param(rule, id=rule.code) for rule in all_rules().values()]
EXAMPLES = {
    heading: [
        pytest.param(rule, example, id=f"{rule.code}-{number}")
        for rule in all_rules().values()
        for number, example in enumerate(Page(rule).examples(heading))
    ]
    for heading in ("Refused", "Accepted")
}


@pytest.mark.parametrize("rule", RULES)
def test_has_all_parts_of_a_rule(rule: Rule, root: Path) -> None:
    """A new rule fails here by name until all its parts exist; an invariant has no fault, as it is declared by hand."""
    name = rule.check.__module__.rsplit(".", 1)[1]
    assert re.fullmatch(rf"{rule.code.lower()}_[a-z0-9_]+", name), "name the file `<code>_<title>.py`"
    assert rule.subject in SUBJECTS, f"take one of {[each.__name__ for each in SUBJECTS]}"
    page = Page(rule)
    assert tuple(page.sections) == SECTIONS
    assert all(page.sections.values())
    assert rule.title, "begin the docstring with `<code>: <title>.`"
    assert page.heading == f"{rule.code}: {rule.title}."
    written = root / "docs/rules" / f"{rule.code}.md"
    assert written.is_file(), "run `python -m keywright.guardrails.reports.rule_pages`"
    assert written.read_text() == page.markdown(), "run `python -m keywright.guardrails.reports.rule_pages`"
    messages = (root / "tests/golden/check/rules.txt").read_text()
    assert f"=== {rule.code}: {rule.title}\n" in messages, (
        "run `pytest tests/unit/guardrails/test_rule_messages.py --snapshot-update`"
    )
    has_fault = rule.code.startswith("INV") or rule.code in {fault.code for fault in FAULTS}
    assert has_fault, f"add a fault for {rule.code} to tests/unit/guardrails/faults.py"


@pytest.mark.parametrize(("rule", "example"), EXAMPLES["Refused"])
def test_refuses_the_failing_examples_of_its_page(tmp_path: Path, rule: Rule, example: str) -> None:
    found = findings(tmp_path, rule.code, as_resources(rule, example))
    assert {(each.rule, each.outcome) for each in found} == {(rule.code, Outcome.FAULT)}
    assert all(each.message and each.found and each.accepted for each in found)
    foreign = findings(tmp_path, rule.code, as_resources(rule, example), own=False)
    heaviest = Severity.WARNING if rule.is_convention else rule.severity
    assert all(lower_severity(each.severity, heaviest) is each.severity for each in foreign)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES["Accepted"])
def test_accepts_the_passing_examples_of_its_page(tmp_path: Path, rule: Rule, example: str) -> None:
    """No other rule has an error on the example either: pages show what readers copy."""
    assert findings(tmp_path, rule.code, as_resources(rule, example)) == []
    found = check_assembly(assemble(tmp_path, as_resources(rule, example)), own=False).findings
    assert [
        each.rule for each in found if each.severity is Severity.ERROR and each.outcome is Outcome.FAULT
    ] == []


def test_the_pages_are_current(root: Path) -> None:
    written = {path.name: path.read_text() for path in (root / "docs/rules").glob("*.md")}
    assert written == pages(), "run `python -m keywright.guardrails.reports.rule_pages`"


def test_writing_the_pages_removes_pages_of_deleted_rules(tmp_path: Path) -> None:
    (tmp_path / "OLD001.md").write_text("gone")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(pages())


def test_a_rule_that_crashes_does_not_pass(tmp_path: Path) -> None:
    def check(statement):
        raise KeyError(statement.label)

    broken = rule_of(tru001_trust_policy_not_public)
    broken = Rule(**{**vars(broken), "check": check})
    assembly = assemble(tmp_path, {"Reader": role({"Effect": "Allow"})})
    with pytest.raises(
        BrokenRuleError, match=r"rule TRU001 failed on .*stack\.template\.json:1:\d+: KeyError"
    ):
        check_assembly(assembly, own=True, rules={"TRU001": broken})
