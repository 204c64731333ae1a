"""`trusts: {service: …}` - what AWS runs for us with a role: functions and the tasks of containers."""

from __future__ import annotations

from typing import Literal

from keywright.model.strict import Strict

Service = Literal["lambda", "ecs-tasks"]


class ServiceTrust(Strict):
    """Functions or container tasks of this account, which AWS runs with the role; what runs on EC2 is a workload."""

    service: Service
    """`lambda` for functions, `ecs-tasks` for tasks of ECS, on Fargate too."""
