"""`access-data` and its shards: the declared buckets and the bucket of their access logs.

The first stack also has the managed policies that several identities share, because they must exist before the identities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.policies.shared_policy import DESCRIPTION, AccessPolicy
from access_constructs.storage.access_point import AccessPoint
from access_constructs.storage.bucket import AccessBucket, AccessLogBucket
from access_stacks.grants import accept_justified_wildcards, statements_of
from access_stacks.pinned_stack import PinnedStack, declared_at
from keywright.model.stacks.shards import stack_name

if TYPE_CHECKING:
    from constructs import Construct

    from access_stacks.inputs import StackInputs
    from keywright.model.buckets import AccessPoint as DeclaredAccessPoint

LOGS = "access-logs"


class DataStack(PinnedStack):
    """The buckets of a shard that do not exist already; the first shard also has the log bucket and the shared policies."""

    def __init__(self, scope: Construct, number: int, *, inputs: StackInputs) -> None:
        super().__init__(
            scope,
            stack_name("buckets", number),
            inputs=inputs,
            description="Buckets and their access logs",
        )
        # Later shards name the log bucket, which the first stack has already deployed.
        logs = self._logs(inputs) if number == 0 else inputs.own_bucket_name(LOGS)
        # Identities of all stacks attach these policies, and the first data stack always exists.
        if number == 0:
            self._policies(inputs)
        for name in inputs.named_in("buckets", number):
            bucket = inputs.declarations.buckets[name]
            if bucket.existing is not None:
                continue
            with declared_at("buckets", name):
                made = AccessBucket(
                    self,
                    name,
                    name=name,
                    physical_name=inputs.bucket_name(name),
                    account_regional=bucket.name is None,
                    log_bucket=logs,
                    key_arn=bucket.key,
                    destroyable=inputs.sandbox,
                    tags=bucket.tags,
                )
                for point, access_point in sorted(bucket.access_points.items()):
                    if not access_point.existing:
                        self._access_point(point, access_point, made)
            self.declared[f"bucket/{name}"] = made

    def _policies(self, inputs: StackInputs) -> None:
        for name, policy in inputs.declarations.policies.items():
            if policy.existing is None:
                with declared_at("policies", name):
                    made = AccessPolicy(
                        self,
                        f"policy-{name}",
                        name=name,
                        path=inputs.path_of("policy", name),
                        statements=statements_of(policy.grants, inputs),
                        description=DESCRIPTION if policy.adopted is None else policy.adopted.description,
                    )
                    accept_justified_wildcards(made, policy.grants, inputs)
                self.declared[f"policy/{name}"] = made

    def _access_point(self, name: str, declared: DeclaredAccessPoint, bucket: AccessBucket) -> None:
        AccessPoint(
            self,
            f"access-point-{name}",
            name=name,
            bucket_name=bucket.name,
            vpc=declared.vpc,
            after=bucket.bucket,
        )

    def _logs(self, inputs: StackInputs) -> AccessLogBucket:
        logs = AccessLogBucket(
            self, LOGS, physical_name=inputs.own_bucket_name(LOGS), destroyable=inputs.sandbox
        )
        self.declared[f"bucket/{LOGS}"] = logs
        return logs
