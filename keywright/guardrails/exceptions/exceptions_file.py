"""Exceptions in a file beside templates, each with a reason, an owner and a last day.

The file is YAML: a list `exceptions:` of `rule`, `on` (a construct path, a logical id, or the file name of the template),
`finding` (as the report prints it), `because`, `owner`, `until`, and `template` if two templates use the same logical id.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.manifest import EXCEPTIONS
from keywright.guardrails.exceptions.acknowledgements import finding_id
from keywright.guardrails.results import exception_text
from keywright.guardrails.rule import all_rules
from keywright.model.fields.dates import NOTICE
from keywright.model.fields.nearest import nearest
from keywright.model.source.yaml_tree import MappingNode, SequenceNode, place, plain
from keywright.reporting.finding import Finding, Location, Severity, in_reading_order
from keywright.reporting.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from keywright.guardrails.results import CheckResult, ExceptionTarget

FILE = EXCEPTIONS
_REQUIRED = ("rule", "on", "because", "owner", "until")
_KEYS = (*_REQUIRED[:2], "finding", *_REQUIRED[2:], "template")
LARGEST = 1 << 20
"""Maximum size of an exceptions file in bytes."""


@dataclass(frozen=True)
class FileException:
    """One accepted finding of one rule at one place, until its last day."""

    rule: str
    on: str
    finding: str
    because: str
    owner: str
    until: date
    template: str
    location: Location

    @property
    def label(self) -> str:
        """Return how messages name the exception."""
        return f"exception for {self.rule} on `{self.on}`"

    def concerns(self, target: ExceptionTarget) -> bool:
        """Return whether the exception names a target."""
        file, *_ = target
        return self.template in ("", file) and self.on in target

    def covers(self, finding: Finding) -> bool:
        """Return whether the exception matches a finding."""
        file = PurePath(finding.location.file).name
        names = (finding.path, finding.resource) if finding.path or finding.resource else (file,)
        return (
            self.rule == finding.rule
            and self.on in names
            and self.template in ("", file)
            # Compared as in the CDK's ids, so that the same text works in both kinds of exceptions.
            and finding_id("", self.finding) == finding_id("", exception_text(finding))
        )


def exceptions_file_for(path: Path) -> Path:
    """Return the path of the exceptions file for an assembly or template."""
    return (path if path.is_dir() else path.parent) / FILE


def read_exceptions(path: Path) -> tuple[tuple[FileException, ...], list[Finding]]:
    """Read a file; without one there are no exceptions. Every mistake has its location."""
    try:
        if not path.is_file():
            return (), []
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return (), [Finding(Location(str(path)), f"the exceptions cannot be read: {error}")]
    if len(content) > LARGEST:
        return (), [
            Finding(Location(str(path)), "the file is too large", accepted=f"at most {LARGEST} bytes")
        ]
    from keywright.model.source.yaml_text import parse  # noqa: PLC0415 - most templates have no such file

    document = parse(text, str(path))
    if document.findings or document.root is None:
        return (), document.findings
    root = document.root
    listed = (
        root.values.get("exceptions") if isinstance(root, MappingNode) and len(root.values) == 1 else None
    )
    if not isinstance(listed, SequenceNode):
        return (), [Finding(place(root), "the file has no exceptions", accepted="a list under `exceptions:`")]
    found = [_read(plain(node), place(node)) for node in listed.items]
    faults = [each for each in found if isinstance(each, list)]
    return tuple(each for each in found if isinstance(each, FileException)), [
        one for each in faults for one in each
    ]


def _read(content: Any, where: Location) -> FileException | list[Finding]:
    faults = list(_faults(content, where))
    if faults:
        return faults
    texts = {key: str(content.get(key) or "") for key in _KEYS if key != "until"}
    return FileException(**texts, until=_day(content["until"]) or date.max, location=where)


def _faults(content: Any, where: Location) -> Iterator[Finding]:
    if not isinstance(content, dict):
        yield Finding(where, "the exception is not a mapping", accepted=_quoted_list(_KEYS))
        return
    for key in content:
        if key not in _KEYS:
            yield Finding(
                where, "the exception has an unknown key", f"`{key}`", _quoted_list(nearest(str(key), _KEYS))
            )
    for key in _REQUIRED:
        value = content.get(key)
        if not isinstance(value, str) or not value.strip():
            yield Finding(where, f"the exception has no `{key}`", accepted=f"`{key}: …`")
    if isinstance(content.get("until"), str) and _day(content["until"]) is None:
        yield Finding(
            where, "`until` of the exception is not a date", f"`{content['until']}`", "such as `2027-01-31`"
        )
    rule = content.get("rule")
    if isinstance(rule, str) and rule not in all_rules():
        yield Finding(where, "there is no such rule", f"`{rule}`", _quoted_list(nearest(rule, all_rules())))


def _quoted_list(names: Iterable[str]) -> str:
    return listed(names)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def apply_exceptions(
    results: Iterable[CheckResult],
    exceptions: Iterable[FileException],
    today: date,
    elsewhere: Callable[[], Iterable[ExceptionTarget]] = tuple,
) -> list[CheckResult]:
    """Remove the accepted findings from results that are checked together.

    An exception that has expired, or that matches none or several findings, accepts nothing and is a finding itself. An
    exception for a target `elsewhere`, which is not checked now, is ignored.
    """
    given = list(results)
    # One file can have exceptions for several templates, of which only some are checked now.
    exceptions = _without_elsewhere(
        list(exceptions), {target for each in given for target in each.targets}, elsewhere
    )
    findings = [finding for result in given for finding in result.findings]
    accepted: set[int] = set()
    mistakes: list[Finding] = []
    for exception in exceptions:
        covered = [each for each in findings if exception.covers(each)]
        problem = _problem(exception, covered, findings, today)
        if problem is None:
            accepted.add(id(covered[0]))
            mistakes += _expiry_notice(exception, today)
        else:
            mistakes.append(problem)
    found = [_without(each, accepted) for each in given]
    if mistakes and found:
        first = found[0]
        found[0] = replace(first, findings=tuple(in_reading_order([*first.findings, *mistakes])))
    return found


def _without_elsewhere(
    exceptions: list[FileException],
    targets: Iterable[ExceptionTarget],
    elsewhere: Callable[[], Iterable[ExceptionTarget]],
) -> list[FileException]:
    """Remove exceptions for targets elsewhere, which are looked up only if needed."""
    unmatched = [each for each in exceptions if not any(map(each.concerns, targets))]
    others = list(elsewhere()) if unmatched else []
    elsewhere_only = [each for each in unmatched if any(map(each.concerns, others))]
    return [each for each in exceptions if each not in elsewhere_only]


def _without(result: CheckResult, accepted: set[int]) -> CheckResult:
    left = tuple(each for each in result.findings if id(each) not in accepted)
    taken = len(result.findings) - len(left)
    return replace(result, findings=left, accepted=result.accepted + taken)


def _expiry_notice(exception: FileException, today: date) -> list[Finding]:
    """Report an exception that expires soon."""
    left = exception.until - today
    if left > NOTICE:
        return []
    days = f"in {counted(left.days, 'day')}" if left else "today"
    return [
        Finding(
            exception.location,
            f"{exception.label} expires {days}",
            f"until `{exception.until}`",
            "a fix of the accepted finding, or a later day",
            severity=Severity.ADVICE,
        )
    ]


def _problem(
    exception: FileException, covered: list[Finding], findings: list[Finding], today: date
) -> Finding | None:
    if exception.until < today:
        what, accepted = f"expired on {exception.until}", "a later day, or a fix of the accepted finding"
    elif len(covered) > 1:
        what, accepted = (
            f"matches {len(covered)} findings",
            "an exception for each, with `template` or a construct path",
        )
    elif not covered:
        near = [
            exception_text(each)
            for each in findings
            if each.rule == exception.rule and exception.on in _place_names(each)
        ]
        what = "matches no finding"
        accepted = " or ".join(f"finding `{each}`" for each in near[:3]) or "no such exception"
    else:
        return None
    found = f"`{exception.finding}`" if exception.finding else ""
    return Finding(exception.location, f"{exception.label} {what}", found, accepted, severity=Severity.ERROR)


def _place_names(finding: Finding) -> tuple[str, ...]:
    return finding.path, finding.resource, PurePath(finding.location.file).name
