"""Compare an account with what an assembly declares, by meaning.

The text of two policies may differ: whether they allow the same is proved or shown by a request, as in a review of two
assemblies. Not compared: what is no identity or policy of IAM, and what AWS or other stacks own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from keywright.drift.credentials import credential_differences, sign_in_of, unread_credentials
from keywright.drift.expected import (
    expected_identity,
    expected_user,
    live_group,
    live_role,
    live_user,
    users_with_login,
)
from keywright.drift.others import provider_drift, settings_of
from keywright.drift.outsiders import drift_of_outsiders
from keywright.drift.repair import iam, keep_of, keep_statement, repair_of, revert
from keywright.drift.result import Difference, Direction, Drift, DriftReport
from keywright.live.verification.identity_differences import (
    Aspect,
    identity_differences,
    policy_differences,
    user_differences,
)
from keywright.reasoning.account.actors import ActorKind, PolicyKind
from keywright.reporting.finding import Severity
from keywright.reporting.text import joined, listed, quoted
from keywright.review.comparison.identities import IdentityChanges
from keywright.review.result import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keywright.account.entities import Entry, Group, ManagedPolicy, Role, User
    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.identities.identity import Identity
    from keywright.assembly.sources.declaration_locations import DeclarationLocations
    from keywright.assembly.templates.template import Resource
    from keywright.drift.sides import Sides
    from keywright.live.verification.expected import ExpectedIdentity
    from keywright.live.verification.identity_differences import IdentityDifference
    from keywright.reporting.finding import Location
    from keywright.review.comparison.snapshot import ComparedPolicy, IdentityAccess
    from keywright.review.result import Change

_KINDS = {"AWS::IAM::User": "user", "AWS::IAM::Group": "group", "AWS::IAM::Role": "role"}
_POLICY = "AWS::IAM::ManagedPolicy"
_NOT_ATTACHED_HERE = frozenset({Aspect.KEY, Aspect.MFA})
"""Keys are compared by their ids; a missing MFA device is for the user to register, and no drift."""


def compare(sides: Sides, places: DeclarationLocations) -> DriftReport:
    """Compare everything that the assembly declares, and name what nobody declared under its path."""
    return _Comparison(sides, places).report()


class _Comparison:
    def __init__(self, sides: Sides, places: DeclarationLocations) -> None:
        self._sides = sides
        self._snapshot = sides.snapshot
        self._places = places
        self._engine = IdentityChanges(sides.before, sides.after, (sides.declared, sides.live))
        self._login = users_with_login(sides.assembly)
        self._live: dict[str, User | Group | Role | ManagedPolicy] = {
            str(each.arn): each for several in (snapshot_kind(sides.snapshot)) for each in several
        }
        self._compared = self._rewritten = 0

    def report(self) -> DriftReport:
        found = [drift for drift in self._drifts() if drift is not None]
        read_at = self._snapshot.read_at
        return DriftReport(
            account=self._snapshot.account,
            drifts=tuple(sorted(found, key=lambda each: each.order)),
            compared=self._compared,
            rewritten=self._rewritten,
            read_at=f"{read_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if read_at else "",
            undecided=(*self._unread(), *unread_credentials(self._sides)),
            notes=tuple(self._notes()),
            names={**self._sides.before.names, **self._sides.after.names},
        )

    def _drifts(self) -> Iterator[Drift | None]:
        for arn, resource in self._sides.resources.items():
            self._compared += 1
            if arn not in self._live:
                yield self._missing(arn, resource)
            elif resource.type == _POLICY:
                yield self._policy(arn, resource)
            else:
                yield self._identity(arn, resource)
        for arn in sorted(self._sides.undeclared):
            yield self._undeclared(arn)
        yield from self._delegated()
        yield from drift_of_outsiders(self._sides, self._engine, self._places)
        yield from provider_drift(self._sides)

    # One identity

    def _identity(self, arn: str, resource: Resource) -> Drift | None:
        kind, identity = _KINDS[resource.type], self._sides.identities[arn]
        live = self._live[arn]
        was, now = (each.identities.get(arn) for each in (self._sides.before, self._sides.after))
        if was is None or now is None:
            return self._drift(f"{kind}/{identity.label}", arn, (), undecided=("it could not be compared",))
        texts = list(self._texts(was, now, resource, live))
        named = list(self._named(kind, identity, live))
        changes: list[Change] = []
        if texts or any(each.aspect is not Aspect.TAG for each, _ in named):
            changes = self._changes(was, self._own(now))
        unknown = list(_unknowns(_own_policies(was), changes)) if texts else []
        differences = [self._difference(kind, identity, each, expected, live) for each, expected in named]
        differences += credential_differences(self._sides, identity) if kind == "user" else []
        differences += settings_of(self._snapshot, resource, live)
        changes, undecided, told = _decided(changes, unknown, texts)
        # Policies in other words with the same meaning are no drift.
        if told or (texts and self._means_something_else(was, now)):
            differences += told or texts
        elif texts:
            self._rewritten += 1
        undecided += [
            f"{each.message}; a policy has a condition on it"
            for each in differences
            if each.direction is Direction.UNDECIDED and each.is_certain
        ]
        return self._drift(was.name, arn, differences, changes, undecided)

    def _changes(self, was: IdentityAccess | None, now: IdentityAccess | None) -> list[Change]:
        found = (self._engine.access_change(was, now), self._engine.trust_change(was, now))
        return [each for each in found if each is not None]

    def _own(self, now: IdentityAccess) -> IdentityAccess:
        """Give what an identity has, with the groups and managed policies that it shares as they are declared.

        What differs in those is told once, and not for each member or holder.
        """
        before, after, declared = self._sides.before, self._sides.after, self._sides.resources
        grants: list[ComparedPolicy] = []
        for each in now.actor.grants if now.actor else ():
            if each.group and each.group in declared:
                continue
            shared = before.unattached_policy(each.policy, "") if each.policy in declared else None
            grants += (
                [replace(one, group=each.group) for one in shared.grants]
                if shared
                else after.granted_policies(each)
            )
        for group in now.groups:
            of_group = before.identities.get(group) if group in declared else None
            grants += [replace(one, group=group) for one in of_group.grants] if of_group else []
        limit = before.boundary_of(now.boundary_arn) if now.boundary_arn in declared else None
        boundary = limit or now.boundary
        return replace(now, grants=tuple(grants), boundary=boundary)

    def _means_something_else(self, was: IdentityAccess, now: IdentityAccess) -> bool:
        """Tell whether the own policies allow something else and only the boundary makes up for it."""
        alone = [
            replace(
                each,
                kind=ActorKind.POLICY,
                grants=tuple(one for one in each.grants if not one.group),
                boundary=None,
                boundary_arn="",
                unresolved_boundary="",
                doubts=(),
            )
            for each in (was, self._own(now))
        ]
        change = self._engine.access_change(*alone)
        return change is not None and not change.is_rewritten

    def _named(
        self, kind: str, identity: Identity, live: object
    ) -> Iterator[tuple[IdentityDifference, ExpectedIdentity]]:
        """Yield what differs in memberships, names of policies, boundary, sign-in and tags."""
        name = identity.label
        if kind == "user":
            user = expected_user(identity, self._login)
            found = user_differences(name, user, live_user(self._snapshot, live), guard="")  # type: ignore[arg-type]
            yield from ((each, user) for each in found if self._counts(each, name))
        elif kind == "group":
            expected = expected_identity(identity)
            found = policy_differences(kind, name, expected, live_group(live), guard="")  # type: ignore[arg-type]
            yield from ((each, expected) for each in found)
        else:
            expected = expected_identity(identity)
            found = identity_differences(kind, name, expected, live_role(live), guard="")  # type: ignore[arg-type]
            yield from ((each, expected) for each in found)

    def _counts(self, each: IdentityDifference, user: str) -> bool:
        part = {Aspect.LOGIN: "LoginProfiles", Aspect.CREDENTIAL: "OtherCredentials"}.get(each.aspect)
        is_read = part is None or self._snapshot.has(part, f"user/{user}")
        return is_read and each.severity is not Severity.ADVICE and each.aspect not in _NOT_ATTACHED_HERE

    def _difference(
        self,
        kind: str,
        identity: Identity,
        each: IdentityDifference,
        expected: ExpectedIdentity,
        live: Entry,
    ) -> Difference:
        direction = Direction.SAME
        if each.aspect is Aspect.BOUNDARY and expected.boundaries:
            direction = Direction.LIMIT
        elif each.aspect in {Aspect.LOGIN, Aspect.CREDENTIAL}:
            direction = Direction.MORE if each.is_extra else Direction.LESS
        elif each.aspect is Aspect.TAG and self._sides.has_condition_on(each.what):
            direction = Direction.UNDECIDED
        name = identity.label
        return Difference(
            message=each.message.removeprefix(f"{kind} `{name}` "),
            found=each.found,
            accepted=each.accepted,
            direction=direction,
            keep=keep_of(each) if self._places.names else "",
            repair=repair_of(kind, name, each, expected),
            place=self._snapshot.locate(live),
        )

    # Texts of policies

    def _texts(
        self, was: IdentityAccess, now: IdentityAccess, resource: Resource, live: Entry
    ) -> Iterator[Difference]:
        """Yield the inline policies and the trust policy whose text differs."""
        before, after = (dict(_inline_texts(each)) for each in (was, now))
        place, repair = self._snapshot.locate(live), revert(resource.template.stack)
        for name in sorted(before.keys() & after.keys()):
            if before[name] != after[name]:
                message = f"has another inline policy {quoted(name)} than declared"
                yield Difference(message=message, repair=repair, place=place)
        for name in sorted(before.keys() - after.keys()):
            message = f"does not have its inline policy {quoted(name)}"
            yield Difference(message=message, repair=repair, place=place)
        if [each.fingerprint for each in was.trust] != [each.fingerprint for each in now.trust]:
            yield Difference(
                message="has another trust policy than declared",
                repair=repair,
                place=self._snapshot.locate(live, "AssumeRolePolicyDocument"),
            )

    # Managed policies

    def _policy(self, arn: str, resource: Resource) -> Drift | None:
        live = self._live[arn]
        name = f"policy/{arn.rpartition('/')[2]}"
        was, now = (each.unattached_policy(arn, name) for each in (self._sides.before, self._sides.after))
        if was is None or now is None or was.fingerprint == now.fingerprint:
            return self._drift(name, arn, settings_of(self._snapshot, resource, live))
        change = self._engine.access_change(was, now)
        changes = [change] if change else []
        document = Difference(
            message="has another document than declared",
            repair=revert(resource.template.stack),
            place=self._snapshot.locate(live),
        )
        unknown = list(_unknowns(was.grants, changes))
        changes, undecided, told = _decided(changes, unknown, [document])
        self._rewritten += not told
        return self._drift(
            name, arn, [*settings_of(self._snapshot, resource, live), *told], changes, undecided
        )

    # What is missing, and what nobody declared

    def _missing(self, arn: str, resource: Resource) -> Drift:
        kind = _KINDS.get(resource.type, "policy")
        name = resource.name.literal
        if name is None and not self._snapshot.has("StackResources"):
            return Drift(
                name=f"{kind}/{resource.logical_id}",
                arn=arn,
                direction=Direction.UNDECIDED,
                undecided=("CloudFormation generates its name, and the snapshot does not have that",),
                declared=self._declared(f"{kind}/{resource.logical_id}", resource),
            )
        place = (
            resource.template.region or self._snapshot.region,
            resource.template.stack,
            resource.logical_id,
        )
        is_created = bool(self._sides.assembly.templates[0].links.deployed.physical_id(*place))
        elsewhere = next((path for path in self._paths_of(kind, name or "")), "")
        if elsewhere:
            message, repair = f"is under another path, {quoted(elsewhere)}", revert(resource.template.stack)
        elif is_created:
            message, repair = "was deleted", revert(resource.template.stack)
        else:
            message, repair = "does not exist, and its stack has not created it", "the next deployment"
        return Drift(
            name=f"{kind}/{name or resource.logical_id}",
            arn=arn,
            direction=Direction.LESS,
            differences=(
                Difference(
                    message=message,
                    direction=Direction.LESS,
                    keep="remove its declaration" if self._places.names else "",
                    repair=repair,
                ),
            ),
            declared=self._declared(f"{kind}/{name}", resource),
            is_pending=not is_created,
        )

    def _paths_of(self, kind: str, name: str) -> Iterator[str]:
        """Give the path of something that has a name: IAM's names are unique under all paths."""
        kinds = dict(zip(("user", "group", "role", "policy"), snapshot_kind(self._snapshot), strict=True))
        return (each.path for each in kinds[kind] if each.name == name)

    def _undeclared(self, arn: str) -> Drift:
        live = self._live[arn]
        access = self._sides.after.identities.get(arn)
        kind = arn.partition("::")[2].partition(":")[2].partition("/")[0]
        name = access.name if access else f"{kind}/{live.name}"
        compared = self._engine.compare(arn) if access else []
        # For the reader it is not new: it exists.
        changes = [replace(each, is_new=False) for each in compared if each.gains]
        doubts = tuple(doubt for each in compared for doubt in each.undecided)
        found = sign_in_of(self._snapshot, live.name) if kind == "user" else ""
        stack = self._sides.stack_of(arn, live.name)
        repair = f"delete it in the account, after you know who uses it: {_deletion(kind, live.name, arn)}"
        if stack in self._sides.stacks:
            repair = (
                f"the next deployment of {quoted(stack[1])}, which created it: the assembly no longer has it"
            )
        elif stack:
            found = joined(
                [each for each in (found, f"created by the stack {quoted(stack[1])}") if each], "and"
            )
        direction = Direction.UNDECLARED
        if self._sides.may_be_generated(kind):
            direction = Direction.UNDECIDED
            doubts = (
                *doubts,
                "it may be one whose name CloudFormation generated, which the snapshot does not have",
            )
        difference = Difference(
            message=f"exists under {quoted(live.path)} and is not declared",
            found=found,
            direction=direction,
            is_certain=direction is Direction.UNDECLARED,
            keep="a declaration of it" if self._places.names else "",
            repair=repair,
            place=self._snapshot.locate(live),
        )
        return Drift(
            name=name,
            arn=arn,
            direction=direction,
            differences=(difference,),
            changes=tuple(changes) if direction is Direction.UNDECLARED else (),
            undecided=doubts,
            is_pending=stack in self._sides.stacks,
        )

    def _delegated(self) -> Iterator[Drift]:
        """Yield the roles that a team created without the boundary of its delegation."""
        for each in self._snapshot.roles:
            boundary = self._sides.delegated.get(each.path, "")
            if boundary and each.boundary != boundary:
                repair = iam(
                    "put-role-permissions-boundary", role_name=each.name, permissions_boundary=boundary
                )
                difference = Difference(
                    message=f"is under {quoted(each.path)} and does not have the boundary of its delegation",
                    found=quoted(each.boundary) if each.boundary else "no boundary",
                    accepted=quoted(boundary),
                    direction=Direction.LIMIT,
                    repair=repair,
                    place=self._snapshot.locate(each),
                )
                yield Drift(
                    name=f"role/{each.name}",
                    arn=str(each.arn),
                    direction=Direction.LIMIT,
                    differences=(difference,),
                )

    # Putting one together

    def _drift(
        self,
        name: str,
        arn: str,
        differences: Iterable[Difference],
        changes: Sequence[Change] = (),
        undecided: Sequence[str] = (),
    ) -> Drift | None:
        resource = self._sides.resources[arn]
        found = tuple(self._with_keep(each, changes) for each in differences)
        if not (found or changes or undecided):
            return None
        directions = [each.direction for each in found]
        if any(each.gains for each in changes):
            directions.append(Direction.MORE)
        if undecided:
            directions.append(Direction.UNDECIDED)
        if any(each.losses for each in changes):
            directions.append(Direction.LESS)
        direction = min(directions, key=lambda each: each.rank, default=Direction.SAME)
        return Drift(
            name=name,
            arn=arn,
            direction=direction,
            differences=tuple(sorted(found, key=lambda each: each.direction.rank)),
            changes=tuple(changes),
            affects=self._affected(arn, resource) if changes else (),
            undecided=tuple(dict.fromkeys(undecided)),
            declared=self._declared(name, resource),
            is_pending=self._sides.is_pending(resource),
        )

    def _with_keep(self, difference: Difference, changes: Sequence[Change]) -> Difference:
        """Add the declaration of what a policy allows more."""
        if difference.keep or not self._places.names or "another" not in difference.message:
            return difference
        written = [
            keep_statement(step.statement)
            for change in changes
            if change.subject is Subject.ACCESS
            for step in change.gains
        ]
        trusted = dict.fromkeys(
            name
            for change in changes
            if change.subject is Subject.TRUST
            for step in change.gains
            for name in _principals(step.statement)
        )
        if "trust policy" in difference.message:
            keep = f"one of its `trusts:` for {listed(trusted, most=3)}" if trusted else ""
        else:
            keep = "; ".join(dict.fromkeys(filter(None, written)))
            keep = f"among its grants, {keep}" if keep else ""
        return replace(difference, keep=keep)

    def _affected(self, arn: str, resource: Resource) -> tuple[str, ...]:
        """Name the members of a group, or the holders of a policy."""
        after = self._sides.after
        if resource.type == "AWS::IAM::Group":
            return after.members.get(arn, ())
        if resource.type == _POLICY:
            several = (self._snapshot.users, self._snapshot.groups, self._snapshot.roles)
            return tuple(
                f"{kind}/{each.name}"
                for kind, holders in zip(("user", "group", "role"), several, strict=True)
                for each in holders
                if arn in each.attached_policies or arn == getattr(each, "boundary", "")
            )
        return ()

    def _declared(self, name: str, resource: Resource) -> Location | None:
        return self._places.of(name) or self._places.of(_by_construct(resource))

    # What is not decided

    def _unread(self) -> Iterator[str]:
        relevant = {"UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "StackResources"}
        for each in self._snapshot.unread:
            if each.part in relevant:
                of = f" of {quoted(each.of)}" if each.of else ""
                yield f"{quoted(each.part)}{of} could not be read; found {each.error}"
        if not self._snapshot.has("StackResources"):
            yield "the names that CloudFormation generated are not known; accepted: a snapshot with `StackResources`"

    def _notes(self) -> Iterator[str]:
        if not self._sides.paths:
            yield "the assembly has no path of its own, so that identities that nobody declared are not looked for"


def snapshot_kind(snapshot: AccountSnapshot) -> tuple[tuple[User | Group | Role | ManagedPolicy, ...], ...]:
    """Give users, groups, roles and policies."""
    return snapshot.users, snapshot.groups, snapshot.roles, snapshot.policies


def _inline_texts(identity: IdentityAccess) -> Iterator[tuple[str, str]]:
    """Give a fingerprint of each of an identity's own inline policies."""
    found: dict[str, list[str]] = {}
    for each in identity.grants:
        if each.way == PolicyKind.INLINE and not each.group and each.policy is not None:
            found.setdefault(each.policy.name.literal or "", []).append(each.fingerprint)
    return ((name, "".join(sorted(prints))) for name, prints in found.items())


def _own_policies(identity: IdentityAccess) -> Iterator[ComparedPolicy]:
    yield from (each for each in identity.grants if each.way == PolicyKind.INLINE and not each.group)
    yield from identity.trust


def _unknowns(policies: Iterable[ComparedPolicy], changes: Iterable[Change]) -> Iterator[str]:
    """Yield why a change is undecided: a declared policy has values that only the deployment knows."""
    if not any(each.gains or each.losses for each in changes):
        return
    unknown = dict.fromkeys(
        one.reference or one.reason
        for each in policies
        if each.policy is not None
        for statement in each.policy.statements
        for one in statement.unknowns
    )
    if unknown:
        yield f"its policies differ, and the declared ones have values that are not known: {listed(unknown, most=3)}"


def _decided(
    changes: list[Change], unknown: list[str], texts: list[Difference]
) -> tuple[list[Change], list[str], list[Difference]]:
    """Give the certain changes, the open questions, and the texts that differ in meaning, or may."""
    undecided = [*unknown, *(doubt for each in changes for doubt in _doubts(each))]
    # With unknown values, what is gained and lost may be the same thing under its actual name.
    certain = [] if unknown else [each for each in changes if each.gains or each.losses]
    if certain:
        return certain, undecided, texts
    return [], undecided, [replace(each, is_certain=False) for each in texts] if undecided else []


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield whom a statement of a trust policy names."""
    written = statement.get("Principal", ())
    for each in written.values() if isinstance(written, dict) else (written,):
        yield from [each] if isinstance(each, str) else each


def _doubts(change: Change) -> Iterator[str]:
    yield from change.undecided
    if change.may_lose:
        yield change.may_lose


def _by_construct(resource: Resource) -> str:
    """Name a workload by its construct, because CloudFormation generates the name of its role."""
    return f"workload/{resource.construct_path.split('/')[1]}" if "/" in resource.construct_path else ""


def _deletion(kind: str, name: str, arn: str) -> str:
    if kind == "policy":
        return iam("delete-policy", policy_arn=arn)
    return iam(f"delete-{kind}", **{f"{kind}_name": name})
