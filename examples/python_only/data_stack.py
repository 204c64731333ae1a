"""The buckets, and the bucket of their access logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.storage.bucket import AccessBucket, AccessLogBucket, account_regional_name
from examples.python_only.acme_stack import ACCOUNT, INBOX, REGION, REPORTS, AcmeStack

if TYPE_CHECKING:
    from constructs import Construct

LOGS = account_regional_name("access-logs", account=ACCOUNT, region=REGION)


class DataStack(AcmeStack):
    """Two private buckets and their logs; they are retained when the stack is deleted."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        logs = AccessLogBucket(self, "Logs", physical_name=LOGS)
        for name, physical_name in (("reports", REPORTS), ("inbox", INBOX)):
            AccessBucket(
                self, name, name=name, physical_name=physical_name, account_regional=True, log_bucket=logs
            )
