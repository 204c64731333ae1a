"""The mode `review`: `keywright review` of two assemblies. It holds no token, because it reads what anyone may have made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keywright.github.comment import LABELS, MARK, REPORT
from keywright.github.runner import InputError, verdict_of
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNDECIDED

if TYPE_CHECKING:
    from keywright.github.runner import Runner

_FILES = ("approvers", "allow")


def run(runner: Runner) -> int:
    """Review; the step fails if there is no review, and with `fail-on-gains` if access widens or is undecided."""
    base = runner.given("base")
    if not base:
        raise InputError("the input `base` is empty; accepted: the assembly before the change, or a commit")
    sides = [base, *_head(base, runner.given("head"))]
    report, labels = runner.folder() / REPORT, runner.folder() / LABELS
    options = [f"--{name}={value}" for name in _FILES if (value := runner.given(name))]
    fails_on_gains = runner.is_set("fail-on-gains")
    report.unlink(missing_ok=True)
    done = runner.keywright("review", f"--labels={labels}", *options, "--", *sides)
    runner.log(done.errors)
    verdict = verdict_of(done.code, "widens", "no new access")
    is_report = done.output.startswith(MARK)
    if is_report:
        report.write_text(done.output, encoding="utf-8")
    if not is_report or verdict == "unusable":
        labels.unlink(missing_ok=True)  # without a verdict, the labels of the pull request stay
    runner.summary(done.output if is_report else "### Access review: failed; see the log")
    runner.output(verdict=verdict, exit_code=done.code, report=report, labels=labels)
    if done.code in {FINDINGS, UNDECIDED} and not fails_on_gains:
        return GOOD
    return done.code


def _head(base: str, head: str) -> list[str]:
    """Give the other side: an artifact is always a folder, also where it has one template, as the base is."""
    in_folder = Path(head, Path(base).name)
    if head and Path(base).is_file() and in_folder.is_file():
        return [str(in_folder)]
    return [head] if head else []
