"""What to retire, what to keep, and what can't be told, from a snapshot and the declarations (docs/adr/0045)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright.account.entities import AccessKey, Role
from keywright.model.checks.references import uses_of_names
from keywright.model.draft import draft_of
from keywright.model.identity_arns import identity_arn
from keywright.model.source.yaml_edits import Drop, Put, YamlEdit
from keywright.reporting.text import counted, listed
from keywright.retire.judging import TooNew, Undecided, Unused, Used, Verdict, day_of, judge
from keywright.retire.keeping import Keeping, is_denied
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
    """One step, with the evidence.

    `edits` are those of the file at `location`, none for what is not declared; `elsewhere` has further ones, each with
    its file. `takes` is what a deletion takes with it.
    """

    subject: str
    step: Step
    evidence: tuple[str, ...]
    location: Location
    edits: tuple[YamlEdit, ...] = ()
    elsewhere: tuple[tuple[str, Drop], ...] = ()
    takes: tuple[str, ...] = ()
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
        self._keeping = Keeping(snapshot, declared, found.read_at.date())
        self._references = references(declared, found.read_at.date()) if declared else {}

    def user(self, user: User) -> None:
        """Judge a user; its keys alone only where the user stays."""
        subject = f"user/{user.name}"
        ours = self._declared.users.get(user.name) if self._is_at(subject, user) and self._declared else None
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
        ours = self._declared.roles.get(role.name) if self._is_at(subject, role) and self._declared else None
        retiring = ours.retiring.since if ours and ours.retiring else None
        self._identity(
            subject, role, self._uses.of_role(role), retiring, is_declared=bool(ours and not ours.existing)
        )

    def _is_at(self, subject: str, identity: User | Role) -> bool:
        """Tell whether a declaration of this name would be that of the identity: names are unique, paths are not."""
        return self._declared is not None and identity_arn(self._declared, subject) == str(identity.arn)

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
        because = self._keeping.because(subject, identity, is_declared=is_declared)
        if because:
            self._found.kept.append(Kept(subject, because))
            return False
        if reasons := self._keeping.unknown(identity):
            self._found.unknown.append(Unknown(subject, reasons))
            return False
        path = _path(subject)
        day = self._found.read_at.date()
        because = f"{verdict.in_short}, by the snapshot of {day}"
        edits = (Put((*path, "retiring"), {"since": day, "because": because}),) if is_declared else ()
        self._propose(_Unused(subject, identity, path), Step.DENY, verdict.evidence, edits)
        return True

    def _retiring(self, subject: str, identity: User | Role, verdict: Verdict, since: date) -> None:
        if not is_denied(identity):
            because = f"retiring since {since} by its declaration, and the account does not deny it everything: deploy"
            self._found.kept.append(Kept(subject, because))
            return
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
                self._removal(
                    subject, identity, (f"retiring since {since} and not used since", *verdict.evidence)
                )

    def _removal(self, subject: str, identity: User | Role, evidence: tuple[str, ...]) -> None:
        """Propose to remove a declaration with the exceptions on it, unless something else needs it."""
        path = _path(subject)
        named = [each for each in self._references.get(path, ()) if each[:2] != path]
        others = [str(self._places.at(*each)) for each in named if each[0] != "exceptions" and self._places]
        if others:
            self._found.kept.append(Kept(subject, f"other declarations name it: {listed(others, most=3)}"))
            return
        indexes = sorted((int(each[1]) for each in named), reverse=True)
        elsewhere = tuple(self._exception(index) for index in indexes)
        takes = tuple(self._takes(identity, len(indexes)))
        unused = _Unused(subject, identity, path)
        self._propose(unused, Step.DELETE, evidence, (Drop(path),), elsewhere=elsewhere, takes=takes)

    def _exception(self, index: int) -> tuple[str, Drop]:
        """Give the file of an exception, and its removal there: the list of a file is a part of the whole list."""
        assert self._declared is not None
        assert self._places is not None
        files = [self._places.at("exceptions", each).file for each in range(index + 1)]
        return files[index], Drop(("exceptions", files[:index].count(files[index])))

    def _takes(self, identity: User | Role, exceptions: int) -> Iterator[str]:
        """Give what a removal takes with it, which a new identity of the same name would not have."""
        snapshot = self._snapshot
        yield "its unique id"
        if not isinstance(identity, Role):
            keys = snapshot.access_keys_of(identity.name)
            if keys:
                yield f"{counted(len(keys), 'access key')} ({listed((each.id for each in keys), most=2)})"
            if snapshot.login_profile_of(identity.name):
                yield "its password"
            if devices := snapshot.mfa_devices_of(identity.name):
                yield counted(len(devices), "MFA device")
            if identity.groups:
                yield counted(len(identity.groups), "membership")
        if exceptions:
            yield counted(exceptions, "exception")

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
        if because := self._keeping.of_credentials(f"user/{user.name}"):
            self._found.kept.append(Kept(subject, because))
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
        self,
        unused: _Unused,
        step: Step,
        evidence: tuple[str, ...],
        edits: tuple[YamlEdit, ...],
        *,
        elsewhere: tuple[tuple[str, Drop], ...] = (),
        takes: tuple[str, ...] = (),
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
                elsewhere=elsewhere,
                takes=takes,
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


def references(declared: Declarations, today: date) -> dict[tuple[str, str], list[Path]]:
    """Give the paths that name each declared thing, by its section and name."""
    found: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for use in uses_of_names(draft_of(declared, today)):
        found[use.section, use.name].append(use.path)
    return found


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _path(subject: str) -> tuple[str, str]:
    kind, _, name = subject.partition("/")
    return f"{kind}s", name


def _declared_keys(keys: Sequence[AccessKey], declared: Sequence[DeclaredKey]) -> dict[str, int]:
    """Give the declared key of each AWS key: both in the order of their creation, if there are as many of one as of the other."""
    created = [each.created for each in keys]
    if len(keys) != len(declared) or None in created:
        return {}
    order = sorted(range(len(declared)), key=lambda index: declared[index].serial)
    by_age = sorted(keys, key=lambda each: str(each.created))
    return {key.id: index for key, index in zip(by_age, order, strict=True)}


def summary(found: Proposals) -> str:
    """Count everything in one line."""
    steps = [(step, sum(each.step is step for each in found.proposed)) for step in Step]
    parts = [f"{number} to {step}" for step, number in steps if number] or ["nothing to retire"]
    parts += [f"{len(found.returned)} used again"] if found.returned else []
    parts += [f"{len(found.kept)} kept", f"{len(found.unknown)} undecided", f"{found.in_use} in use"]
    parts += [counted(found.too_new, "new one")] if found.too_new else []
    return ", ".join(parts)
