"""`access-people`: groups and their members, people and applications alike.

They share a stack so that CloudFormation itself orders removals: a member leaves a group before the group goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.accepted_finding import accept_all, accept_wildcards
from access_constructs.access_group import AccessGroup
from access_constructs.application import Application
from access_constructs.command_line import command_line_statement
from access_constructs.group_trust import assume_statement
from access_constructs.handover import HANDOVER_TAG, handover_statement
from access_constructs.mfa_guard import GUARD_GROUP, GuardGroup
from access_constructs.person import Person
from access_constructs.time_bound import denied_after
from keywright.model.duration import seconds
from keywright.model.role import GroupTrust
from stacks.declared_place import declared_at
from stacks.granting import managed_policy_arns, statements_of
from stacks.pinned_stack import PinnedStack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from constructs import Construct

    from keywright.model.group import Group
    from keywright.model.user import NamedMembership, User
    from keywright.policy.statement import Statement
    from stacks.setting import Setting

COMMAND_LINE = "command-line"
_OWN_ACCESS = ("USR006[Policies]", "USR006[ManagedPolicyArns]")
"""What a guardrail finds where a person holds access by itself; the declaration says why."""


class PeopleStack(PinnedStack):
    """The guard's group, the command line's, every declared group with its time-bound twins, every user."""

    def __init__(self, scope: Construct, construct_id: str, *, setting: Setting) -> None:
        super().__init__(scope, construct_id, setting=setting, description="Groups, people and applications")
        self._setting = setting
        self._names = {GUARD_GROUP: self._guard_group().name, COMMAND_LINE: self._command_line_group().name}
        for name, group in setting.declarations.groups.items():
            with declared_at("groups", name):
                self._names[name] = name if group.existing else self._group(name).name
        for name, until in sorted(_bounds(setting)):
            with declared_at("groups", name):
                self._names[AccessGroup.twin_name(name, until)] = self._group(name, until).name
        for name, user in setting.declarations.users.items():
            if not user.existing:
                with declared_at("users", name):
                    made = self._application(name, user) if user.application else self._person(name, user)
                self.declared[f"user/{name}"] = made

    def _guard_group(self) -> GuardGroup:
        group = GuardGroup(self, GUARD_GROUP, path=self._setting.account.path)
        self.declared[f"group/{GUARD_GROUP}"] = group
        return group

    def _command_line_group(self) -> AccessGroup:
        account = self._setting.account
        statement = command_line_statement(partition=self._setting.partition, account=account.id)
        group = AccessGroup(self, COMMAND_LINE, name=COMMAND_LINE, path=account.path, statements=(statement,))
        accept_wildcards(group, (statement,), "the browser picks the region; the account bounds the access")
        self.declared[f"group/{COMMAND_LINE}"] = group
        return group

    def _group(self, name: str, until: date | None = None) -> AccessGroup:
        """Make a declared group, or its twin for members whose membership ends: a membership can't carry a bound."""
        group = self._setting.declarations.groups[name]
        full_name = name if until is None else AccessGroup.twin_name(name, until)
        made = AccessGroup(
            self,
            f"group-{full_name}",
            name=name,
            path=self._setting.account.path,
            statements=tuple(self._group_statements(name, group)),
            managed_policy_arns=managed_policy_arns(group.policies, self._setting),
            until=until,
        )
        if name == self._setting.account.handover:
            accept_wildcards(made, (self._handover(),), "one secret a newcomer or key; its name begins so")
        self.declared[f"group/{full_name}"] = made
        return made

    def _group_statements(self, name: str, group: Group) -> Iterator[Statement]:
        yield from statements_of(group.grants, self._setting)
        for role_name, role in sorted(self._setting.declarations.roles.items()):
            for trust in role.trusts:
                if isinstance(trust, GroupTrust) and trust.group == name:
                    role_arn = self._setting.identity_arn("role", role_name)
                    yield assume_statement(role_arn=role_arn, mfa_within_seconds=seconds(trust.mfa.within))
        if name == self._setting.account.handover:
            yield self._handover()

    def _handover(self) -> Statement:
        account = self._setting.account
        return handover_statement(
            partition=self._setting.partition, region=account.region, account=account.id
        )

    def _person(self, name: str, user: User) -> Person:
        person = Person(
            self,
            f"user-{name}",
            name=name,
            path=self._setting.account.path,
            boundary_arn=self._setting.boundary_of(user),
            keeper_token=self._setting.keeper_token,
            groups=[self._names[group] for group in groups_of(user)],
            console=user.console,
            tags=self._tags(user),
            statements=self._own_statements(user),
            managed_policy_arns=managed_policy_arns(user.policies, self._setting),
        )
        if user.because:
            accept_all(person, dict.fromkeys(_OWN_ACCESS, user.because))
        return person

    def _tags(self, user: User) -> dict[str, str]:
        """Add the tag by which the boundary knows who may read first passwords."""
        hands_over = any(each.name == self._setting.account.handover for each in user.groups)
        return user.tags | ({HANDOVER_TAG: "true"} if hands_over else {})

    def _application(self, name: str, user: User) -> Application:
        return Application(
            self,
            f"user-{name}",
            name=name,
            path=self._setting.account.path,
            boundary_arn=self._setting.boundary_of(user),
            keeper_token=self._setting.keeper_token,
            groups=[self._names[group_of(membership)] for membership in user.groups],
            access_keys=[(key.serial, key.status == "active") for key in user.access_keys],
            tags=user.tags,
            statements=self._own_statements(user),
            managed_policy_arns=managed_policy_arns(user.policies, self._setting),
        )

    def _own_statements(self, user: User) -> tuple[Statement, ...]:
        granted = statements_of(user.grants, self._setting)
        return granted if user.until is None else (*granted, denied_after(user.until))


def group_of(membership: NamedMembership) -> str:
    """Name the group that a membership is held by: the group itself, or its twin where it ends."""
    if membership.until is None:
        return membership.name
    return AccessGroup.twin_name(membership.name, membership.until)


def groups_of(user: User) -> list[str]:
    """List a person's groups: the guard's first, so that no access comes before it."""
    command_line = [COMMAND_LINE] if user.cli else []
    return [GUARD_GROUP, *command_line, *(group_of(membership) for membership in user.groups)]


def _bounds(setting: Setting) -> set[tuple[str, date]]:
    return {
        (membership.name, membership.until)
        for user in setting.declarations.users.values()
        if not user.existing
        for membership in user.groups
        if membership.until is not None
    }
