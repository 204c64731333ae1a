"""Escalation as published catalogues and tools judge it: none contradicted, next to none undecided."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from keywright.policy.parsing.documents import parse_document
from keywright.reasoning.account.actors import Account, Actor, ActorKind, Grant
from keywright.reasoning.escalation.paths import (
    Escalates,
    IsAdministrator,
    NoEscalation,
    UndecidedEscalation,
    find_escalations,
)

pytestmark = pytest.mark.corpora

CORPORA = Path(os.environ.get("KEYWRIGHT_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
VERDICTS = {
    Escalates: "escalates",
    IsAdministrator: "escalates",
    NoEscalation: "does-not",
    UndecidedEscalation: "undecided",
}
UNDECIDED_AT_MOST = 0.02


def rows():
    file = CORPORA / "escalation.jsonl"
    if not file.exists():
        pytest.skip(f"there is no corpus at {file}")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def document(value):
    return parse_document(value, file="row")[0]


def verdict(row, kind):
    actor = Actor(
        kind,
        f"arn:aws:iam::111111111111:{kind}/bearer",
        f"{kind}/bearer",
        tuple(Grant(document(each)) for each in row["policies"]),
        document(row["boundary"]) if row["boundary"] else None,
    )
    (escalation,) = find_escalations(Account((actor,)))
    return VERDICTS[type(escalation)]


@pytest.fixture(scope="module", params=[ActorKind.USER, ActorKind.ROLE, ActorKind.POLICY])
def verdicts(request):
    return [(row["id"], row["expect"], verdict(row, request.param)) for row in rows()]


def test_contradicts_no_expected_verdict(verdicts):
    assert [each for each in verdicts if each[2] not in {each[1], "undecided"}] == []


def test_leaves_few_cases_undecided(verdicts):
    undecided = [each for each in verdicts if each[2] == "undecided"]
    assert len(undecided) <= UNDECIDED_AT_MOST * len(verdicts), undecided
