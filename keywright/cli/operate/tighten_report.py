"""What `keywright tighten` reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.reporting.text import counted, listed, on_one_line, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.tighten.observed import Activity, Observed
    from keywright.tighten.trail import Trail, Use

_MOST_NAMED = 5


def as_text(observed: Observed) -> Iterator[str]:
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


def as_markdown(observed: Observed) -> Iterator[str]:
    """Write the report for a pull request."""
    yield from ("# What was used", "", *(f"{each}  " for each in _about(observed.trail)))
    yield from ("", "| identity | action | used | first | last | denied |", "|---|---|---|---|---|---|")
    for identity, activity in observed.activities.items():
        for action, use in sorted(activity.uses.items()):
            first, last = use.first[:10], use.last[:10]
            yield f"| {_code(identity.label)} | {_code(action)} | {use.used} | {first} | {last} | {use.refused} |"
    yield from ("", *(f"{each}  " for each in _without(observed)))


def as_json(observed: Observed) -> dict[str, Any]:
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


def _about(trail: Trail) -> Iterator[str]:
    """Describe what was read."""
    yield f"trail: {counted(trail.files, 'file')}, {counted(trail.events, 'event')}"
    for (account, region), each in sorted(trail.coverage.items()):
        if each.days:
            days = counted(len(each.days), "day")
            yield f"  {account or 'no account'} {region or 'no region'}: {min(each.days)} to {max(each.days)}, events on {days}"
    if trail.unread:
        yield f"  not read: {counted(len(trail.unread), 'file')}, in whole or in part"


def _use(use: Use) -> str:
    parts = []
    if use.used:
        first, last = use.first[:10], use.last[:10]
        parts.append(f"{counted(use.used, 'time')}, {first if first == last else f'{first} to {last}'}")
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
