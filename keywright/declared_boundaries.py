"""What the permissions boundaries say that declarations ask for, by the constructs' own statements, which need no CDK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access_constructs.boundary_statements import (
    BOUNDARY_POLICY,
    DELEGATED_POLICY,
    WIDE_BOUNDARY_POLICY,
    boundary_arn,
    boundary_statements,
)
from keywright.declared_denials import denials_of, identity_arn
from keywright.model.key_readers import key_reading_roles
from keywright.model.own_keys import makes_own_keys
from keywright.model.services_used import services_used, takes_sessions
from keywright.model.stack_names import stack_patterns
from keywright.policy.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.policy.statement import Statement


@dataclass(frozen=True)
class DeclaredBoundary:
    """What `Boundary` is made of, by the names of its arguments."""

    policy_name: str
    services: tuple[str, ...]
    stacks: tuple[str, ...]
    key_readers: tuple[str, ...] | None
    delegated: tuple[str, ...]
    own_access_keys: bool
    sessions: bool
    denials: tuple[Statement, ...]


def declared_boundaries(declarations: Declarations, *, sandbox: bool = False) -> Iterator[DeclaredBoundary]:
    """Give the boundary of most, and that of holders of managed policies; `sandbox` says that the embedded account is meant."""
    account, partition = declarations.account, partition_of(declarations.account.region)
    readers = key_reading_roles(declarations)
    users = declarations.users.values()
    for policy_name, services in (
        (BOUNDARY_POLICY, services_used(declarations)),
        (WIDE_BOUNDARY_POLICY, ("*",)),
    ):
        yield DeclaredBoundary(
            policy_name,
            services,
            tuple(stack_patterns(declarations)),
            None if readers is None else tuple(identity_arn(account, f"role/{name}") for name in readers),
            tuple(
                boundary_arn(partition, account.id, account.path, f"{DELEGATED_POLICY}{name}")
                for name in declarations.delegations
            ),
            any(makes_own_keys(user, declarations.groups) for user in users),
            takes_sessions(declarations),
            denials_of(declarations, services, sandbox=sandbox),
        )


def statements_of(boundary: DeclaredBoundary, declarations: Declarations) -> tuple[Statement, ...]:
    """Give a boundary's statements.

    Raises:
        ValueError: It outgrows a managed policy; said as the construct says it.
    """
    account = declarations.account
    return boundary_statements(
        partition_of(account.region),
        account.id,
        account.path,
        services=boundary.services,
        stacks=boundary.stacks,
        key_readers=boundary.key_readers,
        delegated=boundary.delegated,
        own_access_keys=boundary.own_access_keys,
        sessions=boundary.sessions,
        denials=boundary.denials,
    )
