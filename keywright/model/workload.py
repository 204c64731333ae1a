"""`workloads:` - what runs on EC2 and reaches AWS by the role of its instance profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from keywright.model.day import Day
from keywright.model.grant import Grants, ManagedPolicies
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict
from keywright.model.tags import Tags, mistakes_of_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

InstanceType = Annotated[
    str, Shape("an instance type", "such as `t3.micro`", pattern=r"^[a-z0-9-]{1,20}\.[a-z0-9-]{1,20}$")
]
Image = Annotated[
    str,
    Shape("a machine image", "such as `ami-0abcdef1234567890`", pattern=r"^ami-([0-9a-f]{8}|[0-9a-f]{17})$"),
]
Subnet = Annotated[
    str,
    Shape("a subnet", "such as `subnet-0abcdef1234567890`", pattern=r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$"),
]


class Ec2(Strict):
    """How the instance is launched: by a launch template, as one instance of ours, or elsewhere."""

    launch: Literal["template", "instance", "none"] = "none"
    """`template` for a launch template, `instance` for one instance, `none` for role and profile alone."""
    instance_type: InstanceType = "t3.micro"
    """The machine's size."""
    image: Image | None = None
    """The machine image it starts from."""
    subnet: Subnet | None = None
    """The subnet of the instance; without it, the default one."""
    hop_limit: Annotated[int, Field(ge=1, le=2)] = 1
    """How far the instance's metadata travels; containers need 2."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what has no meaning where nothing of ours launches an instance."""
        if self.launch == "none":
            for key in self.said():
                yield Mistake(
                    f"`{key}` of {{owner}} has no meaning with `launch: none`", f"`{key}`", f"no `{key}`", key
                )


class Workload(Strict):
    """An application on EC2; its role exists before the instance does."""

    ec2: Ec2
    """How its instance is launched."""
    grants: Grants = ()
    """What the instance may do."""
    policies: ManagedPolicies = ()
    """Managed policies of its role, each with its reason."""
    tags: Tags
    """Tags of its role, its instance and what launches it, at most 50; by them grants may decide."""
    until: Day | None = None
    """The last day, in UTC, on which its role acts; the instance stays, and can do nothing more in AWS."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which tags IAM would refuse."""
        return mistakes_of_tags(self.tags)
