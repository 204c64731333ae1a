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
from keywright.declared_denials import denials_of
from keywright.model.holders import services_used, takes_sessions
from keywright.model.people.access_keys import key_reading_roles, makes_own_keys
from keywright.model.stacks.shards import stack_patterns
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from access_constructs.fence import FenceTerms
    from keywright.model.declarations import Declarations
    from keywright.policy.statement import Statement


@dataclass(frozen=True)
class DeclaredBoundary:
    """What `Boundary` is made of, by the names of its arguments."""

    policy_name: str
    services: tuple[str, ...]
    denials: tuple[Statement, ...]
    fence: FenceTerms


def declared_boundaries(declarations: Declarations, *, sandbox: bool = False) -> Iterator[DeclaredBoundary]:
    """Give the boundary of most, and that of holders of managed policies; `sandbox` says that the embedded account is meant."""
    fence = _fence(declarations)
    for policy_name, services in (
        (BOUNDARY_POLICY, services_used(declarations)),
        (WIDE_BOUNDARY_POLICY, ("*",)),
    ):
        denials = denials_of(declarations, services, sandbox=sandbox)
        yield DeclaredBoundary(policy_name, services, denials, fence)


def _fence(declarations: Declarations) -> FenceTerms:
    account, partition = declarations.account, partition_of(declarations.account.region)
    readers = key_reading_roles(declarations)
    return {
        "stacks": tuple(stack_patterns(declarations)),
        "key_readers": None
        if readers is None
        else [account.identity_arn(f"role/{name}") for name in readers],
        "delegated": [
            boundary_arn(partition, account.id, account.path, f"{DELEGATED_POLICY}{name}")
            for name in declarations.delegations
        ],
        "own_access_keys": any(
            makes_own_keys(user, declarations.groups) for user in declarations.users.values()
        ),
        "sessions": takes_sessions(declarations),
    }


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
        denials=boundary.denials,
        **boundary.fence,
    )
