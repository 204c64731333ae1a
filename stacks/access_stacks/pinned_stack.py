"""The base of all stacks, pinned to the declared account, and errors that name a declaration."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import aws_cdk as cdk

from keywright.model.identity_center import fits_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

    from access_stacks.inputs import StackInputs


_BELOW_OWN_TAGS = 10
"""Lower than 50, the priority of tags that a construct gets as an argument ("TagManager", AWS CDK API Reference)."""


class PinnedStack(cdk.Stack):
    """A stack pinned to the declared account, in its region or another; with termination protection outside the sandbox.

    `declared` maps declared names such as `role/vendor` to their constructs, on which exceptions are accepted.
    The legacy synthesizer deploys with the caller's own credentials and needs no bootstrap while a template
    is smaller than 51,200 bytes.
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
        # CloudFormation has no empty stacks, and the CDK would try to delete one that is protected.
        cdk.CfnWaitConditionHandle(self, "Kept")
        # The stack itself gets no tags: CloudFormation would add them to resources, over the priority of own tags.
        for key, value in sorted(inputs.account.tags.items()):
            cdk.Tags.of(self).add(
                key,
                value,
                priority=_BELOW_OWN_TAGS,
                exclude_resource_types=["aws:cdk:stack", *_types_without(key, value)],
            )
        self.declared: dict[str, Construct] = {}


def _types_without(key: str, value: str) -> list[str]:
    """Name the resource types that do not accept this tag: they allow fewer characters than others."""
    return [] if fits_tag(key, value) else ["AWS::SSO::PermissionSet"]


class DeclarationRefused(ValueError):  # noqa: N818 - a construct refused it
    """A construct refused an argument that comes from a declaration; `path` names the declaration."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


@contextmanager
def declared_at(*path: str) -> Iterator[None]:
    """Name the declaration, such as `users`, `alice`, whose constructs are made within the block.

    Raises:
        DeclarationRefused: A construct refused an argument; the message is the construct's.
    """
    try:
        yield
    except DeclarationRefused:
        raise
    except ValueError as refused:
        raise DeclarationRefused(path, str(refused)) from refused
