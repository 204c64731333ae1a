"""Verdicts agree with @cloud-copilot/iam-simulate, an evaluator that shares nothing with this one, not even its language.

Where the two differ, AWS's documents decide: each such difference is a line of `third_evaluator.jsonl`, whose `id` begins
with the page's title. Random cases avoid these. KEYWRIGHT_EXAMPLES raises their number: a hundred thousand take two minutes.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from keywright.reasoning.evaluation.batch import CaseReader
from keywright.reasoning.evaluation.evaluate import evaluate
from tests.laws.simulated_cases import INSTALLED, excepts_without_value, random_case, simulated

NAMES = {
    "allowed": "Allowed",
    "explicitly-denied": "ExplicitlyDenied",
    "implicitly-denied": "ImplicitlyDenied",
}
SETTLED = [
    json.loads(line) for line in Path(__file__).with_name("third_evaluator.jsonl").read_text().splitlines()
]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not INSTALLED.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("make setup installs iam-simulate")


def verdict(reader: CaseReader, case: dict[str, Any]) -> str:
    read = reader.read(json.dumps(case), "cases.jsonl", 1)
    assert read.request is not None, read.findings
    return evaluate(read.request, read.policies).name


def test_random_cases_have_one_verdict() -> None:
    chance, reader = Random(20261203), CaseReader()
    cases = [random_case(chance) for _ in range(int(os.environ.get("KEYWRIGHT_EXAMPLES", "2000")))]
    compared: Counter[str] = Counter()
    for case, theirs in zip(cases, simulated(cases), strict=True):
        ours = verdict(reader, case)
        if ours != "undecided" and not excepts_without_value(case):
            assert NAMES[ours] == theirs, json.dumps(case)
            compared[ours] += 1
    assert compared.total() > len(cases) * 0.6
    assert min(compared[name] for name in NAMES) > len(cases) * 0.05


@pytest.mark.parametrize("case", [pytest.param(each, id=each["id"]) for each in SETTLED])
def test_settled_difference(case: dict[str, Any]) -> None:
    assert verdict(CaseReader(), case) == case["expected"]


def test_the_other_evaluator_still_differs() -> None:
    """When it no longer does, random cases may have what they avoid."""
    assert simulated(SETTLED) == [each["theirs"] for each in SETTLED]
