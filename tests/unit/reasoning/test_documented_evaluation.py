"""Evaluation as AWS documents it, page by page, read and decided as the batch command does.

Each line of the data is a case of the batch format: its `id` begins with the page's title, and `expected` is
the verdict according to the page.
"""

import json
from pathlib import Path

import pytest

from keywright.reasoning.evaluation.batch import CaseReader
from keywright.reasoning.evaluation.evaluate import evaluate

CASES = Path(__file__).with_name("documented_cases.jsonl")
LINES = CASES.read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", [pytest.param(line, id=json.loads(line)["id"]) for line in LINES])
def test_documented_verdict(line):
    read = CaseReader().read(line, CASES.name, 1)
    assert read.findings == ()
    verdict = evaluate(read.request, read.policies)
    assert verdict.name == json.loads(line)["expected"], verdict.because
    assert verdict.because
