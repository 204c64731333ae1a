"""Make every resource of a JSON file by troposphere."""

import json
import sys
from pathlib import Path
from typing import Any

from troposphere import AWSObject, Template, cloudformation, iam

data, out = map(Path, sys.argv[1:])
out.mkdir(exist_ok=True)
KINDS = {f"AWS::IAM::{each}": getattr(iam, each) for each in ("User", "Group")}


def generic(key: str, resource: dict[str, Any]) -> AWSObject:
    """Make a resource of which troposphere does not know the type, or whose references it does not take."""
    name = resource["Type"].replace("::", "").replace(":", "")
    made = type(name, (cloudformation.AWSCustomObject,), {"resource_type": resource["Type"], "props": {}})
    added = made(key)
    added.properties.update(resource.get("Properties", {}))
    return added


def typed(key: str, resource: dict[str, Any]) -> AWSObject:
    """Make a resource by its own class, where that takes it."""
    try:
        return KINDS[resource["Type"]].from_dict(key, resource.get("Properties", {}))
    except (KeyError, TypeError, ValueError):
        return generic(key, resource)


for name, resources in json.loads(data.read_text("utf-8")).items():
    template = Template()
    for key, resource in resources.items():
        template.add_resource(typed(key, resource))
    (out / f"{name}.template.json").write_text(template.to_json(), "utf-8")
