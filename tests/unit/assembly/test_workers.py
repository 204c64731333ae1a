"""Several workers give the results of one, in the same order; a lost one is an error."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from time import sleep
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.workers import CAN_FORK, LostWorkerError, cores, map_in_order, workers_for_paths
from keywright.cli.main import app
from keywright.guardrails.engine import check_assembly
from tests.unit.assembly.builders import write_template
from tests.unit.guardrails.builders import granting, role

if TYPE_CHECKING:
    from pathlib import Path

needs_fork = pytest.mark.skipif(not CAN_FORK, reason="workers are forked on Linux alone")

OPEN = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
TYPO = {"Effect": "Allow", "Action": "s3:GetObjects", "Resource": "arn:aws:s3:::reports/*"}


def folder_of_templates(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        resources = {
            "Open": role(OPEN, RoleName=f"open{number}"),
            "Typo": granting(TYPO, RoleName=f"typo{number}"),
        }
        write_template(folder / f"t{number}.template.json", resources)
    return folder


@needs_fork
@pytest.mark.parametrize("count", [1, 2, 5])
def test_workers_on_one_assembly_give_the_answer_of_one_process(tmp_path: Path, count: int) -> None:
    folder = folder_of_templates(tmp_path / "templates", count)
    alone = check_assembly(read_assembly(folder), own=False)
    assert check_assembly(read_assembly(folder), own=False, workers=3) == alone
    assert {each.rule for each in alone.findings} >= {"TRU001", "POL007"}


@needs_fork
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_workers_on_several_templates_give_the_answer_of_one_process(tmp_path: Path, form: str) -> None:
    paths = [str(each) for each in sorted(folder_of_templates(tmp_path / "templates", 4).iterdir())]
    outputs = {
        CliRunner().invoke(app, ["check", *reversed(paths), "--format", form, "--workers", workers]).output
        for workers in ("1", "3")
    }
    assert len(outputs) == 1


def twice(number: int) -> int:
    return 2 * number


def lost(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def sleepy(number: int) -> int:
    sleep(600 if number else 0)
    return number


@needs_fork
def test_answers_come_in_order() -> None:
    assert list(map_in_order(twice, range(9), workers=3)) == [twice(each) for each in range(9)]


@needs_fork
def test_a_lost_worker_is_an_error() -> None:
    with pytest.raises(LostWorkerError, match="accepted: `--workers 1`"):
        list(map_in_order(lost, range(9), workers=2))


def test_a_small_job_runs_without_workers(tmp_path: Path) -> None:
    small = [write_template(tmp_path / f"{name}.json", {}) for name in "ab"]
    assert workers_for_paths(small) == 1
    large = [tmp_path / f"{name}.yaml" for name in "cd"]
    for path in large:
        path.write_bytes(b" " * (16 << 20))
    assert workers_for_paths(large) == cores()
    assert workers_for_paths([*large, tmp_path / "nowhere"]) == cores()


@needs_fork
def test_an_interrupt_stops_the_workers_at_once() -> None:
    answers = map_in_order(sleepy, range(4), workers=2)
    assert next(answers) == 0
    with pytest.raises(KeyboardInterrupt):
        answers.throw(KeyboardInterrupt())  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_standard_input_is_checked() -> None:
    template = json.dumps({"Resources": {"Open": role(OPEN)}})
    answer = CliRunner().invoke(app, ["check", "-"], input=template)
    assert answer.exit_code == 1
    assert "-\n  error TRU001: role `reader` trusts everyone\n    at -:1:" in answer.output
    assert CliRunner().invoke(app, ["check", "-"], input="{").exit_code == 2
