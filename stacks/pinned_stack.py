"""A stack that refuses every account but the declared one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from keywright.model.identity_center import fits_tag

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.setting import Setting

_BELOW_A_THINGS_OWN = 10
"""Below the 50 of tags that a resource is made with ("TagManager", AWS CDK API Reference)."""


class PinnedStack(cdk.Stack):
    """A stack pinned to the declared account and its region or another; protected from deletion outside the sandbox.

    `declared` maps declared names such as `role/vendor` to their constructs: exceptions are accepted there.
    The legacy synthesizer deploys with the caller's own credentials and needs no bootstrap while a template
    stays under 51,200 bytes. A stack with nothing declared holds one handle that does nothing: CloudFormation knows no
    empty stack, and the CDK would try to delete a protected one. The account's tags go onto everything that takes any;
    the stack itself has none, for CloudFormation would hand them on to what a thing's own tags don't outweigh.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, setting: Setting, description: str, region: str = ""
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=cdk.Environment(account=setting.account.id, region=region or setting.account.region),
            synthesizer=cdk.LegacyStackSynthesizer(),
            termination_protection=not setting.sandbox,
            description=description,
        )
        cdk.CfnWaitConditionHandle(self, "Kept")
        for key, value in sorted(setting.account.tags.items()):
            cdk.Tags.of(self).add(
                key,
                value,
                priority=_BELOW_A_THINGS_OWN,
                exclude_resource_types=["aws:cdk:stack", *_refusing(key, value)],
            )
        self.declared: dict[str, Construct] = {}


def _refusing(key: str, value: str) -> list[str]:
    """Name what takes fewer characters in its tags than others."""
    return [] if fits_tag(key, value) else ["AWS::SSO::PermissionSet"]
