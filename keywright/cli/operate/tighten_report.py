"""What `keywright tighten` reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.reporting.text import counted, listed, on_one_line, quoted
from keywright.tighten.proposal import subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.source.places import Path
    from keywright.tighten.narrowing import Narrowing
    from keywright.tighten.observed import Activity, Observed
    from keywright.tighten.proposal import Proposal
    from keywright.tighten.trail import Trail, Use

_MOST_NAMED = 5


def as_text(observed: Observed, proposal: Proposal | None) -> Iterator[str]:
    """Write the report for people."""
    yield from _about(observed.trail)
    for identity, activity in observed.activities.items():
        if not activity.uses and not activity.unknown:
            continue
        yield ""
        yield f"{identity.label}: {counted(len(activity.used()), 'action')} used"
        width = max((len(action) for action in activity.uses), default=0)
        for action, use in sorted(activity.uses.items()):
            yield f"  {action:{width}}  {_use(use)}"
        if activity.unknown:
            yield f"  events of no known action: {listed(sorted(activity.unknown), most=_MOST_NAMED)}"
    yield from ("", *_without(observed))
    if proposal is not None:
        yield from ("", *_proposed(proposal))


def as_markdown(observed: Observed, proposal: Proposal | None) -> Iterator[str]:
    """Write the report for a pull request."""
    yield from ("# What was used", "", *(f"{each}  " for each in _about(observed.trail)))
    yield from ("", "| identity | action | used | first | last | denied |", "|---|---|---|---|---|---|")
    for identity, activity in observed.activities.items():
        for action, use in sorted(activity.uses.items()):
            first, last = use.first[:10], use.last[:10]
            yield f"| {_code(identity.label)} | {_code(action)} | {use.used} | {first} | {last} | {use.refused} |"
    yield from ("", *(f"{each}  " for each in _without(observed)))
    if proposal is not None:
        yield from _proposed_in_markdown(proposal)


def as_json(observed: Observed, proposal: Proposal | None) -> dict[str, Any]:
    """Write the report for programs."""
    trail = observed.trail
    return {
        "trail": {
            "files": trail.files,
            "events": trail.events,
            "coverage": [
                {
                    "account": account,
                    "region": region,
                    "first": str(min(each.days)),
                    "last": str(max(each.days)),
                    "days_with_events": len(each.days),
                    "events": each.events,
                    "reads": each.reads,
                }
                for (account, region), each in sorted(trail.coverage.items())
                if each.days
            ],
            "not_read": [
                {"file": each.file, "reason": each.reason, "records": each.records} for each in trail.unread
            ],
        },
        "identities": [
            {"name": identity.label, "recognizable": identity.is_nameable, **_activity_as_json(activity)}
            for identity, activity in observed.activities.items()
        ],
        "principals_elsewhere": observed.others(),
        "proposal": None if proposal is None else _proposal_as_json(proposal),
    }


def _proposal_as_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "missing": list(proposal.missing),
        "narrowed": [
            {
                "grant": subject(each.path),
                "place": str(proposal.places[each.path]),
                "how": each.says,
                "not_used": list(each.removed),
                "kept": list(each.kept),
                "used": [
                    {"action": action, "used": use.used, "first": use.first, "last": use.last}
                    for action, use in _used_of(proposal, each)
                ],
            }
            for each in proposal.narrowings
        ],
        "left": [
            {"grant": subject(each.path), "place": str(proposal.places[each.path]), "because": each.because}
            for each in proposal.left
        ],
        "diff": "".join(each.diff for each in proposal.files),
    }


def _activity_as_json(activity: Activity) -> dict[str, Any]:
    return {
        "actions": [
            {
                "action": action,
                "used": use.used,
                "denied": use.refused,
                "first": use.first or None,
                "last": use.last or None,
                "resources": use.resources,
                "more_resources": use.more_resources,
            }
            for action, use in sorted(activity.uses.items())
        ],
        "events_of_no_known_action": dict(sorted(activity.unknown.items())),
    }


def _proposed(proposal: Proposal) -> Iterator[str]:
    """Write the proposal for people."""
    if proposal.missing:
        yield "no narrower grants are proposed:"
        yield from (f"  {each}" for each in proposal.missing)
        return
    if proposal.narrowings:
        yield "narrower grants, proved to allow nobody more than before:"
    else:
        yield "no grant can be narrowed"
    for each in proposal.narrowings:
        yield f"  {subject(each.path)}, {proposal.places[each.path]}: {each.says}"
        yield f"    not used: {listed(each.removed, 'and', most=_MOST_NAMED)}"
        for action, use in _used_of(proposal, each):
            yield f"    used: {action} {_use(use)}"
        if unseen := _unseen(proposal, each):
            yield f"    kept, since the trail can't show it, or it belongs to what is used: {listed(unseen, 'and', most=_MOST_NAMED)}"
    if proposal.left:
        yield "left as they are:"
        for because, several in _by_reason(proposal):
            names = listed(dict.fromkeys(map(subject, several)), "and", most=_MOST_NAMED)
            yield f"  {names}: {because}"
    yield _REACH


def _proposed_in_markdown(proposal: Proposal) -> Iterator[str]:
    yield from ("", "# Narrower grants", "")
    if proposal.missing:
        yield from (f"- No proposal: {on_one_line(each)}" for each in proposal.missing)
        return
    if proposal.narrowings:
        yield from ("Proved to allow nobody more than before.", "")
        yield from ("| grant | | not used | used, first to last |", "|---|---|---|---|")
    for each in proposal.narrowings:
        used = "<br>".join(f"{_code(action)} {_counts(use)}" for action, use in _used_of(proposal, each))
        gone = ", ".join(map(_code, each.removed))
        place = f"{_code(subject(each.path))} {_code(str(proposal.places[each.path]))}"
        yield f"| {place} | {on_one_line(each.says)} | {gone} | {used} |"
    yield ""
    for because, several in _by_reason(proposal):
        names = ", ".join(map(_code, dict.fromkeys(map(subject, several))))
        yield f"- Left: {names}: {on_one_line(because)}"
    yield from ("", _REACH)


_REACH = (
    "What happened in Regions or accounts that the trail has no events of is not seen, nor what is done more rarely than the period is "
    "long. In the place of a pattern, actions that AWS adds later are not covered."
)


def _by_reason(proposal: Proposal) -> Iterator[tuple[str, list[Path]]]:
    by_reason: dict[str, list[Path]] = {}
    for each in proposal.left:
        by_reason.setdefault(each.because, []).append(each.path)
    yield from by_reason.items()


def _used_of(proposal: Proposal, narrowing: Narrowing) -> Iterator[tuple[str, Use]]:
    """Give the uses of what stays of a grant."""
    uses = proposal.activities[str(narrowing.path[0]), str(narrowing.path[1])].uses
    kept = {each.lower() for each in narrowing.kept}
    for action, use in sorted(uses.items()):
        if use.used and action.lower() in kept:
            yield action, use


def _unseen(proposal: Proposal, narrowing: Narrowing) -> list[str]:
    used = {action.lower() for action, _ in _used_of(proposal, narrowing)}
    return [each for each in narrowing.kept if each.lower() not in used]


def _about(trail: Trail) -> Iterator[str]:
    """Describe what was read."""
    yield f"trail: {counted(trail.files, 'file')}, {counted(trail.events, 'event')}"
    for (account, region), each in sorted(trail.coverage.items()):
        if each.days:
            days = counted(len(each.days), "day")
            yield f"  {account or 'no account'} {region or 'no region'}: {min(each.days)} to {max(each.days)}, events on {days}"
    if trail.unread:
        yield f"  not read: {counted(len(trail.unread), 'file')}, in whole or in part"


def _counts(use: Use) -> str:
    first, last = use.first[:10], use.last[:10]
    return f"{counted(use.used, 'time')}, {first if first == last else f'{first} to {last}'}"


def _use(use: Use) -> str:
    parts = []
    if use.used:
        parts.append(_counts(use))
    if use.refused:
        parts.append(f"denied {counted(use.refused, 'time')}")
    if use.resources:
        more = f" and {use.more_resources} more" if use.more_resources else ""
        parts.append(f"on {quoted(use.resources[0])}{more or _others(use)}")
    return "; ".join(parts)


def _others(use: Use) -> str:
    return f" and {len(use.resources) - 1} more" if len(use.resources) > 1 else ""


def _without(observed: Observed) -> Iterator[str]:
    """Name the identities without an event, and count the principals that are not in the assembly."""
    idle = [
        each.label
        for each, activity in observed.activities.items()
        if each.is_nameable and not activity.uses and not activity.unknown
    ]
    if idle:
        yield f"without any event: {listed(idle, 'and', most=_MOST_NAMED)}"
    hidden = [each.label for each in observed.identities if not each.is_nameable]
    if hidden:
        yield f"not recognizable in a trail, by name or account: {listed(hidden, 'and', most=_MOST_NAMED)}"
    if others := observed.others():
        yield f"users and roles of the trail that are not in the templates: {others}"


def _code(text: str) -> str:
    return f"`{on_one_line(text).replace('`', '').replace('|', '')}`"
