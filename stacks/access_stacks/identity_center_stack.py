"""`access-identity-center`: permission sets, their account assignments, and groups of the identity store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access_constructs.identity_center.assignments import CenterAssignment, CenterGroup
from access_constructs.identity_center.permission_set import PermissionSet
from access_stacks.grants import managed_policy_arns, statements_of
from access_stacks.pinned_stack import PinnedStack, declared_at
from keywright.model.fields.dates import seconds
from keywright.model.grants.grant import ManagedPolicyGrant
from keywright.model.identity_center import KIND, twin_name
from keywright.statements.conditions import deny_after
from keywright.statements.declared.boundaries import declared_denials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from constructs import Construct

    from access_stacks.inputs import StackInputs
    from keywright.model import identity_center as declared
    from keywright.model.identity_center import Assignment, IdentityCenter
    from keywright.policy.statement import Statement


@dataclass(frozen=True)
class _Principal:
    """The principal of an assignment: a group made here, or an id in the identity store."""

    called: str
    is_group: bool
    principal: CenterGroup | str

    @property
    def unique(self) -> str:
        """Its unique part of a construct id; names for people may not be unique."""
        return self.principal if isinstance(self.principal, str) else f"made-{self.principal.name}"


class IdentityCenterStack(PinnedStack):
    """The declared permission sets and assignments, in the region of the IAM Identity Center instance.

    It is deployed after the boundary and the policies that permission sets refer to by name. An assignment is in the stack
    of its permission set, which cannot be deleted before it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, inputs: StackInputs) -> None:
        center = inputs.declarations.identity_center
        assert center is not None, "the stack is made for an instance"
        super().__init__(
            scope,
            construct_id,
            inputs=inputs,
            description="Permission sets and assignments of IAM Identity Center",
            region=center.region or "",
        )
        self._inputs = inputs
        self._center = center
        self._groups = dict(self._created_groups(center))
        self._sets: dict[str, PermissionSet] = {}
        for name, permission_set in inputs.declarations.permission_sets.items():
            if permission_set.existing is None:
                with declared_at("permission_sets", name):
                    self._permission_set(name, permission_set)
        for assignment in inputs.declarations.assignments:
            with declared_at("permission_sets", assignment.permission_set):
                self._assign(assignment)

    def _created_groups(self, center: IdentityCenter) -> Iterator[tuple[str, CenterGroup]]:
        for name, group in center.groups.items():
            if group.display_name is not None:
                with declared_at("identity_center", "groups", name):
                    yield (
                        name,
                        CenterGroup(
                            self,
                            f"group-{name}",
                            name=name,
                            identity_store=center.identity_store,
                            display_name=group.display_name,
                            members=group.members,
                        ),
                    )

    def _permission_set(
        self, name: str, permission_set: declared.PermissionSet, until: date | None = None
    ) -> PermissionSet:
        """Make a permission set, or its time-bound copy for assignments that end: an assignment has no end date."""
        full_name = name if until is None else twin_name(name, until)
        if full_name not in self._sets:
            self._sets[full_name] = self.declared[f"{KIND}/{full_name}"] = PermissionSet(
                self,
                f"permission-set-{full_name}",
                name=full_name,
                instance_arn=self._center.instance,
                boundary_arn=self._boundary(permission_set),
                session_seconds=seconds(permission_set.session),
                statements=tuple(self._statements(name, permission_set, until)),
                managed_policy_arns=managed_policy_arns(permission_set.policies, self._inputs),
                description=permission_set.description,
                relay_state=permission_set.relay_state,
                tags=permission_set.tags,
            )
        return self._sets[full_name]

    def _boundary(self, permission_set: declared.PermissionSet) -> str | None:
        if permission_set.is_within_ours:
            return self._inputs.own_boundary_of(permission_set)
        if isinstance(permission_set.boundary, ManagedPolicyGrant):
            return managed_policy_arns([permission_set.boundary], self._inputs)[0]
        return None

    def _statements(
        self, name: str, permission_set: declared.PermissionSet, until: date | None
    ) -> Iterator[Statement]:
        yield from statements_of(permission_set.grants, self._inputs)
        if not permission_set.is_within_ours and self._inputs.is_assigned_here(name):
            # The account's denials are part of our boundary; without that boundary they become statements of
            # the permission set.
            yield from declared_denials(self._inputs.declarations, ("*",), sandbox=self._inputs.sandbox)
        ends = [each for each in (until, permission_set.until) if each is not None]
        if ends:
            yield deny_after(min(ends))

    def _assign(self, assignment: Assignment) -> None:
        name = assignment.permission_set
        permission_set = self._inputs.declarations.permission_sets[name]
        made = permission_set.existing or self._permission_set(name, permission_set, assignment.until)
        named = made.rpartition("/")[2] if isinstance(made, str) else made.name
        for account in assignment.accounts or (self._inputs.account.id,):
            for who in self._principals(assignment):
                CenterAssignment(
                    self,
                    f"assignment-{named}-{account}-{who.unique}",
                    instance_arn=self._center.instance,
                    permission_set=made,
                    account=account,
                    principal=who.principal,
                    called=who.called,
                    kind="GROUP" if who.is_group else "USER",
                )

    def _principals(self, assignment: Assignment) -> Iterator[_Principal]:
        for name in assignment.groups:
            yield _Principal(
                name, is_group=True, principal=self._center.groups[name].id or self._groups[name]
            )
        for person in assignment.people:
            yield _Principal(person.user, is_group=False, principal=person.id)
