"""A door of its own to a bucket, through which a grant can be held."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk.aws_s3 as s3
from constructs import Construct

from access_constructs.storage.bucket import PRIVATE
from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    import aws_cdk as cdk

_NAME = re.compile(r"[a-z][a-z0-9-]{1,48}[a-z0-9]")


class AccessPoint(Construct):
    """An access point of a bucket, private, without a policy of its own: identities are granted access through it.

    Name, bucket and VPC are create-only ("AWS::S3::AccessPoint", CloudFormation Template Reference). With `vpc` requests
    must come from that VPC.

    Raises:
        ValueError: The name is none of S3's.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        bucket_name: str,
        vpc: str | None = None,
        after: cdk.CfnResource | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        if not _NAME.fullmatch(name):
            raise refusal(
                "S3 takes no such name for an access point",
                found=f"`{name}`",
                accepted="3 to 50 lower-case letters, digits and `-`, a letter first and no `-` last",
            )
        self.access_point = s3.CfnAccessPoint(
            self,
            "AccessPoint",
            name=name,
            bucket=bucket_name,
            public_access_block_configuration=PRIVATE,
            vpc_configuration={"vpcId": vpc} if vpc else None,
        )
        self.access_point.override_logical_id(logical_id("AccessPoint", name))
        if after is not None:
            self.access_point.add_resource_dependency(after)


def access_point_arn(*, partition: str, region: str, account: str, name: str) -> str:
    """Give an access point's ARN literally, of ours or existing."""
    return f"arn:{partition}:s3:{region}:{account}:accesspoint/{name}"
