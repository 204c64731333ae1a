"""Resources as CloudFormation writes them: made one by one as typed constructs, or by the thousand in one piece.

A call from Python into the CDK's process costs about half a millisecond, and a construct takes several. So what there
may be thousands of is written down once, as plain data; the single construct and the bulk both begin with that.
"""

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
    """Spell properties as a typed L1 takes them: `Groups` as `groups`, the parts of lists with a small first letter."""
    return {_WORD.sub("_", name).lower(): _argument(value) for name, value in properties.items()}


def _argument(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [
        {key[0].lower() + key[1:]: part for key, part in each.items()} if isinstance(each, dict) else each
        for each in value
    ]


class IncludedResources(CfnInclude):
    """Many resources made in one call: typed constructs, each under the logical id that it has here.

    `Ref` and `Fn::GetAtt` reach the resources of the same piece alone, and the pseudo parameters.
    """

    def __init__(self, scope: Construct, construct_id: str, resources: Mapping[str, Any]) -> None:
        with TemporaryDirectory(prefix="keywright-") as folder:
            template = Path(folder, "resources.json")
            template.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
            super().__init__(scope, construct_id, template_file=str(template))


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]] | None:
    """List tags by key, in an order that does not depend on theirs; nothing where there are none."""
    return [{"key": key, "value": value} for key, value in sorted((tags or {}).items())] or None
