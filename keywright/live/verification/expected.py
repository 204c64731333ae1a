"""The identities that should exist under Keywright's path according to the declarations, and what they should have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.model.adoption import NONE
from keywright.model.checks.access_keys import oldest
from keywright.model.fields.tags import all_tags
from keywright.model.identity_arns import identity_arn
from keywright.model.people.access_keys import OLDEST
from keywright.model.queries import makes_own_keys, tag_of_workload
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.model.declarations import Declarations
    from keywright.model.grants.grant import ManagedPolicyGrant
    from keywright.model.people.users import NamedMembership, User
    from keywright.model.roles import Role
    from keywright.model.workloads import Workload

GUARD_GROUP = "mfa-guard"
COMMAND_LINE_GROUP = "command-line"
SESSION_TOKEN_GROUP = "session-token"  # noqa: S105 - a name, no secret
OWN_TAGS = "keywright-"
HANDOVER_TAG = "keywright-handover"
OWN_KEYS_TAG = "keywright-own-access-keys"
GUARD_POLICY = "keywright-mfa-guard"
BOUNDARIES = ("keywright-boundary", "keywright-boundary-any-service")
DELEGATED = "keywright-delegated-"
KEEPER_POLICY = "keywright-keeper"
KEEPER_ROLE = "keywright-identity-keeper"
OWN_POLICIES = frozenset({*BOUNDARIES, GUARD_POLICY, KEEPER_POLICY, "keywright-deny-all"})
INLINE_POLICY = "grants"

_WORKLOAD_ROLE = re.compile(r"-InstanceRole0(?P<name>[A-Za-z0-9]+)-[A-Za-z0-9]+$")
_ESCAPED = re.compile(r"X([0-9a-f]{2})")
_CUT_ESCAPE = re.compile(r"X[0-9a-f]?$")


@dataclass(frozen=True, kw_only=True)
class ExpectedIdentity:
    """What a user, group or role may have. `attached` policies are required; policies that match `owned` are allowed.

    One of `boundaries` (ARNs) must be set; if it is empty, there must be no boundary. `tags` are declared, and
    `own_tags` are keys of Keywright's own tags that are allowed. With `only_tags`, no others are.
    """

    inline: frozenset[str] = frozenset({INLINE_POLICY})
    attached: frozenset[str] = frozenset()
    owned: re.Pattern[str] = re.compile(r"(?!)")
    boundaries: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)
    own_tags: frozenset[str] = frozenset()
    only_tags: bool = False


@dataclass(frozen=True, kw_only=True)
class ExpectedUser(ExpectedIdentity):
    """A user as declared; `keys` are pairs of serial and status, without the self-managed keys of a person."""

    is_person: bool
    makes_own_keys: bool
    groups: frozenset[str]
    login: bool
    keys: tuple[tuple[int, str], ...]
    former_keys: int = 0
    """How many access keys it can have from before it was declared."""
    maximum_age: int = OLDEST


class Expected:
    """The declared identities, without those that are `existing`."""

    def __init__(self, declarations: Declarations) -> None:
        self._declarations = declarations
        self._account = declarations.account
        self._partition = partition_of(declarations.account.region)
        self._boundaries = frozenset(self.policy_arn(name) for name in BOUNDARIES)

    @property
    def boundaries(self) -> frozenset[str]:
        """The ARNs of Keywright's permissions boundaries."""
        return self._boundaries

    def policy_arn(self, name: str) -> str:
        """Give the ARN of a managed policy of Keywright."""
        return f"arn:{self._partition}:iam::{self._account.id}:policy{self._account.path}{name}"

    @property
    def guard_arn(self) -> str:
        """The policy that requires MFA of every person."""
        return self.policy_arn(GUARD_POLICY)

    def users(self) -> Mapping[str, ExpectedUser]:
        """Give every declared user, by name."""
        users = self._declarations.users
        return {name: self._user(name, user) for name, user in users.items() if not user.existing}

    def _user(self, name: str, user: User) -> ExpectedUser:
        waits = user.adopted is not None and user.adopted.mfa == "later"
        guard = {GUARD_GROUP} if user.person and not waits else set()
        command_line = {COMMAND_LINE_GROUP} if user.cli else set()
        session_token = {SESSION_TOKEN_GROUP} if user.cli and user.cli.session_token else set()
        return ExpectedUser(
            is_person=user.person is not None,
            makes_own_keys=makes_own_keys(user, self._declarations.groups),
            groups=frozenset({*guard, *command_line, *session_token, *map(group_of, user.groups)}),
            login=user.console,
            keys=tuple((key.serial, key.status.capitalize()) for key in user.access_keys),
            maximum_age=oldest(self._account, user),
            attached=self._arns(user.policies),
            owned=self._owned("user", name),
            former_keys=0 if user.adopted is None else user.adopted.access_keys,
            boundaries=self._boundaries_of(user),
            tags=all_tags(self._account, user),
            own_tags=frozenset(self._own_tags(user)),
        )

    def _boundaries_of(self, identity: User | Role | Workload) -> frozenset[str]:
        """Give the boundaries of which an identity must have one: an adopted one can have another, or none."""
        kept = None if identity.adopted is None else identity.adopted.boundary
        if kept is None:
            return self._boundaries
        return frozenset() if kept == NONE else frozenset({kept})

    def _own_tags(self, user: User) -> Iterator[str]:
        """Yield the tags that the boundary has conditions on: for readers of handed-over secrets, and for self-managed keys."""
        if makes_own_keys(user, self._declarations.groups):
            yield OWN_KEYS_TAG
        # A reader can be a group; its members carry the tag, because IAM groups have no tags.
        said = (each.application.readers for each in self._declarations.users.values() if each.application)
        reading = {name for readers in said for name in readers or ()}
        if any(
            each.name == self._account.handover or f"group/{each.name}" in reading for each in user.groups
        ):
            yield HANDOVER_TAG

    def groups(self) -> Mapping[str, ExpectedIdentity]:
        """Give every declared group, the reserved groups and the groups for time-bound memberships."""
        declared = {name: group for name, group in self._declarations.groups.items() if not group.existing}
        found = {
            name: ExpectedIdentity(attached=self._arns(group.policies), owned=self._owned("group", name))
            for name, group in declared.items()
        }
        copies = {name: ExpectedIdentity(owned=self._owned("group", name)) for name in self._copies()}
        users = self._declarations.users.values()
        opens_sessions = any(user.cli and user.cli.session_token for user in users)
        return {
            **found,
            **copies,
            **({SESSION_TOKEN_GROUP: ExpectedIdentity()} if opens_sessions else {}),
            GUARD_GROUP: ExpectedIdentity(attached=frozenset({self.guard_arn})),
            COMMAND_LINE_GROUP: ExpectedIdentity(),
        }

    def _copies(self) -> set[str]:
        memberships = (each for user in self._declarations.users.values() for each in user.groups)
        return {group_of(each) for each in memberships if each.until is not None}

    def roles(self) -> Mapping[str, ExpectedIdentity]:
        """Give every declared role, by name; the roles of workloads have generated names."""
        declared = {name: role for name, role in self._declarations.roles.items() if not role.existing}
        # The break-glass role has no boundary, because it repairs the boundary (ADR 12).
        unbounded = {f"role/{name}" for name in declared} & {self._account.break_glass_role}
        keeper = frozenset({self.policy_arn(KEEPER_POLICY)})
        return {
            **{
                name: ExpectedIdentity(
                    attached=self._arns(role.policies),
                    owned=self._owned("role", name),
                    boundaries=frozenset() if f"role/{name}" in unbounded else self._boundaries_of(role),
                    tags=all_tags(self._account, role),
                )
                for name, role in declared.items()
            },
            KEEPER_ROLE: ExpectedIdentity(inline=frozenset(), attached=keeper, boundaries=keeper),
        }

    def workloads(self) -> Mapping[str, ExpectedIdentity]:
        """Give what the role of each workload may have, by the workload's name."""
        return {name: self._workload(name, each) for name, each in self._declarations.workloads.items()}

    def _workload(self, name: str, workload: Workload) -> ExpectedIdentity:
        tag = tag_of_workload(self._declarations, name)
        return ExpectedIdentity(
            attached=self._arns(workload.policies),
            owned=self._owned("instancerole", name),
            boundaries=self._boundaries_of(workload),
            tags=all_tags(self._account, workload) | tag,
            own_tags=frozenset(tag),
        )

    def adopted_workloads(self) -> Mapping[str, str]:
        """Give the role of each adopted workload, whose name is not generated."""
        workloads = self._declarations.workloads.items()
        return {name: each.adopted.role for name, each in workloads if each.adopted is not None}

    def delegated(self) -> Mapping[str, tuple[str, str]]:
        """Give each path for delegated roles, with the delegation and the ARN of its boundary."""
        path = self._account.path
        return {
            f"{path}{name}/": (name, self.policy_arn(f"{DELEGATED}{name}"))
            for name in self._declarations.delegations
        }

    def delegated_policies(self) -> set[str]:
        """Name the boundaries of delegations."""
        return {f"{DELEGATED}{name}" for name in self._declarations.delegations}

    def owners(self) -> list[ExpectedIdentity]:
        """Give all identities whose policies beyond the inline quota become managed policies."""
        return [
            *self.users().values(),
            *self.groups().values(),
            *self.roles().values(),
            *self.workloads().values(),
        ]

    def _arns(self, policies: Iterable[ManagedPolicyGrant]) -> frozenset[str]:
        return frozenset(
            self._shared_arn(each.own)
            if each.own is not None
            else each.managed
            if each.managed.startswith("arn:")
            else f"arn:{self._partition}:iam::aws:policy/{each.managed}"
            for each in policies
        )

    def _shared_arn(self, name: str) -> str:
        return self._declarations.policies[name].existing or identity_arn(
            self._declarations, f"policy/{name}"
        )

    def shared_policies(self) -> frozenset[str]:
        """Name the managed policies that several identities share."""
        policies = self._declarations.policies.items()
        return frozenset(name for name, policy in policies if policy.existing is None)

    def _owned(self, kind: str, name: str) -> re.Pattern[str]:
        return re.compile(rf"{kind}-{re.escape(name)}-[0-9]+")


def group_of(membership: NamedMembership) -> str:
    """Give the group of a membership: the group itself, or its time-bound copy if the membership ends."""
    return membership.name if membership.until is None else f"{membership.name}.until-{membership.until}"


def workloads_of(role: str, workloads: Iterable[str]) -> list[str]:
    """Give the workloads that a role with a generated name may belong to.

    CloudFormation joins the stack's name, the logical id and random characters, and shortens the first two if the name would
    be longer than 64 characters ("Name type", CloudFormation Template Reference). A shortened name may belong to any
    workload whose name begins with it.
    """
    found = _WORKLOAD_ROLE.search(role)
    if found is None:
        return []
    whole = _CUT_ESCAPE.sub("", found["name"])
    name = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), whole)
    known = list(workloads)
    return [name] if name in known else [each for each in known if each.startswith(name)]
