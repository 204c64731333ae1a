"""SSH public keys, signing certificates and service-specific credentials of users, as in the IAM API Reference.

The emulator has none of these. They are stored, listed and deleted, and DeleteUser is refused while one is left;
nothing authenticates with them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.emulator import now, users
from keywright.sandbox.patches.hooks import Parameters, Refused, replace, store, text

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Kind:
    """One kind of credential: the names of its actions, and the members of its records."""

    noun: str
    upload: str
    prefix: str
    members: tuple[str, ...]
    plural: str
    left: str

    @property
    def identifier(self) -> str:
        """The member that names one credential."""
        return f"{self.noun.removeprefix('Signing')}Id"

    @property
    def result(self) -> str:
        """The member with one credential in a response."""
        return self.noun.removeprefix("Signing")


KINDS = (
    Kind(
        "SSHPublicKey",
        "UploadSSHPublicKey",
        "APKA",
        ("SSHPublicKeyBody",),
        "SSHPublicKeys",
        "SSH public keys",
    ),
    Kind(
        "SigningCertificate",
        "UploadSigningCertificate",
        "TA",
        ("CertificateBody",),
        "Certificates",
        "signing certificates",
    ),
    Kind(
        "ServiceSpecificCredential",
        "CreateServiceSpecificCredential",
        "ACCA",
        ("ServiceName",),
        "ServiceSpecificCredentials",
        "service specific credentials",
    ),
)
_kept = {kind.noun: store() for kind in KINDS}


def register() -> None:
    """Add the actions."""
    for kind in KINDS:
        replace(kind.upload, _uploading(kind))
        replace(f"List{kind.noun}s", _listing(kind))
        replace(f"Update{kind.noun}", _updating(kind))
        replace(f"Delete{kind.noun}", _deleting(kind))


def remaining_credentials(user: str) -> Iterator[str]:
    """Give the steps that are left before a user can be deleted."""
    for kind in KINDS:
        if any(record["UserName"] == user for record in _kept[kind.noun].values()):
            yield f"delete {kind.left}"


def _uploading(kind: Kind) -> Any:
    def upload(parameters: Parameters) -> dict[str, Any]:
        user = text(parameters, "UserName")
        if user not in users:
            raise Refused(404, "NoSuchEntity", f"The user with name {user} cannot be found.")
        identifier = kind.prefix + secrets.token_hex(12).upper()
        record: dict[str, Any] = {name: text(parameters, name) for name in kind.members}
        record.update({"UserName": user, kind.identifier: identifier, "Status": "Active"})
        record.update({"UploadDate": now(), "CreateDate": now(), "Fingerprint": "00:00"})
        if kind.noun == "ServiceSpecificCredential":
            record.update(ServiceUserName=f"{user}-at-sandbox", ServicePassword=secrets.token_urlsafe(30))
        _kept[kind.noun][identifier] = record
        return {kind.result: record}

    return upload


def _listing(kind: Kind) -> Any:
    def list_(parameters: Parameters) -> dict[str, Any]:
        user = text(parameters, "UserName")
        return {kind.plural: [each for each in _kept[kind.noun].values() if each["UserName"] == user]}

    return list_


def _updating(kind: Kind) -> Any:
    def update(parameters: Parameters) -> dict[str, Any]:
        _one(kind, parameters)["Status"] = text(parameters, "Status")
        return {}

    return update


def _deleting(kind: Kind) -> Any:
    def delete(parameters: Parameters) -> dict[str, Any]:
        _kept[kind.noun].pop(_one(kind, parameters)[kind.identifier])
        return {}

    return delete


def _one(kind: Kind, parameters: Parameters) -> dict[str, Any]:
    identifier = text(parameters, kind.identifier)
    found: dict[str, Any] | None = _kept[kind.noun].get(identifier)
    if found is None or found["UserName"] != text(parameters, "UserName", found["UserName"]):
        raise Refused(404, "NoSuchEntity", f"The {kind.noun} with id {identifier} cannot be found.")
    return found
