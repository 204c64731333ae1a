"""What the identities of an assembly did: the trail's principals, matched by account, kind and name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import principals_of
from keywright.reasoning.account.actors import ActorKind
from keywright.tighten.trail import Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.templates.template import Assembly
    from keywright.tighten.trail import Trail

_ARN = re.compile(
    r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):(?P<kind>user|role)/(?:[^/]+/)*(?P<name>[^/]+)"
    r"|arn:aws[a-z-]*:sts::(?P<of_session>[0-9]{12}):assumed-role/(?P<role>[^/]+)/.*"
)
_GENERATED = re.compile(r"<(?P<stack>[^|<>]+)\|(?P<logical>[A-Za-z0-9]+)>")
_ACCOUNT = re.compile(r"[0-9]{12}")
_LONGEST = 64
"""The longest name of a role; CloudFormation shortens the parts of a longer one."""
_RANDOM = 13
"""Characters that CloudFormation adds to a generated name, and the hyphen before them."""


@dataclass(frozen=True, slots=True)
class Who:
    """A user or role as CloudTrail names it: without its path, which names of sessions lack."""

    account: str
    kind: str
    name: str


def who(arn: str) -> Who | None:
    """Give the user or role of an ARN; None for another principal, such as the root user or a service."""
    found = _ARN.fullmatch(arn)
    if found is None:
        return None
    if found["role"]:
        return Who(found["of_session"], "role", found["role"])
    return Who(found["account"], found["kind"], found["name"])


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or role of an assembly; `pattern` matches its name, which CloudFormation may generate."""

    label: str
    account: str
    kind: str
    pattern: str
    logical_id: str = ""

    @property
    def is_nameable(self) -> bool:
        """Whether its name can be recognized in a trail."""
        return bool(self.pattern)

    def matches(self, principal: Who) -> bool:
        """Tell whether a principal of the trail is this one."""
        return (
            (principal.account, principal.kind) == (self.account, self.kind)
            and self.is_nameable
            and re.fullmatch(self.pattern, principal.name) is not None
        )


def identities_of(assembly: Assembly, account: str = "") -> Iterator[Identity]:
    """List the users and roles of an assembly; `account` is used where no template states one."""
    principals = principals_of(assembly, account)
    for actor in principals.account.actors:
        if actor.kind not in {ActorKind.USER, ActorKind.ROLE} or actor.arn not in principals.resources:
            continue
        resource = principals.resources[actor.arn]
        kind = actor.kind.value
        _, _, rest = actor.arn.partition(f":{kind}/")
        name = rest.rpartition("/")[2]
        generated = _GENERATED.search(rest)
        if generated:
            start = f"{generated['stack']}-{generated['logical']}"
            fits = len(start) + _RANDOM <= _LONGEST
            pattern = rf"{re.escape(start)}-[A-Za-z0-9]{{1,{_RANDOM}}}" if fits else ""
            name = f"{generated['stack']}-{generated['logical']}"
        else:
            pattern = "" if set(name) & set("<>*?$") else re.escape(name)
        owner = actor.arn.split(":")[4]
        if not _ACCOUNT.fullmatch(owner):
            pattern = ""
        yield Identity(f"{kind}/{name}", owner, kind, pattern, resource.logical_id)


@dataclass
class Activity:
    """What one identity did."""

    uses: dict[str, Use] = field(default_factory=dict)
    """By action."""
    unknown: dict[str, int] = field(default_factory=dict)
    """By `service:Event`, for events that name no known action."""

    @property
    def first(self) -> str:
        """The time of the first use of any action."""
        return min((each.first for each in self.uses.values() if each.used), default="")

    def used(self) -> frozenset[str]:
        """Give the actions that were used, in lower case."""
        return frozenset(action.lower() for action, use in self.uses.items() if use.used)

    def unknown_services(self) -> dict[str, str]:
        """Give an event that names no known action, by its service."""
        return {name.partition(":")[0]: name for name in sorted(self.unknown, reverse=True)}

    def add(self, other: Activity) -> None:
        """Add what another identity did."""
        for action, use in other.uses.items():
            merge_uses(self.uses.setdefault(action, Use()), use)
        for name, number in other.unknown.items():
            self.unknown[name] = self.unknown.get(name, 0) + number


def merge_uses(into: Use, other: Use) -> None:
    """Add one use to another."""
    into.add(other.used, other.refused, other.first, other.last, "")
    into.more_resources += other.more_resources
    for each in other.resources:
        if each not in into.resources:
            into.resources.append(each)


class Observed:
    """The trail by identity."""

    def __init__(self, trail: Trail, identities: Iterable[Identity]) -> None:
        self.trail = trail
        self.identities = tuple(identities)
        by_name: dict[Who | None, Activity] = {}
        for (principal, action), use in trail.uses.items():
            activity = by_name.setdefault(who(principal), Activity())
            merge_uses(activity.uses.setdefault(action, Use()), use)
        for (principal, event), number in trail.unknown.items():
            activity = by_name.setdefault(who(principal), Activity())
            activity.unknown[event] = activity.unknown.get(event, 0) + number
        self._by_name: Mapping[Who | None, Activity] = by_name
        self.activities = {each: self.activity(each) for each in self.identities}
        """By identity of the assembly."""

    def activity(self, identity: Identity) -> Activity:
        """Give what an identity did."""
        found = Activity()
        # Most names are known, and a trail can have as many principals as an assembly.
        exact = identity.pattern.replace("\\", "")
        if re.escape(exact) == identity.pattern:
            known = self._by_name.get(Who(identity.account, identity.kind, exact))
            if known is not None:
                found.add(known)
            return found
        for principal, activity in self._by_name.items():
            if principal is not None and identity.matches(principal):
                found.add(activity)
        return found

    def others(self) -> int:
        """Count the users and roles of the trail that are not in the assembly."""
        exact = {(each.account, each.kind, each.pattern) for each in self.identities}
        generated = [each for each in self.identities if "[" in each.pattern]
        return sum(
            1
            for each in self._by_name
            if each is not None
            and (each.account, each.kind, re.escape(each.name)) not in exact
            and not any(identity.matches(each) for identity in generated)
        )


@dataclass(frozen=True)
class Period:
    """The days that a trail has events of, in one account and region."""

    first: date | None
    last: date | None
    observed: int
    """The days with an event."""

    @property
    def days(self) -> int:
        """All days from the first to the last."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0


def period_of(trail: Trail, account: str, region: str) -> Period:
    """Give the period that a trail covers in an account's region."""
    days = trail.days_of(account).get(region, set())
    return Period(min(days, default=None), max(days, default=None), len(days))


def is_recent(first: str, last: date, days: int) -> bool:
    """Tell whether a first event is less than a number of days before the last day."""
    return bool(first) and date.fromisoformat(first[:10]) > last - timedelta(days=days - 1)
