"""The declared groups of one shard, with a twin for each day on which memberships end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.accepted_finding import accept_wildcards
from access_constructs.access_group import AccessGroup
from access_constructs.assume_statement import assume_statement
from access_constructs.handover import handover_statement
from access_constructs.own_access_keys import own_access_keys
from keywright.model.duration import seconds
from keywright.model.role import GroupTrust
from stacks.declared_place import declared_at
from stacks.granting import (
    MADE_LATER,
    NAMED_SO,
    accept_argued,
    delegated,
    key_reading,
    managed_policy_arns,
    statements_of,
    statements_of_policies,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from constructs import Construct

    from keywright.model.group import Group
    from keywright.policy.statement import Statement
    from stacks.setting import Setting


class DeclaredGroups:
    """Makes the groups of a shard in a stack: `made` holds them by declared name, `groups` by the name of IAM."""

    def __init__(self, stack: Construct, number: int, *, setting: Setting) -> None:
        self._stack = stack
        self._setting = setting
        self.made: dict[str, Construct] = {}
        self.groups: dict[str, AccessGroup] = {}
        ours = setting.named_in("groups", number)
        for name in ours:
            if not setting.declarations.groups[name].existing:
                with declared_at("groups", name):
                    self.groups[name] = self._group(name)
        for name, until in sorted(_bounds(setting)):
            if name in set(ours):
                with declared_at("groups", name):
                    self.groups[AccessGroup.twin_name(name, until)] = self._group(name, until)

    def _group(self, name: str, until: date | None = None) -> AccessGroup:
        """Make a declared group, or its twin for members whose membership ends: a membership can't carry a bound."""
        group = self._setting.declarations.groups[name]
        full_name = name if until is None else AccessGroup.twin_name(name, until)
        made = AccessGroup(
            self._stack,
            f"group-{full_name}",
            name=name,
            path=self._setting.account.path,
            statements=(*self._statements(name, group), *self._copied(group, until)),
            managed_policy_arns=self._attached(group, until),
            until=until,
        )
        if name == self._setting.account.handover:
            accept_wildcards(made, (self._handover(),), "one secret a newcomer or key; its name begins so")
        accept_wildcards(made, key_reading(f"group/{name}", self._setting), NAMED_SO)
        accept_argued(made, group.grants, self._setting)
        accept_wildcards(made, delegated(f"group/{name}", self._setting), MADE_LATER)
        self.made[f"group/{full_name}"] = made
        return made

    def _attached(self, group: Group, until: date | None) -> tuple[str, ...]:
        """Give the managed policies of a group; of a twin those that are not ours, which it then refuses."""
        attached = [each for each in group.policies if until is None or each.own is None]
        return managed_policy_arns(attached, self._setting)

    def _copied(self, group: Group, until: date | None) -> tuple[Statement, ...]:
        """Give what policies of ours give, where the group is a twin in which all must end."""
        return () if until is None else statements_of_policies(group.policies, self._setting)

    def _statements(self, name: str, group: Group) -> Iterator[Statement]:
        yield from statements_of(group.grants, self._setting)
        for role_name, role in sorted(self._setting.declarations.roles.items()):
            for trust in role.trusts:
                if isinstance(trust, GroupTrust) and trust.group == name:
                    role_arn = self._setting.identity_arn("role", role_name)
                    within = seconds(trust.mfa.within)
                    yield assume_statement(role_arn=role_arn, mfa_within_seconds=within, until=role.until)
        if name == self._setting.account.handover:
            yield self._handover()
        yield from key_reading(f"group/{name}", self._setting)
        if group.self_service is not None and group.self_service.access_keys is not None:
            account = self._setting.account
            yield own_access_keys(self._setting.partition, account.id, account.path)
        yield from delegated(f"group/{name}", self._setting)

    def _handover(self) -> Statement:
        account = self._setting.account
        return handover_statement(
            partition=self._setting.partition, region=account.region, account=account.id
        )


def _bounds(setting: Setting) -> set[tuple[str, date]]:
    return {
        (membership.name, membership.until)
        for user in setting.declarations.users.values()
        if not user.existing
        for membership in user.groups
        if membership.until is not None
    }
