"""What `keywright adopt` prints."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from keywright.adopt.writing import LEFT
from keywright.reporting.text import counted, joined, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from keywright.adopt.run import Adopted

_MOST_NAMED = 5
_MOST_REASONS = 30
"""How many reasons the report shows; the file has all."""
_WORDS = {
    "users": "user",
    "groups": "group",
    "roles": "role",
    "policies": "policy",
    "identity_providers": "identity provider",
}


def report_lines(adopted: Adopted, snapshot: Path, folder: Path, replaced: tuple[str, ...]) -> Iterator[str]:
    """Write the report for people."""
    adoption = adopted.adoption
    yield f"adopted from {snapshot}: {_numbers(adoption.adopted) or 'nothing'}"
    if adoption.adopted:
        yield "  each is proved to have the access that it has in the account, no more and no less"
    yield from _left(adoption.left)
    if adoption.not_selected:
        yield f"not selected: {adoption.not_selected}"
    if adoption.of_aws:
        yield f"owned by AWS, and never declared: {counted(adoption.of_aws, 'role')}"
    doubts = sum(text.count("# in doubt: ") for text in adopted.files.values())
    if doubts:
        yield f"in doubt: {counted(doubts, 'comment')}; search the files for `in doubt`"
    yield ""
    for name in adopted.files:
        yield f"{'replaced' if name in replaced else 'written'}: {folder / name}"
    for name in replaced:
        if name not in adopted.files:
            yield f"removed: {folder / name}"
    yield f"next: read the files, then `keywright validate {folder}`"


def as_json(adopted: Adopted, replaced: tuple[str, ...]) -> dict[str, Any]:
    """Write the report for programs."""
    adoption = adopted.adoption
    return {
        "adopted": sorted(map(_shown, adoption.adopted)),
        "left_alone": {_shown(name): list(dict.fromkeys(why)) for name, why in sorted(adoption.left.items())},
        "undecided": sorted(map(_shown, adopted.undecided)),
        "not_selected": adoption.not_selected,
        "owned_by_aws": adoption.of_aws,
        "files": [*adopted.files],
        "replaced": [*replaced],
    }


def _left(left: Mapping[str, list[str]]) -> Iterator[str]:
    """List what is left alone, by reason."""
    if not left:
        return
    yield f"left alone: {_numbers(left)}"
    by_reason: dict[tuple[str, ...], list[str]] = {}
    for name, why in sorted(left.items()):
        by_reason.setdefault(tuple(dict.fromkeys(why)), []).append(_shown(name))
    several = [*by_reason.items()]
    for reasons, names in several[:_MOST_REASONS]:
        yield f"  {listed(names, 'and', most=_MOST_NAMED)}: {'; '.join(reasons)}"
    rest = sum(len(names) for _, names in several[_MOST_REASONS:])
    if rest:
        yield f"  and {rest} more; {LEFT} has their reasons"


def _numbers(names: Iterable[str]) -> str:
    number = Counter(each.partition("/")[0] for each in names)
    return joined((counted(number[each], word) for each, word in _WORDS.items() if number[each]), "and")


def _shown(name: str) -> str:
    section, _, own = name.partition("/")
    return f"{_WORDS[section]}/{own}"
