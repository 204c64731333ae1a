"""A role that a service of AWS acts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from access_constructs.access_role import AccessRole
from keywright.statements.trusts.services import service_trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from access_constructs.role_arguments import RoleArguments


class ServiceRole(AccessRole):
    """A role that a service such as `lambda` or `codebuild` acts with; see `service_trust`. EC2 has `InstanceRole`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service: str,
        partition: str,
        region: str,
        account: str,
        resources: Mapping[str, str] | None = None,
        **role: Unpack[RoleArguments],
    ) -> None:
        trust = service_trust(
            service=service, partition=partition, region=region, account=account, resources=resources
        )
        super().__init__(scope, construct_id, trust=(trust,), **role)
