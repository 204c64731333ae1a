"""The declared groups of one shard, with a twin for each day on which memberships end."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from access_constructs.accepted_finding import accept_wildcards
from access_constructs.access_group import AccessGroup
from access_constructs.plain_group import PlainGroup
from access_constructs.plain_owner import Owners, is_plain
from keywright.model.fields.dates import seconds
from keywright.model.roles import GroupTrust
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.handover import handover_statement
from keywright.statements.logical_id import logical_id
from keywright.statements.self_service import own_access_keys
from stacks.declared_place import declared_at
from stacks.granting import (
    MADE_LATER,
    NAMED_SO,
    accept_argued,
    delegated,
    is_argued,
    key_reading,
    managed_policy_arns,
    statements_of,
    statements_of_policies,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from constructs import Construct

    from keywright.model.people.groups import Group
    from keywright.policy.statement import Statement
    from stacks.setting import Setting


class DeclaredGroups:
    """Makes the groups of a shard in a stack; `made` holds them by declared name, `names` refers to them by the name of IAM.

    Groups with nothing of their own to accept are made in one piece; see `Owners`.
    """

    def __init__(self, stack: Construct, number: int, *, setting: Setting) -> None:
        self._stack = stack
        self._setting = setting
        self._by_itself = {each.on for each in setting.declarations.exceptions}
        self._plain: list[PlainGroup] = []
        self.made: dict[str, Construct] = {}
        self.names: dict[str, Callable[[], str]] = {}
        ours = setting.named_in("groups", number)
        for name in ours:
            if not setting.declarations.groups[name].existing:
                with declared_at("groups", name):
                    self._group(name)
        for name, until in sorted(_bounds(setting)):
            if name in set(ours):
                with declared_at("groups", name):
                    self._group(name, until)
        if self._plain:
            piece = Owners(stack, "groups", self._plain)
            self.made |= {f"group/{each.full_name}": piece for each in self._plain}

    def _group(self, name: str, until: date | None = None) -> None:
        """Make a declared group, or its twin for members whose membership ends: a membership can't carry a bound."""
        group = self._setting.declarations.groups[name]
        given: dict[str, Any] = {
            "name": name,
            "path": self._setting.account.path,
            "statements": (*self._statements(name, group), *self._copied(group, until)),
            "managed_policy_arns": self._attached(group, until),
            "until": until,
        }
        plain = PlainGroup(**given)
        if self._is_plain(name, group, plain):
            self._plain.append(plain)
            self.names[plain.full_name] = cache(partial(cdk.Fn.ref, logical_id("Group", plain.full_name)))
            return
        made = AccessGroup(self._stack, f"group-{plain.full_name}", **given)
        self._accept(name, group, made)
        self.names[plain.full_name] = lambda: made.name
        self.made[f"group/{plain.full_name}"] = made

    def _is_plain(self, name: str, group: Group, made: PlainGroup) -> bool:
        """Tell whether nothing is accepted of a group for a reason of its own, and no exception is about it alone."""
        own = (
            name == self._setting.account.handover
            or key_reading(f"group/{name}", self._setting)
            or delegated(f"group/{name}", self._setting)
            or is_argued(group.grants)
            or f"group/{made.full_name}" in self._by_itself
        )
        return not own and is_plain(self._stack, made)

    def _accept(self, name: str, group: Group, made: AccessGroup) -> None:
        if name == self._setting.account.handover:
            accept_wildcards(made, (self._handover(),), "one secret a newcomer or key; its name begins so")
        accept_wildcards(made, key_reading(f"group/{name}", self._setting), NAMED_SO)
        accept_argued(made, group.grants, self._setting)
        accept_wildcards(made, delegated(f"group/{name}", self._setting), MADE_LATER)

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
