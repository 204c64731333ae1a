"""The measurement of false positives: the list of files, the assessment of a sample, and the page about it."""

from __future__ import annotations

import csv
import json
import re

import pytest

from benchmarks.false_positives import LIST, MANAGED, PAGE, Sample, assessment, measure, page, why_false
from keywright.guardrails.rule import all_rules

SMS = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}


def sample(*statements: dict[str, object], name: str = "send-sms") -> Sample:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return Sample(MANAGED, name, json.dumps(document).encode())


def rows() -> list[dict[str, str]]:
    with LIST.open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_file_is_listed_once_with_its_hash() -> None:
    listed = rows()
    assert len({(row["source"], row["name"]) for row in listed}) == len(listed) >= 300
    assert all(re.fullmatch("[0-9a-f]{64}", row["sha256"]) for row in listed)


def test_verdicts_name_existing_rules() -> None:
    named = {each.split("=")[0].rstrip("!") for row in rows() for each in row["verdict"].split()}
    assert named - {"passes"} <= set(all_rules())


def test_the_sources_of_the_list_are_described() -> None:
    described = {each["name"] for kind in ("installed", "sources") for each in assessment()[kind]}
    assert {row["source"] for row in rows()} <= described


def test_fewer_than_one_finding_in_a_hundred_is_false() -> None:
    rates = re.findall(r"([0-9.]+)% of", PAGE.read_text())
    assert rates
    assert all(float(rate) < 1 for rate in rates)


def test_a_false_positive_is_explained_on_the_page_of_its_rule() -> None:
    words = {
        "POL006": "text message",
        "POL007": "newer",
        "POL008": "gaps",
        "POL009": "booleans",
        "POL012": "one wildcard",
    }
    assert {each["rule"] for each in assessment()["false"]} == set(words)
    assert all(word in all_rules()[code].page for code, word in words.items())


@pytest.mark.parametrize(("name", "is_false"), [("send-sms", True), ("send", False)])
def test_a_false_positive_has_a_reason(name: str, is_false: bool) -> None:
    given = sample(SMS, name=name)
    findings = measure(given).findings
    assert findings
    assert [bool(why_false(each, given)) for each in findings if each.rule == "POL006"] == [is_false]


def test_checks_a_boundary_as_a_boundary() -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert measure(sample(everything, name="TeamPermissionsBoundary")).findings == ()
    assert measure(sample(everything)).findings


def test_leaves_out_unreadable_templates() -> None:
    assert measure(Sample("somebody/templates", "broken.yaml", b"{{ cookiecutter }}")).findings is None


def test_the_page_has_the_current_counts() -> None:
    text = page([measure(sample(SMS))])
    assert "| [POL006](rules/POL006.md) | 1 | 1 | 1 | 100.00% |" in text
    assert "- POL006, 1 times: text messages (SMS) have no topic" in text
