"""EC2 workloads: a role for each, and how its instance is launched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.workloads.instance_role import InstanceRole
from access_constructs.workloads.launch import InstanceLaunch
from examples.python_only.acme_stack import BOUNDARY, PATH, REPORTS, AcmeStack, arn_of
from keywright.model.grants.grant import AccessLevel
from keywright.statements.grants.s3 import S3Grant

if TYPE_CHECKING:
    from constructs import Construct

IMAGE = "ami-0abcdef1234567890"
REPORT_SERVICE = S3Grant(
    bucket_arn=arn_of(REPORTS),
    levels=(AccessLevel.LIST, AccessLevel.READ, AccessLevel.WRITE),
    prefix="monthly/",
).statements()


class WorkloadsStack(AcmeStack):
    """The report service on one instance, which has no access key."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        role = InstanceRole(
            self,
            "report-service",
            name="report-service",
            path=PATH,
            boundary_arn=BOUNDARY,
            statements=REPORT_SERVICE,
        )
        InstanceLaunch(
            self,
            "launch",
            name="report-service",
            role=role,
            launch="instance",
            image=IMAGE,
            instance_type="t3.micro",
        )
