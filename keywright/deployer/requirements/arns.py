"""ARN patterns of resources: from the declared name, or from what is known of a generated name.

Generated names: "Name type", CloudFormation Template Reference (`stack123123123123-s3bucket-abcdefghijk1`). AWS does not
document how long ones are shortened, so a pattern keeps only the parts that survive in both observed ways.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from keywright.assembly.templates.physical_names import PHYSICAL_NAMES
from keywright.assembly.templates.value import ABSENT, Absent, Text, as_text, possible_values
from keywright.deployer.handlers.refinements import naming
from keywright.deployer.handlers.registry import resource_type
from keywright.policy.reference import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Assembly, Resource, Template

GENERATED_SUFFIX = 13
"""The most characters that CloudFormation generates at the end of a name."""
KEPT_LENGTH = 20
"""The characters of a stack name and of a logical id that always survive shortening."""
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_IAM = "AWS::IAM::"


def own_arns(resource: Resource) -> tuple[str, ...]:
    """Give the patterns of a resource's own ARNs; none if the service has no such resource type."""
    found = [
        _filled(each, resource.template, name) + suffix
        for each in own_types(resource.type)
        for name in name_patterns(resource)
        for suffix in naming(resource.type).suffixes
    ]
    return tuple(dict.fromkeys(found)) if found else tuple(_by_form(resource))


@cache
def own_types(type_name: str) -> tuple[catalogue.ResourceType, ...]:
    """Find the resource types of the Service Authorization Reference that match the name of a CloudFormation type."""
    if type_name.startswith(_IAM):
        return ()
    parts = type_name.split("::")
    last = _plain(parts[-1])
    services = {_plain(parts[-2]), *_services_of(type_name)} if len(parts) > 1 else set()
    return tuple(
        each
        for service in catalogue.services()
        if _plain(service) in services
        for each in catalogue.resource_types_of(service)
        if _plain(each.name) == last
    )


def _services_of(type_name: str) -> Iterator[str]:
    """Yield the services that the create handler of a type calls: `AWS::StepFunctions` is `states`."""
    known = resource_type(type_name)
    for permission in known.permissions.get("create", ()) if known else ():
        yield _plain(permission.partition(":")[0])


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _by_form(resource: Resource) -> Iterator[str]:
    """Yield the ARNs of a type with a known ARN format, which includes its path."""
    known = PHYSICAL_NAMES.get(resource.type)
    if known is None:
        return
    for path in _paths(resource):
        for name in name_patterns(resource, known.name):
            fields = {**account_fields(resource.template), "path": path, "name": name}
            yield known.arn.format(**{key: value.removeprefix("https://") for key, value in fields.items()})


def _paths(resource: Resource) -> Iterator[str]:
    for each in possible_values(resource.properties.get("Path", ABSENT)):
        yield "/" if isinstance(each, Absent) else pattern_of(as_text(each))


def _filled(kind: catalogue.ResourceType, template: Template, name: str) -> str:
    """Fill an ARN format: known parts of the stack, the name in the last placeholder, wildcards elsewhere."""
    # Assumes that the last placeholder of an ARN format is the resource's own name, as the formats of the
    # Service Authorization Reference have it.
    known = {key.capitalize(): value for key, value in account_fields(template).items()}
    last = _PLACEHOLDER.findall(kind.arn_format)[-1:]
    return _PLACEHOLDER.sub(
        lambda found: known.get(found[1], name if found[1] in last else "*"), kind.arn_format
    )


def any_of_type(kind: catalogue.ResourceType, template: Template) -> str:
    """Give the pattern of all resources of a type in the stack's account and region."""
    return _filled(kind, template, "*")


def arn_prefix(service: str, template: Template) -> str:
    """Give the prefix of a service's ARNs in a stack's account and region."""
    return "arn:{partition}:{service}:{region}:{account}".format(service=service, **account_fields(template))


def partition_of_stack(template: Template) -> str:
    """Give the partition of a stack; `aws` if neither its region nor its ARNs show it."""
    return template.partition or "aws"


def iam_arn_prefix(assembly: Assembly) -> str:
    """Give the prefix of IAM ARNs in the account of an assembly."""
    pinned = next((each for each in assembly.templates if each.account), None)
    return f"arn:{partition_of_stack(pinned)}:iam::{pinned.account}" if pinned else "arn:aws:iam::*"


def account_fields(template: Template) -> dict[str, str]:
    """Give the fields of ARN formats that a stack decides: partition, region, account."""
    return {
        "partition": partition_of_stack(template),
        "region": template.region or "*",
        "account": template.account or "*",
    }


def name_patterns(resource: Resource, named_by: str = "") -> tuple[str, ...]:
    """Give the possible names of a resource, one for each outcome of the template's conditions."""
    known = naming(resource.type)
    name = known.property or named_by or _naming_property(resource.type)
    if not name:
        return ("*",)
    given = possible_values(resource.properties.get(name, ABSENT))
    found = (
        _generated_name(resource) if isinstance(each, Absent) else pattern_of(as_text(each)) for each in given
    )
    return tuple(dict.fromkeys(each.removeprefix(known.prefix) for each in found))


def _naming_property(type_name: str) -> str:
    """Give the property with the name of a type: its identifier, or else the name in its ARN."""
    registered, physical = resource_type(type_name), PHYSICAL_NAMES.get(type_name)
    return (registered.named_by if registered else "") or (physical.name if physical else "")


def _generated_name(resource: Resource) -> str:
    known = naming(resource.type)
    if not known.longest:
        return "*"
    stack, logical_id = stack_pattern(resource.template), resource.logical_id
    whole = f"{stack}-{logical_id}-"
    # A name that would be too long is shortened in an undocumented way, so the pattern ends where both
    # observed ways still agree.
    if "*" in stack or len(stack) > KEPT_LENGTH:
        whole = f"{stack.partition('*')[0][:KEPT_LENGTH]}*"
    elif len(whole) + GENERATED_SUFFIX > known.longest:
        whole = f"{stack}-{logical_id[:KEPT_LENGTH]}"
    pattern = whole if whole.endswith("*") else f"{whole}*"
    return pattern.lower() if known.lower else pattern


def stack_pattern(template: Template) -> str:
    """Give the pattern of a stack's name: a nested stack's begins with its parent's; a single file can become any stack."""
    if template.stack:
        return template.stack
    return f"{stack_pattern(template.parent).partition('*')[0]}*" if template.parent else "*"


def pattern_of(text: Text) -> str:
    """Write a text with a wildcard for each part that is known only at deployment."""
    # Two wildcards in a row match the same as one, and equal patterns must be equal texts.
    return re.sub(r"\*+", "*", "".join(each if isinstance(each, str) else "*" for each in text.parts))


def is_of_type(arn: str, kind: catalogue.ResourceType) -> bool:
    """Tell whether an ARN pattern belongs to a resource type."""
    return _form(kind.arn_format).fullmatch(arn) is not None


@cache
def _form(arn_format: str) -> re.Pattern[str]:
    literals = (re.escape(each) for each in re.split(r"\$\{\w+\}", arn_format))
    return re.compile(".+".join(literals))


def nested_pattern(arn: str, kind: catalogue.ResourceType) -> str:
    """Give the pattern of what is nested under an ARN, such as a bucket's objects; empty if nothing is."""
    for each in catalogue.resource_types_of(kind.service):
        rest = kind.arn_format.removeprefix(each.arn_format)
        if rest != kind.arn_format and rest and is_of_type(arn, each):
            return arn + _PLACEHOLDER.sub("*", rest)
    return ""
