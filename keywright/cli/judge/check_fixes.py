"""Applies fixes for `keywright check --fix` and `--diff`, and reports those that are not applied."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from keywright.guardrails.exceptions.baseline import Key, baseline_key
from keywright.guardrails.fixes.apply import apply_fixes
from keywright.guardrails.fixes.files import Original, is_generated, read_original, write_fixed
from keywright.guardrails.fixes.text_edits import render_diff
from keywright.guardrails.results import CheckedAssembly, CheckResult
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import WHOLE, counted, listed

_MOST_LINES = 6
"""Fixes that are not applied for one reason and get a line each; more get one line together."""


@dataclass
class AppliedFixes:
    """The fixed texts of all files; `notes` are about fixes that are not applied, `failures` about files."""

    originals: dict[str, Original] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    fixed: int = 0
    notes: list[Finding] = field(default_factory=list)
    failures: list[Finding] = field(default_factory=list)

    @property
    def changed(self) -> list[Original]:
        """Give the files whose text changes."""
        return [each for each in self.originals.values() if self.texts[each.file] != each.text]

    def diff(self) -> str:
        """Give the changes as a unified diff."""
        return "".join(render_diff(each.file, each.text, self.texts[each.file]) for each in self.changed)

    def write(self) -> str:
        """Write each changed file whole or not at all, and summarize."""
        # All files are tried: one that cannot be written must not keep the others from being fixed.
        failures = [write_fixed(each, self.texts[each.file]) for each in self.changed]
        self.failures += [each for each in failures if each is not None]
        if any(failures):
            return f"wrote {failures.count(None)} of {counted(len(failures), 'file')}"
        return f"fixed {counted(self.fixed, 'finding')} in {counted(len(failures), 'file')}"


def apply_all_fixes(
    paths: Sequence[Path],
    results: Sequence[CheckResult],
    reported: Sequence[CheckResult],
    check_texts: Callable[[Path, Mapping[str, str]], CheckedAssembly],
    *,
    widening: bool,
) -> AppliedFixes:
    """Apply fixes in memory.

    Args:
        paths: What was checked.
        results: What the rules find at each path.
        reported: What of that no exception or baseline accepts.
        check_texts: Checks a path as if some of its files had other texts.
        widening: Apply fixes that add access too.
    """
    found = AppliedFixes()
    for path, result, counting in zip(paths, results, reported, strict=True):
        files = dict.fromkeys(each.location.file for each in counting.findings if each.fix)
        texts = {file: found.texts[file] for file in files if _read(file, counting, found)}
        if not texts:
            continue
        # Accepted findings are still there when the fixed text is checked and must not count as new ones.
        accepted = Counter(map(baseline_key, result.findings)) - Counter(map(baseline_key, counting.findings))
        done = apply_fixes(partial(check_texts, path), texts, frozenset[Key](accepted), widening=widening)
        found.texts.update(done.texts)
        found.fixed += done.fixed
        found.notes += _not_applied(done.left)
    return found


def _read(file: str, result: CheckResult, found: AppliedFixes) -> bool:
    """Read a file that may be fixed; note why another may not."""
    if file in found.originals:
        return True
    fixable = [each for each in result.findings if each.fix and each.location.file == file]
    # The next synthesis would undo the fix (ADR 16).
    if is_generated(fixable[0]):
        constructs = dict.fromkeys(each.path or each.resource for each in fixable)
        where = f"the fix where the construct is made: {listed(constructs, most=3, longest=WHOLE)}"
        found.notes.append(
            Finding(Location(file), "the template is generated and is not rewritten", accepted=where)
        )
        return False
    original = read_original(file)
    if isinstance(original, Finding):
        found.failures.append(original)
        return False
    found.originals[file] = original
    found.texts[file] = original.text
    return True


def _not_applied(left: Iterable[tuple[Finding, str]]) -> Iterator[Finding]:
    reasons: dict[tuple[str, str], list[Finding]] = {}
    for finding, reason in left:
        reasons.setdefault((finding.location.file, reason), []).append(finding)
    for (file, reason), findings in reasons.items():
        if len(findings) > _MOST_LINES:
            yield Finding(Location(file), f"{len(findings)} fixes are not applied: {reason}")
        else:
            for each in findings:
                yield Finding(each.location, f"the fix of {each.rule} is not applied: {reason}")
