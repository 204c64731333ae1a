"""Where the CDK command line is: in the project's `node_modules`, else the program `cdk` on the path."""

from __future__ import annotations

import shutil
from pathlib import Path

from keywright.cdk.node import wheel_node
from keywright.reporting.text import refusal

_PROGRAM = Path("node_modules/aws-cdk/bin/cdk")


def cdk_command(project: Path) -> list[str]:
    """Give the words that start the CDK command line of a project.

    The Node of the wheel runs it, so that a machine needs no Node of its own.

    Raises:
        ValueError: There is no CDK command line, or it needs a Node and there is none.
    """
    program = project / _PROGRAM
    if not program.is_file():
        found = shutil.which("cdk")
        if found is None:
            raise refusal(
                "the CDK command line is not installed",
                found=f"no `{_PROGRAM.parents[1]}` in {project} and no program `cdk` on the path",
                accepted="the npm package `aws-cdk`, installed in that folder or with `npm install --global aws-cdk`",
            )
        program = Path(found).resolve()
        if not _is_javascript(program):
            return [found]
    return [_node(), str(program.resolve())]


def _is_javascript(program: Path) -> bool:
    """Tell whether Node runs it: a wrapper in another language finds Node by itself."""
    with program.open("rb") as file:
        return b"node" in file.readline(100)


def _node() -> str:
    node = wheel_node() or shutil.which("node")
    if node is None:
        raise refusal(
            "the CDK command line needs Node",
            found="none",
            accepted='`pip install "keywright[cdk]"`, which includes it, or a program `node` on the path',
        )
    return str(node)
