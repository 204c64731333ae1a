"""`access-workloads` and its shards: EC2 workloads, which use the role of their instance profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.workloads.auto_scaling_group import InstanceGroup
from access_constructs.workloads.instance_role import InstanceRole, KeptNames
from access_constructs.workloads.launch import InstanceLaunch
from access_stacks.grants import (
    accept_justified_wildcards,
    assume_statements,
    ending_statements,
    managed_policy_arns,
    statements_of,
)
from access_stacks.pinned_stack import PinnedStack, declared_at
from keywright.model.fields.dates import seconds
from keywright.model.fields.tags import all_tags
from keywright.model.queries import tag_of_workload
from keywright.model.stacks.shards import stack_name
from keywright.statements.grants.sessions import session_manager_statements

if TYPE_CHECKING:
    from constructs import Construct

    from access_stacks.inputs import StackInputs
    from keywright.model.workloads import GroupSize, Workload
    from keywright.policy.statement import Statement


def _kept_names(workload: Workload) -> KeptNames | None:
    """Give the names that an adopted workload keeps; the console gives a role and its instance profile one name."""
    adopted = workload.adopted
    if adopted is None:
        return None
    return KeptNames(
        role=adopted.role,
        profile=adopted.profile or adopted.role,
        profile_path=adopted.profile_path or adopted.path,
        description=adopted.description,
    )


class WorkloadsStack(PinnedStack):
    """A role and an instance profile for each workload of a shard, and its launch template or instance where declared."""

    def __init__(self, scope: Construct, number: int, *, inputs: StackInputs) -> None:
        super().__init__(
            scope,
            stack_name("workloads", number),
            inputs=inputs,
            description="Instance roles, profiles and launches",
        )
        self._inputs = inputs
        for name in inputs.named_in("workloads", number):
            workload = inputs.declarations.workloads[name]
            with declared_at("workloads", name):
                role = self._role(name, workload)
                self._launch(name, workload, role)
            self.declared[f"workload/{name}"] = role

    def _role(self, name: str, workload: Workload) -> InstanceRole:
        inputs = self._inputs
        role = InstanceRole(
            self,
            name,
            name=name,
            path=inputs.path_of("workload", name),
            kept=_kept_names(workload),
            boundary_arn=inputs.boundary_of(workload),
            statements=(
                *statements_of(workload.grants, inputs),
                *assume_statements(name, inputs),
                *self._sessions(workload),
                *ending_statements(workload),
            ),
            managed_policy_arns=managed_policy_arns(workload.policies, inputs),
            tags=workload.tags | tag_of_workload(inputs.declarations, name),
        )
        accept_justified_wildcards(role, workload.grants, inputs)
        return role

    def _sessions(self, workload: Workload) -> tuple[Statement, ...]:
        account = self._inputs.account
        return (
            session_manager_statements(self._inputs.partition, account.region, account.id)
            if workload.sessions
            else ()
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
            destroyable=self._inputs.sandbox,
            # Tags of a launch template do not reach its instances, so the account's tags are part of its
            # data.
            tags=all_tags(self._inputs.account, workload) | tag_of_workload(self._inputs.declarations, name),
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
            tags=all_tags(self._inputs.account, workload),
        )
