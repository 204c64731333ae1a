"""`keywright down` removes a sandbox in whatever state it is, and no other process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from keywright.sandbox.account import Sandbox, SandboxError
from keywright.sandbox.processes import server_processes
from keywright.sandbox.removal import remove
from tests.sandbox.cloud import ACCOUNT, REGION


@pytest.fixture
def state(tmp_path):
    state = tmp_path / "a folder" / ".sandbox"
    yield state
    for process in server_processes(state):
        os.kill(process, signal.SIGKILL)


@pytest.fixture
def process(state):
    """Start a sandbox, and give the process of its emulator."""
    Sandbox(state, ACCOUNT, REGION).start()
    (process,) = server_processes(state)
    return process


def kill(state, process):
    os.kill(process, signal.SIGKILL)
    Sandbox(state, ACCOUNT, REGION)._unlocks()


def nothing(_state, _process):
    pass


def damage_the_record(state, _process):
    (state / "running.json").write_text('{"pid": ')


def delete_the_files(state, _process):
    for name in ("lock", "running.json", "env"):
        (state / name).unlink()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(nothing, id="as it is"),
        pytest.param(damage_the_record, id="a damaged record"),
        pytest.param(delete_the_files, id="deleted files"),
    ],
)
def test_stops_and_removes_a_running_sandbox(state, process, change):
    change(state, process)
    assert list(remove(state)) == [f"stopping the sandbox (process {process})", f"removed {state}"]
    assert server_processes(state) == []
    assert not state.exists()


def test_kills_a_sandbox_that_does_not_answer(state, process):
    os.kill(process, signal.SIGSTOP)
    assert list(remove(state, patience=0.1)) == [
        f"stopping the sandbox (process {process})",
        "it did not end within 0.1 seconds and was killed",
        f"removed {state}",
    ]
    assert server_processes(state) == []


def test_removes_what_a_killed_sandbox_left(state, process):
    kill(state, process)
    assert list(remove(state)) == [f"no sandbox was running; removed {state}"]


def test_never_ends_a_process_that_got_the_number_of_the_sandbox(state, process):
    kill(state, process)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        record = state / "running.json"
        record.write_text(json.dumps(json.loads(record.read_text()) | {"pid": other.pid}))
        assert list(remove(state)) == [f"no sandbox was running; removed {state}"]
        assert other.poll() is None
        other.communicate(b"\n")


def test_says_that_there_is_none(state):
    assert list(remove(state)) == [f"no sandbox was running; there is no {state}"]


def test_a_link_is_removed_and_not_what_it_names(state, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    state.parent.mkdir()
    state.symlink_to(tmp_path / "mine")
    assert list(remove(state)) == [f"no sandbox was running; removed {state}"]
    assert (tmp_path / "mine" / "file").exists()


def test_removes_the_folder_also_if_an_unknown_process_holds_the_lock(state):
    state.mkdir(parents=True)
    holder = "import fcntl, sys; lock = open(sys.argv[1], 'w'); fcntl.flock(lock, fcntl.LOCK_EX); print(1, flush=True); input()"
    command = [sys.executable, "-c", holder, str(state / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"1\n"
        with pytest.raises(SandboxError, match="was not stopped; found a process that holds"):
            list(remove(state))
        assert not state.exists()
        assert other.poll() is None
        other.communicate(b"\n")


def test_a_damaged_sandbox_is_started_anew(state, process):
    damage_the_record(state, process)
    sandbox = Sandbox(state, ACCOUNT, REGION)
    sandbox.start()
    assert server_processes(state) != [process]
    assert sandbox.environment()["AWS_ACCESS_KEY_ID"]
