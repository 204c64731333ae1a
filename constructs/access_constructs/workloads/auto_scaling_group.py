"""An Auto Scaling group of instances with a workload's role: new ones by a launch template, old ones replaced by a refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from access_constructs.shared.accepted_findings import accept_all
from access_constructs.shared.resources import tag_list
from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from access_constructs.workloads.launch import InstanceLaunch

_ACCEPTED = {
    "AwsSolutions-AS3": "who is told of scaling is no matter of access; add notifications where they are wanted"
}
_ALL = 100
_SPARE = 10
"""Percent by which a group grows while its instances are replaced, so that a new one starts before an old one goes."""


class InstanceGroup(Construct):
    """An Auto Scaling group that launches from the latest version of a launch template.

    The version is a number that CloudFormation reads off the template. So an edit of the template changes the group, and
    an instance refresh replaces its instances, while `in_service` percent of them stay ("UpdatePolicy attribute",
    CloudFormation Template Reference). An edit of the role does not: what a role may do, its instances may at once.

    The role and all that it may do exist before the first instance starts: the template waits for them, the group for the
    template. Credentials of an instance that is replaced end with it, or, where they were taken from it, when they
    expire, after six hours at most.

    Size is set again by a deployment that changes it, and not where scaling has moved it meanwhile. The group goes with its
    declaration and takes its instances along: none of them is kept for what is on it, as any refresh replaces them.

    Raises:
        ValueError: Numbers that contradict each other, or no subnet.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        launch: InstanceLaunch,
        subnets: Sequence[str],
        minimum: int,
        maximum: int,
        desired: int | None = None,
        grace_seconds: int = 300,
        in_service: int = 90,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        from aws_cdk.aws_autoscaling import CfnAutoScalingGroup  # noqa: PLC0415 - for who has a group alone

        super().__init__(scope, construct_id)
        _refuse_bad_size(name, minimum, maximum, desired)
        _refuse_bad(name, subnets, in_service)
        template = launch.template
        self.group = CfnAutoScalingGroup(
            self,
            "Group",
            min_size=str(minimum),
            max_size=str(maximum),
            desired_capacity=None if desired is None else str(desired),
            vpc_zone_identifier=list(subnets),
            launch_template={
                "launchTemplateId": template.ref,
                "version": template.attr_latest_version_number,
            },
            health_check_type="EC2",
            health_check_grace_period=grace_seconds,
            cooldown=str(grace_seconds),
            tags=[{**each, "propagateAtLaunch": False} for each in tag_list(tags) or ()] or None,
        )
        self.group.override_logical_id(logical_id("InstanceGroup", name))
        self.group.cfn_options.update_policy = _update_policy(in_service)
        accept_all(self.group, _ACCEPTED)


def _refuse_bad_size(name: str, minimum: int, maximum: int, desired: int | None) -> None:
    if not 0 <= minimum <= (minimum if desired is None else desired) <= maximum:
        said = f"{minimum} to {maximum}" + ("" if desired is None else f", {desired} desired")
        accepted = "at least 0, and a number that is desired between the fewest and the most"
        raise refusal(f"the size of group `{name}` contradicts itself", found=said, accepted=accepted)


def _refuse_bad(name: str, subnets: Sequence[str], in_service: int) -> None:
    if not 0 <= in_service <= _ALL:
        raise refusal(
            f"group `{name}` keeps a percentage in service",
            found=str(in_service),
            accepted="0 to 100 percent",
        )
    if not subnets:
        raise refusal(f"group `{name}` starts in no subnet", found="none", accepted="at least one")


def _update_policy(in_service: int) -> cdk.CfnUpdatePolicy:
    preferences = cdk.CfnAutoScalingInstanceRefreshPreferences(
        min_healthy_percentage=in_service,
        max_healthy_percentage=_ALL + (_SPARE if in_service >= _SPARE else 0),
    )
    return cdk.CfnUpdatePolicy(
        auto_scaling_instance_refresh=cdk.CfnAutoScalingInstanceRefresh(
            strategy="Rolling", preferences=preferences
        ),
        auto_scaling_scheduled_action=cdk.CfnAutoScalingScheduledAction(
            ignore_unmodified_group_size_properties=True
        ),
    )
