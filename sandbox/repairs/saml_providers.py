"""AWS::IAM::SAMLProvider, as the CloudFormation Template Reference "AWS::IAM::SAMLProvider" describes it.

The emulator lacks the type. The metadata document changes in place, a new name makes a new provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.repairs.policy_holders import tags
from sandbox.repairs.resources import Created, call, call_unless_gone, generated_name, resource_type

if TYPE_CHECKING:
    from sandbox.repairs.seams import Parameters


def register() -> None:
    """Add the type."""
    resource_type(
        "AWS::IAM::SAMLProvider",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("Name",),
        custom_name="Name",
        stack_tags=True,
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
    created = call(
        "CreateSAMLProvider",
        Name=properties.get("Name") or generated_name(stack, logical_id, limit=128),
        SAMLMetadataDocument=properties["SamlMetadataDocument"],
        Tags=tags(properties),
    )
    return created["SAMLProviderArn"], {"Arn": created["SAMLProviderArn"]}


def _update(arn: str, old: Parameters, new: Parameters) -> Created:
    if old["SamlMetadataDocument"] != new["SamlMetadataDocument"]:
        call("UpdateSAMLProvider", SAMLProviderArn=arn, SAMLMetadataDocument=new["SamlMetadataDocument"])
    return arn, {"Arn": arn}


def _delete(arn: str, _properties: Parameters) -> None:
    call_unless_gone("DeleteSAMLProvider", SAMLProviderArn=arn)
