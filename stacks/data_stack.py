"""`access-data`: the buckets that access is about, and the one that keeps their access logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.access_bucket import AccessBucket, AccessLogBucket
from stacks.declared_place import declared_at
from stacks.pinned_stack import PinnedStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.setting import Setting

LOGS = "access-logs"


class DataStack(PinnedStack):
    """Every declared bucket that does not exist already."""

    def __init__(self, scope: Construct, construct_id: str, *, setting: Setting) -> None:
        super().__init__(scope, construct_id, setting=setting, description="Buckets and their access logs")
        logs = AccessLogBucket(
            self,
            LOGS,
            physical_name=setting.own_bucket_name(LOGS),
            destroyable=setting.sandbox,
        )
        self.declared[f"bucket/{LOGS}"] = logs
        for name, bucket in setting.declarations.buckets.items():
            if bucket.existing is not None:
                continue
            with declared_at("buckets", name):
                made = AccessBucket(
                    self,
                    name,
                    name=name,
                    physical_name=setting.bucket_name(name),
                    account_regional=bucket.name is None,
                    log_bucket=logs,
                    destroyable=setting.sandbox,
                )
            self.declared[f"bucket/{name}"] = made
