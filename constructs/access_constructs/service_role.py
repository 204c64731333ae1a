"""A role that a service of AWS acts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.access_role import AccessRole
from access_constructs.service_trust import service_trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from keywright.policy.statement import Statement


class ServiceRole(AccessRole):
    """A role that a service such as `lambda` or `codebuild` acts with; see `service_trust`. EC2 has `InstanceRole`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        boundary_arn: str | None,
        service: str,
        partition: str,
        region: str,
        account: str,
        session_seconds: int,
        statements: Sequence[Statement],
        managed_policy_arns: Sequence[str] = (),
        resources: Mapping[str, str] | None = None,
    ) -> None:
        trust = service_trust(
            service=service, partition=partition, region=region, account=account, resources=resources
        )
        super().__init__(
            scope,
            construct_id,
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            trust=(trust,),
            session_seconds=session_seconds,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
        )
