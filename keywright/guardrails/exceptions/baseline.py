"""A baseline: what was found on the day a code base was first checked, so that only what is new fails.

It goes by template, rule, place and text, not by line, and counts: a second finding like one that is known is new.
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from keywright.guardrails.results import CheckResult

VERSION = 1
LARGEST = 64 << 20
"""Bytes of such a file."""

Key = tuple[str, str, str, str]
_NAMES = ("template", "rule", "on", "finding")


def baseline_key(finding: Finding) -> Key:
    """Tell findings apart as a baseline does."""
    file = PurePath(finding.location.file).name
    return file, finding.rule, finding.path or finding.resource, exception_text(finding)


def write_baseline(judgements: Iterable[CheckResult], path: Path) -> int:
    """Write what stands now, and give how many findings that are.

    Raises:
        OSError: The file cannot be written.
    """
    counted = Counter(
        baseline_key(each) for judgement in judgements for each in judgement.findings if each.rule
    )
    entries = [dict(zip(_NAMES, key, strict=True)) | {"count": counted[key]} for key in sorted(counted)]
    content = {"version": VERSION, "findings": entries}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return counted.total()


def read_baseline(path: Path) -> Counter[Key] | Finding:
    """Read a baseline, or say what is wrong with it."""
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
            Location(str(path)), "the file is no baseline", accepted="one written by `--write-baseline`"
        )


def _counted(content: Any) -> Counter[Key]:
    if content["version"] != VERSION:
        raise ValueError(content["version"])
    found: Counter[Key] = Counter()
    for each in content["findings"]:
        template, rule, on, finding = (str(each[name]) for name in _NAMES)
        found[template, rule, on, finding] += int(each["count"])
    return found


def fixed_findings(judgements: Sequence[CheckResult], known: Counter[Key], path: Path) -> Finding | None:
    """Say which known findings of the templates that were judged are there no more, so that a baseline shrinks."""
    found = Counter(baseline_key(finding) for judgement in judgements for finding in judgement.findings)
    files = {PurePath(file).name for judgement in judgements for file in judgement.files}
    past = [f"{rule} {text} on {on}" for template, rule, on, text in known - found if template in files]
    if not past:
        return None
    count = f"{len(past)} findings that are" if len(past) > 1 else "a finding that is"
    return Finding(
        Location(str(path)),
        f"the baseline knows {count} gone",
        found=listed(sorted(past)),
        accepted="one without them, by `--write-baseline`",
        severity=Severity.ADVICE,
    )


def apply_baseline(judgements: Sequence[CheckResult], known: Counter[Key]) -> list[CheckResult]:
    """Take what was known from judgements; each entry covers as many findings as it counted."""
    left = Counter(known)
    found = []
    for judgement in judgements:
        new = []
        for finding in judgement.findings:
            if left[baseline_key(finding)] > 0:
                left[baseline_key(finding)] -= 1
            else:
                new.append(finding)
        found.append(replace(judgement, findings=tuple(new), known=len(judgement.findings) - len(new)))
    return found
