"""`access-groups-1` and on: groups that don't share a stack with the first people."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from access_constructs.people.group import AccessGroup, GroupDefinition
from access_constructs.shared.accepted_findings import accept_wildcards
from access_constructs.shared.identity import BulkIdentities, fits_in_bulk
from keywright.model.fields.dates import seconds
from keywright.model.roles import GroupTrust
from keywright.model.stacks.shards import stack_name
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.handover import handover_statement
from keywright.statements.logical_id import logical_id
from keywright.statements.self_service import own_access_keys_statement
from stacks.grants import (
    DELEGATION_WILDCARDS,
    NAME_PREFIX_WILDCARDS,
    accept_justified_wildcards,
    delegation_statements,
    has_justified_wildcards,
    key_reader_statements,
    managed_policy_arns,
    shared_policy_statements,
    statements_of,
)
from stacks.pinned_stack import PinnedStack, declared_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from constructs import Construct

    from keywright.model.people.groups import Group
    from keywright.policy.statement import Statement
    from stacks.inputs import StackInputs


class DeclaredGroups:
    """Makes the groups of a shard in a stack; `made` holds them by declared name, `names` refers to them by the name of IAM.

    Groups with nothing of their own to accept are made in one piece; see `Owners`.
    """

    def __init__(self, stack: Construct, number: int, *, inputs: StackInputs) -> None:
        self._stack = stack
        self._inputs = inputs
        self._by_itself = {each.on for each in inputs.declarations.exceptions}
        self._plain: list[GroupDefinition] = []
        self.made: dict[str, Construct] = {}
        self.names: dict[str, Callable[[], str]] = {}
        ours = inputs.named_in("groups", number)
        for name in ours:
            if not inputs.declarations.groups[name].existing:
                with declared_at("groups", name):
                    self._group(name)
        for name, until in sorted(_membership_ends(inputs)):
            if name in set(ours):
                with declared_at("groups", name):
                    self._group(name, until)
        if self._plain:
            piece = BulkIdentities(stack, "groups", self._plain)
            self.made |= {f"group/{each.full_name}": piece for each in self._plain}

    def _group(self, name: str, until: date | None = None) -> None:
        """Make a declared group, or its twin for members whose membership ends: a membership can't carry a bound."""
        group = self._inputs.declarations.groups[name]
        given: dict[str, Any] = {
            "name": name,
            "path": self._inputs.account.path,
            "statements": (*self._statements(name, group), *self._copied(group, until)),
            "managed_policy_arns": self._attached(group, until),
            "until": until,
        }
        plain = GroupDefinition(**given)
        if self._is_plain(name, group, plain):
            self._plain.append(plain)
            self.names[plain.full_name] = cache(partial(cdk.Fn.ref, logical_id("Group", plain.full_name)))
            return
        made = AccessGroup(self._stack, f"group-{plain.full_name}", **given)
        self._accept(name, group, made)
        self.names[plain.full_name] = lambda: made.name
        self.made[f"group/{plain.full_name}"] = made

    def _is_plain(self, name: str, group: Group, made: GroupDefinition) -> bool:
        """Tell whether nothing is accepted of a group for a reason of its own, and no exception is about it alone."""
        own = (
            name == self._inputs.account.handover
            or key_reader_statements(f"group/{name}", self._inputs)
            or delegation_statements(f"group/{name}", self._inputs)
            or has_justified_wildcards(group.grants)
            or f"group/{made.full_name}" in self._by_itself
        )
        return not own and fits_in_bulk(self._stack, made)

    def _accept(self, name: str, group: Group, made: AccessGroup) -> None:
        if name == self._inputs.account.handover:
            accept_wildcards(made, (self._handover(),), "one secret a newcomer or key; its name begins so")
        accept_wildcards(made, key_reader_statements(f"group/{name}", self._inputs), NAME_PREFIX_WILDCARDS)
        accept_justified_wildcards(made, group.grants, self._inputs)
        accept_wildcards(made, delegation_statements(f"group/{name}", self._inputs), DELEGATION_WILDCARDS)

    def _attached(self, group: Group, until: date | None) -> tuple[str, ...]:
        """Give the managed policies of a group; of a twin those that are not ours, which it then refuses."""
        attached = [each for each in group.policies if until is None or each.own is None]
        return managed_policy_arns(attached, self._inputs)

    def _copied(self, group: Group, until: date | None) -> tuple[Statement, ...]:
        """Give what policies of ours give, where the group is a twin in which all must end."""
        return () if until is None else shared_policy_statements(group.policies, self._inputs)

    def _statements(self, name: str, group: Group) -> Iterator[Statement]:
        yield from statements_of(group.grants, self._inputs)
        for role_name, role in sorted(self._inputs.declarations.roles.items()):
            for trust in role.trusts:
                if isinstance(trust, GroupTrust) and trust.group == name:
                    role_arn = self._inputs.identity_arn("role", role_name)
                    within = seconds(trust.mfa.within)
                    yield assume_statement(role_arn=role_arn, mfa_within_seconds=within, until=role.until)
        if name == self._inputs.account.handover:
            yield self._handover()
        yield from key_reader_statements(f"group/{name}", self._inputs)
        if group.self_service is not None and group.self_service.access_keys is not None:
            account = self._inputs.account
            yield own_access_keys_statement(self._inputs.partition, account.id, account.path)
        yield from delegation_statements(f"group/{name}", self._inputs)

    def _handover(self) -> Statement:
        account = self._inputs.account
        return handover_statement(partition=self._inputs.partition, region=account.region, account=account.id)


def _membership_ends(inputs: StackInputs) -> set[tuple[str, date]]:
    return {
        (membership.name, membership.until)
        for user in inputs.declarations.users.values()
        if not user.existing
        for membership in user.groups
        if membership.until is not None
    }


class GroupsStack(PinnedStack):
    """The declared groups of a shard, with their time-bound twins."""

    def __init__(self, scope: Construct, number: int, *, inputs: StackInputs) -> None:
        super().__init__(scope, stack_name("groups", number), inputs=inputs, description="Groups")
        self.declared |= DeclaredGroups(self, number, inputs=inputs).made
