"""The policies of an account's snapshot, read as statements, and what is Keywright's own in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.account.entities import Group, ManagedPolicy, Role, StackResource, User
from keywright.adopt.atoms import Atom, all_atoms, split_end
from keywright.policy.parsing.documents import parse
from keywright.policy.reference.managed_policies import managed_policy_document
from keywright.policy.statement import Document, Effect, Kind, Statement
from keywright.statements.boundary import BOUNDARY_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright.account.entities import Identity
    from keywright.account.snapshot import AccountSnapshot

GUARD_GROUP, COMMAND_LINE, SESSION_TOKEN = "mfa-guard", "command-line", "session-token"
OWN_GROUPS = frozenset({GUARD_GROUP, COMMAND_LINE, SESSION_TOKEN})
OWN = "keywright-"
_TWIN = re.compile(r"(?P<name>.+)\.until-(?P<day>20\d\d-\d\d-\d\d)")
_PART = re.compile(r"(user|application|group|role|instancerole)-(?P<name>.+)-[0-9]+", re.IGNORECASE)
_WORKLOAD = re.compile(r"-InstanceRole0(?P<name>[A-Za-z0-9]+)-[A-Za-z0-9]+$")
_LOGICAL_ID = re.compile(
    r"(?P<kind>User|Application|Group|Role|InstanceRole|SharedPolicy|ManagedPolicy)0(?P<name>(?:[A-WYZa-z0-9]|X[0-9a-f]{2})+)"
)
_ENDED = "Ended"
SECTIONS = {User: "users", Group: "groups", Role: "roles"}


_KEY = re.compile(r"AccessKey0(?P<name>(?:[A-WYZa-z0-9]|X[0-9a-f]{2})+)XSerial(?P<serial>[0-9]{1,4})")
_NO_STACK = StackResource(place=(), stack="", logical_id="", physical_id="", type="", region="")


def reference(identity: Identity) -> str:
    """Give the reference of an identity as `--only` takes it, such as `users/alice`."""
    return f"{SECTIONS[type(identity)]}/{identity.name}"


def twin_of(name: str) -> tuple[str, date] | None:
    """Give the group and the last day of a time-bound copy of a group."""
    found = _TWIN.fullmatch(name)
    try:
        return (found["name"], date.fromisoformat(found["day"])) if found else None
    except ValueError:
        return None


def is_part(name: str) -> bool:
    """Tell whether a policy's name is that of grants past the inline quota of an identity."""
    return _PART.fullmatch(name) is not None


def _decoded(name: str) -> str:
    """Give the declared name in a logical id."""
    return re.sub(r"X([0-9a-f]{2})", lambda escape: chr(int(escape[1], 16)), name)


@dataclass
class World:
    """One account: documents by the place where they are, each read once."""

    snapshot: AccountSnapshot
    _documents: dict[int, Document] = field(default_factory=dict)

    def document(self, value: Mapping[str, object], kind: Kind = Kind.IDENTITY) -> Document:
        """Read a policy document."""
        known = self._documents.get(id(value))
        if known is None:
            known = self._documents[id(value)] = parse(dict(value), "", kind)[0]
        return known

    @cached_property
    def path(self) -> str:
        """The path of what Keywright has deployed already; "" where it has not."""
        return next((each.path for each in self.snapshot.policies if each.name == BOUNDARY_POLICY), "")

    def is_ours(self, thing: Identity | ManagedPolicy) -> bool:
        """Tell whether Keywright deployed something: only then is a policy a merger of its grants.

        What was adopted keeps its path, and is recognised by the logical id that its stack gives it.
        """
        if not self.path or thing.path == self.path:
            return bool(self.path)
        kind, name = self._logical_id(thing)
        return name == thing.name or kind == "InstanceRole"

    def is_named_by_stack(self, role: Role) -> bool:
        """Tell whether a role has a name that CloudFormation made for a declared workload."""
        return bool(self.path) and role.path == self.path and _WORKLOAD.search(role.name) is not None

    def declared_workload(self, role: Role) -> str:
        """Give the declared name of a workload that Keywright deployed; "" for any other role."""
        kind, name = self._logical_id(role)
        if kind == "InstanceRole":
            return name
        found = _WORKLOAD.search(role.name) if self.is_named_by_stack(role) else None
        return _decoded(found["name"]) if found else ""

    def deployed_keys(self, user: User) -> Mapping[str, int]:
        """Give the access keys of a user that Keywright's stacks own, by id, with the serial of each."""
        found = {}
        for key in self.snapshot.access_keys_of(user.name):
            declared = _KEY.fullmatch(self._stack_keys.get(key.id, ""))
            if declared and _decoded(declared["name"]) == user.name:
                found[key.id] = int(declared["serial"])
        return found

    @cached_property
    def _stack_keys(self) -> Mapping[str, str]:
        return {
            each.physical_id: each.logical_id
            for each in self.snapshot.stack_resources
            if each.type == "AWS::IAM::AccessKey"
        }

    def is_known_person(self, user: User) -> bool | None:
        """Tell whether Keywright deployed a user as a person or as an application; None for other users."""
        kind, _ = self._logical_id(user)
        if kind in {"User", "Application"} and self.is_ours(user):
            return kind == "User"
        guarded = self.is_in(user, GUARD_GROUP)
        return guarded if guarded or self.is_ours(user) else None

    def _logical_id(self, thing: Identity | ManagedPolicy) -> tuple[str, str]:
        """Give the kind and the declared name in the logical id that a stack gives something."""
        found = _LOGICAL_ID.fullmatch(self._owner(thing).logical_id)
        return (found["kind"], _decoded(found["name"])) if found else ("", "")

    def stack_of(self, thing: Identity | ManagedPolicy) -> str:
        """Give the stack that owns something and is not Keywright's."""
        return "" if self.is_ours(thing) else self._owner(thing).stack

    def _owner(self, thing: Identity | ManagedPolicy) -> StackResource:
        id_ = str(thing.arn) if isinstance(thing, ManagedPolicy) else thing.name
        return self._stack_resources.get((type(thing), id_), _NO_STACK)

    def is_own(self, identity: Identity) -> bool:
        """Tell whether an identity is a part of Keywright itself, which declarations imply."""
        if not self.is_ours(identity):
            return False
        is_group = isinstance(identity, Group) and (
            identity.name in OWN_GROUPS or twin_of(identity.name) is not None
        )
        return is_group or identity.name.startswith(OWN)

    @cached_property
    def own_groups(self) -> frozenset[str]:
        """The groups that declarations imply, such as that of the MFA guard."""
        return frozenset(each.name for each in self.snapshot.groups if self.is_own(each))

    def is_in(self, user: User, group: str) -> bool:
        """Tell whether a user is in a group that declarations imply."""
        return group in user.groups and group in self.own_groups

    @cached_property
    def _stack_resources(self) -> Mapping[tuple[type[Identity | ManagedPolicy], str], StackResource]:
        kinds = {
            "AWS::IAM::User": User,
            "AWS::IAM::Group": Group,
            "AWS::IAM::Role": Role,
            "AWS::IAM::ManagedPolicy": ManagedPolicy,
        }
        return {
            (kinds[each.type], each.physical_id): each
            for each in self.snapshot.stack_resources
            if each.type in kinds
        }

    def user_in_trusts(self, user: User, path: str) -> str:
        """Write a user as `group_trust` takes members: with its path unless this is that of the account."""
        return user.name if user.path == path else f"{user.path}{user.name}"

    @cached_property
    def is_complete(self) -> bool:
        """Tell whether the file has what only `keywright snapshot` reads of roles and managed policies."""
        described = [each.description for each in self.snapshot.roles]
        described += [each.description for each in self.snapshot.policies]
        return None not in described and None not in [each.session_seconds for each in self.snapshot.roles]

    @cached_property
    def policies(self) -> Mapping[str, ManagedPolicy]:
        """The customer managed policies by ARN."""
        return {str(each.arn): each for each in self.snapshot.policies}

    def parts_of(self, identity: Identity) -> list[ManagedPolicy]:
        """Give the managed policies that only hold what exceeds the inline quota of an identity of ours."""
        if not self.is_ours(identity):
            return []
        attached = (self.policies[each] for each in identity.attached_policies if each in self.policies)
        named = ((each, _PART.fullmatch(each.name)) for each in attached)
        return [each for each, found in named if found and found["name"] == identity.name]

    def statements(self, identity: Identity) -> tuple[Statement, ...]:
        """Give the statements of an identity itself, without those that end it."""
        return tuple(
            each
            for each in self._all_statements(identity)
            if each.sid != _ENDED or not self.is_ours(identity)
        )

    def _all_statements(self, identity: Identity) -> Iterator[Statement]:
        for document in (
            *(each.document for each in identity.inline_policies),
            *(each.document for each in self.parts_of(identity)),
        ):
            yield from self.document(document).statements

    def last_day(self, identity: Identity) -> date | None:
        """Give the last day of an identity of ours, after which everything is denied to it."""
        if not self.is_ours(identity):
            return None
        for statement in self._all_statements(identity):
            if statement.sid == _ENDED and statement.effect is Effect.DENY:
                tests = statement.conditions.get("DateGreaterThanEquals", {}).get("aws:CurrentTime", ())
                turned = Statement(conditions={"DateLessThan": {"aws:CurrentTime": tests}})
                return split_end(turned)[1]
        return None

    def unread(self, identity: Identity) -> list[str]:
        """Say which parts of an identity's own policies could not be read."""
        documents = [self.document(each.document) for each in identity.inline_policies]
        if isinstance(identity, Role):
            documents.append(self.document(identity.trust_policy, Kind.TRUST))
        return [
            f"a part of a policy could not be read: {part.reason}"
            for each in documents
            for part in each.unread
        ]

    @cached_property
    def members(self) -> Mapping[str, tuple[User, ...]]:
        """The users of each group; those of its time-bound copies are members too."""
        found: dict[str, dict[str, User]] = {}
        for user in self.snapshot.users:
            for group in user.groups:
                twin = twin_of(group) if group in self.own_groups else None
                found.setdefault(twin[0] if twin else group, {})[user.name] = user
        return {name: tuple(users.values()) for name, users in found.items()}

    def atoms(self, identities: Sequence[Identity]) -> Mapping[str, frozenset[Atom]]:
        """Give what each of some identities' own policies allow, by name."""
        return {each.name: all_atoms(self.statements(each)) for each in identities}

    def managed_document(self, arn: str) -> Document | None:
        """Give the document of a managed policy; None for one of AWS that is not known."""
        own = self.policies.get(arn)
        if own is not None:
            return self.document(own.document)
        known = managed_policy_document(arn)
        return None if known is None else self.document(known)
