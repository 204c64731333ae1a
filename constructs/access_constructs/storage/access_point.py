"""An S3 access point, through which access to a bucket can be granted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk.aws_s3 as s3
from constructs import Construct

from access_constructs.storage.bucket import PRIVATE
from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    import aws_cdk as cdk

_NAME = re.compile(r"[a-z][a-z0-9-]{1,48}[a-z0-9]")


class AccessPoint(Construct):
    """A private access point of a bucket, without a policy: identities are granted access through it.

    Name, bucket and VPC are create-only ("AWS::S3::AccessPoint", CloudFormation Template Reference). With `vpc`, requests
    must come from that VPC.

    Raises:
        ValueError: A name that S3 would refuse.
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
                "an access point's name is malformed",
                found=f"`{name}`",
                accepted="3 to 50 lower-case letters, digits and `-`, beginning with a letter and not ending with `-`",
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
        # The bucket is named by a literal, in which CloudFormation sees no dependency.
        if after is not None:
            self.access_point.add_resource_dependency(after)


def access_point_arn(*, partition: str, region: str, account: str, name: str) -> str:
    """Give an access point's ARN as a literal."""
    return f"arn:{partition}:s3:{region}:{account}:accesspoint/{name}"
