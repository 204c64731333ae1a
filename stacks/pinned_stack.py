"""A stack that refuses every account but the declared one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import aws_cdk as cdk

from keywright.model.identity_center import fits_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

    from stacks.inputs import StackInputs


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
        self, scope: Construct, construct_id: str, *, inputs: StackInputs, description: str, region: str = ""
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=cdk.Environment(account=inputs.account.id, region=region or inputs.account.region),
            synthesizer=cdk.LegacyStackSynthesizer(),
            termination_protection=not inputs.sandbox,
            description=description,
        )
        cdk.CfnWaitConditionHandle(self, "Kept")
        for key, value in sorted(inputs.account.tags.items()):
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


class DeclarationRefused(ValueError):  # noqa: N818 - a construct refused it
    """What a construct refused while a declared thing was made; `path` is where that is declared."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


@contextmanager
def declared_at(*path: str) -> Iterator[None]:
    """Name the declaration, such as `users`, `alice`, that is being turned into constructs.

    Raises:
        DeclarationRefused: A construct refused it; the message is the construct's own.
    """
    try:
        yield
    except DeclarationRefused:
        raise
    except ValueError as refused:
        raise DeclarationRefused(path, str(refused)) from refused
