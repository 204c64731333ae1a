"""The base stack, pinned to the account, and the names by which stacks refer to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.policies.boundary import Boundary
from access_constructs.storage.bucket import account_regional_name, bucket_arn

if TYPE_CHECKING:
    from constructs import Construct

ACCOUNT = "111111111111"
REGION = "eu-central-1"
PARTITION = "aws"
PATH = "/access/"
HOUR = 3600

BOUNDARY = Boundary.arn_in(PARTITION, ACCOUNT, PATH)
KEEPER = IdentityKeeper.service_token(PARTITION, REGION, ACCOUNT)
REPORTS = account_regional_name("reports", account=ACCOUNT, region=REGION)
INBOX = account_regional_name("inbox", account=ACCOUNT, region=REGION)


class AcmeStack(cdk.Stack):
    """A stack pinned to this account; it deploys with the caller's own credentials, without a bootstrap."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            env=cdk.Environment(account=ACCOUNT, region=REGION),
            synthesizer=cdk.LegacyStackSynthesizer(),
            termination_protection=True,
        )


def arn_of(physical_name: str) -> str:
    """Give a bucket's ARN as a literal: stacks refer to each other by name, never by exports."""
    return bucket_arn(PARTITION, physical_name)
