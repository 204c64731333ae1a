"""The review as a Markdown comment: the verdict, then the most serious changes first, within GitHub's size limit."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import counted, joined
from keywright.review.changes.passed_roles import RUNS
from keywright.review.report.summary import RISKY, cut_summary, summary_lines
from keywright.review.report.wording import Detail, Wording, code, listed, prose, reason
from keywright.review.result import LEAVER, Change, Subject, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright.review.result import Approval, EscalationPath, Fact, Note, ReplacedIdentity, Review


LONGEST_COMMENT = 65_536
"""GitHub's limit in characters ("Body is too long"); counted here in bytes, which are never fewer."""
_SPARE = 1_024
_MOST_IN_FULL = 20
"""How many changes are shown in full if the comment would be too long otherwise."""
_MOST_OF_A_KIND = 5
_MOST_VISIBLE = 5
"""How many items of a section are not folded."""
_NO_LIMIT = 1 << 40
_TITLES = {
    Verdict.WIDENS: "widens",
    Verdict.UNDECIDED: "undecided",
    Verdict.NARROWS: "narrows",
    Verdict.NO_NEW_ACCESS: "no new access (proved)",
}
MARK = "<!-- keywright access review -->"
"""The first line of the comment, by which the workflow finds its earlier comment."""


@dataclass(frozen=True)
class _Section:
    """A heading, its items, and whether they are folded; those without a heading are visible lines."""

    title: str
    items: tuple[str, ...]
    is_folded: bool = True


def render_markdown(review: Review, limit: int = LONGEST_COMMENT) -> str:
    """Write the comment: with all details, or with fewer details of the less serious changes."""
    # Less detail before fewer changes: a change that is left out could be the one that matters.
    for most in (2 * len(review.changes), _MOST_IN_FULL, _MOST_IN_FULL // 4):
        page = _page(review, _details(review, most), None)
        if len(page.encode()) <= limit - _SPARE:
            return page
    return _page(review, _details(review, _MOST_IN_FULL // 4), limit)


def _details(review: Review, most: int) -> dict[int, Detail]:
    """Choose the detail of each change: everything for the first ones, one line for the others."""
    ordered = [*review.gains, *review.losses]
    found: dict[int, Detail] = {}
    for at, each in enumerate(ordered):
        found.setdefault(id(each), Detail.STATEMENT if at < most else Detail.LINE)
    return found


def _page(review: Review, details: dict[int, Detail], limit: int | None) -> str:
    lines = [MARK, heading(review), ""]
    sections = [each for each in _sections(review, details) if each.items]
    footer = _footer(review)
    # The heading and the footer are always written; sections share the rest.
    room = (limit or _NO_LIMIT) - _SPARE - sum(len(each.encode()) + 1 for each in (*lines, footer))
    for section in sections:
        written, room = _written(section, room)
        lines += [*written, ""]
    return "\n".join([*lines, footer, ""]) if footer else "\n".join(lines)


def render_text(review: Review) -> str:
    """Write the first screen for a terminal."""
    lines = [heading(review).lstrip("# "), ""]
    for section in first_screen(review):
        if section.items:
            lines += [*([f"**{section.title}**"] if section.title else []), *section.items, ""]
    footer = [footer] if (footer := _footer(review)) else []
    text = _BOLD.sub(lambda found: found["code"] or "", "\n".join([*lines, *footer]).rstrip())
    return text if review.unusable or review.verdict is Verdict.NOTHING else f"{text}\n{_DETAILS}"


_BOLD = re.compile(r"(?P<code>(?<!`)(?P<fence>`+)(?!`).+?(?<!`)(?P=fence)(?!`))|\*\*")
"""A code span, which stays, or the mark of bold text."""
_DETAILS = "Requests that show each change, and statements: --format markdown, html or json"


def heading(review: Review) -> str:
    """Write the verdict and its numbers on one line."""
    if review.unusable:
        return f"### Access review: **unusable input** · {counted(len(review.unusable), 'error')}"
    if review.verdict is Verdict.NOTHING:
        same = "" if review.is_same_text else ", although the templates differ"
        return f"### Access review: **nothing changed**{same} · {counted(review.unchanged, 'principal')} unchanged (proved)"
    numbers = [
        counted(review.widening, "gain"),
        counted(review.narrowing, "loss"),
        f"{review.unchanged + len(review.rewritten)} unchanged (proved)",
        f"{len(review.open_questions)} undecided",
    ]
    expected = review.widening - review.unexpected
    numbers += [f"{expected} expected"] if expected else []
    running = sum(each.about == RUNS for each in review.facts)
    numbers += [f"{counted(running, 'code change')} not evaluated"] if running else []
    return f"### Access review: **{_TITLES[review.verdict]}** · {' · '.join(numbers)}"


def _sections(review: Review, details: dict[int, Detail]) -> Iterator[_Section]:
    words = Wording(review.names)

    def describe(changes: Sequence[Change], *, is_gain: bool) -> list[str]:
        return [words.change(each, is_gain=is_gain, detail=details[id(each)]) for each in changes]

    yield from first_screen(review)
    widening = [each for each in review.facts if each.widens]
    yield _Section("Gains", (*describe(review.gains, is_gain=True), *map(_fact, widening)))
    yield _Section("New escalation paths", tuple(map(_path, review.paths[_MOST_VISIBLE:])))
    yield _Section("Undecided", tuple(f"- {reason(each)}" for each in review.open_questions[_MOST_VISIBLE:]))
    leaving = [each for each in review.facts if each.about == LEAVER]
    of_leavers, replaced = _split_leavers(review, leaving)
    risky = [each for each in review.facts if each.about in RISKY]
    yield _Section("Replaced by CloudFormation", (*map(_replaced, replaced), *map(_fact, risky)))
    noted, weaker = _notes(review)
    yield _Section("Invariants, exceptions, quotas", tuple(map(_note, (*weaker[_MOST_VISIBLE:], *noted))))
    names = {each.name for each in leaving}
    yield _Section("Deleted users", tuple(_leaver(each, of_leavers, review, details) for each in leaving))
    narrowing = [each for each in review.facts if each.narrows and each not in leaving]
    losses = [each for each in review.losses if each.name not in names or each.subject is not Subject.ACCESS]
    yield _Section("Losses", (*describe(losses, is_gain=False), *map(_fact, narrowing)))
    listed_facts = (*widening, *leaving, *narrowing, *risky)
    others = [each for each in review.facts if not each.undecided and each not in listed_facts]
    undecided_losses = [
        each for each in review.changes if each.may_lose and each.may_lose not in each.undecided
    ]
    yield _Section("Other changes", (*map(_fact, others), *map(_undecided_loss, undecided_losses)))
    yield _Section("Guardrails: more new findings", tuple(map(_finding, review.findings_new[_MOST_VISIBLE:])))
    yield _Section("Guardrails: resolved", tuple(map(_finding, review.findings_gone)))
    yield _Section(
        "Rewritten, access proved equal",
        tuple(f"- {code(each.name)}: {_SUBJECTS[each.subject]}" for each in review.rewritten),
    )


def first_screen(review: Review) -> Iterator[_Section]:
    """Give what is never folded: a line for each name, and what a person has to decide."""
    yield _Section("Unusable", tuple(f"- {code(each)}" for each in review.unusable), is_folded=False)
    yield _Section("", tuple(cut_summary(summary_lines(review))), is_folded=False)
    yield _Section("Needs approval", tuple(map(_approval, review.approvals)), is_folded=False)
    yield _visible("Undeclared accounts", _by_account(review))
    yield _visible("New escalation paths", tuple(map(_path, review.paths)))
    yield _visible("Undecided", tuple(f"- {reason(each)}" for each in review.open_questions))
    yield _visible("Weaker checks", tuple(map(_note, _notes(review)[1])))
    yield _visible("Guardrails: new", tuple(map(_finding, review.findings_new)))
    unused = tuple(f"- {code(each)}" for each in review.unused)
    yield _Section("Expected, but not found", unused, is_folded=False)


def _visible(title: str, items: Sequence[str]) -> _Section:
    """Show the first items and count the others, which are folded."""
    left = len(items) - _MOST_VISIBLE
    more = (f"- … and {counted(left, 'other')}, below",) if left > 0 else ()
    return _Section(title, (*items[:_MOST_VISIBLE], *more), is_folded=False)


def _notes(review: Review) -> tuple[list[Note], list[Note]]:
    """Give the notes, and apart from them those of weaker checks."""
    weaker = [each for each in review.notes if each.weakens]
    return [each for each in review.notes if not each.weakens], weaker


def _split_leavers(
    review: Review, leaving: Sequence[Fact]
) -> tuple[dict[str, list[ReplacedIdentity]], list[ReplacedIdentity]]:
    """Separate the deleted identities of leavers, which are told with the leaver, from the other replaced ones."""
    of_leavers: dict[str, list[ReplacedIdentity]] = {each.name: [] for each in leaving}
    others: list[ReplacedIdentity] = []
    for each in review.replaced:
        of_leavers.get(each.owner or each.name, others).append(each)
    return of_leavers, others


def _leaver(
    fact: Fact,
    replaced: Mapping[str, Sequence[ReplacedIdentity]],
    review: Review,
    details: Mapping[int, Detail],
) -> str:
    """Tell a leaver once: the user, what is deleted with it, and its access."""
    words = Wording(review.names)
    lines = [_fact(fact), *(f"  {_replaced(each)}" for each in replaced[fact.name])]
    for each in review.losses:
        if each.name == fact.name and each.subject is Subject.ACCESS:
            text = words.change(each, is_gain=False, detail=details[id(each)])
            lines += [f"  {line}" if line else "" for line in text.split("\n")]
    return "\n".join(lines)


def _by_account(review: Review) -> tuple[str, ...]:
    """Tell what is gained only if the account that no template states is a certain one; each gain once."""
    words = Wording(review.names)
    found: dict[str, dict[str, None]] = {}
    for change in review.gains:
        for step in change.gains:
            if step.account:
                says = f"{code(change.name)} {words.what(change, replace(step, where=''), is_gain=True)}"
                found.setdefault(says, {})[step.account] = None
    return tuple(
        f"- if this is deployed in the account {joined(map(code, accounts), 'or', most=_MOST_OF_A_KIND)}: {says}"
        for says, accounts in found.items()
    )


_SUBJECTS = {
    Subject.ACCESS: "what it can do",
    Subject.TRUST: "who can assume it",
    Subject.RESOURCE: "who can access it",
}


def _written(section: _Section, room: int) -> tuple[list[str], int]:
    """Write a section within the remaining size, and state what is left out."""
    head = _head(section)
    lines: list[str] = []
    # Reserved for the line that counts what is left out.
    room -= len(head.encode()) + 200
    for index, item in enumerate(section.items):
        size = len(item.encode()) + 1
        if size > room:
            left = len(section.items) - index
            lines.append(
                f"- … {left} more left out because the comment would be too long; `--format json` lists all"
            )
            room = min(room, _SPARE // 4)
            break
        lines.append(item)
        room -= size
    if section.is_folded:
        return [head, "", *lines, "", "</details>"], room
    return [*([head] if head else []), *lines], room


def _head(section: _Section) -> str:
    if not section.title:
        return ""
    if section.is_folded:
        return f"<details><summary>{section.title} ({len(section.items)})</summary>"
    return f"**{section.title}**"


# The rest


def _at(place: Location | None) -> str:
    return f" · {code(place)}" if place else ""


def _fact(fact: Fact) -> str:
    expected = f" · expected: {code(fact.expected)}" if fact.expected else ""
    return f"- {code(fact.name)} {prose(fact.says)}{_at(fact.declared or fact.place)}{expected}"


def _approval(approval: Approval) -> str:
    reasons = "; ".join(f"{kind} ({listed(names, _MOST_OF_A_KIND)})" for kind, names in approval.because)
    return f"- {code(approval.team)}: {reasons}"


def _note(note: Note) -> str:
    word = "**" if note.weakens else ""
    return f"- {word}{note.about}{word} {code(note.name)} {prose(note.says)}{_at(note.place)}"


def _undecided_loss(change: Change) -> str:
    return f"- {code(change.name)} may lose access (undecided): {reason(change.may_lose)}"


def _path(path: EscalationPath) -> str:
    needs = f"; needs {reason(path.needs)}" if path.needs else ""
    return f"- {code(path.principal)} → {code(path.to)} by {listed(path.via, 6)}{needs}"


def _replaced(each: ReplacedIdentity) -> str:
    return f"- {code(each.name)} {prose(each.says)}; this loses **{each.loses}**{_at(each.declared or each.place)}"


def _finding(finding: Finding) -> str:
    return f"- {code(str(finding).replace('`', chr(39)))}"


def _footer(review: Review) -> str:
    if review.unusable or review.verdict is Verdict.NOTHING:
        return ""
    rules = sorted({each.rule for each in review.findings_gone if each.rule})
    gone = f" ({', '.join(map(code, rules[:5]))})" if rules else ""
    return " · ".join(
        [
            f"**Replaced by CloudFormation**: {_number(len(review.replaced), 'none')}",
            f"**Escalation paths**: {_number(len(review.paths), 'none')} new",
            f"**Guardrails**: {len(review.findings_new)} new, {len(review.findings_gone)} resolved{gone}",
        ]
    )


def _number(number: int, none: str) -> str:
    return str(number) if number else none


def shortened(review: Review, folders: Sequence[str]) -> Review:
    """Remove folder prefixes from all locations of a review."""
    starts = tuple(f"{each}/" for each in folders if each)
    found: Review = _shortened(review, starts)
    return found


def _shortened(value: Any, starts: tuple[str, ...]) -> Any:
    if isinstance(value, Location):
        file = next(
            (value.file.removeprefix(each) for each in starts if value.file.startswith(each)), value.file
        )
        return value if file == value.file else replace(value, file=file)
    # Messages can begin with a location.
    if isinstance(value, str):
        return next((value.removeprefix(each) for each in starts if value.startswith(each)), value)
    if isinstance(value, tuple):
        return tuple(_shortened(each, starts) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: _shortened(getattr(value, each.name), starts)
            for each in fields(value)
            if each.init and isinstance(getattr(value, each.name), tuple | Location | Finding)
        }
        return replace(value, **changed) if changed else value
    return value
