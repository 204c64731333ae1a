"""The statements of declared grants, with literal ARNs of this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.buckets import physical_name
from keywright.model.fields.dates import seconds
from keywright.model.grants import grant as declared
from keywright.policy.matching.arn import partition_of
from keywright.policy.statement import Effect
from keywright.statements.conditions import resource_tag_condition
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.grants.raw import raw_statement
from keywright.statements.grants.s3 import S3Grant
from keywright.statements.grants.services import ServiceGrant
from keywright.statements.grants.sessions import SessionGrant

if TYPE_CHECKING:
    from keywright.model.action_lock import ActionLock
    from keywright.model.declarations import Declarations
    from keywright.policy.statement import Statement


def statements_of_grant(
    grant: declared.Grant, declarations: Declarations, lock: ActionLock | None
) -> tuple[Statement, ...]:
    """Give the statements of a grant; access levels give the locked actions, or without a lock the known ones."""
    account = declarations.account
    partition = partition_of(account.region)
    if isinstance(grant, declared.S3Grant):
        return _s3_grant(grant, declarations, partition).statements()
    if isinstance(grant, declared.AssumeGrant):
        return (
            assume_statement(
                role_arn=grant.arn(partition, account.path),
                mfa_within_seconds=None if grant.mfa is None else seconds(grant.mfa.within),
                external_id=grant.external_id,
                until=grant.until,
            ),
        )
    if isinstance(grant, declared.StatementGrant):
        return (_raw(grant),)
    if isinstance(grant, declared.SessionGrant):
        return SessionGrant(
            workload=grant.session_on,
            partition=partition,
            region=account.region,
            account=account.id,
            until=grant.until,
        ).statements()
    where = grant.allow.where
    return ServiceGrant(
        service=grant.allow.service,
        levels=grant.allow.levels,
        resources=grant.allow.resources,
        partition=partition,
        region=account.region,
        account=account.id,
        until=grant.until,
        tagged=resource_tag_condition(where.resource_tag, where.value) if where else {},
        lock=lock,
    ).statements()


def _s3_grant(grant: declared.S3Grant, declarations: Declarations, partition: str) -> S3Grant:
    account, bucket = declarations.account, declarations.buckets[grant.bucket]
    name = physical_name(grant.bucket, bucket, account=account.id, region=account.region)
    point = f"arn:{partition}:s3:{account.region}:{account.id}:accesspoint/{grant.access_point}"
    return S3Grant(
        bucket_arn=f"arn:{partition}:s3:::{name}",
        levels=grant.s3,
        prefix=grant.prefix,
        # Objects can only be read with the use of the bucket's key, so a grant on the bucket includes it.
        key_arn=bucket.key,
        access_point_arn=point if grant.access_point else None,
        versions=grant.versions,
        until=grant.until,
        prefix_tag=grant.prefix_by.tag if grant.prefix_by else None,
        prefix_user_name=grant.prefix_by is not None and grant.prefix_by.user_name is not None,
    )


def _raw(grant: declared.StatementGrant) -> Statement:
    raw = grant.statement
    return raw_statement(
        effect=Effect.ALLOW if raw.allows else Effect.DENY,
        actions=raw.actions,
        not_actions=raw.not_actions,
        resources=raw.resources,
        not_resources=raw.not_resources,
        conditions=raw.conditions,
        until=grant.until,
    )
