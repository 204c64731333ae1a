"""What stood in a file's place stays what it was, but for the content."""

from __future__ import annotations

import os
import stat
import threading

from keywright.reporting.output_file import write_whole


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    real = tmp_path / "real/people.yaml"
    real.write_text("before")
    link = tmp_path / "people.yaml"
    link.symlink_to(real)
    write_whole(link, b"after")
    assert link.is_symlink()
    assert real.read_text() == "after"
    assert [each.name for each in real.parent.iterdir()] == ["people.yaml"]


def test_a_pipe_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"after")
    reader.join(timeout=10)
    assert read == [b"after"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_the_mode_stays(tmp_path):
    file = tmp_path / "script"
    file.write_text("before")
    file.chmod(0o750)
    write_whole(file, b"after")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"after", 0o750)
