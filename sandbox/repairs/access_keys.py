"""AWS::IAM::AccessKey, as the CloudFormation Template Reference "AWS::IAM::AccessKey" describes it.

The emulator lacks the type. `Serial` and `UserName` make a new key before the old one is deleted; `Status`
changes the key in place. DeleteAccessKey, in the IAM API Reference, is about a key of the user it names; the
emulator deletes anybody's, so that whoever may manage their own keys could delete another's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.repairs.emulator import access_keys
from sandbox.repairs.resources import Created, call, call_unless_gone, resource_type
from sandbox.repairs.seams import Refused, guard, text

if TYPE_CHECKING:
    from sandbox.repairs.seams import Parameters


def register() -> None:
    """Add the type, and have a key deleted by its own user's name only."""
    guard("DeleteAccessKey", _of_that_user)
    resource_type(
        "AWS::IAM::AccessKey",
        create=_create,
        update=_update,
        delete=_delete,
        create_only=("Serial", "UserName"),
    )


def _of_that_user(parameters: Parameters) -> None:
    key_id, user = text(parameters, "AccessKeyId"), text(parameters, "UserName")
    key = access_keys.get(key_id)
    if key and user and key["UserName"] != user:
        raise Refused(404, "NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")


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
