"""What references come to that need no evaluation: pseudo parameters, made-up names, parameters' types.

Source: "Pseudo parameters reference" and "CloudFormation template Parameters syntax", CloudFormation User Guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.value import ABSENT, Text, Unknown, Value, text, written
from keywright.policy.memory import remembered
from keywright.policy.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.source import Node
    from keywright.assembly.written import WrittenResource, WrittenTemplate


def pseudo(name: str, template: WrittenTemplate) -> Value:
    """Give a pseudo parameter, as far as the stack is pinned."""
    if name == "AWS::NoValue":
        return ABSENT
    known = _known(name, template)
    if known:
        return _fixed(known)
    stack = template.id if name.startswith("AWS::Stack") else ""
    return Unknown(f"`{name}` is known only at deployment", name, stack, is_identifier=True)


@remembered
def _fixed(known: str) -> Text:
    return Text((known,))


def _known(name: str, template: WrittenTemplate) -> str:
    match name:
        case "AWS::AccountId":
            return template.account
        case "AWS::Region":
            return template.region
        case "AWS::Partition":
            return template.partition
        case "AWS::URLSuffix":
            return _url_suffix(template.region) if template.region else ""
        case "AWS::StackName":
            return template.stack
        case _:
            return ""


def _url_suffix(region: str) -> str:
    return "amazonaws.com.cn" if partition_of(region) == "aws-cn" else "amazonaws.com"


def is_custom(resource: WrittenResource) -> bool:
    """Tell whether somebody's code, not AWS, says what a resource's attributes are."""
    return not resource.type.startswith("AWS::") or resource.type.startswith("AWS::CloudFormation::")


def unnamed(resource: WrittenResource) -> Text:
    """Stand for a name that CloudFormation makes up."""
    return Text(
        (
            Unknown(
                "its name is made up at deployment",
                resource.logical_id,
                resource.template.id,
                is_identifier=not is_custom(resource),
            ),
        )
    )


def without_scheme(url: Text) -> Text:
    """Give a provider's address as its ARN has it."""
    return text(
        *(part.removeprefix("https://") if isinstance(part, str) else part for part in url.parts[:1]),
        *url.parts[1:],
    )


def is_hidden(declared: Mapping[str, Node]) -> bool:
    """Tell whether a parameter is not to be shown."""
    return str(declared.get("NoEcho", "")).lower() == "true"


def listed(value: Value, kind: str) -> Value:
    """See a parameter's value as a list where its type is one."""
    if not (kind == "CommaDelimitedList" or kind.startswith("List<")) or not isinstance(value, Text):
        return value
    if value.literal is None:
        return value.unknowns[0]
    return tuple(written(piece.strip()) for piece in value.literal.split(","))
