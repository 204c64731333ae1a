"""The messages of each rule for the failing examples of its page; `--snapshot-update` rewrites them."""

from pathlib import Path

import pytest

from keywright.guardrails.reports.rule_pages import Page
from keywright.guardrails.rule import all_rules
from tests.unit.guardrails.builders import as_resources, findings

GOLDEN = Path("tests/golden/check/rules.txt")


def messages_in(folder: Path) -> str:
    lines: list[str] = []
    for code, rule in all_rules().items():
        lines.append(f"=== {code}: {rule.title}")
        for number, example in enumerate(Page(rule).examples("Refused")):
            found = findings(folder / code / str(number), code, as_resources(rule, example), own=False)
            lines += [f"{each.severity} {str(each).partition('.template.json:')[2]}" for each in found]
    return "\n".join(lines) + "\n"


def test_every_message_reads_as_reviewed(tmp_path: Path, root: Path, request: pytest.FixtureRequest) -> None:
    text, path = messages_in(tmp_path), root / GOLDEN
    if request.config.getoption("--snapshot-update"):
        path.write_text(text)
    assert text == path.read_text()


def test_every_rule_has_a_message(root: Path) -> None:
    paragraphs = (root / GOLDEN).read_text().split("=== ")[1:]
    assert [each[:6] for each in paragraphs] == list(all_rules())
    assert all(each.count("\n") > 1 for each in paragraphs)
