"""The declared groups: in the first people stack, and in `access-groups-1` and following."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import aws_cdk as cdk

from access_constructs.people.group import AccessGroup, GroupDefinition
from access_constructs.synthesis.accepted_findings import accept_wildcards
from access_constructs.synthesis.identity import BulkIdentities, fits_in_bulk
from access_stacks.grants import (
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
from access_stacks.pinned_stack import PinnedStack, declared_at
from keywright.model.fields.dates import seconds
from keywright.model.roles import GroupTrust
from keywright.model.stacks.shards import stack_name
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.handover import handover_statement
from keywright.statements.self_service import own_access_keys_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from constructs import Construct

    from access_constructs.people.group import GroupArguments
    from access_stacks.inputs import StackInputs
    from keywright.model.people.groups import Group
    from keywright.policy.statement import Statement


class GroupsStack(PinnedStack):
    """The declared groups of a shard, and their time-bound copies."""

    def __init__(self, scope: Construct, number: int, *, inputs: StackInputs) -> None:
        super().__init__(scope, stack_name("groups", number), inputs=inputs, description="Groups")
        self.declared |= DeclaredGroups(self, number, inputs=inputs).made


class DeclaredGroups:
    """Makes the groups of a shard in a stack, and a time-bound copy for each day on which memberships end.

    `made` has their constructs by declared name, `names` gives a reference to each group by its name in IAM. Groups
    without findings of their own are made in bulk; see `BulkIdentities`.
    """

    def __init__(self, stack: Construct, number: int, *, inputs: StackInputs) -> None:
        self._stack = stack
        self._inputs = inputs
        self._bulk: list[GroupDefinition] = []
        self.made: dict[str, Construct] = {}
        self.names: dict[str, Callable[[], str]] = {}
        declared = inputs.named_in("groups", number)
        copies = [(name, until) for name, until in sorted(_membership_ends(inputs)) if name in set(declared)]
        groups = [(name, None) for name in declared if not inputs.declarations.groups[name].existing]
        for name, until in (*groups, *copies):
            with declared_at("groups", name):
                self._group(name, until)
        if self._bulk:
            made = BulkIdentities(stack, "groups", self._bulk)
            self.made |= {f"group/{each.full_name}": made for each in self._bulk}

    def _group(self, name: str, until: date | None) -> None:
        group, inputs = self._inputs.declarations.groups[name], self._inputs
        key_reading = key_reader_statements(f"group/{name}", inputs)
        delegation = delegation_statements(f"group/{name}", inputs)
        handover = (self._handover(),) if name == inputs.account.handover else ()
        arguments: GroupArguments = {
            "name": name,
            # A time-bound copy is a new group.
            "path": inputs.account.path if until is not None else inputs.path_of("group", name),
            "statements": (
                *statements_of(group.grants, inputs),
                *self._assume_role(name),
                *handover,
                *key_reading,
                *self._self_service(group),
                *delegation,
                *(() if until is None else shared_policy_statements(group.policies, inputs)),
            ),
            "managed_policy_arns": self._attached(group, until),
            "until": until,
        }
        definition = GroupDefinition(**arguments)
        full_name = definition.full_name
        # A finding about a group made in bulk would be accepted for all groups.
        needs_construct = (
            (*handover, *key_reading, *delegation)
            or has_justified_wildcards(group.grants)
            or inputs.has_exception(f"group/{full_name}")
        )
        if not needs_construct and fits_in_bulk(self._stack, definition):
            self._bulk.append(definition)
            # Called for each member; without the cache each call would go to Node.
            self.names[full_name] = cache(partial(cdk.Fn.ref, definition.logical_id))
            return
        made = self.made[f"group/{full_name}"] = AccessGroup(self._stack, f"group-{full_name}", **arguments)
        self.names[full_name] = partial(getattr, made, "name")
        accept_wildcards(
            made, handover, "each newcomer and each key has its own secret, with a common prefix"
        )
        accept_wildcards(made, key_reading, NAME_PREFIX_WILDCARDS)
        accept_justified_wildcards(made, group.grants, inputs)
        accept_wildcards(made, delegation, DELEGATION_WILDCARDS)

    def _attached(self, group: Group, until: date | None) -> tuple[str, ...]:
        """Give the managed policies of a group; a time-bound copy has the statements of declared ones instead."""
        attached = [each for each in group.policies if until is None or each.own is None]
        return managed_policy_arns(attached, self._inputs)

    def _assume_role(self, name: str) -> Iterator[Statement]:
        for role_name, role in sorted(self._inputs.declarations.roles.items()):
            for trust in role.trusts:
                if isinstance(trust, GroupTrust) and trust.group == name:
                    role_arn = self._inputs.identity_arn("role", role_name)
                    within = seconds(trust.mfa.within)
                    yield assume_statement(role_arn=role_arn, mfa_within_seconds=within, until=role.until)

    def _self_service(self, group: Group) -> Iterator[Statement]:
        if group.self_service is not None and group.self_service.access_keys is not None:
            account = self._inputs.account
            yield own_access_keys_statement(
                self._inputs.partition, account.id, account.path, other_paths=self._inputs.other_user_paths
            )

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
