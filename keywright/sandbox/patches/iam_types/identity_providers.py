"""AWS::IAM::OIDCProvider and AWS::IAM::SAMLProvider, as in the CloudFormation Template Reference.

The emulator has neither type, and no actions that change an OIDC provider in place. A SAML provider's metadata changes in
place, a new name creates a new provider. "CreateSAMLProvider" in the IAM API Reference accepts only metadata of an
identity provider; the emulator accepts any text. The certificates in it are not checked here either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from keywright.sandbox.patches.cloudformation.properties import tags
from keywright.sandbox.patches.cloudformation.resource_types import (
    Created,
    call,
    call_if_exists,
    generated_name,
    resource_type,
)
from keywright.sandbox.patches.emulator import oidc_providers
from keywright.sandbox.patches.hooks import Parameters, Refused, guard, members, replace, text

if TYPE_CHECKING:
    from keywright.sandbox.patches.hooks import Parameters


def register_oidc_providers() -> None:
    """Add the type, and the actions its updates call; refuse an address that is not https."""
    guard("CreateOpenIDConnectProvider", _require_https)
    replace("AddClientIDToOpenIDConnectProvider", _add_client)
    replace("RemoveClientIDFromOpenIDConnectProvider", _remove_client)
    replace("UpdateOpenIDConnectProviderThumbprint", _set_thumbprints)
    resource_type(
        "AWS::IAM::OIDCProvider",
        create=_create_oidc_provider,
        update=_update_oidc_provider,
        delete=_delete_oidc_provider,
        create_only=("Url",),
        stack_tags=True,
    )


def _require_https(parameters: Parameters) -> None:
    if not text(parameters, "Url").startswith("https://"):
        raise Refused(400, "InvalidInput", "Invalid Open ID Connect Provider URL")


def _create_oidc_provider(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    created = call(
        "CreateOpenIDConnectProvider",
        Url=properties["Url"],
        ClientIDList=properties.get("ClientIdList"),
        ThumbprintList=properties.get("ThumbprintList"),
        Tags=tags(properties),
    )
    arn = created["OpenIDConnectProviderArn"]
    return arn, {"Arn": arn}


def _update_oidc_provider(arn: str, old: Parameters, new: Parameters) -> Created:
    before, after = set(old.get("ClientIdList") or []), set(new.get("ClientIdList") or [])
    # Added before removed: a provider always accepts some audience.
    for client in sorted(after - before):
        call("AddClientIDToOpenIDConnectProvider", OpenIDConnectProviderArn=arn, ClientID=client)
    for client in sorted(before - after):
        call("RemoveClientIDFromOpenIDConnectProvider", OpenIDConnectProviderArn=arn, ClientID=client)
    thumbprints = new.get("ThumbprintList") or []
    if thumbprints != (old.get("ThumbprintList") or []):
        call(
            "UpdateOpenIDConnectProviderThumbprint", OpenIDConnectProviderArn=arn, ThumbprintList=thumbprints
        )
    return arn, {"Arn": arn}


def _delete_oidc_provider(arn: str, _properties: Parameters) -> None:
    call_if_exists("DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=arn)


def _provider(parameters: Parameters) -> dict[str, Any]:
    arn = text(parameters, "OpenIDConnectProviderArn")
    found: dict[str, Any] | None = oidc_providers.get(arn)
    if found is None:
        raise Refused(404, "NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}")
    return found


def _add_client(parameters: Parameters) -> dict[str, Any]:
    clients, client = _provider(parameters)["ClientIDList"], text(parameters, "ClientID")
    if client not in clients:
        clients.append(client)
    return {}


def _remove_client(parameters: Parameters) -> dict[str, Any]:
    clients, client = _provider(parameters)["ClientIDList"], text(parameters, "ClientID")
    if client in clients:
        clients.remove(client)
    return {}


def _set_thumbprints(parameters: Parameters) -> dict[str, Any]:
    _provider(parameters)["ThumbprintList"] = list(members(parameters, "ThumbprintList"))
    return {}


_METADATA_NAMESPACE = "{urn:oasis:names:tc:SAML:2.0:metadata}"


def register_saml_providers() -> None:
    """Add the type, and look at the metadata."""
    guard("CreateSAMLProvider", _require_metadata)
    guard("UpdateSAMLProvider", _require_metadata)
    resource_type(
        "AWS::IAM::SAMLProvider",
        create=_create_saml_provider,
        update=_update_saml_provider,
        delete=_delete_saml_provider,
        create_only=("AddPrivateKey", "Name", "RemovePrivateKey"),
        custom_name="Name",
        stack_tags=True,
    )


def _require_metadata(parameters: Parameters) -> None:
    try:
        root = ET.fromstring(text(parameters, "SAMLMetadataDocument"))  # noqa: S314 - one's own template
    except ET.ParseError:
        root = None
    if (
        root is None
        or root.find(f"{_METADATA_NAMESPACE}IDPSSODescriptor") is None
        or not root.get("entityID")
    ):
        raise Refused(400, "InvalidInput", "Could not parse metadata")


def _create_saml_provider(logical_id: str, properties: Parameters, stack: str) -> Created:
    created = call(
        "CreateSAMLProvider",
        Name=properties.get("Name") or generated_name(stack, logical_id, limit=128),
        SAMLMetadataDocument=properties["SamlMetadataDocument"],
        Tags=tags(properties),
    )
    return created["SAMLProviderArn"], {"Arn": created["SAMLProviderArn"]}


def _update_saml_provider(arn: str, old: Parameters, new: Parameters) -> Created:
    if old["SamlMetadataDocument"] != new["SamlMetadataDocument"]:
        call("UpdateSAMLProvider", SAMLProviderArn=arn, SAMLMetadataDocument=new["SamlMetadataDocument"])
    return arn, {"Arn": arn}


def _delete_saml_provider(arn: str, _properties: Parameters) -> None:
    call_if_exists("DeleteSAMLProvider", SAMLProviderArn=arn)
