"""`workloads:` - applications on EC2, with a role by an instance profile."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from keywright.model.adoption import AdoptedWorkload
from keywright.model.fields.dates import Day, Duration, seconds
from keywright.model.fields.strict import Mistake, Strict, repetitions
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import Reason, Shape
from keywright.model.grants.grant import Grants, ManagedPolicies
from keywright.reporting.text import listed

Count = Annotated[int, Field(ge=0, le=5_000)]


class GroupSize(Strict):
    """The size of an Auto Scaling group."""

    min: Count
    """The fewest instances; can be 0."""
    max: Count
    """The most instances."""
    desired: Count | None = None
    """How many there are after each deployment; without it, a deployment does not change the number."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report numbers that contradict each other."""
        if self.max < self.min:
            yield Mistake(
                "the group of {owner} has a `max` below its `min`",
                f"`{self.max}`",
                f"at least `{self.min}`",
                "max",
            )
        elif self.desired is not None and not self.min <= self.desired <= self.max:
            yield Mistake(
                "`desired` of {owner} is not between `min` and `max`",
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
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "template": _ONE,
    "instance": _ONE,
    "group": ("image", "instance_type", "hop_limit", "size", "subnets", "grace", "in_service"),
}
"""The keys that have an effect with each value of `launch`."""
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "template": ("image",),
    "instance": ("image",),
    "group": ("image", "size", "subnets"),
}
_EXAMPLES: Mapping[str, str] = {
    "image": "such as `ami-0abcdef1234567890`",
    "size": "such as `{min: 1, max: 3}`",
    "subnets": "the subnets of its instances",
}
_GRACE = range(7_201)


class Ec2(Strict):
    """How instances are launched: by a launch template, as one instance, as a group, or elsewhere."""

    launch: Literal["template", "instance", "group", "none"] = "none"
    """`template` for a launch template, `instance` for one instance, `group` for an Auto Scaling group, `none` for a role and instance profile only."""
    instance_type: InstanceType = "t3.micro"
    """The instance type."""
    image: Image | None = None
    """The machine image (AMI)."""
    subnet: Subnet | None = None
    """The subnet of the instance; by default the default subnet."""
    hop_limit: Annotated[int, Field(ge=1, le=2)] = 1
    """The hop limit of the instance metadata service; containers need 2."""
    size: GroupSize | None = None
    """The size of a group."""
    subnets: Annotated[tuple[Subnet, ...], Field(max_length=50)] = ()
    """The subnets of a group's instances."""
    grace: Duration = "5m"
    """The health check grace period of a group: how long a new instance can take to start; at most two hours."""
    in_service: Annotated[int, Field(ge=0, le=100)] = 90
    """The percentage of a group that stays in service while its instances are replaced."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report keys without effect for this `launch`, and missing ones."""
        # A key with its default value changes nothing, so it is not reported.
        if idle := [key for key in self.changed_fields() if key not in ("launch", *_ALLOWED[self.launch])]:
            keys = listed(idle, "and")
            has = "has" if len(idle) == 1 else "have"
            message = f"{keys} of {{owner}} {has} no effect with `launch: {self.launch}`"
            yield Mistake(message, keys, f"no {listed(idle, 'or')}, or another `launch`", idle[0])
        for key in _REQUIRED[self.launch]:
            if not getattr(self, key):
                message = f"`launch` of {{owner}} needs `{key}`"
                yield Mistake(message, f"`launch: {self.launch}`", f"`{key}`, {_EXAMPLES[key]}", "launch")
        yield from self._mistakes_of_groups()

    def _mistakes_of_groups(self) -> Iterator[Mistake]:
        yield from repetitions("subnets", self.subnets)
        if seconds(self.grace) not in _GRACE:
            yield Mistake("`grace` of {owner} is out of range", f"`{self.grace}`", "at most `2h`", "grace")


class Workload(Strict):
    """An application on EC2; its role is created before its instance."""

    ec2: Ec2
    """How its instances are launched."""
    grants: Grants = ()
    """What its instances can do."""
    policies: ManagedPolicies = ()
    """Managed policies of its role, each with its reason."""
    sessions: bool = False
    """Whether Session Manager can open shells on its instances, for who has a grant with `session_on`; no port is opened."""
    tags: Tags
    """Tags of its role, instances and launch template, at most 50; grants can depend on them."""
    until: Day | None = None
    """The last day, in UTC, of its access; its instances stay, without access to AWS."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""
    adopted: AdoptedWorkload | None = None
    """What its role and instance profile keep, if they existed before it was declared."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report tags that IAM would refuse."""
        return mistakes_of_tags(self.tags)


WORKLOAD_TAG = "keywright-workload"
"""The tag that grants of sessions and trusts in a workload test."""
