"""Baselines: the findings of the first check of a code base, so that later checks fail only for new findings.

A finding is identified by template, rule, place and text, not by line. Equal findings are counted: one more than the
baseline has is new.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from keywright.guardrails.place import listed
from keywright.guardrails.results import exception_text
from keywright.reporting.finding import Finding, Location, Severity
from keywright.reporting.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from keywright.guardrails.results import CheckResult

VERSION = 1
LARGEST = 64 << 20
"""Maximum size of a baseline file in bytes."""

Key = tuple[str, str, str, str]
_NAMES = ("template", "rule", "on", "finding")


def baseline_key(finding: Finding) -> Key:
    """Return what identifies a finding in a baseline."""
    file = PurePath(finding.location.file).name
    return file, finding.rule, finding.path or finding.resource, exception_text(finding)


def write_baseline(results: Iterable[CheckResult], path: Path) -> int:
    """Write the current findings, and return their number.

    Raises:
        OSError: The file cannot be written.
    """
    counted = Counter(baseline_key(each) for result in results for each in result.findings if each.rule)
    entries = [dict(zip(_NAMES, key, strict=True)) | {"count": counted[key]} for key in sorted(counted)]
    content = {"version": VERSION, "findings": entries}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return counted.total()


def read_baseline(path: Path) -> Counter[Key] | Finding:
    """Read a baseline, or return a finding with what is wrong with it."""
    try:
        if path.stat().st_size > LARGEST:
            return Finding(
                Location(str(path)), "the baseline is too large", accepted=f"at most {LARGEST} bytes"
            )
        return _counted(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        return Finding(Location(str(path)), f"the baseline cannot be read: {error.strerror}")
    except (ValueError, KeyError, TypeError, RecursionError):
        return Finding(
            Location(str(path)), "the file is not a baseline", accepted="a file written by `--write-baseline`"
        )


def _counted(content: Any) -> Counter[Key]:
    if content["version"] != VERSION:
        raise ValueError(content["version"])
    found: Counter[Key] = Counter()
    for each in content["findings"]:
        template, rule, on, finding = (str(each[name]) for name in _NAMES)
        found[template, rule, on, finding] += int(each["count"])
    return found


def fixed_findings(results: Sequence[CheckResult], known: Counter[Key], path: Path) -> Finding | None:
    """Report the findings of the baseline that are fixed, so that they can be removed from it."""
    found = Counter(baseline_key(finding) for result in results for finding in result.findings)
    files = {PurePath(file).name for result in results for file in result.files}
    fixed = [f"{rule} {text} on {on}" for template, rule, on, text in known - found if template in files]
    if not fixed:
        return None
    count = counted(len(fixed), "finding")
    return Finding(
        Location(str(path)),
        f"the baseline has {count} that {'are' if len(fixed) > 1 else 'is'} fixed",
        found=listed(sorted(fixed)),
        accepted="a new baseline, by `--write-baseline`",
        severity=Severity.ADVICE,
    )


def apply_baseline(results: Sequence[CheckResult], known: Counter[Key]) -> list[CheckResult]:
    """Remove the findings of the baseline; each entry matches as many findings as it counts."""
    # Counted, so that a second finding with the same text is new.
    left = Counter(known)
    found = []
    for result in results:
        new = []
        for finding in result.findings:
            if left[baseline_key(finding)] > 0:
                left[baseline_key(finding)] -= 1
            else:
                new.append(finding)
        found.append(replace(result, findings=tuple(new), known=len(result.findings) - len(new)))
    return found
