"""An organization's answers: the same whole, account by account, in any order and on any number of processes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given, settings

from keywright.assembly import cluster
from keywright.cli import organization as cli
from tests.laws.random_organizations import ORGANIZATIONS, arn, write_organization
from tests.unit.cli.in_process import Done, keywright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "arn:aws:s3:::one-files/report"
QUESTIONS = {
    "who can read": ("who-can", "s3:GetObject", BUCKET),
    "who can read any": ("who-can", "s3:GetObject", "arn:aws:s3:::*-files/*"),
    "who can read by name": ("who-can", "s3:GetObject", "bucket/two-files"),
    "who can assume": ("who-can", "sts:AssumeRole", arn("one", "alpha")),
    "who can create keys": ("who-can", "iam:CreateAccessKey", arn("two", "ann")),
    "can read": ("can", arn("hub", "ann"), "s3:GetObject", BUCKET),
    "can read as a role": ("can", arn("one", "beta"), "s3:GetObject", BUCKET),
    "explain": ("explain", arn("one", "alpha")),
    "across": ("across",),
}


def asked(question: tuple[str, ...], *folders: Path, more: tuple[str, ...] = ()) -> Done:
    day = () if question[0] == "explain" else ("--today", "2026-12-04")
    return keywright(*question, *map(str, folders), "--format", "json", *day, *more)


@contextmanager
def by_account() -> Iterator[None]:
    """Judge every organization account by account, as one of many accounts."""
    with patch.object(cluster, "MANY_ACCOUNTS", 2), patch.object(cli, "MANY_ACCOUNTS", 2):
        yield


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@settings(max_examples=15, deadline=None)
@given(organization=ORGANIZATIONS)
def test_excerpts_give_the_answer_of_the_whole(tmp_path_factory, question, organization):
    folder = write_organization(tmp_path_factory.mktemp("organization"), organization)
    whole = asked(question, folder)
    with by_account():
        assert asked(question, folder, more=("--workers", "1")) == whole
