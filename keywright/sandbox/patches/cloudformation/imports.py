"""Imports of IAM's resource types by change sets of type IMPORT.

The emulator checks such a change set as AWS does: nothing else changes, each imported resource has a DeletionPolicy,
none is in another stack. Of IAM's types it only knows roles. "Import AWS resources into a CloudFormation stack" and
"Resource type support" in the AWS CloudFormation User Guide; the identifiers are those of the registry's schemas. Access
keys, inline policies and memberships can't be imported. An import changes nothing: what the template declares differently
takes effect only where a later update changes that property.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keywright.sandbox.patches.cloudformation.resource_types import Created, call
from keywright.sandbox.patches.emulator import import_error, import_lookups, resource_handlers
from keywright.sandbox.patches.hooks import HandlerFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _Type(NamedTuple):
    identifier: str
    """The property that identifies a resource, whose value becomes its physical id."""
    action: str
    """The action that reads it."""
    parameter: str
    answer: str
    """The member of the answer with its attributes; empty if the answer itself has them."""
    attributes: tuple[str, ...]
    arn: str = ""
    """The attribute that is the identifier itself, for types whose answer does not repeat it."""


_TYPES = {
    "AWS::IAM::Group": _Type("GroupName", "GetGroup", "GroupName", "Group", ("Arn",)),
    "AWS::IAM::InstanceProfile": _Type(
        "InstanceProfileName", "GetInstanceProfile", "InstanceProfileName", "InstanceProfile", ("Arn",)
    ),
    "AWS::IAM::ManagedPolicy": _Type(
        "PolicyArn", "GetPolicy", "PolicyArn", "Policy", ("PolicyId", "DefaultVersionId"), "PolicyArn"
    ),
    "AWS::IAM::OIDCProvider": _Type(
        "Arn", "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", "", (), "Arn"
    ),
    "AWS::IAM::Role": _Type("RoleName", "GetRole", "RoleName", "Role", ("Arn", "RoleId")),
    "AWS::IAM::SAMLProvider": _Type("Arn", "GetSAMLProvider", "SAMLProviderArn", "", (), "Arn"),
    "AWS::IAM::User": _Type("UserName", "GetUser", "UserName", "User", ("Arn",)),
}


def register() -> None:
    """Add what the emulator looks up and adopts."""
    for name, each in _TYPES.items():
        import_lookups[name] = ((each.identifier,), _problem(each))
        resource_handlers[name]["import"] = _adopt(each)


def _problem(kind: _Type) -> Callable[[str], str | None]:
    def problem(identifier: str) -> str | None:
        """Give the reason why the change set fails, for something that does not exist."""
        try:
            call(kind.action, **{kind.parameter: identifier})
        except HandlerFailed as failed:
            return str(import_error(failed.refused.message, "Iam", failed.refused.status))
        return None

    return problem


def _adopt(kind: _Type) -> Callable[[Mapping[str, str]], Created]:
    def adopt(identifier: Mapping[str, str]) -> Created:
        physical_id = identifier[kind.identifier]
        answer = call(kind.action, **{kind.parameter: physical_id})
        found = answer[kind.answer] if kind.answer else answer
        attributes = {name: found[name] for name in kind.attributes if name in found}
        return physical_id, attributes | ({kind.arn: physical_id} if kind.arn else {})

    return adopt
