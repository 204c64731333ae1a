"""Which services declarations use: what the boundary lets anyone reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grant import AssumeGrant, S3Grant, SessionGrant, StatementGrant
from keywright.model.holders import GRANTING
from keywright.model.key_readers import key_reading_roles
from keywright.model.permission_set import PermissionSet

if TYPE_CHECKING:
    from keywright.model.declarations import Declarations
    from keywright.model.grant import Grant


SESSIONS = frozenset({"ssm", "ssmmessages"})
"""The services of a session on an instance."""


def services_used(declarations: Declarations) -> tuple[str, ...]:
    """List the services that grants are about, or what comes with them."""
    granted = {
        service
        for section in GRANTING
        for holder in getattr(declarations, section).values()
        if not (isinstance(holder, PermissionSet) and not holder.is_within_ours)
        for grant in holder.grants
        for service in _of(grant, declarations)
    }
    hands_over = declarations.account.handover or key_reading_roles(declarations) is not None
    handed_over = {"secretsmanager"} if hands_over else set()
    makes_roles = {"iam"} if declarations.delegations else set()
    in_sessions = SESSIONS if takes_sessions(declarations) else frozenset()
    return tuple(sorted(granted | handed_over | makes_roles | in_sessions))


def takes_sessions(declarations: Declarations) -> bool:
    """Tell whether the instances of any workload take sessions."""
    return any(workload.sessions for workload in declarations.workloads.values())


def _of(grant: Grant, declarations: Declarations) -> set[str]:
    if isinstance(grant, S3Grant):
        return {"s3", "kms"} if declarations.buckets[grant.bucket].key else {"s3"}
    if isinstance(grant, StatementGrant):
        raw = grant.statement
        return {action.partition(":")[0].lower() for action in raw.actions if raw.allows}
    if isinstance(grant, AssumeGrant):
        return {"sts"}
    if isinstance(grant, SessionGrant):
        return set(SESSIONS)
    return {grant.allow.service}
