"""`access-workloads` and its shards: what runs on EC2 and reaches AWS by the role of its instance profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.instance_group import InstanceGroup
from access_constructs.instance_launch import InstanceLaunch
from access_constructs.instance_role import InstanceRole
from keywright.model.fields.dates import seconds
from keywright.model.fields.tags import all_tags
from keywright.model.stacks.shards import stack_name
from keywright.model.workloads import tag_of_workload
from keywright.statements.conditions import denied_after
from keywright.statements.grants.sessions import session_taking
from stacks.declared_place import declared_at
from stacks.granting import accept_argued, assumed_by, managed_policy_arns, statements_of
from stacks.pinned_stack import PinnedStack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

    from keywright.model.workloads import GroupSize, Workload
    from keywright.policy.statement import Statement
    from stacks.setting import Setting


class WorkloadsStack(PinnedStack):
    """A role and an instance profile for each workload of a shard, and its launch where that is ours."""

    def __init__(self, scope: Construct, number: int, *, setting: Setting) -> None:
        super().__init__(
            scope,
            stack_name("workloads", number),
            setting=setting,
            description="Instance roles, profiles and launches",
        )
        self._setting = setting
        for name in setting.named_in("workloads", number):
            workload = setting.declarations.workloads[name]
            with declared_at("workloads", name):
                role = self._role(name, workload)
                self._launch(name, workload, role)
            self.declared[f"workload/{name}"] = role

    def _role(self, name: str, workload: Workload) -> InstanceRole:
        setting = self._setting
        role = InstanceRole(
            self,
            name,
            name=name,
            path=setting.account.path,
            boundary_arn=setting.boundary_of(workload),
            statements=(
                *statements_of(workload.grants, setting),
                *assumed_by(name, setting),
                *self._sessions(workload),
                *_end(workload),
            ),
            managed_policy_arns=managed_policy_arns(workload.policies, setting),
            tags=workload.tags | tag_of_workload(setting.declarations, name),
        )
        accept_argued(role, workload.grants, setting)
        return role

    def _sessions(self, workload: Workload) -> tuple[Statement, ...]:
        account = self._setting.account
        return (
            session_taking(self._setting.partition, account.region, account.id) if workload.sessions else ()
        )

    def _launch(self, name: str, workload: Workload, role: InstanceRole) -> None:
        ec2 = workload.ec2
        if ec2.launch == "none" or ec2.image is None:
            return
        launch = InstanceLaunch(
            self,
            f"{name}-launch",
            name=name,
            role=role,
            launch="instance" if ec2.launch == "instance" else "template",
            image=ec2.image,
            instance_type=ec2.instance_type,
            subnet=ec2.subnet,
            hop_limit=ec2.hop_limit,
            destroyable=self._setting.sandbox,
            tags=all_tags(self._setting.account, workload)
            | tag_of_workload(self._setting.declarations, name),
        )
        self.declared[f"launch/{name}"] = launch
        if ec2.size is not None:
            self._group(name, workload, ec2.size, launch)

    def _group(self, name: str, workload: Workload, size: GroupSize, launch: InstanceLaunch) -> None:
        ec2 = workload.ec2
        InstanceGroup(
            self,
            f"{name}-group",
            name=name,
            launch=launch,
            subnets=ec2.subnets,
            minimum=size.min,
            maximum=size.max,
            desired=size.desired,
            grace_seconds=seconds(ec2.grace),
            in_service=ec2.in_service,
            tags=all_tags(self._setting.account, workload),
        )


def _end(workload: Workload) -> Iterator[Statement]:
    """Deny everything once a workload's last day is over, to credentials too that its instance has been handed before."""
    if workload.until is not None:
        yield denied_after(workload.until)
