"""Evaluation as AWS documents it, page by page, read and decided as the batch command does."""

import json

import pytest

from keywright.reasoning.cases import CaseReader
from keywright.reasoning.evaluate import evaluate
from tests.unit.reasoning.documented_cases import PAGES

ROWS = [
    pytest.param(expected, case, id=f"{page}: {name}")
    for page, rows in PAGES.items()
    for name, expected, case in rows
]


@pytest.mark.parametrize(("expected", "case"), ROWS)
def test_what_the_page_says(expected, case):
    read = CaseReader().read(json.dumps(case), "cases.jsonl", 1)
    assert read.findings == ()
    verdict = evaluate(read.request, read.policies)
    assert verdict.name == expected, verdict.because
    assert verdict.because
