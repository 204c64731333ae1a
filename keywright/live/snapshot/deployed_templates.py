"""Reads the templates that stacks were deployed with, which tell what the next deployment changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.source import UnreadableError
from keywright.assembly.sources.template_file import source_of
from keywright.live.snapshot.operations import TEMPLATE
from keywright.live.snapshot.requests import AbsentError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.live.snapshot.requests import Requests

Place = tuple[str, str, str]
"""Region, stack and logical id."""


def read_deployed_resources(
    requests: Requests, stacks: Iterable[tuple[str, str]]
) -> tuple[dict[Place, Any], list[tuple[str, str]]]:
    """Give the resources of stacks (Region and name) as they were deployed, and the stacks whose template can't be read.

    Raises:
        StoppedError: No connection, or the credentials expired.
    """
    found: dict[Place, Any] = {}
    unread: list[tuple[str, str]] = []
    for region, stack in stacks:
        try:
            body = requests.one(TEMPLATE, region, StackName=stack)["TemplateBody"]
            # The CDK deploys YAML, which boto3 leaves as text.
            tree = source_of(body, ".yaml", stack).tree if isinstance(body, str) else body
        # A stack that does not exist is refused as invalid.
        except (RefusedError, AbsentError, UnreadableError):
            unread.append((region, stack))
            continue
        resources = tree.get("Resources") if isinstance(tree, dict) else None
        for name, node in resources.items() if isinstance(resources, dict) else ():
            found[region, stack, name] = node
    return found, unread
