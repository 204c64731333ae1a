"""`workloads:` — what runs on EC2 and reaches AWS by the role of its instance profile."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from keywright.model.grant import Grant, ManagedPolicyGrant
from keywright.model.strict import Strict


class Ec2(Strict):
    """How the instance is launched: by a launch template, as one instance of ours, or elsewhere."""

    launch: Literal["template", "instance", "none"] = "none"
    instance_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")] = "t3.micro"
    image: Annotated[str, StringConstraints(pattern=r"^ami-[0-9a-f]{8,17}$")] | None = None
    subnet: Annotated[str, StringConstraints(pattern=r"^subnet-[0-9a-f]{8,17}$")] | None = None
    hop_limit: Annotated[int, Field(ge=1, le=2)] = 1


class Workload(Strict):
    """An application on EC2; its role exists before the instance does."""

    ec2: Ec2
    grants: tuple[Grant, ...] = ()
    policies: tuple[ManagedPolicyGrant, ...] = ()
