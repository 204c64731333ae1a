"""CloudFormation resources as plain data: made one by one as typed L1 constructs, or many at once from a template."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from aws_cdk.cloudformation_include import CfnInclude

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

Properties = dict[str, Any]
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def typed_arguments(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Rename properties to the arguments of an L1 construct: `ManagedPolicyArns` becomes `managed_policy_arns`.

    Keys within lists of objects, such as `PolicyName`, become `policyName`.
    """
    return {_WORD.sub("_", name).lower(): _argument(value) for name, value in properties.items()}


def _argument(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [
        {key[0].lower() + key[1:]: part for key, part in each.items()} if isinstance(each, dict) else each
        for each in value
    ]


class IncludedResources(CfnInclude):
    """Many resources made in one call: typed constructs, each with its key as logical id.

    `Ref` and `Fn::GetAtt` can name resources of the same call and pseudo parameters only.
    """

    def __init__(self, scope: Construct, construct_id: str, resources: Mapping[str, Any]) -> None:
        with TemporaryDirectory(prefix="keywright-") as folder:
            # `CfnInclude` reads nothing but a file.
            template = Path(folder, "resources.json")
            template.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
            super().__init__(scope, construct_id, template_file=str(template))


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]] | None:
    """List tags as an L1 construct takes them, sorted by key; None where there are none."""
    return [{"key": key, "value": value} for key, value in sorted((tags or {}).items())] or None


def tag_properties(tags: Mapping[str, str] | None) -> Properties:
    """Give the `Tags` property as CloudFormation writes it, sorted by key; nothing where there are none."""
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]} if tags else {}
