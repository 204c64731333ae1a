"""What AWS's own check for new access answers to its published samples."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import NewAccess, UndecidedComparison, compare
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.witnesses.replay import ReplayResult, replay

pytestmark = pytest.mark.corpora

CORPORA = Path(os.environ.get("KEYWRIGHT_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))


@pytest.fixture(scope="module")
def answers():
    file = CORPORA / "compare.jsonl"
    if not file.exists():
        pytest.skip(f"there is no corpus at {file}")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [(row, compare(document(row, "before"), document(row, "after"))) for row in rows]


def document(row, name):
    return parse_document(row[name], file="row", kind=Kind(row["kind"]))[0]


def test_contradicts_no_expected_verdict(answers):
    assert [row["id"] for row, found in answers if found.name not in {row["expect"], "undecided"}] == []


def test_leaves_few_undecided(answers):
    undecided = [row["id"] for row, found in answers if isinstance(found, UndecidedComparison)]
    assert len(undecided) <= 0.02 * len(answers), undecided


def test_every_witness_replays(answers):
    wrong = [row["id"] for row, found in answers if isinstance(found, NewAccess) and not replayed(row, found)]
    assert wrong == []


def replayed(row, found):
    before, after = document(row, "before"), document(row, "after")
    if row["kind"] == "identity":
        sides = Policies(identity=(before,)), Policies(identity=(after,))
        return replay(found.witness.request, *sides) is ReplayResult.EITHER_WAY
    return replay(found.witness.request, Policies(resource=before), Policies(resource=after))
