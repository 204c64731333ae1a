"""Who is an administrator, as a test bed for such tools judges it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from keywright.policy.parsing.documents import parse_document
from keywright.reasoning.escalation.administrator import (
    Administrator,
    NotAdministrator,
    UndecidedAdministrator,
    is_administrator,
)

pytestmark = pytest.mark.corpora

CORPORA = Path(os.environ.get("KEYWRIGHT_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
VERDICTS = {Administrator: "admin", NotAdministrator: "not-admin", UndecidedAdministrator: "undecided"}


def rows():
    file = CORPORA / "admin.jsonl"
    if not file.exists():
        pytest.skip(f"there is no corpus at {file}")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def document(value):
    return parse_document(value, file="row")[0]


def verdict(row):
    policies = [document(each) for each in row["policies"]]
    return VERDICTS[type(is_administrator(policies, document(row["boundary"]) if row["boundary"] else None))]


def test_agrees_with_every_verdict():
    assert [(row["id"], row["expect"]) for row in rows() if verdict(row) != row["expect"]] == []
