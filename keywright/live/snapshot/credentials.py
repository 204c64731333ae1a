"""The credentials of one user, and what an identity last used."""

from __future__ import annotations

from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Any

from keywright.live.snapshot import operations as ask
from keywright.live.snapshot.requests import AbsentError, RefusedError
from keywright.live.snapshot.tasks import Piece, Task, chosen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OTHER_KINDS = (
    ("SSHPublicKey", ask.SSH_PUBLIC_KEYS, "SSHPublicKeyId"),
    ("SigningCertificate", ask.SIGNING_CERTIFICATES, "CertificateId"),
    ("ServiceSpecificCredential", ask.SERVICE_CREDENTIALS, "ServiceSpecificCredentialId"),
)
_SERVICE_LINKED = "/aws-service-role/"
_POLLS = 120
_LONGEST_PAUSE = 5.0
"""Seconds between two looks at a report: AWS creates one in a few seconds, at most in ten minutes here."""


def user_tasks(users: Sequence[dict[str, Any]]) -> Iterator[Task]:
    """Give the tasks about the users of the account's details."""
    for each in users:
        name = each["UserName"]
        yield Task(f"user {name}", partial(_credentials, name), of=f"user/{name}")


def last_accessed_tasks(users: Sequence[dict[str, Any]], roles: Sequence[dict[str, Any]]) -> Iterator[Task]:
    """Give the tasks about what users and roles last used; a service-linked role is the service's own affair."""
    for each in users:
        yield Task(
            f"last accessed {each['Arn']}", partial(_last_accessed, each["Arn"]), f"user/{each['UserName']}"
        )
    for each in roles:
        if not each["Path"].startswith(_SERVICE_LINKED):
            yield Task(
                f"last accessed {each['Arn']}",
                partial(_last_accessed, each["Arn"]),
                f"role/{each['RoleName']}",
            )


def _credentials(user: str, piece: Piece) -> None:
    try:
        _access_keys(user, piece)
        _mfa_devices(user, piece)
        _other_credentials(user, piece)
    except AbsentError:
        piece.gone = True
        return
    _login_profile(user, piece)


def _access_keys(user: str, piece: Piece) -> None:
    part = "AccessKeys"
    keys = piece.read(part, lambda: piece.requests.items(ask.ACCESS_KEYS, UserName=user))
    if keys is None:
        return
    found = []
    for each in keys:
        key = chosen(each, "UserName", "AccessKeyId", "Status", "CreateDate")
        try:
            use = piece.read(
                part, partial(piece.requests.one, ask.ACCESS_KEY_LAST_USED, AccessKeyId=each["AccessKeyId"])
            )
        except AbsentError:
            continue  # deleted since
        if use is not None:
            used = {"LastUsedService": "ServiceName", "LastUsedRegion": "Region"}
            key |= chosen(use.get("AccessKeyLastUsed", {}), "LastUsedDate", **used)
        found.append(key)
    piece.keep(part, found)


def _mfa_devices(user: str, piece: Piece) -> None:
    devices = piece.read("MFADevices", lambda: piece.requests.items(ask.MFA_DEVICES, UserName=user))
    if devices is not None:
        piece.keep("MFADevices", [chosen(each, "UserName", "SerialNumber", "EnableDate") for each in devices])


def _other_credentials(user: str, piece: Piece) -> None:
    part = "OtherCredentials"
    found: list[dict[str, Any]] = []
    for kind, operation, id_field in _OTHER_KINDS:
        items = piece.read(part, partial(piece.requests.items, operation, UserName=user))
        found += [{"Kind": kind, **chosen(each, "UserName", "Status", Id=id_field)} for each in items or ()]
    piece.keep(part, found)


def _login_profile(user: str, piece: Piece) -> None:
    part = "LoginProfiles"
    try:
        answer = piece.read(part, lambda: piece.requests.one(ask.LOGIN_PROFILE, UserName=user))
    except AbsentError:
        piece.keep(part, [])
        return
    if answer is not None:
        piece.keep(part, [chosen(answer["LoginProfile"], "UserName", "CreateDate", "PasswordResetRequired")])


def _last_accessed(arn: str, piece: Piece) -> None:
    part = "LastAccessed"
    try:
        services = piece.read(part, lambda: _services(arn, piece))
    except AbsentError:
        return  # deleted since
    if services is not None:
        used = [each for each in services if each.get("LastAuthenticated")]
        piece.keep(
            part, [{"Arn": arn, **chosen(each, "ServiceNamespace", "LastAuthenticated")} for each in used]
        )


def _services(arn: str, piece: Piece) -> list[dict[str, Any]]:
    """Have AWS create the report, and wait for it."""
    job = piece.requests.one(ask.GENERATE_LAST_ACCESSED, Arn=arn)["JobId"]
    pause = 0.5
    for _ in range(_POLLS):
        status = piece.requests.one(ask.LAST_ACCESSED, JobId=job, MaxItems=1)["JobStatus"]
        if status == "COMPLETED":
            return piece.requests.items(ask.LAST_ACCESSED, JobId=job)
        if status == "FAILED":
            raise RefusedError("the report of last accessed services failed")
        sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    raise RefusedError("the report of last accessed services was not created in time")
