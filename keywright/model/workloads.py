"""`workloads:` - what runs on EC2 and reaches AWS by the role of its instance profile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from keywright.model.fields.dates import Day, Duration, seconds
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import Shape
from keywright.model.grants.grant import Grants, ManagedPolicies
from keywright.model.trusts.trust import WorkloadTrust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.declarations import Declarations


Count = Annotated[int, Field(ge=0, le=5_000)]


class GroupSize(Strict):
    """The fewest and the most instances, and how many there shall be now."""

    min: Count
    """The fewest instances; 0 lets the group be empty."""
    max: Count
    """The most instances."""
    desired: Count | None = None
    """How many there shall be after each deployment; without it, scaling decides and a deployment leaves it alone."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which number lies outside of the others."""
        if self.max < self.min:
            yield Mistake(
                "the group of {owner} has a `max` below its `min`",
                f"`{self.max}`",
                f"at least `{self.min}`",
                "max",
            )
        elif self.desired is not None and not self.min <= self.desired <= self.max:
            yield Mistake(
                "`desired` of {owner} lies outside of `min` and `max`",
                f"`{self.desired}`",
                f"`{self.min}` to `{self.max}`",
                "desired",
            )


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


_ONE = ("image", "instance_type", "subnet", "hop_limit")
_MEANT: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "template": _ONE,
    "instance": _ONE,
    "group": ("image", "instance_type", "hop_limit", "size", "subnets", "grace", "in_service"),
}
"""What has a meaning beside each way to launch."""
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "template": ("image",),
    "instance": ("image",),
    "group": ("image", "size", "subnets"),
}
_EXAMPLES: Mapping[str, str] = {
    "image": "such as `ami-0abcdef1234567890`",
    "size": "such as `{min: 1, max: 3}`",
    "subnets": "those that its instances start in",
}
_GRACE = range(7_201)


class Ec2(Strict):
    """How instances are launched: by a launch template, as one of ours, as a group of them, or elsewhere."""

    launch: Literal["template", "instance", "group", "none"] = "none"
    """`template` for a launch template, `instance` for one instance, `group` for an Auto Scaling group, `none` for role and profile alone."""
    instance_type: InstanceType = "t3.micro"
    """The machine's size."""
    image: Image | None = None
    """The machine image it starts from."""
    subnet: Subnet | None = None
    """The subnet of the instance; without it, the default one."""
    hop_limit: Annotated[int, Field(ge=1, le=2)] = 1
    """How far the instance's metadata travels; containers need 2."""
    size: GroupSize | None = None
    """How many instances a group has."""
    subnets: Annotated[tuple[Subnet, ...], Field(max_length=50)] = ()
    """The subnets that a group's instances start in."""
    grace: Duration = "5m"
    """How long a new instance of a group takes to start, before its health counts; at most two hours."""
    in_service: Annotated[int, Field(ge=0, le=100)] = 90
    """The percentage of a group that stays in service while its instances are replaced."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what has no meaning for this way to launch, and what it lacks."""
        for key in self.said():
            if key != "launch" and key not in _MEANT[self.launch]:
                message = f"`{key}` of {{owner}} has no meaning with `launch: {self.launch}`"
                yield Mistake(message, f"`{key}`", f"no `{key}`", key)
        for key in _NEEDED[self.launch]:
            if not getattr(self, key):
                message = f"{{owner}} is launched and has no `{key}`"
                yield Mistake(message, f"`launch: {self.launch}`", f"`{key}`, {_EXAMPLES[key]}", "launch")
        yield from self._mistakes_of_groups()

    def _mistakes_of_groups(self) -> Iterator[Mistake]:
        for index, subnet in enumerate(self.subnets):
            if subnet in self.subnets[:index]:
                message = "`subnets` of {owner} names a subnet twice"
                yield Mistake(message, f"`{subnet}`", "each once", ("subnets", index))
        if seconds(self.grace) not in _GRACE:
            yield Mistake("`grace` of {owner} is out of range", f"`{self.grace}`", "at most `2h`", "grace")


class Workload(Strict):
    """An application on EC2; its role exists before the instance does."""

    ec2: Ec2
    """How its instance is launched."""
    grants: Grants = ()
    """What the instance may do."""
    policies: ManagedPolicies = ()
    """Managed policies of its role, each with its reason."""
    sessions: bool = False
    """Whether its instances take shells through Session Manager, of those whom `session_on` grants one; no port is opened."""
    tags: Tags
    """Tags of its role, its instance and what launches it, at most 50; by them grants may decide."""
    until: Day | None = None
    """The last day, in UTC, on which its role acts; the instance stays, and can do nothing more in AWS."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which tags IAM would refuse."""
        return mistakes_of_tags(self.tags)


WORKLOAD_TAG = "keywright-workload"
"""By it sessions are granted, and roles trust a workload."""


def roles_of_workload(declarations: Declarations, workload: str) -> Iterator[str]:
    """Name the roles that trust a workload."""
    for name, role in sorted(declarations.roles.items()):
        if any(isinstance(trust, WorkloadTrust) and trust.workload == workload for trust in role.trusts):
            yield name


def tag_of_workload(declarations: Declarations, workload: str) -> dict[str, str]:
    """Give the tag of a workload's role and instances, where something decides by it."""
    decides = declarations.workloads[workload].sessions or any(roles_of_workload(declarations, workload))
    return {WORKLOAD_TAG: workload} if decides else {}
