"""The mode `check`: `keywright check` with annotations, a job summary, and SARIF for code scanning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.github.runner import InputError, fenced, verdict_of
from keywright.reporting.exit_codes import GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.github.runner import Runner

_FILES = ("baseline", "exceptions", "invariants")


def run(runner: Runner) -> int:
    """Check the paths; the step fails with the exit code of the command."""
    paths = runner.lines("paths")
    if not paths:
        raise InputError(
            "the input `paths` is empty; accepted: an assembly, a folder or a template on each line"
        )
    options, wants_sarif = list(_options(runner)), runner.is_set("sarif")
    done = runner.keywright("check", *options, "--", *paths)
    report = runner.folder() / "check.txt"
    report.write_text(done.output, encoding="utf-8")
    verdict = verdict_of(done.code, "findings", "passed")
    runner.log(done.output)
    runner.log(done.errors)
    runner.summary(f"### Access check: {verdict}\n\n{fenced(done.output or done.errors or 'no output')}")
    runner.output(verdict=verdict, exit_code=done.code, report=report)
    if done.code != GOOD:
        # Each line is one annotation, whose text the command has escaped.
        print(runner.keywright("check", *options, "--format=github", "--", *paths).output, flush=True)
    if wants_sarif:
        file = runner.folder() / "keywright.sarif"
        runner.keywright("check", *options, "--format=sarif", f"--output={file}", "--", *paths)
        if file.is_file():
            runner.output(sarif=file)
    return done.code


def _options(runner: Runner) -> Iterator[str]:
    """Give the options of the command, each as one word, so that no value is taken for an option."""
    if runner.is_set("strict"):
        yield "--strict"
    for name in _FILES:
        if value := runner.given(name):
            yield f"--{name}={value}"
