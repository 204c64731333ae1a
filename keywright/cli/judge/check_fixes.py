"""`keywright check --fix` and `--diff`: apply what is safe, say what is left and why."""

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

MOST_SAID = 6
"""Fixes that are left out for one reason, each with a line of its own."""


@dataclass
class Repairs:
    """What the fixes of several assemblies come to; `notes` say what is not written, `failures` what could not be."""

    originals: dict[str, Original] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    fixed: int = 0
    notes: list[Finding] = field(default_factory=list)
    failures: list[Finding] = field(default_factory=list)

    @property
    def changed(self) -> list[Original]:
        """Give the files that become others."""
        return [each for each in self.originals.values() if self.texts[each.file] != each.text]

    def diff(self) -> str:
        """Write what becomes of them."""
        return "".join(render_diff(each.file, each.text, self.texts[each.file]) for each in self.changed)

    def write(self) -> str:
        """Write them, each at one stroke, and say how much was done."""
        failures = [write_fixed(each, self.texts[each.file]) for each in self.changed]
        self.failures += [each for each in failures if each is not None]
        if any(failures):
            return f"wrote {failures.count(None)} of {_number(len(failures), 'file')}"
        return f"fixed {_number(self.fixed, 'finding')} in {_number(len(failures), 'file')}"


def repair(
    paths: Sequence[Path],
    judged: Sequence[CheckResult],
    reported: Sequence[CheckResult],
    judge: Callable[[Path, Mapping[str, str]], CheckedAssembly],
    *,
    widening: bool,
) -> Repairs:
    """Apply fixes in memory; `judged` holds what the rules say, `reported` what of it is not accepted or known.

    `judge` judges what stands at a path, with other texts in the place of what stands in its files.
    """
    found = Repairs()
    for path, all_of_it, counting in zip(paths, judged, reported, strict=True):
        files = _files(counting, found)
        if not files:
            continue
        spared = _accepted_findings(all_of_it, counting)
        done = apply_fixes(
            partial(judge, path), {file: found.texts[file] for file in files}, spared, widening=widening
        )
        found.texts.update(done.texts)
        found.fixed += done.fixed
        found.notes += _left_out(done.left)
    return found


def _files(judgement: CheckResult, found: Repairs) -> list[str]:
    """Give the files that fixes may rewrite; one note each says why another may not."""
    files = dict.fromkeys(each.location.file for each in judgement.findings if each.fix)
    return [file for file in files if file in found.originals or _is_taken(file, judgement, found)]


def _is_taken(file: str, judgement: CheckResult, found: Repairs) -> bool:
    one = next(each for each in judgement.findings if each.fix and each.location.file == file)
    if is_generated(one):
        found.notes.append(_generated(file, judgement))
        return False
    original = read_original(file)
    if isinstance(original, Finding):
        found.failures.append(original)
        return False
    found.originals[file] = original
    found.texts[file] = original.text
    return True


def _generated(file: str, judgement: CheckResult) -> Finding:
    found = [each for each in judgement.findings if each.fix and each.location.file == file]
    constructs = list(dict.fromkeys(each.path or each.resource for each in found))
    named = ", ".join(f"`{each}`" for each in constructs[:3]) + (" …" if len(constructs) > 3 else "")  # noqa: PLR2004 - three are shown
    return Finding(
        Location(file),
        "the template is generated and is not rewritten",
        accepted=f"the fix where the construct is made: {named}",
    )


def _left_out(left: Iterable[tuple[Finding, str]]) -> Iterator[Finding]:
    """Say which fixes are not applied, and why; many for one reason in one line."""
    reasons: dict[tuple[str, str], list[Finding]] = {}
    for finding, reason in left:
        reasons.setdefault((finding.location.file, reason), []).append(finding)
    for (file, reason), findings in reasons.items():
        if len(findings) > MOST_SAID:
            yield Finding(Location(file), f"{len(findings)} fixes are not applied: {reason}")
        else:
            yield from (
                Finding(each.location, f"the fix of {each.rule} is not applied: {reason}")
                for each in findings
            )


def _accepted_findings(judged: CheckResult, reported: CheckResult) -> frozenset[Key]:
    left = Counter(map(baseline_key, judged.findings)) - Counter(map(baseline_key, reported.findings))
    return frozenset(left)


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
