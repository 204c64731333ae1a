"""AWS::IAM::AccessKey, as the CloudFormation Template Reference "AWS::IAM::AccessKey" describes it.

The emulator lacks the type. `Serial` and `UserName` make a new key before the old one is deleted; `Status`
changes the key in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.repairs.emulator import access_keys
from sandbox.repairs.resources import Created, call, call_unless_gone, resource_type

if TYPE_CHECKING:
    from sandbox.repairs.seams import Parameters


def register() -> None:
    """Add the type."""
    resource_type(
        "AWS::IAM::AccessKey",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("Serial", "UserName"),
    )


def _create(_logical_id: str, properties: Parameters, _stack: str) -> Created:
    key = call("CreateAccessKey", UserName=properties["UserName"])["AccessKey"]
    if properties.get("Status") == "Inactive":
        _set_status(key["AccessKeyId"], properties)
    return key["AccessKeyId"], {"SecretAccessKey": key["SecretAccessKey"]}


def _update(key_id: str, _old: Parameters, new: Parameters) -> Created:
    _set_status(key_id, new)
    return key_id, {"SecretAccessKey": access_keys[key_id]["SecretAccessKey"]}


def _delete(key_id: str, properties: Parameters) -> None:
    call_unless_gone("DeleteAccessKey", UserName=properties["UserName"], AccessKeyId=key_id)


def _set_status(key_id: str, properties: Parameters) -> None:
    status = properties.get("Status", "Active")
    call("UpdateAccessKey", UserName=properties["UserName"], AccessKeyId=key_id, Status=status)
