"""The two sides of a review: paths that exist, or commits of this repository, which are synthesized first.

Synthesizing a commit runs its code with the permissions of this process. So only commits of the local repository are
accepted, nothing is fetched, and no hook runs. Assemblies are kept by commit below `.review`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from keywright.cdk.project import app_command, context_of
from keywright.cli.errors import CommandError
from keywright.review.comparison.snapshot import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT = ".review"
_WORKING_TREE = "the working tree"
_LAST_LINES = 20
_SHORT = 10


@dataclass(frozen=True)
class Repository:
    """The repository around a folder: its root, and the project's folder below that."""

    root: Path
    below: str

    @property
    def project(self) -> Path:
        """Give the folder that holds the app."""
        return self.root / self.below

    @classmethod
    def around(cls, folder: Path) -> Repository | None:
        """Find it; None if the folder is in no repository."""
        found = _git(folder, "rev-parse", "--show-toplevel", "--show-prefix")
        if found is None:
            return None
        root, _, below = found.partition("\n")
        return cls(Path(root), below.strip("/"))

    def commit(self, name: str) -> str:
        """Resolve a name to a commit; empty if it names none."""
        return (
            _git(self.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            or ""
        )


def _git(folder: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    # A hook of the repository must not run: checking out a commit is only a read here.
    command = [git, "-C", str(folder), "-c", "core.hooksPath=/dev/null", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the name is an argument, never a part of a command line
    return done.stdout.strip() if done.returncode == 0 else None


@contextmanager
def assemblies(base: str, head: str | None, here: Path) -> Iterator[tuple[Path, Path]]:
    """Give the two paths to read, for paths or commits; without a head, the assembly of the working tree.

    Raises:
        CommandError: One is neither, or its app writes no assembly.
    """
    with tempfile.TemporaryDirectory(prefix="keywright-review-") as scratch:
        was = side(base, here)
        yield was, side(head, here) if head is not None else _working_tree(base, here, Path(scratch) / "head")


def side(name: str, here: Path) -> Path:
    """Give the path that a name means: a file or folder that exists, or else the assembly of a commit.

    Raises:
        CommandError: It is neither, or the app writes no assembly.
    """
    # A path wins over a commit of the same name, also a broken link: otherwise the code of a commit would run
    # although a path was meant.
    repository = None if os.path.lexists(here / name) else Repository.around(here)
    commit = repository.commit(name) if repository else ""
    if repository is None or not commit:
        return Path(name)
    kept = repository.project / _KEPT / commit
    if not (kept / MANIFEST).is_file():
        _synthesize_commit(repository, name, commit, kept)
    return kept


def _working_tree(base: str, here: Path, out: Path) -> Path:
    repository = Repository.around(here)
    if repository is None or os.path.lexists(here / base) or not repository.commit(base):
        message = f"nothing to compare `{base}` with; accepted: two paths, two commits, or one commit for the working tree"
        raise CommandError(message)
    _synthesize(repository.project, repository.project, out, _WORKING_TREE)
    return out


def _synthesize_commit(repository: Repository, name: str, commit: str, kept: Path) -> None:
    """Synthesize a commit in a clean working tree of its own, which is deleted in any case."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    # The folder ignores itself, so that no assembly is committed by mistake.
    (kept.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="synthesis-", dir=kept.parent) as folder:
        tree, out = Path(folder) / "tree", Path(folder) / "out"
        if _git(repository.root, "worktree", "add", "--detach", str(tree), commit) is None:
            raise CommandError(f"`{name}` cannot be checked out into {tree}")
        try:
            _synthesize(tree / repository.below, repository.project, out, f"`{name}` ({commit[:_SHORT]})")
        finally:
            # Forced twice, because a locked tree is not removed otherwise.
            _git(repository.root, "worktree", "remove", "--force", "--force", str(tree))
            _git(repository.root, "worktree", "prune")
        shutil.rmtree(kept, ignore_errors=True)
        # A rename is atomic, so an interrupted synthesis is never taken for the assembly of the commit.
        out.rename(kept)


def _synthesize(project: Path, installed: Path, out: Path, name: str) -> None:
    """Run a project's app; an assembly that the guardrails refuse is reviewed all the same."""
    command = _command(project, installed, name)
    sys.stderr.write(f"synthesizing {name} ...\n")
    sys.stderr.flush()
    done = subprocess.run(  # noqa: S603 - the project's own command, as the CDK would run it
        ["/bin/sh", "-c", command],
        cwd=project,
        env={**os.environ, **_environment(project, installed, out)},
        # An app that asks a question must not wait without end.
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    # The exit code does not count: guardrails fail a synthesis whose assembly is complete and has to be
    # reviewed.
    if not (out / MANIFEST).is_file():
        last = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
        message = f"{name} writes no assembly; found `{command}` ended with {done.returncode}:\n{last}"
        raise CommandError(message.rstrip())


def _command(project: Path, installed: Path, name: str) -> str:
    command = app_command(project, installed)
    if command is None:
        message = (
            f"{name} has no app; found no `app` in cdk.json; accepted: a command such as `python app.py`"
        )
        raise CommandError(message)
    return command


def _environment(project: Path, installed: Path, out: Path) -> dict[str, str]:
    """Give the variables that the CDK sets for an app, and import the project's packages from the tree that is synthesized."""
    own = [
        str(project / Path(each).relative_to(installed))
        for each in sys.path
        # An editable install would import the working tree's code instead of the commit's.
        if each and Path(each).is_relative_to(installed) and not Path(each).is_relative_to(sys.prefix)
    ]
    return {
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(context_of(project)),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([*own, *filter(None, [os.environ.get("PYTHONPATH")])])),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
