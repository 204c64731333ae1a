"""CloudFormation's registry schemas and templates, as cfn-lint reads them: a second opinion that nobody here wrote."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from cfnlint.config import ConfigMixIn
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner, run_template_by_data
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

from tests.laws.policy_grammar import is_reference, mistakes_of_resource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REGION = "eu-central-1"
ACCEPTED = {
    # The instance is ordered after everything that its access consists of, whether or not a reference orders it too.
    "W3005",
}
"""Rules of cfn-lint that templates need not follow, with the reason."""


@cache
def registry_schema(resource_type: str) -> dict[str, Any]:
    """Give a type's schema; empty for custom resources, whose properties are their handler's."""
    if resource_type.startswith("Custom::"):
        return {}
    try:
        return dict(PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema)
    except ResourceNotFoundError:
        return {}


@cache
def create_only(resource_type: str) -> frozenset[str]:
    """Give the properties whose change replaces a resource of the type."""
    pointers = registry_schema(resource_type).get("createOnlyProperties", ())
    return frozenset(each.removeprefix("/properties/").partition("/")[0] for each in pointers)


@cache
def _rules() -> tuple[Any, Any]:
    config = ConfigMixIn(regions=[REGION])
    return Runner(config).rules, config


def lint(template: dict[str, Any]) -> Iterator[str]:
    """Yield what cfn-lint's errors and warnings state about a template."""
    rules, config = _rules()
    decoded, mistakes = decode_str(json.dumps(template))
    found = mistakes or run_template_by_data(decoded, config, rules)
    for each in found:
        if each.rule.id not in ACCEPTED:
            yield f"{each.rule.id} {'/'.join(map(str, each.path or ()))}: {each.message}"


def mistakes_in_templates(folder: Path) -> list[str]:
    """List what is wrong in the templates of an assembly."""
    found = []
    for file in sorted(folder.glob("**/*.template.json")):
        template = json.loads(file.read_text())
        found += [f"{file.stem}: {each}" for each in lint(template)]
        for name, resource in template["Resources"].items():
            wrong = [*mistakes_of_resource(resource), *_registry_mistakes(resource), *_refused(resource)]
            found += [f"{file.stem}: {name}: {each}" for each in wrong]
    return found


def _registry_mistakes(resource: dict[str, Any]) -> list[str]:
    """List properties that a type lacks, and that only CloudFormation itself may set."""
    schema, properties = registry_schema(resource["Type"]), resource.get("Properties", {})
    read_only = {each.removeprefix("/properties/") for each in schema.get("readOnlyProperties", ())}
    return [
        *(f"{name} is missing" for name in schema.get("required", ()) if name not in properties),
        *(f"{name} is read-only" for name in read_only & properties.keys()),
        *(f"{name} is unknown" for name in properties.keys() - schema.get("properties", properties).keys()),
    ]


def _refused(resource: dict[str, Any]) -> Iterator[str]:
    """Yield IAM's errors about the documents of an identity or policy, as moto knows them."""
    properties = resource.get("Properties", {})
    if not resource["Type"].startswith("AWS::IAM::"):
        return
    inline = [each["PolicyDocument"] for each in properties.get("Policies", ())]
    for document in (*inline, properties.get("PolicyDocument")):
        yield from _malformed(IAMPolicyDocumentValidator, document)
    yield from _malformed(IAMTrustPolicyDocumentValidator, properties.get("AssumeRolePolicyDocument"))


def _malformed(validator: Any, document: Any) -> Iterator[str]:
    if document is None:
        return
    # moto refuses this resource; AWS's own CloudFrontFullAccess has it.
    text = re.sub(r'"(arn:[^"]*:iam::[^":]*):\*"', r'"\1:role/*"', json.dumps(_without_references(document)))
    try:
        validator(text).validate()
    except MalformedPolicyDocument as error:
        yield str(error)


def _without_references(value: Any) -> Any:
    if is_reference(value):
        return f"arn:aws:iam::{'1' * 12}:policy/referred-to"
    if isinstance(value, dict):
        return {key: _without_references(each) for key, each in value.items()}
    return [_without_references(each) for each in value] if isinstance(value, list) else value
