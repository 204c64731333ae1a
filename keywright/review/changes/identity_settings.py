"""Changes of identities outside of policies: sign-in, keys, MFA, boundaries, sessions, memberships, use of roles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.resolve import Evaluation
from keywright.assembly.templates.value import Absent, Text
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.comparison.compare import NewAccess
from keywright.reasoning.evaluation.policies import Policies
from keywright.reporting.text import joined
from keywright.review.comparison.access_change import Place, PolicyPair
from keywright.review.comparison.conditions import duration
from keywright.review.comparison.steps import in_own_place
from keywright.review.result import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.templates.template import Resource
    from keywright.reporting.finding import Location
    from keywright.review.comparison.snapshot import ComparedPolicy, IdentityAccess, Snapshot
    from keywright.review.result import Change


_DEFAULT_SECONDS = 3600
"""The default of `MaxSessionDuration` in seconds ("AWS::IAM::Role", CloudFormation Template Reference)."""
_SHOWN = 5


def limit_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield changes of permissions boundaries and of session lengths."""
    yield from _boundary_changes(base, head)
    yield from _boundary_policy_changes(base, head)
    yield from _session_changes(base, head)


def _boundary_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield the identities with another boundary."""
    for arn, now in head.identities.items():
        was = base.identities.get(arn)
        if was is None or was.boundary_arn == now.boundary_arn:
            continue
        place = now.resource.locate("Properties", "PermissionsBoundary") if now.resource else None
        if not now.boundary_arn:
            says = f"no longer has a permissions boundary; it was {quoted(was.boundary_arn)}"
            yield Fact("boundary", now.name, says, place, widens=True)
            continue
        # A first boundary can only limit, whatever it allows.
        more = _new_access_text(was.boundary, now.boundary) if was.boundary_arn else ""
        before = f"instead of {quoted(was.boundary_arn)}" if was.boundary_arn else "and had none before"
        says = f"has the permissions boundary {quoted(now.boundary_arn)} {before}"
        yield Fact("boundary", now.name, f"{says}{more}", place, widens=bool(more))


def _boundary_policy_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Yield the boundaries that allow more than before, with the identities that they limit."""
    was, now = _boundaries_by_arn(base), _boundaries_by_arn(head)
    for arn, (boundary, limited) in now.items():
        before = was.get(arn)
        if before is None or before[0].fingerprint == boundary.fingerprint:
            continue
        more = _new_access_text(before[0], boundary)
        if more:
            place = boundary.policy.location if boundary.policy else None
            yield Fact(
                "boundary",
                f"policy {arn}",
                f"is the permissions boundary of {joined(map(quoted, limited), most=_SHOWN)}{more}",
                place,
                widens=True,
            )


def _boundaries_by_arn(snapshot: Snapshot) -> dict[str, tuple[ComparedPolicy, list[str]]]:
    found: dict[str, tuple[ComparedPolicy, list[str]]] = {}
    for each in snapshot.identities.values():
        if each.boundary is not None:
            found.setdefault(each.boundary_arn, (each.boundary, []))[1].append(each.name)
    return found


def _new_access_text(was: ComparedPolicy | None, now: ComparedPolicy | None) -> str:
    """Give an example of what a boundary newly allows; empty if there is none."""
    if was is None or now is None:
        return ""
    # The most before against the least after: what is found is new access for every value that is known only
    # at deployment.
    place = Place.of((was, now))
    pair = PolicyPair(Policies(identity=(was.most,)), Policies(identity=(now.least,)), place=place)
    found = pair.compare()
    if not isinstance(found, NewAccess):
        return ""
    shown = in_own_place(pair, found.witness)
    return f"; it allows more, for instance {quoted(shown.action)} on {quoted(shown.resource)}"


# Sessions


def _session_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    for arn, now in head.identities.items():
        if now.resource is not None:
            lengths = (_session_seconds(each) for each in (base.identities.get(arn), now))
            yield from session_change(
                now.name, now.resource.locate("Properties", "MaxSessionDuration"), *lengths
            )


def session_change(name: str, place: Location, before: int | None, after: int | None) -> Iterator[Fact]:
    """Report a changed length of sessions, in seconds; None is unknown."""
    if before is not None and after is not None and before != after:
        says = f"can have sessions of up to {duration(after)}; before, {duration(before)}"
        yield Fact("session", name, says, place, widens=after > before, narrows=after < before)


def _session_seconds(identity: IdentityAccess | None) -> int | None:
    """Give the maximum session length of a role in seconds; None for others, or if it is known only at deployment."""
    if identity is None or identity.resource is None or identity.resource.type != "AWS::IAM::Role":
        return None
    (reading, *others) = identity.resource.possible_values("MaxSessionDuration")
    if others:
        return None
    literal = reading.literal if isinstance(reading, Text) else str(_DEFAULT_SECONDS)
    return int(literal) if literal and literal.isdecimal() else None


MOST_KEYS = 2
"""The most access keys of a user ("IAM and AWS STS quotas", IAM User Guide)."""


@dataclass(frozen=True)
class _Credential:
    """A credential on one side: its kind, its owner, and which one."""

    about: str
    name: str
    which: str


def identity_setting_changes(base: Snapshot, head: Snapshot) -> list[Fact]:
    """Yield all of them."""
    return [
        *_credential_changes(base, head),
        *_too_many_keys(base, head),
        *limit_changes(base, head),
        *_membership_changes(base, head),
        *_role_use_changes(base, head),
        *_owner_changes(base, head),
    ]


def new_identities(base: Snapshot, head: Snapshot, changes: Iterable[Change]) -> Iterator[Fact]:
    """Yield new users and roles without other gains: a policy outside of the templates may grant them access."""
    reported = {each.name for each in changes if each.gains}
    for arn, each in head.identities.items():
        if (
            arn not in base.identities
            and each.kind in _IDENTITIES
            and each.resource
            and each.name not in reported
        ):
            yield Fact(
                "identity",
                each.name,
                "is new; these templates grant it nothing",
                each.resource.location,
                widens=True,
            )


_IDENTITIES = (ActorKind.USER, ActorKind.ROLE)


# Ways to sign in

_WORDING = {
    "console": ("can sign in to the console", "can no longer sign in to the console"),
    "key": ("gets", "loses"),
    "MFA": ("gets MFA device", "loses MFA device"),
}


def _credential_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    was, now = dict(_sign_ins(base)), dict(_sign_ins(head))
    idle = dict(_sign_ins(base, are_active=False)), dict(_sign_ins(head, are_active=False))
    keys = _key_names(base, head)
    for thing in _added(was, now):
        says = _with_name(_WORDING[thing.about][0], keys.get(thing) or quoted(thing.which))
        if thing in idle[0]:
            says = f"has {keys[thing]} activated again"
        yield Fact(thing.about, thing.name, says, now[thing], widens=thing.about != "MFA")
    for thing in _added(now, was):
        says = _with_name(_WORDING[thing.about][1], keys.get(thing) or quoted(thing.which))
        if thing in idle[1]:
            says = f"has {keys[thing]} deactivated"
        is_factor = thing.about == "MFA"
        # A lost MFA device widens: whoever registers the next one can sign in as the user.
        yield Fact(thing.about, thing.name, says, was[thing], widens=is_factor, narrows=not is_factor)
    for thing in idle[0]:
        if thing not in now and thing not in idle[1]:
            yield Fact(thing.about, thing.name, f"loses the inactive {keys[thing]}", idle[0][thing])


def _with_name(says: str, which: str) -> str:
    return says if which == quoted("") else f"{says} {which}"


def _key_names(*snapshots: Snapshot) -> dict[_Credential, str]:
    """Name the access keys of both sides: by serial number if no other key of the user has the same one."""
    serials: dict[_Credential, str] = {}
    for snapshot in snapshots:
        for resource in snapshot.assembly.of_type("AWS::IAM::AccessKey"):
            serial = "".join(snapshot.texts(resource, "Serial"))
            for user in snapshot.texts(resource, "UserName"):
                serials[_Credential("key", f"user/{user}", _key(snapshot, resource))] = serial
    used = Counter((key.name, serial) for key, serial in serials.items())
    return {
        key: f"access key {serial if serial.isdecimal() and used[key.name, serial] == 1 else quoted(key.which)}"
        for key, serial in serials.items()
    }


def _added(was: Mapping[_Credential, Location], now: Mapping[_Credential, Location]) -> list[_Credential]:
    return [thing for thing in now if thing not in was]


def _sign_ins(snapshot: Snapshot, *, are_active: bool = True) -> Iterator[tuple[_Credential, Location]]:
    """Yield the ways to sign in; or the access keys that are surely inactive."""
    for resource in snapshot.assembly.of_type("AWS::IAM::User"):
        if are_active and any(
            not isinstance(each, Absent) for each in resource.possible_values("LoginProfile")
        ):
            place = resource.locate("Properties", "LoginProfile")
            yield _Credential("console", f"user/{_name(snapshot, resource)}", ""), place
    for kind, about, owner in _CREDENTIALS:
        for resource in snapshot.assembly.of_type(kind):
            for user in snapshot.texts(resource, owner):
                # A status that is known only at deployment counts as active.
                if (snapshot.texts(resource, "Status") != ("Inactive",)) is are_active:
                    yield (
                        _Credential(about, f"user/{user}", _credential_name(snapshot, resource)),
                        resource.location,
                    )


_CREDENTIALS = (
    ("Custom::FirstSignIn", "console", "UserName"),
    ("AWS::IAM::AccessKey", "key", "UserName"),
    ("AWS::IAM::VirtualMFADevice", "MFA", "Users"),
)


def _credential_name(snapshot: Snapshot, resource: Resource) -> str:
    if resource.type == "Custom::FirstSignIn":
        return ""
    return _key(snapshot, resource) if resource.type == "AWS::IAM::AccessKey" else _name(snapshot, resource)


def _key(snapshot: Snapshot, resource: Resource) -> str:
    serial = snapshot.texts(resource, "Serial")
    return f"{resource.logical_id} (serial {serial[0]})" if serial else resource.logical_id


def _name(snapshot: Snapshot, resource: Resource) -> str:
    return snapshot.text(Evaluation({}).name(resource))


def _too_many_keys(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Report users that would need a third access key: CloudFormation creates new keys before it deletes old ones."""
    was, now = _keys_by_user(base), _keys_by_user(head)
    for user, keys in now.items():
        before = was.get(user, {})
        fresh = [key for key in keys if key not in before]
        # CloudFormation creates new resources before it deletes old ones in the cleanup phase.
        if fresh and len(before) + len(fresh) > MOST_KEYS:
            says = f"needs {len(before) + len(fresh)} access keys during the deployment; a user can have at most {MOST_KEYS}"
            yield Fact("third key", f"user/{user}", says, keys[fresh[0]])


def _keys_by_user(snapshot: Snapshot) -> dict[str, dict[str, Location]]:
    found: dict[str, dict[str, Location]] = {}
    for resource in snapshot.assembly.of_type("AWS::IAM::AccessKey"):
        for user in snapshot.texts(resource, "UserName"):
            place = f"{snapshot.template_id(resource.template.id)} {_key(snapshot, resource)}"
            found.setdefault(user, {})[place] = resource.location
    return found


# Memberships


def _membership_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    was, now = dict(_memberships(base)), dict(_memberships(head))
    users = {
        _name(snapshot, each)
        for snapshot in (base, head)
        for each in snapshot.assembly.of_type("AWS::IAM::User")
    }
    groups = {
        _name(snapshot, each)
        for snapshot in (base, head)
        for each in snapshot.assembly.of_type("AWS::IAM::Group")
    }
    for (user, group), place in now.items():
        if (user, group) not in was:
            # The access of declared users is compared with their groups, so only a user from elsewhere gains
            # unseen.
            elsewhere = user not in users and group in groups
            says = f"joins {quoted(f'group/{group}')}" + (
                ", declared elsewhere" if group not in groups else ""
            )
            yield Fact("membership", f"user/{user}", says, place, widens=elsewhere)
    for (user, group), place in was.items():
        if (user, group) not in now:
            yield Fact(
                "membership",
                f"user/{user}",
                f"leaves {quoted(f'group/{group}')}",
                place,
                narrows=user not in users,
            )


def _memberships(snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], Location]]:
    for each in snapshot.found.memberships:
        yield (snapshot.text(each.user), snapshot.text(each.group)), each.holder.locate(*each.path)


# Use of roles


def _role_use_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    was, now = dict(_role_uses(base)), dict(_role_uses(head))
    for pair, (name, role, place) in now.items():
        if pair not in was:
            yield Fact("carrier", name, f"acts as {quoted(role)}", place, widens=True)
    for pair, (name, role, place) in was.items():
        if pair not in now:
            yield Fact("carrier", name, f"no longer acts as {quoted(role)}", place, narrows=True)


def _role_uses(snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], tuple[str, str, Location | None]]]:
    """Yield what uses which role: the ARNs of both, then the displayed names and the location."""
    names = snapshot.names
    for each in snapshot.principals.account.credential_sources:
        is_reported_elsewhere = each.kind.startswith(("secretsmanager", "rolesanywhere"))
        if not is_reported_elsewhere and not each.needs:
            role, name = snapshot.plain(each.identity_arn), f"{each.kind} {snapshot.plain(each.arn)}"
            yield (name, role), (name, names.get(role, role), None)
    for profile in snapshot.assembly.of_type("AWS::IAM::InstanceProfile"):
        for role in snapshot.texts(profile, "Roles"):
            name = f"instance profile {_name(snapshot, profile)}"
            yield (name, role), (name, f"role/{role}", profile.location)


# Owners


def _owner_changes(base: Snapshot, head: Snapshot) -> Iterator[Fact]:
    """Report policies and memberships that move to another resource: deleting the old one may delete the new one too."""
    was, now = _owners(base), _owners(head)
    for thing, (owner, place) in now.items():
        before = was.get(thing)
        # CloudFormation creates the new owner first and deletes the old one in the clean-up, and the deletion
        # wins (ADR 4).
        if before is not None and before[0] != owner:
            says = f"has {thing[1]} moved from {quoted(before[0])} to {quoted(owner)}; CloudFormation may delete it after creating it again"
            yield Fact("owner", thing[0], says, place)


def _owners(snapshot: Snapshot) -> dict[tuple[str, str], tuple[str, Location]]:
    found: dict[tuple[str, str], tuple[str, Location]] = {}
    for each in snapshot.found.inline_policies:
        name = snapshot.text(each.policy.name)
        if "<" not in name:
            thing = f"{each.kind}/{snapshot.text(each.owner)}", f"its policy {quoted(name)}"
            found[thing] = _resource(snapshot, each.policy.holder), each.policy.location
    for membership in snapshot.found.memberships:
        thing = (
            f"user/{snapshot.text(membership.user)}",
            f"its membership in {quoted(snapshot.text(membership.group))}",
        )
        found[thing] = _resource(snapshot, membership.holder), membership.holder.location
    return found


def _resource(snapshot: Snapshot, resource: Resource) -> str:
    template = snapshot.template_id(resource.template.id)
    return f"{template} {resource.logical_id}".strip()
