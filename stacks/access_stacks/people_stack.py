"""`access-people` and its shards: people and applications, in the first one together with their groups.

Groups and members share a stack while they fit, so that CloudFormation orders deletions: a membership ends before the
group is deleted. Across several stacks, groups are deleted in a second pass; see `keywright.live.passes.first_pass`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from access_constructs.people.application import Application
from access_constructs.people.group import AccessGroup, twin_name
from access_constructs.people.key_secrets import KEY_ALIAS
from access_constructs.people.mfa_guard import GUARD_GROUP, GuardGroup
from access_constructs.people.person import Person, PersonDefinition
from access_constructs.synthesis.accepted_findings import accept_all, accept_wildcards
from access_constructs.synthesis.identity import BulkIdentities
from access_stacks.grants import (
    accept_justified_wildcards,
    ending_statements,
    managed_policy_arns,
    statements_of,
)
from access_stacks.groups_stack import DeclaredGroups
from access_stacks.keys_stack import key_secrets_key
from access_stacks.pinned_stack import PinnedStack, declared_at
from keywright.model.stacks.shards import stack_name
from keywright.statements.handover import HANDOVER_TAG, KEYS_ONLY
from keywright.statements.self_service import (
    OWN_KEYS_TAG,
    SESSION_TOKEN_GROUP,
    command_line_statement,
    own_access_keys_statement,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    from access_constructs.people.key_secrets import KeySecretsKey
    from access_constructs.people.person import PersonArguments
    from access_stacks.inputs import StackInputs
    from keywright.model.people.users import NamedMembership, User
    from keywright.policy.statement import Statement

COMMAND_LINE = "command-line"
_OWN_POLICIES = ("USR006[Policies]", "USR006[ManagedPolicyArns]")
"""Guardrail findings about a person's own policies; the declaration gives the reason."""
_SOFTWARE = {
    "USR002[cannot tell no Deny without aws:MultiFactorAuthPresent]": "an application, with access keys from before"
}
"""No template has the keys of an adopted application, by which it would be recognized as software."""


class PeopleStack(PinnedStack):
    """The users of a shard; the first shard also has the groups of the MFA guard and the command line, and declared groups.

    A user refers to a group in its own stack by reference, and to a group in another stack, deployed before, by name.
    """

    def __init__(self, scope: Construct, number: int, *, inputs: StackInputs) -> None:
        super().__init__(
            scope,
            stack_name("people", number),
            inputs=inputs,
            description="Groups, people and applications",
        )
        self._inputs = inputs
        self._groups: dict[str, Callable[[], str]] = {}
        self._key: KeySecretsKey | None = None
        if number == 0:
            self._first_groups()
            with declared_at("account", "access_keys"):
                self._key = key_secrets_key(self, inputs)
        self._bulk: list[PersonDefinition] = []
        for name in inputs.named_in("people", number):
            with declared_at("users", name):
                self._user(name, inputs.declarations.users[name])
        if self._bulk:
            made = BulkIdentities(self, "people", self._bulk)
            self.declared |= {f"user/{person.name}": made for person in self._bulk}

    def _user(self, name: str, user: User) -> None:
        """Make a user, or add a person without own policies to those made in bulk."""
        if user.existing:
            return
        if user.application is not None:
            self.declared[f"user/{name}"] = self._application(name, user)
            return
        arguments = self._person_arguments(name, user)
        if (
            # Such a person has findings that are accepted for this person alone.
            user.grants
            or user.policies
            or user.until
            or user.retiring
            or user.because
            or self._inputs.has_exception(f"user/{name}")
        ):
            self.declared[f"user/{name}"] = self._person(name, user, arguments)
            return
        person = PersonDefinition(**arguments)
        person.resources  # noqa: B018 - raises here, where the declaration is known
        self._bulk.append(person)

    def _first_groups(self) -> None:
        own: list[AccessGroup | GuardGroup] = [self._guard_group(), self._command_line_group()]
        if any(map(_uses_session_tokens, self._inputs.declarations.users.values())):
            own.append(self._session_token_group())
        groups = DeclaredGroups(self, 0, inputs=self._inputs)
        # The last of these groups exists only if somebody uses session tokens.
        names = [GUARD_GROUP, COMMAND_LINE, SESSION_TOKEN_GROUP]
        # Each reference is a call to Node, so it is made only when a user is in the group.
        self._groups = {name: partial(getattr, each, "name") for name, each in zip(names, own, strict=False)}
        self._groups |= groups.names
        self.declared |= groups.made

    def _group_names(self, groups: list[str]) -> list[str]:
        return [self._groups[group]() if group in self._groups else group for group in groups]

    def _guard_group(self) -> GuardGroup:
        inputs = self._inputs
        group = GuardGroup(self, GUARD_GROUP, path=inputs.account.path, other_paths=inputs.other_user_paths)
        self.declared[f"group/{GUARD_GROUP}"] = group
        return group

    def _command_line_group(self) -> AccessGroup:
        account = self._inputs.account
        statement = command_line_statement(partition=self._inputs.partition, account=account.id)
        group = AccessGroup(self, COMMAND_LINE, name=COMMAND_LINE, path=account.path, statements=(statement,))
        accept_wildcards(
            group, (statement,), "the browser chooses the region; the account in the ARN limits the access"
        )
        self.declared[f"group/{COMMAND_LINE}"] = group
        return group

    def _session_token_group(self) -> AccessGroup:
        inputs = self._inputs
        account = inputs.account
        own = own_access_keys_statement(
            inputs.partition, account.id, account.path, other_paths=inputs.other_user_paths
        )
        group = AccessGroup(
            self,
            SESSION_TOKEN_GROUP,
            name=SESSION_TOKEN_GROUP,
            path=account.path,
            statements=(own,),
        )
        self.declared[f"group/{SESSION_TOKEN_GROUP}"] = group
        return group

    def _person(self, name: str, user: User, arguments: PersonArguments) -> Person:
        arguments["statements"] = self._own_statements(user)
        arguments["managed_policy_arns"] = managed_policy_arns(user.policies, self._inputs)
        person = Person(self, f"user-{name}", **arguments)
        accept_justified_wildcards(person, user.grants, self._inputs)
        if user.because:
            accept_all(person, dict.fromkeys(_OWN_POLICIES, user.because))
        return person

    def _person_arguments(self, name: str, user: User) -> PersonArguments:
        return {
            "name": name,
            "path": self._inputs.path_of("user", name),
            "boundary_arn": self._inputs.boundary_of(user),
            "keeper_token": self._inputs.keeper_token,
            "groups": self._group_names(groups_of(user)),
            "console": user.console,
            "tags": self._tags(user),
        }

    def _tags(self, user: User) -> dict[str, str]:
        """Add the tags by which the boundary allows reading first passwords or access keys, and creating own keys."""
        own = {OWN_KEYS_TAG: "true"} if self._inputs.makes_own_keys(user) else {}
        groups = [each.name for each in user.groups]
        if self._inputs.account.handover in groups:
            return user.tags | own | {HANDOVER_TAG: "true"}
        reads = any(self._inputs.keys_read_by(f"group/{each}") for each in groups)
        return user.tags | own | ({HANDOVER_TAG: KEYS_ONLY} if reads else {})

    def _application(self, name: str, user: User) -> Application:
        made = Application(
            self,
            f"user-{name}",
            name=name,
            path=self._inputs.path_of("user", name),
            boundary_arn=self._inputs.boundary_of(user),
            keeper_token=self._inputs.keeper_token,
            groups=self._group_names([group_of(membership) for membership in user.groups]),
            access_keys=[(key.serial, key.status == "active") for key in user.access_keys],
            readers=self._inputs.key_readers(name),
            key_alias=KEY_ALIAS,
            replica_region=self._inputs.account.access_keys.replica,
            tags=user.tags,
            statements=self._own_statements(user),
            managed_policy_arns=managed_policy_arns(user.policies, self._inputs),
        )
        accept_justified_wildcards(made, user.grants, self._inputs)
        if user.adopted is not None and user.adopted.access_keys:
            accept_all(made, _SOFTWARE)
        # The secrets name the key by its alias, in which CloudFormation sees no dependency.
        if self._key is not None and user.access_keys:
            made.node.add_dependency(self._key)
        return made

    def _own_statements(self, user: User) -> tuple[Statement, ...]:
        return (*statements_of(user.grants, self._inputs), *ending_statements(user))


def group_of(membership: NamedMembership) -> str:
    """Name the group of a membership: the declared group, or its time-bound copy if the membership ends."""
    if membership.until is None:
        return membership.name
    return twin_name(membership.name, membership.until)


def groups_of(user: User) -> list[str]:
    """List a person's groups, first that of the MFA guard, so that no access takes effect before it."""
    command_line = [COMMAND_LINE] if user.cli else []
    session_token = [SESSION_TOKEN_GROUP] if _uses_session_tokens(user) else []
    # Without an MFA device the guard would lock out somebody who could sign in until now.
    guard = [] if user.adopted is not None and user.adopted.mfa == "later" else [GUARD_GROUP]
    return [*guard, *command_line, *session_token, *(group_of(membership) for membership in user.groups)]


def _uses_session_tokens(user: User) -> bool:
    return user.cli is not None and user.cli.session_token is not None
