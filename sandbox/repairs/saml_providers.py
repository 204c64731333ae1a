"""AWS::IAM::SAMLProvider, as the CloudFormation Template Reference "AWS::IAM::SAMLProvider" describes it.

The emulator lacks the type. The metadata document changes in place, a new name makes a new provider. "CreateSAMLProvider",
in the IAM API Reference, takes the metadata of an identity provider; the emulator takes any text. That its certificates
are good is not checked here either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sandbox.repairs.policy_holders import tags
from sandbox.repairs.resources import Created, call, call_unless_gone, generated_name, resource_type
from sandbox.repairs.seams import Refused, guard, text

if TYPE_CHECKING:
    from sandbox.repairs.seams import Parameters

_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"


def register() -> None:
    """Add the type, and look at the metadata."""
    guard("CreateSAMLProvider", _metadata)
    guard("UpdateSAMLProvider", _metadata)
    resource_type(
        "AWS::IAM::SAMLProvider",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("Name",),
        custom_name="Name",
        stack_tags=True,
    )


def _metadata(parameters: Parameters) -> None:
    try:
        root = ET.fromstring(text(parameters, "SAMLMetadataDocument"))  # noqa: S314 - one's own template
    except ET.ParseError:
        root = None
    if root is None or root.find(f"{_METADATA}IDPSSODescriptor") is None or not root.get("entityID"):
        raise Refused(400, "InvalidInput", "Could not parse metadata")


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
