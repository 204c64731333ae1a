"""AWS::IAM::OIDCProvider, as the CloudFormation Template Reference "AWS::IAM::OIDCProvider" describes it.

The emulator lacks the type and the actions that change a provider in place.
"""

from __future__ import annotations

from typing import Any

from sandbox.repairs.emulator import oidc_providers
from sandbox.repairs.policy_holders import tags
from sandbox.repairs.resources import Created, call, call_unless_gone, resource_type
from sandbox.repairs.seams import Parameters, Refused, guard, members, replace, text


def register() -> None:
    """Add the type, and the actions its updates call; refuse an address that is not https."""
    guard("CreateOpenIDConnectProvider", _https)
    replace("AddClientIDToOpenIDConnectProvider", _add_client)
    replace("RemoveClientIDFromOpenIDConnectProvider", _remove_client)
    replace("UpdateOpenIDConnectProviderThumbprint", _set_thumbprints)
    resource_type(
        "AWS::IAM::OIDCProvider",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("Url",),
        stack_tags=True,
    )


def _https(parameters: Parameters) -> None:
    if not text(parameters, "Url").startswith("https://"):
        raise Refused(400, "InvalidInput", "Invalid Open ID Connect Provider URL")


def _create(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    created = call(
        "CreateOpenIDConnectProvider",
        Url=properties["Url"],
        ClientIDList=properties.get("ClientIdList"),
        ThumbprintList=properties.get("ThumbprintList"),
        Tags=tags(properties),
    )
    arn = created["OpenIDConnectProviderArn"]
    return arn, {"Arn": arn}


def _update(arn: str, old: Parameters, new: Parameters) -> Created:
    before, after = set(old.get("ClientIdList") or []), set(new.get("ClientIdList") or [])
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


def _delete(arn: str, _properties: Parameters) -> None:
    call_unless_gone("DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=arn)


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
