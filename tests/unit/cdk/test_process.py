"""An interrupted command leaves no program behind, nor what that has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from keywright.cdk.process import started

CHILD = """
import subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(inner.pid, flush=True)
inner.wait()
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def is_alive(process):
    """A process that nobody has collected yet is dead too."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(process):
    for _ in range(500):
        if not is_alive(process):
            return True
        time.sleep(0.02)
    return False


def run(program, folder, **options):
    return started([sys.executable, "-c", program], folder, os.environ, stdout=subprocess.PIPE, **options)


def interrupted(program, folder, **options):
    """Interrupt this process, as Ctrl-C does, when the program has written its first line."""
    with suppress(KeyboardInterrupt), run(program, folder, **options) as process:
        line = process.stdout.readline()
        raise KeyboardInterrupt
    return process, line


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc")
def test_ends_an_interrupted_program_and_what_it_started(tmp_path):
    process, line = interrupted(CHILD, tmp_path, apart=True)
    assert process.returncode is not None
    assert wait_for_end(int(line))


def test_kills_a_program_that_does_not_end(tmp_path, monkeypatch):
    monkeypatch.setattr("keywright.cdk.process._PATIENCE", 0.1)
    process, _ = interrupted(STUBBORN, tmp_path, apart=False)
    assert process.returncode == -signal.SIGKILL


def test_waits_for_a_program_that_ends_by_itself(tmp_path):
    with run("import sys; print('done'); sys.exit(3)", tmp_path, apart=True) as process:
        assert process.stdout.read() == "done\n"
    assert process.returncode == 3
