"""A stack holds no more than CloudFormation takes; spreading what is declared over more stacks is said in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.near_quota import NEAR
from keywright.model.shards import stack_name
from keywright.model.stack_kinds import MOST, SECTIONS
from keywright.model.stack_sizes import INLINE, RESOURCES, fullest, sizes
from keywright.reporting.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.stack_kinds import Kind
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Warn where a stack comes near its quota of resources, and name the number of stacks that would do."""
    for kind in SECTIONS:
        for number, resources in sorted(sizes(draft, kind, draft.shards).items()):
            beside = _beside(draft, kind, number)
            is_told_by_groups = kind == "people" and beside > NEAR * RESOURCES
            if resources + beside > NEAR * RESOURCES and not is_told_by_groups:
                yield _near(draft, kind, number, resources)
    yield from _inline(draft)


def _beside(draft: Draft, kind: Kind, number: int) -> int:
    """Count what is in a stack besides: groups beside the first people, shared policies beside the first buckets."""
    if number:
        return 0
    beside = {"people": sizes(draft, "groups", draft.shards).get(0, 0), "buckets": len(draft.policies)}
    return beside.get(kind, 0)


def _near(draft: Draft, kind: Kind, number: int, resources: int) -> Finding:
    beside = _beside(draft, kind, number)
    is_over = resources + beside > RESOURCES
    return draft.finding(
        f"stack `{stack_name(kind, number)}` {'is over' if is_over else 'comes near'} its quota of resources",
        f"about {resources} for {SECTIONS[kind]}" + (f", {beside} beside them" if beside else ""),
        f"at most {RESOURCES}: {_way_on(draft, kind, is_over=is_over, is_beside=beside > resources)}",
        at=("policies",) if kind == "buckets" and beside > resources else _place(draft, kind),
        severity=Severity.WARNING,
    )


def _way_on(draft: Draft, kind: Kind, *, is_over: bool, is_beside: bool) -> str:
    if is_beside and kind == "buckets":
        return "fewer shared policies, which stand beside the first buckets; grants of few belong to their holders"
    spread_more: Kind = "groups" if is_beside else kind
    command = f"`keywright spread {spread_more} {_enough(draft, spread_more)}"
    if is_over:
        return f"{command} --live`, which lets stay who is deployed, or `--fresh` where nobody is"
    return f"{command}`, and nobody moves"


def _inline(draft: Draft) -> Iterator[Finding]:
    """Advise before the largest template of people needs a bucket to be handed over by."""
    stack, resources = fullest(draft, "people", draft.shards)
    if NEAR * INLINE < resources <= NEAR * RESOURCES:
        yield draft.finding(
            f"the template of `{stack}` {'is likely over' if resources > INLINE else 'comes near'} 51,200 bytes",
            f"about {resources} resources of people, the most of all stacks",
            f"at most about {INLINE}: `keywright spread people`, or a bootstrap bucket",
            at=_place(draft, "people"),
            severity=Severity.ADVICE,
        )


def _place(draft: Draft, kind: Kind) -> tuple[str, ...]:
    return ("shards", kind) if draft.places.along(("shards", kind))[2:] else (SECTIONS[kind],)


def _enough(draft: Draft, kind: Kind) -> int:
    """Give twice as many stacks, or as many as hold everybody to three fifths of what they take: a hash fills none evenly."""
    resources = sum(sizes(draft, kind, draft.shards).values())
    twice = draft.shards.of(kind).stacks * 2
    return min(MOST, max(twice, -(-resources * 5 // (RESOURCES * 3))))
