"""An Auto Scaling group of instances with a workload's role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all
from access_constructs.synthesis.resources import tag_list
from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from access_constructs.workloads.launch import InstanceLaunch

_ACCEPTED = {"AwsSolutions-AS3": "notifications are not about access; add them where they are needed"}
_ALL = 100
_SPARE = 10
"""Percent by which a group grows during a refresh, so that a new instance starts before an old one is terminated."""


class InstanceGroup(Construct):
    """An Auto Scaling group that launches from the latest version of a launch template.

    The version is an attribute of the template. So an edit of the template changes the group, and an instance refresh
    replaces its instances, with `in_service` percent of them in service ("UpdatePolicy attribute", CloudFormation Template
    Reference). An edit of the role takes effect at once, without a refresh.

    The role and its policies exist before the first instance starts: the template depends on them, the group on the
    template. Credentials copied from a replaced instance stay valid until they expire, after six hours at most.

    A deployment resets the size only if the declared size changes, not if scaling has changed it. The group is deleted with
    its declaration, with its instances.

    Raises:
        ValueError: A contradictory size, or no subnet.
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
        from aws_cdk.aws_autoscaling import CfnAutoScalingGroup  # noqa: PLC0415 - loaded only where there is a group

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
            # Instances get their tags from the launch template; propagating them too would set them twice.
            tags=[{**each, "propagateAtLaunch": False} for each in tag_list(tags) or ()] or None,
        )
        self.group.override_logical_id(logical_id("InstanceGroup", name))
        self.group.cfn_options.update_policy = _update_policy(in_service)
        accept_all(self.group, _ACCEPTED)


def _refuse_bad_size(name: str, minimum: int, maximum: int, desired: int | None) -> None:
    if not 0 <= minimum <= (minimum if desired is None else desired) <= maximum:
        found = f"{minimum} to {maximum}" + ("" if desired is None else f", {desired} desired")
        accepted = "a minimum of at least 0, and a desired size between minimum and maximum"
        raise refusal(f"the size of group `{name}` is contradictory", found=found, accepted=accepted)


def _refuse_bad(name: str, subnets: Sequence[str], in_service: int) -> None:
    if not 0 <= in_service <= _ALL:
        raise refusal(
            f"`in_service` of group `{name}` is not a percentage",
            found=str(in_service),
            accepted="0 to 100 percent",
        )
    if not subnets:
        raise refusal(f"group `{name}` has no subnet", found="none", accepted="at least one")


def _update_policy(in_service: int) -> cdk.CfnUpdatePolicy:
    preferences = cdk.CfnAutoScalingInstanceRefreshPreferences(
        min_healthy_percentage=in_service,
        # The two percentages may differ by at most 100 ("RefreshPreferences", Amazon EC2 Auto Scaling API
        # Reference).
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
