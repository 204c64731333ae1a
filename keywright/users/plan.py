"""The plan to fewer users: every user of an account, the riskiest first, and of these the easiest."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from keywright.adopt.grants import ADMINISTRATOR
from keywright.model.trusts.trust import GroupTrust
from keywright.reporting.text import joined, quoted
from keywright.users.access import AccessReader
from keywright.users.judging import Effort, Risk, Step, kept_because, platform_of, risk_of, unused
from keywright.users.replacement import Replacements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from keywright.account.entities import User
    from keywright.account.snapshot import AccountSnapshot
    from keywright.adopt.people import Kind
    from keywright.model.declarations import Declarations
    from keywright.reasoning.escalation.paths import EscalationResult
    from keywright.users.access import Access

_WHERE_UNKNOWN = "where it runs is unknown: the declaration is for EC2. CloudTrail shows the address and the user agent of its requests"
_BOUNDARY = (
    "Keywright's permissions boundary limits the permission set, so that it is no administrator; "
    "`boundary: {none: {because: …}}` leaves it out"
)


@dataclass(frozen=True)
class Entry:
    """One user in the plan.

    Attributes:
        because: Why this step.
        section: Where the replacement is declared, such as `permission_sets`; "" without one.
        name: Its name there.
        before: What to do, or to know, before the switch.
        missing: What the replacement lacks or has in addition.
        dropped: What the replacement does not need.
    """

    user: User
    kind: Kind
    step: Step
    risk: Risk
    effort: Effort
    because: tuple[str, ...] = ()
    section: str = ""
    name: str = ""
    before: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All users in order, and the declarations of their replacements as YAML."""

    account: str
    today: date
    entries: tuple[Entry, ...]
    declarations: str

    @property
    def steps(self) -> Counter[Step]:
        """Count the users by step."""
        return Counter(each.step for each in self.entries)


def plan_of(
    snapshot: AccountSnapshot,
    privileges: Mapping[str, EscalationResult],
    today: date,
    only: tuple[str, ...] = (),
    declared: Declarations | None = None,
) -> Plan:
    """Plan the replacement of the users, or of those that match a pattern of `only`.

    `privileges` has the escalation result of each user by ARN; a user without one has an unknown privilege. `declared` are
    the account's declarations, as far as there are some.
    """
    region = snapshot.region or (declared.account.region if declared else "us-east-1")
    reader = AccessReader(snapshot, region)
    found = _Declared(declared)
    planner = _Planner(snapshot, today, found)
    entries = []
    accesses: dict[str, Access] = {}
    for user in snapshot.users:
        if only and not any(fnmatchcase(user.name, each) for each in only):
            continue
        is_what = reader.kind(user)
        accesses[user.name] = access = reader.of(user, is_person=is_what.is_person)
        risk = risk_of(user, snapshot, privileges.get(str(user.arn)), today)
        entries.append(planner.entry(Entry(user, is_what, Step.KEEP, risk, Effort.EASY), access))
    entries.sort(key=lambda each: (-each.risk.at_most, -each.risk.level, each.effort, each.user.name))
    replacements = Replacements(snapshot, declared, region)
    named = tuple(_named(each, accesses[each.user.name], replacements, found) for each in entries)
    reader.buckets.use(replacements.grants())
    return Plan(snapshot.account, today, named, replacements.text(reader.buckets.declarations()))


class _Declared:
    """What the declarations tell of a user."""

    def __init__(self, declared: Declarations | None) -> None:
        self._declared = declared

    def kept(self, name: str) -> Iterator[str]:
        """Say why a declared user is kept on purpose."""
        user = self._declared.users.get(name) if self._declared else None
        if user is None or self._declared is None:
            return
        if user.application and user.application.considered:
            yield f"a role was considered: {user.application.because}"
        named = (self._declared.account.break_glass_role or "").removeprefix("role/")
        role = self._declared.roles.get(named)
        groups = {each.group for each in role.trusts if isinstance(each, GroupTrust)} if role else set()
        if any(each.name in groups for each in user.groups):
            yield f"it can assume the break-glass role {quoted(named)} when nothing else works"

    def retiring(self, name: str) -> str:
        """Say since when a declared user is retiring; "" if it is not."""
        user = self._declared.users.get(name) if self._declared else None
        return f"it is retiring since {user.retiring.since}" if user and user.retiring else ""

    def platform(self, name: str) -> str:
        """Name where a declared application runs; "" if that is not declared."""
        user = self._declared.users.get(name) if self._declared else None
        return (user.application.runs_on or "") if user and user.application else ""


class _Planner:
    """Chooses the step of each user."""

    def __init__(self, snapshot: AccountSnapshot, today: date, declared: _Declared) -> None:
        self._snapshot = snapshot
        self._today = today
        self._declared = declared
        self._trusting = _roles_that_name_users(snapshot)

    def entry(self, entry: Entry, access: Access) -> Entry:
        """Complete an entry, but for the name of the replacement."""
        user = entry.user
        kept = (*self._declared.kept(user.name), *kept_because(user, self._snapshot))
        if kept:
            return replace(entry, because=kept, effort=Effort.HARD)
        trusting = self._trusting.get(str(user.arn), ())
        verb = "trusts" if len(trusting) == 1 else "trust"
        roles = joined(map(quoted, trusting), "and", most=3)
        before = (f"{roles} {verb} it by its ARN: change that first",) if trusting else ()
        gone = self._declared.retiring(user.name) or unused(user, self._snapshot, self._today)
        if not gone and access.is_empty and not trusting:
            gone = "no policy of it or of its groups allows anything; only a resource-based policy could"
        if gone:
            return replace(entry, step=Step.REMOVE, because=(gone,), before=before)
        planned = self._person(entry, access) if entry.kind.is_person else self._application(entry)
        effort = max(planned.effort, Effort.SOME_WORK) if trusting else planned.effort
        return replace(
            planned,
            effort=Effort.HARD if access.missing else effort,
            because=entry.kind.evidence,
            before=(*before, *planned.before, *entry.kind.doubts),
            missing=access.missing,
            dropped=access.dropped,
        )

    def _person(self, entry: Entry, access: Access) -> Entry:
        before = []
        keys = self._snapshot.access_keys_of(entry.user.name)
        has_key = any(each.is_active for each in keys)
        if has_key:
            before.append("its access key: `aws configure sso` replaces it; find the software that uses it")
        if any(each["managed"] == ADMINISTRATOR for each in access.policies):
            before.append(_BOUNDARY)
        effort = Effort.SOME_WORK if has_key else Effort.EASY
        return replace(entry, step=Step.IDENTITY_CENTER, effort=effort, before=tuple(before))

    def _application(self, entry: Entry) -> Entry:
        if self._declared.platform(entry.user.name) or platform_of(entry.user):
            return replace(entry, step=Step.ROLE, effort=Effort.EASY)
        return replace(entry, step=Step.ROLE, effort=Effort.SOME_WORK, before=(_WHERE_UNKNOWN,))


def _named(entry: Entry, access: Access, replacements: Replacements, declared: _Declared) -> Entry:
    """Declare the replacement, unless nothing of the access can be declared."""
    if entry.step not in {Step.IDENTITY_CENTER, Step.ROLE} or not (access.grants or access.policies):
        return entry
    name = entry.user.name
    if entry.step is Step.IDENTITY_CENTER:
        return replace(entry, section="permission_sets", name=replacements.person(name, access))
    section, own = replacements.application(name, access, declared.platform(name) or platform_of(entry.user))
    return replace(entry, section=section, name=own)


def _roles_that_name_users(snapshot: AccountSnapshot) -> dict[str, tuple[str, ...]]:
    """Give the roles whose trust policy has a user's ARN, by that ARN."""
    found: dict[str, list[str]] = defaultdict(list)
    for role in snapshot.roles:
        for arn in {each for each in _texts(role.trust_policy) if ":user/" in each}:
            found[arn].append(role.name)
    return {arn: tuple(names) for arn, names in found.items()}


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from _texts(each)
    elif isinstance(node, dict):
        for each in node.values():
            yield from _texts(each)
