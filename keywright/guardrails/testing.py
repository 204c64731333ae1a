"""For tests: assert that a synthesized stack is least privilege, by the same rules as `keywright check`.

Example:
    `assert_least_privilege(MyStack(cdk.App(), "My"))` fails with the report if a rule has a finding.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.reader import read_assembly
from keywright.guardrails.engine import check_assembly, exception_targets
from keywright.guardrails.exceptions.exceptions_file import (
    apply_exceptions,
    exceptions_file_for,
    read_exceptions,
)
from keywright.guardrails.invariants.invariants_file import invariants_at
from keywright.guardrails.invariants.record import Invariants
from keywright.guardrails.reports.rendering import render_text
from keywright.guardrails.verdict import check_path
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from keywright.guardrails.results import CheckResult, ExceptionTarget
    from keywright.model.invariants import Always, Never

__all__ = ["assert_least_privilege"]


def assert_least_privilege(
    subject: Any,
    *,
    strict: bool = False,
    exceptions: Path | str | None = None,
    invariants: Path | str | Sequence[Never | Always] | None = None,
    today: date | None = None,
) -> None:
    """Fail with the report if the guardrails have findings.

    `subject` is an app, a stage, a stack (checked within its app, which is synthesized), a template as
    `aws_cdk.assertions.Template` or as a mapping, or the path of an assembly or template. `strict` counts warnings and
    undecided findings too. `exceptions` and `invariants` are files as for `keywright check`; by default those beside a path
    are used. Invariants can also be declared in Python, `Never(who=…)` and `Always(who=…)`.

    Raises:
        AssertionError: There is a finding, or unusable input; the message is the report.
        TypeError: The subject is none of these.
    """
    file = Path(exceptions) if exceptions is not None else None
    day = today or datetime.now(UTC).date()
    result = _excepted(
        _check(subject, partial(_invariants_for, invariants), day), subject, file or _beside(subject), day
    )
    refused = [each for each in result.findings if _counts(each, strict=strict)]
    unusable = (*result.unusable, *result.unknown_names)
    if refused or unusable:
        shown = replace(result, findings=tuple(refused), unusable=unusable)
        raise AssertionError(f"\n{render_text([shown], day)}")


def _counts(finding: Finding, *, strict: bool) -> bool:
    if finding.outcome is Outcome.UNDECIDED:
        return strict
    return finding.severity is Severity.ERROR or (strict and finding.severity is Severity.WARNING)


def _beside(subject: Any) -> Path | None:
    return exceptions_file_for(Path(subject)) if isinstance(subject, str | os.PathLike) else None


def _excepted(result: CheckResult, subject: Any, file: Path | None, today: date) -> CheckResult:
    if file is None:
        return result
    given, mistakes = read_exceptions(file)
    (found,) = apply_exceptions([result], given, today, partial(_elsewhere, subject))
    return replace(found, unusable=(*found.unusable, *mistakes))


def _elsewhere(subject: Any) -> Iterable[ExceptionTarget]:
    """Return further targets of exceptions: other templates beside one, other stacks of the same app."""
    if isinstance(subject, str | os.PathLike):
        path = Path(subject)
        return () if path.is_dir() else exception_targets(read_assembly(path.parent))
    root: Any = getattr(getattr(subject, "node", None), "root", None)
    return exception_targets(read_assembly(Path(root.synth().directory))) if _has(root, "synth") else ()


InvariantSource = Callable[[Path], Invariants]
"""Returns the invariants for the templates at a path."""


def _invariants_for(given: Path | str | Sequence[Never | Always] | None, path: Path) -> Invariants:
    if given is None or isinstance(given, str | os.PathLike):
        return invariants_at(path, Path(given) if given is not None else None)
    from keywright.guardrails.invariants.declared import declared_in_python  # noqa: PLC0415 - for these alone

    return invariants_at(path).and_also(declared_in_python(given))


def _check(subject: Any, invariants_to_check: InvariantSource, today: date) -> CheckResult:
    if isinstance(subject, str | os.PathLike):
        path = Path(subject)
        return check_path(path, today, invariants_to_check(path))
    if isinstance(subject, Mapping):
        return _of_template(subject, invariants_to_check)
    if _has(subject, "to_json"):
        return _of_template(subject.to_json(), invariants_to_check)
    if _has(subject, "synth"):
        return _of_stage(subject, invariants_to_check)
    root = getattr(getattr(subject, "node", None), "root", None)
    if root is not None and _has(root, "synth") and hasattr(subject, "template_file"):
        return _within(subject, _of_stage(root, invariants_to_check))
    kinds = "an app, a stage, a stack, a template or a path"
    raise TypeError(f"least privilege can't be asserted of {type(subject).__name__}; accepted: {kinds}")


def _has(subject: Any, name: str) -> bool:
    found: Callable[..., Any] | None = getattr(subject, name, None)
    return callable(found)


def _of_stage(stage: Any, invariants_to_check: InvariantSource) -> CheckResult:
    folder = Path(stage.synth().directory)
    return check_assembly(read_assembly(folder), own=False, invariants=invariants_to_check(folder))


# A stack is checked with its whole app, as its policies can refer to other stacks.
def _within(stack: Any, result: CheckResult) -> CheckResult:
    """Keep the findings on a stack and its nested stacks."""
    path, file = str(stack.node.path), str(stack.template_file)

    def is_its(name: str, construct: str) -> bool:
        return name == file or construct.startswith(f"{path}/")

    return replace(
        result,
        findings=tuple(
            each for each in result.findings if is_its(PurePath(each.location.file).name, each.path)
        ),
        targets=frozenset(each for each in result.targets if is_its(each[0], each[2])),
    )


def _of_template(template: Mapping[str, Any], invariants_to_check: InvariantSource) -> CheckResult:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.json"
        path.write_text(json.dumps(dict(template)), encoding="utf-8")
        result = check_assembly(read_assembly(path), own=False, invariants=invariants_to_check(path))
    unusable, findings = (tuple(map(_named, each)) for each in (result.unusable, result.findings))
    return replace(result, unusable=unusable, findings=findings)


def _named(finding: Finding) -> Finding:
    """Leave out the folder in which a template lay for a moment."""
    return replace(finding, location=replace(finding.location, file=PurePath(finding.location.file).name))
