"""Actions and condition keys: AWS lists each of them, or `unlisted` confirms its spelling.

Keywright's copy of the Service Authorization Reference is older than AWS's newest actions, so a name that is not in it may
exist. A declaration confirms each such name under `unlisted`, so that no misspelled name is taken for a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keywright.model.fields.nearest import nearest
from keywright.policy.reference import catalogue
from keywright.policy.reference.condition_keys import is_known, known_keys
from keywright.reporting.finding import Severity
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.model.draft import Draft
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding


class AwsName(NamedTuple):
    """An action or condition key in a declaration, and how severe it is if AWS does not list it."""

    name: str
    at: Path
    is_key: bool = False
    severity: Severity = Severity.ERROR


def check_aws_names(
    draft: Draft, names: Sequence[AwsName], unlisted: tuple[str, ...], at: Path
) -> Iterator[Finding]:
    """Report names that AWS does not list, unless they are in `unlisted`, and names in `unlisted` that are not needed."""
    used = {each.name: each for each in names}
    for each in names:
        if each.name not in unlisted and not _is_listed(each):
            yield _not_listed(draft, each)
    for index, name in enumerate(unlisted):
        where = (*at, index)
        if name not in used:
            near = listed(nearest(name, used))
            yield draft.finding(
                "`unlisted` has a name that is not used beside it", quoted(name), near, at=where
            )
        elif _is_listed(used[name]):
            yield draft.finding(
                "the name is in AWS's reference",
                quoted(name),
                f"`unlisted` without {quoted(name)}",
                at=where,
                severity=Severity.ADVICE,
            )


def _is_listed(named: AwsName) -> bool:
    if named.is_key:
        return is_known(named.name)
    return named.name == "*" or next(catalogue.matching_actions(named.name), None) is not None


def _not_listed(draft: Draft, named: AwsName) -> Finding:
    what = "no condition key of AWS has this name" if named.is_key else "no AWS action matches"
    near = _nearest_keys(named.name) if named.is_key else _nearest_actions(named.name)
    confirm = f"`unlisted: [{named.name}]` if AWS has added it since"
    return draft.finding(
        what,
        quoted(named.name),
        f"{listed(near)}, or {confirm}" if near else confirm,
        at=named.at,
        severity=named.severity,
    )


def _nearest_actions(action: str) -> list[str]:
    service, _, name = action.partition(":")
    if service.lower() not in catalogue.services():
        return [f"{each}:{name}" for each in nearest(service.lower(), catalogue.services())]
    known = {each.name for each in catalogue.actions_of(service)}
    return [f"{service}:{each}" for each in nearest(name, known)]


def _nearest_keys(key: str) -> list[str]:
    service, _, name = key.partition(":")
    if known := known_keys(service):
        return nearest(key, known)
    if service.lower() in catalogue.services():
        return nearest(f"aws:{name}", known_keys("aws"))
    return [f"{each}:{name}" for each in nearest(service.lower(), ("aws", *catalogue.services()))]
