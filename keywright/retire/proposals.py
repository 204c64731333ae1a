"""What to retire, what to keep, and what can't be told, from a snapshot and the declarations (docs/adr/0045)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright.account.entities import AccessKey, Role
from keywright.model.fields.strict import several
from keywright.model.source.yaml_edits import Drop, Put, YamlEdit
from keywright.model.trusts.service import ServiceTrust
from keywright.model.trusts.trust import GroupTrust
from keywright.reporting.text import counted, quoted
from keywright.retire.judging import TooNew, Undecided, Unused, Used, Verdict, day_of, judge
from keywright.retire.uses import Uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from keywright.account.entities import Entry, User
    from keywright.account.snapshot import AccountSnapshot
    from keywright.model.declarations import Declarations
    from keywright.model.people.access_keys import AccessKey as DeclaredKey
    from keywright.model.source.places import Path, Places
    from keywright.reporting.finding import Location
    from keywright.retire.uses import Record

DAYS = 90
"""The period without a use, in days; CIS AWS Foundations 5.0.0, 1.11 asks for 45 for credentials."""
GRACE = 30
"""The days between the Deny and the deletion."""


class Step(StrEnum):
    """What to do with something unused."""

    DENY = "deny"
    DEACTIVATE = "deactivate"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One step, with the evidence; `edits` are those of the file at `location`, none for what is not declared."""

    subject: str
    step: Step
    evidence: tuple[str, ...]
    location: Location
    edits: tuple[YamlEdit, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something unused that is not proposed, or whose retirement is not over; `because` says why."""

    subject: str
    because: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that can't be judged, and why."""

    subject: str
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Proposals:
    """The result for one snapshot."""

    read_at: datetime
    since: datetime
    proposed: list[Proposal] = field(default_factory=list)
    returned: list[Kept] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    in_use: int = 0
    too_new: int = 0


def proposals(
    snapshot: AccountSnapshot,
    read_at: datetime,
    declared: Declarations | None,
    places: Places | None,
    *,
    days: int = DAYS,
    grace: int = GRACE,
) -> Proposals:
    """Judge every user, role and access key of a snapshot."""
    found = Proposals(read_at, read_at - timedelta(days=days))
    judging = _Judging(snapshot, found, declared, places, timedelta(days=grace))
    for user in snapshot.users:
        judging.user(user)
    for role in snapshot.roles:
        judging.role(role)
    return found


@dataclass(frozen=True, slots=True)
class _Unused:
    """Something unused: its entry in the snapshot, and its path in the declarations."""

    subject: str
    found: Entry
    path: Path

    def command(self, step: Step) -> str:
        """Give the command for a key; an identity needs a policy, or first its declaration."""
        if not isinstance(self.found, AccessKey):
            return ""
        of = f"--user-name {self.found.user} --access-key-id {self.found.id}"
        if step is Step.DELETE:
            return f"aws iam delete-access-key {of}"
        return f"aws iam update-access-key {of} --status Inactive"


class _Judging:
    """Puts each identity and key of a snapshot into one of the lists."""

    def __init__(
        self,
        snapshot: AccountSnapshot,
        found: Proposals,
        declared: Declarations | None,
        places: Places | None,
        grace: timedelta,
    ) -> None:
        self._snapshot = snapshot
        self._found = found
        self._declared = declared
        self._places = places
        self._grace = grace
        self._uses = Uses(snapshot)
        self._rarely_used = dict(_rarely_used(declared)) if declared else {}
        self._on_instances = {each.profile for each in snapshot.instances if each.profile}

    def user(self, user: User) -> None:
        """Judge a user; its keys alone only where the user stays."""
        ours = self._declared.users.get(user.name) if self._declared else None
        subject = f"user/{user.name}"
        retiring = ours.retiring.since if ours and ours.retiring else None
        is_leaving = self._identity(
            subject, user, self._uses.of_user(user), retiring, is_declared=bool(ours and not ours.existing)
        )
        if not is_leaving:
            self._keys(user, ours.access_keys if ours else ())

    def role(self, role: Role) -> None:
        """Judge a role; those of AWS are nobody's to retire."""
        subject = f"role/{role.name}"
        if role.is_service_linked or role.path.startswith("/aws-reserved/"):
            self._found.kept.append(Kept(subject, "AWS manages it"))
            return
        ours = self._declared.roles.get(role.name) if self._declared else None
        retiring = ours.retiring.since if ours and ours.retiring else None
        self._identity(
            subject, role, self._uses.of_role(role), retiring, is_declared=bool(ours and not ours.existing)
        )

    def _identity(
        self, subject: str, identity: User | Role, record: Record, retiring: date | None, *, is_declared: bool
    ) -> bool:
        """Judge an identity; give whether it is retired, or is to be."""
        if retiring is not None:
            self._retiring(subject, identity, judge(record, _start(retiring)), retiring)
            return True
        verdict = judge(record, self._found.since)
        if not isinstance(verdict, Unused):
            self._other(subject, verdict)
            return False
        because = self._kept_because(subject, identity)
        if because:
            self._found.kept.append(Kept(subject, because))
            return False
        path = _path(subject)
        day = self._found.read_at.date()
        because = f"{verdict.in_short}, by the snapshot of {day}"
        edits = (Put((*path, "retiring"), {"since": day, "because": because}),) if is_declared else ()
        self._propose(_Unused(subject, identity, path), Step.DENY, verdict.evidence, edits)
        return True

    def _retiring(self, subject: str, identity: User | Role, verdict: Verdict, since: date) -> None:
        end = since + self._grace
        match verdict:
            case Used(use):
                because = f"retiring since {since}, and {use.by} was used on {day_of(use.at)}: remove `retiring`, or ask who needs it"
                self._found.returned.append(Kept(subject, because))
            case TooNew(created):
                self._found.kept.append(
                    Kept(subject, f"retiring since {since}, and created on {day_of(created)}")
                )
            case Undecided(reasons):
                self._found.unknown.append(Unknown(subject, (f"retiring since {since}", *reasons)))
            case Unused() if self._found.read_at.date() < end:
                self._found.kept.append(
                    Kept(subject, f"retiring since {since}, not used since; to be deleted from {end} on")
                )
            case Unused():
                path = _path(subject)
                evidence = (f"retiring since {since} and not used since", *verdict.evidence)
                self._propose(_Unused(subject, identity, path), Step.DELETE, evidence, (Drop(path),))

    def _keys(self, user: User, declared: Sequence[DeclaredKey]) -> None:
        keys = self._snapshot.access_keys_of(user.name)
        indexes = _declared_keys(keys, declared)
        for key in keys:
            index = indexes.get(key.id)
            self._key(
                user, key, None if index is None else (index, declared[index]), is_declared=bool(declared)
            )

    def _key(
        self, user: User, key: AccessKey, declared: tuple[int, DeclaredKey] | None, *, is_declared: bool
    ) -> None:
        subject = f"key/{user.name}/{key.id}"
        verdict = judge(self._uses.of_key(key), self._found.since)
        if not isinstance(verdict, Unused):
            self._other(subject, verdict)
            return
        if is_declared and declared is None:
            reasons = ("which declared key it is can't be told: the account has another number of keys",)
            self._found.unknown.append(Unknown(subject, reasons))
            return
        path: Path = ("users", user.name, "access_keys", declared[0]) if declared else ()
        unused = _Unused(subject, key, path)
        if key.is_active:
            day = self._found.read_at.date()
            edits = (Put((*path, "status"), "inactive"), Put((*path, "since"), day)) if declared else ()
            self._propose(unused, Step.DEACTIVATE, verdict.evidence, edits)
        elif declared is None:
            self._propose(unused, Step.DELETE, ("inactive", *verdict.evidence), ())
        else:
            self._inactive(unused, declared[1].since, verdict)

    def _inactive(self, unused: _Unused, since: date | None, verdict: Unused) -> None:
        """Judge a declared key that is inactive and unused."""
        if since is None:
            self._found.kept.append(
                Kept(unused.subject, "inactive, and its declaration does not say `since` when")
            )
        elif self._found.read_at.date() < since + self._grace:
            end = since + self._grace
            self._found.kept.append(
                Kept(unused.subject, f"inactive since {since}; to be deleted from {end} on")
            )
        else:
            evidence = (f"inactive since {since}", *verdict.evidence)
            self._propose(unused, Step.DELETE, evidence, (Drop(unused.path),))

    def _propose(
        self, unused: _Unused, step: Step, evidence: tuple[str, ...], edits: tuple[YamlEdit, ...]
    ) -> None:
        """Add a proposal; what is not declared gets the place in the snapshot, and the command that does it by hand."""
        is_declared = bool(edits) and self._places is not None
        location = (
            self._places.at(*unused.path)
            if is_declared and self._places
            else self._snapshot.locate(unused.found)
        )
        self._found.proposed.append(
            Proposal(
                subject=unused.subject,
                step=step,
                evidence=evidence,
                location=location,
                edits=edits if is_declared else (),
                command="" if is_declared else unused.command(step),
            )
        )

    def _other(self, subject: str, verdict: Verdict) -> None:
        """Count what is used or new, and list what can't be judged."""
        match verdict:
            case Undecided(reasons):
                self._found.unknown.append(Unknown(subject, reasons))
            case TooNew():
                self._found.too_new += 1
            case _:
                self._found.in_use += 1

    def _kept_because(self, subject: str, identity: User | Role) -> str:
        """Say why something unused is not proposed; "" if it is."""
        declared = self._rarely_used.get(subject, "")
        if declared or not isinstance(identity, Role):
            return declared
        services = _trusted_services(identity)
        if services:
            return f"{quoted(services[0])} assumes it, whenever its resources need it"
        profiles = [each for each in identity.instance_profiles if str(each.arn) in self._on_instances]
        return f"instances have its profile {quoted(profiles[0].name)}" if profiles else ""


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _path(subject: str) -> tuple[str, str]:
    kind, _, name = subject.partition("/")
    return f"{kind}s", name


def _trusted_services(role: Role) -> list[str]:
    """Give the services that can assume a role, by its trust policy in the account."""
    statements = role.trust_policy.get("Statement")
    found: list[str] = []
    for each in statements if isinstance(statements, list) else [statements]:
        principal = each.get("Principal") if isinstance(each, dict) else None
        services = principal.get("Service") if isinstance(principal, dict) else None
        found += [
            str(one) for one in (services if isinstance(services, list) else [services] if services else [])
        ]
    return found


def _declared_keys(keys: Sequence[AccessKey], declared: Sequence[DeclaredKey]) -> dict[str, int]:
    """Give the declared key of each AWS key: both in the order of their creation, if there are as many of one as of the other."""
    created = [each.created for each in keys]
    if len(keys) != len(declared) or None in created:
        return {}
    order = sorted(range(len(declared)), key=lambda index: declared[index].serial)
    by_age = sorted(keys, key=lambda each: str(each.created))
    return {key.id: index for key, index in zip(by_age, order, strict=True)}


def _rarely_used(declared: Declarations) -> Iterator[tuple[str, str]]:
    """Give what is needed rarely, and badly then, with the reason why it stays."""
    members: dict[str, list[str]] = defaultdict(list)
    for name, user in declared.users.items():
        for membership in user.groups:
            members[membership.name].append(f"user/{name}")
    for each in declared.always:
        for who in several(each.who):
            kind, _, group = who.partition("/")
            yield from (
                (one, "`always` promises it access") for one in (members[group] if kind == "group" else [who])
            )
    for name, role in declared.roles.items():
        if any(isinstance(trust, ServiceTrust) for trust in role.trusts):
            yield f"role/{name}", "a service assumes it, whenever its resources need it"
    handover, emergency = declared.account.handover, declared.account.break_glass_role
    if handover:
        yield from ((one, f"it is in the handover group {quoted(handover)}") for one in members[handover])
    if emergency:
        yield emergency, "it is the break-glass role"
        why = f"it can assume the break-glass role {quoted(emergency)}"
        yield from ((one, why) for group in _groups_of(emergency, declared) for one in members[group])


def _groups_of(role: str, declared: Declarations) -> list[str]:
    """Give the groups that can assume a role."""
    found = declared.roles.get(role.partition("/")[2])
    return [each.group for each in found.trusts if isinstance(each, GroupTrust)] if found else []


def summary(found: Proposals) -> str:
    """Count everything in one line."""
    steps = [(step, sum(each.step is step for each in found.proposed)) for step in Step]
    parts = [f"{number} to {step}" for step, number in steps if number] or ["nothing to retire"]
    parts += [f"{len(found.returned)} used again"] if found.returned else []
    parts += [f"{len(found.kept)} kept", f"{len(found.unknown)} undecided", f"{found.in_use} in use"]
    parts += [counted(found.too_new, "new one")] if found.too_new else []
    return ", ".join(parts)
