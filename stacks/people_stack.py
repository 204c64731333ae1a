"""`access-people` and its shards: people and applications, in the first one beside their groups.

Groups and members share a stack while they fit, so that CloudFormation itself orders removals: a member leaves a group
before the group goes. Over several stacks, removals are a second pass; see `keywright.live.passes.first_pass`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from access_constructs.people.application import Application
from access_constructs.people.group import AccessGroup, twin_name
from access_constructs.people.key_secrets import KEY_ALIAS
from access_constructs.people.mfa_guard import GUARD_GROUP, GuardGroup
from access_constructs.people.person import Person, PersonDefinition
from access_constructs.shared.accepted_findings import accept_all, accept_wildcards
from access_constructs.shared.identity import BulkIdentities
from keywright.model.stacks.shards import stack_name
from keywright.statements.conditions import deny_after
from keywright.statements.handover import HANDOVER_TAG, KEYS_ONLY
from keywright.statements.self_service import (
    OWN_KEYS_TAG,
    SESSION_TOKEN_GROUP,
    command_line_statement,
    own_access_keys_statement,
)
from stacks.grants import accept_justified_wildcards, managed_policy_arns, statements_of
from stacks.groups_stack import DeclaredGroups
from stacks.keys_stack import key_secrets_key
from stacks.pinned_stack import PinnedStack, declared_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs import Construct

    from access_constructs.people.key_secrets import KeySecretsKey
    from keywright.model.people.users import NamedMembership, User
    from keywright.policy.statement import Statement
    from stacks.inputs import StackInputs

COMMAND_LINE = "command-line"
_OWN_ACCESS = ("USR006[Policies]", "USR006[ManagedPolicyArns]")
"""What a guardrail finds where a person holds access by itself; the declaration says why."""


class PeopleStack(PinnedStack):
    """The users of a shard; in the first, the guard's group, the command line's and the first declared groups too.

    A user refers to a group of its own stack, and names one of another, which was deployed before.
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
        self._by_itself = {each.on for each in inputs.declarations.exceptions}
        plain: list[PersonDefinition] = []
        for name in inputs.named_in("people", number):
            with declared_at("users", name):
                plain += self._user(name, inputs.declarations.users[name])
        if plain:
            people = BulkIdentities(self, "people", plain)
            self.declared |= {f"user/{person.name}": people for person in plain}

    def _user(self, name: str, user: User) -> Iterator[PersonDefinition]:
        """Make a user, or give it to be made with the others: a person whose access comes by groups alone."""
        if user.existing:
            return
        if user.application is None and self._is_plain(name, user):
            person = PersonDefinition(**self._given(name, user))
            person.resources  # noqa: B018 - a refusal here names the declaration
            yield person
            return
        made = self._application(name, user) if user.application else self._person(name, user)
        self.declared[f"user/{name}"] = made

    def _is_plain(self, name: str, user: User) -> bool:
        """Tell whether a person holds nothing by itself, and no exception is about it alone."""
        own = user.grants or user.policies or user.until or user.because
        return not own and f"user/{name}" not in self._by_itself

    def _first_groups(self) -> None:
        own: list[AccessGroup | GuardGroup] = [self._guard_group(), self._command_line_group()]
        if any(map(_opens_sessions, self._inputs.declarations.users.values())):
            own.append(self._session_token_group())
        groups = DeclaredGroups(self, 0, inputs=self._inputs)
        names = [GUARD_GROUP, COMMAND_LINE, SESSION_TOKEN_GROUP]
        self._groups = {name: partial(getattr, each, "name") for name, each in zip(names, own, strict=False)}
        self._groups |= groups.names
        self.declared |= groups.made

    def _group_names(self, groups: list[str]) -> list[str]:
        return [self._groups[group]() if group in self._groups else group for group in groups]

    def _guard_group(self) -> GuardGroup:
        group = GuardGroup(self, GUARD_GROUP, path=self._inputs.account.path)
        self.declared[f"group/{GUARD_GROUP}"] = group
        return group

    def _command_line_group(self) -> AccessGroup:
        account = self._inputs.account
        statement = command_line_statement(partition=self._inputs.partition, account=account.id)
        group = AccessGroup(self, COMMAND_LINE, name=COMMAND_LINE, path=account.path, statements=(statement,))
        accept_wildcards(group, (statement,), "the browser picks the region; the account bounds the access")
        self.declared[f"group/{COMMAND_LINE}"] = group
        return group

    def _session_token_group(self) -> AccessGroup:
        inputs = self._inputs
        own = own_access_keys_statement(inputs.partition, inputs.account.id, inputs.account.path)
        group = AccessGroup(
            self,
            SESSION_TOKEN_GROUP,
            name=SESSION_TOKEN_GROUP,
            path=inputs.account.path,
            statements=(own,),
        )
        self.declared[f"group/{SESSION_TOKEN_GROUP}"] = group
        return group

    def _person(self, name: str, user: User) -> Person:
        person = Person(
            self,
            f"user-{name}",
            **self._given(name, user),
            statements=self._own_statements(user),
            managed_policy_arns=managed_policy_arns(user.policies, self._inputs),
        )
        accept_justified_wildcards(person, user.grants, self._inputs)
        if user.because:
            accept_all(person, dict.fromkeys(_OWN_ACCESS, user.because))
        return person

    def _given(self, name: str, user: User) -> dict[str, Any]:
        return {
            "name": name,
            "path": self._inputs.account.path,
            "boundary_arn": self._inputs.boundary_of(user),
            "keeper_token": self._inputs.keeper_token,
            "groups": self._group_names(groups_of(user)),
            "console": user.console,
            "tags": self._tags(user),
        }

    def _tags(self, user: User) -> dict[str, str]:
        """Add the tags by which the boundary knows who reads first passwords or keys, and who makes keys of their own."""
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
            path=self._inputs.account.path,
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
        if self._key is not None and user.access_keys:
            made.node.add_dependency(self._key)
        return made

    def _own_statements(self, user: User) -> tuple[Statement, ...]:
        granted = statements_of(user.grants, self._inputs)
        return granted if user.until is None else (*granted, deny_after(user.until))


def group_of(membership: NamedMembership) -> str:
    """Name the group that a membership is held by: the group itself, or its twin where it ends."""
    if membership.until is None:
        return membership.name
    return twin_name(membership.name, membership.until)


def groups_of(user: User) -> list[str]:
    """List a person's groups: the guard's first, so that no access comes before it."""
    command_line = [COMMAND_LINE] if user.cli else []
    session_token = [SESSION_TOKEN_GROUP] if _opens_sessions(user) else []
    return [GUARD_GROUP, *command_line, *session_token, *(group_of(membership) for membership in user.groups)]


def _opens_sessions(user: User) -> bool:
    return user.cli is not None and user.cli.session_token is not None
