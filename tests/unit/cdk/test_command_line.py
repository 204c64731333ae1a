"""Where the CDK command line is found, and what runs it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from keywright.cdk.command_line import cdk_command
from keywright.cdk.node import wheel_node

if TYPE_CHECKING:
    from pathlib import Path

BY_NODE = "#!/usr/bin/env node\n"


def program(file: Path, first_line: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(first_line)
    file.chmod(0o755)
    return file


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name the only folder on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", os.fspath(folder))
    return folder


def test_the_project_s_own_comes_first_and_the_wheel_s_node_runs_it(tmp_path: Path, path: Path) -> None:
    own = program(tmp_path / "project/node_modules/aws-cdk/bin/cdk", BY_NODE)
    program(path / "cdk", BY_NODE)
    assert cdk_command(tmp_path / "project") == [str(wheel_node()), str(own)]


def test_a_link_on_the_path_is_followed_to_the_script(tmp_path: Path, path: Path) -> None:
    installed = program(tmp_path / "lib/node_modules/aws-cdk/bin/cdk", BY_NODE)
    (path / "cdk").symlink_to(installed)
    assert cdk_command(tmp_path) == [str(wheel_node()), str(installed)]


def test_a_wrapper_on_the_path_is_run_as_it_is(tmp_path: Path, path: Path) -> None:
    wrapper = program(path / "cdk", "#!/bin/sh\nexec /opt/somewhere/cdk\n")
    assert cdk_command(tmp_path) == [str(wrapper)]


@pytest.mark.usefixtures("path")
def test_none_is_refused_with_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not installed") as refused:
        cdk_command(tmp_path)
    assert str(refused.value) == (
        f"the CDK command line is not installed; found no `node_modules/aws-cdk` in {tmp_path} and no program `cdk` on the "
        "path; accepted: the npm package `aws-cdk`, installed in that folder or with `npm install --global aws-cdk`"
    )
