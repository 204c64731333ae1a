"""Apply the fixes of one assembly in memory; see `apply_fixes`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from keywright.assembly.sources.source import UnreadableError
from keywright.assembly.sources.template_file import source_of
from keywright.guardrails.exceptions.baseline import baseline_key
from keywright.guardrails.fixes.changes import CannotRewriteError, Path
from keywright.guardrails.fixes.reread import adds_no_access
from keywright.guardrails.fixes.rewrite import Rewriting
from keywright.guardrails.fixes.text_edits import apply_edits, edits_overlap
from keywright.reporting.finding import Finding, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from keywright.assembly.sources.source import Node
    from keywright.guardrails.exceptions.baseline import Key
    from keywright.guardrails.results import CheckedAssembly, CheckResult

    Check = Callable[[Mapping[str, str]], CheckedAssembly]

MAXIMUM_ATTEMPTS = 40
"""How often an assembly is checked again at most."""

_TOO_MANY_FAILED = "too many other fixes failed before it"


@dataclass(frozen=True)
class Repair:
    """The result of fixes: the texts of the files, the number of fixed findings, and the findings that remain.

    `left` are findings whose fix was not applied, each with the reason.
    """

    texts: Mapping[str, str]
    fixed: int
    checked: CheckedAssembly
    left: tuple[tuple[Finding, str], ...] = ()


def apply_fixes(
    check: Check, texts: Mapping[str, str], kept: Collection[Key], *, widening: bool = False
) -> Repair:
    """Apply fixes to an assembly whose files have these texts; no other file is changed.

    `check` reads the assembly with such texts instead of the contents of its files, and checks it.

    Each fix must produce exactly the data that it announced, remove its finding, cause no other finding, and add no
    access. Fixes that say that they add access are applied last, and only with `widening`. A fix that fails this is left
    out. `spared` are accepted findings and those of a baseline, which stay.
    """
    repair, done, rounds = Repair(texts, 0, check(texts)), -1, _Rounds(check, frozenset(kept))
    while repair.fixed > done:
        done, repair = repair.fixed, replace(repair, left=())
        for widens in (False, True) if widening else (False,):
            repair = rounds.run(repair, widens=widens)
    return repair


_FixKey = tuple["Key", tuple[Path, ...]]


class _Rounds:
    """Rounds of fixes; a fix that failed is not tried again before another one succeeds."""

    def __init__(self, check: Check, kept: frozenset[Key]) -> None:
        self._check = check
        self._kept = kept
        self._widens = False
        self._failed: set[_FixKey] = set()
        self._tries = 0

    def run(self, repair: Repair, *, widens: bool) -> Repair:
        self._widens, self._failed = widens, set()
        while batch := _without_overlaps(self._candidates(repair)):
            if self._tries >= MAXIMUM_ATTEMPTS:
                return replace(repair, left=(*repair.left, *((each, _TOO_MANY_FAILED) for each in batch)))
            repair = self._applied(repair, batch)
        return repair

    def _candidates(self, repair: Repair) -> list[Finding]:
        return [
            each
            for each in repair.checked.result.findings
            if isinstance(each.fix, Rewriting)
            and each.fix.widens is self._widens
            and each.location.file in repair.texts
            and baseline_key(each) not in self._kept
            and _fix_key(each) not in self._failed
        ]

    def _applied(self, repair: Repair, batch: Sequence[Finding]) -> Repair:
        """Apply all of a batch, or bisect it. After the first half, places of the second may have moved: it waits a round."""
        if self._tries >= MAXIMUM_ATTEMPTS:
            return repair
        self._tries += 1
        together = self._attempt(repair, batch)
        if isinstance(together, Repair):
            return together
        if len(batch) == 1:
            self._failed.add(_fix_key(batch[0]))
            return replace(repair, left=(*repair.left, (batch[0], together)))
        middle = len(batch) // 2
        first = self._applied(repair, batch[:middle])
        return first if first.fixed > repair.fixed else self._applied(first, batch[middle:])

    def _attempt(self, repair: Repair, batch: Sequence[Finding]) -> Repair | str:
        """Apply all of a batch, or return why that is not possible."""
        try:
            texts = _texts_after(repair.texts, batch, self._trees(repair))
        except (CannotRewriteError, UnreadableError):
            return "it would change more than it announces"
        after = self._check(texts)
        problem = _new_problem(repair.checked.result, after.result, batch)
        if problem:
            return f"it would cause {problem}"
        # The fix itself compared one policy; here the whole assembly is compared, after all fixes of the batch.
        if not self._widens and not adds_no_access(repair.checked.assembly, after.assembly):
            return "it could add access"
        fixed = len(repair.checked.result.findings) - len(after.result.findings)
        return Repair(texts, repair.fixed + fixed, after, repair.left)

    def _trees(self, repair: Repair) -> Mapping[str, Node]:
        return {each.file: each.source.tree for each in repair.checked.assembly.templates}


def _fix_key(finding: Finding) -> _FixKey:
    changes = finding.fix.changes if isinstance(finding.fix, Rewriting) else ()
    return baseline_key(finding), tuple(each.path for each in changes)


def _without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Choose findings whose fixes edit different places; the others wait for the next round."""
    chosen: list[Finding] = []
    for finding in findings:
        if not any(edits_overlap(finding.fix, each.fix) for each in chosen if finding.fix and each.fix):
            chosen.append(finding)
    return chosen


def _texts_after(
    texts: Mapping[str, str], batch: Sequence[Finding], trees: Mapping[str, Node]
) -> Mapping[str, str]:
    """Edit the texts; each must parse to exactly the data that its fixes announce.

    Raises:
        UnfitError: It parses to something else.
        UnreadableError: It is no longer a template.
    """
    found = dict(texts)
    for file in dict.fromkeys(each.location.file for each in batch):
        fixes = [each.fix for each in batch if each.location.file == file and isinstance(each.fix, Rewriting)]
        fixes.sort(key=lambda each: each.edits[0].start, reverse=True)
        found[file] = apply_edits(texts[file], fixes)
        tree = trees[file]
        for change in (change for fix in fixes for change in fix.changes):
            tree = change.apply(tree)
        if source_of(found[file], PurePath(file).suffix, file).tree != tree:
            raise CannotRewriteError
    return found


_Place = tuple[str, str, str, Outcome]


def _new_problem(before: CheckResult, after: CheckResult, batch: Sequence[Finding]) -> str:
    """Return the first rule with more findings at some place than before, not counting those that the batch removes."""
    had, has = (Counter(map(_place, each.findings)) for each in (before, after))
    had.subtract(map(_place, batch))
    rules = sorted(place[1] for place in has | had if has[place] > had[place])
    if len(after.unusable) > len(before.unusable):
        return "an unusable template"
    return (rules[0] or "an undecided finding") if rules else ""


def _place(finding: Finding) -> _Place:
    _, rule, on, _ = baseline_key(finding)
    return finding.location.file, rule, on, finding.outcome
