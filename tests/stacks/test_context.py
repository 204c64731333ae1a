"""The context from the CDK command line, or set by hand, is an object or refused at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from access_stacks.app import run
from access_stacks.context import GIVEN, OVERFLOW, context_of

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED = 'accepted: JSON such as `{"access": "access"}`'
REFUSED = [
    pytest.param("[]", "1:1: the context is not an object; found `[]`", id="a list"),
    pytest.param("null", "1:1: the context is not an object; found `null`", id="nothing"),
    pytest.param('"access"', '1:1: the context is not an object; found `"access"`', id="a text"),
    pytest.param('{\n "access": x}', "2:12: the context is not an object; found `x}`", id="a word"),
    pytest.param('{"a": 1', "1:8: the context is not an object; found its end", id="cut off"),
    pytest.param("[" * 100_000, "1:1: the context is not an object; found text that is not JSON", id="deep"),
    pytest.param("9" * 5_000, "1:1: the context is not an object; found text that is not JSON", id="a long number"),
    pytest.param('{"a": "\udcff"}', "1:1: the context is not an object; found text that is not JSON", id="no UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "shown"), REFUSED)
def test_refuses_a_context_that_is_no_object(given: str, shown: str) -> None:
    with pytest.raises(ValueError, match="context") as refused:
        context_of({GIVEN: given})
    assert str(refused.value) == f"{GIVEN}:{shown}; {ACCEPTED}"


def test_refuses_a_file_that_is_no_object(tmp_path: Path) -> None:
    file = tmp_path / "context.json"
    file.write_text("\n[1]")
    with pytest.raises(ValueError, match="context") as refused:
        context_of({OVERFLOW: str(file)})
    assert str(refused.value) == f"{file}:1:1: the context is not an object; found `[1]`; {ACCEPTED}"


def test_the_app_exits_as_with_any_unusable_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run({GIVEN: "[]"}) == 2
    assert capsys.readouterr().err == f"{GIVEN}:1:1: the context is not an object; found `[]`; {ACCEPTED}\n"


def test_the_file_takes_precedence_over_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "context.json"
    file.write_text('{"today": "2026-11-24"}')
    context = context_of({GIVEN: '{"access": "theirs", "today": "2020-01-01"}', OVERFLOW: str(file)})
    assert (str(context.access), context.today.isoformat()) == ("theirs", "2026-11-24")
