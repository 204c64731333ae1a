"""The snapshot of an account: one JSON file with its identities, their credentials and what was last used.

The four lists of `get-account-authorization-details` stand in it as AWS writes them, so that every command that reads a
template also reads a snapshot. All other parts are optional: `has` says whether one was read whole. Keys that are not
known here are ignored. docs/adr/0041-account-snapshot.md has the format.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from keywright.account import entities as entity
from keywright.account.fields import Fields
from keywright.assembly.sources.account_details import (
    LARGEST,
    MOST_NODES,
    AccountDetails,
    is_account_details,
)
from keywright.assembly.sources.json_source import JsonSource
from keywright.assembly.sources.source import UnreadableError, read_text, unreadable
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from keywright.assembly.sources.source import Node, Source

Read = TypeVar("Read", bound=entity.Entry)
Value = TypeVar("Value")

OPTIONAL_PARTS = (
    "LoginProfiles",
    "PasswordLastUsed",
    "AccessKeys",
    "MFADevices",
    "OtherCredentials",
    "SAMLProviders",
    "OpenIDConnectProviders",
    "PasswordPolicy",
    "AccountAliases",
    "AccountSummary",
    "InstanceProfiles",
    "Instances",
    "StackResources",
    "LastAccessed",
)


class UnusableSnapshotError(Exception):
    """A file that is no snapshot; carries every mistake found in it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


@dataclass(frozen=True, kw_only=True)
class AccountSnapshot:
    """One account at one time."""

    source: Source
    account: str
    partition: str
    region: str
    read_at: datetime | None
    parts: frozenset[str]
    """The names of the optional parts that the file has."""
    users: tuple[entity.User, ...]
    groups: tuple[entity.Group, ...]
    roles: tuple[entity.Role, ...]
    policies: tuple[entity.ManagedPolicy, ...]
    login_profiles: tuple[entity.LoginProfile, ...]
    password_uses: tuple[entity.PasswordUse, ...]
    access_keys: tuple[entity.AccessKey, ...]
    mfa_devices: tuple[entity.MFADevice, ...]
    other_credentials: tuple[entity.OtherCredential, ...]
    saml_providers: tuple[entity.SAMLProvider, ...]
    oidc_providers: tuple[entity.OpenIDConnectProvider, ...]
    password_policy: Mapping[str, Node] | None
    """As `GetAccountPasswordPolicy` writes it, numbers as text; None: there is none, or `has` says that it was not read."""
    aliases: tuple[str, ...]
    summary: Mapping[str, int]
    instance_profiles: tuple[entity.InstanceProfile, ...]
    instances: tuple[entity.Instance, ...]
    stack_resources: tuple[entity.StackResource, ...]
    last_accessed: tuple[entity.LastAccessed, ...]
    unread: tuple[entity.Unread, ...]

    def has(self, part: str, of: str = "") -> bool:
        """Return whether an optional part was read whole; with `of`, such as `user/alice`, as far as that is concerned.

        Where it is false, an absent credential or date is unknown, not absent.
        """
        return part in self.parts and not any(
            each.part == part and (not of or each.of in ("", of)) for each in self.unread
        )

    def locate(self, found: entity.Entry, *path: str | int) -> Location:
        """Give the location of an entry, or of one of its fields."""
        return self.source.locate(*found.place, *path)

    def user(self, name: str) -> entity.User | None:
        """Give the user of a name."""
        return self._users.get(name)

    def role(self, name: str) -> entity.Role | None:
        """Give the role of a name."""
        return self._roles.get(name)

    def access_keys_of(self, user: str) -> tuple[entity.AccessKey, ...]:
        """Give the access keys of a user."""
        return self._access_keys.get(user, ())

    def mfa_devices_of(self, user: str) -> tuple[entity.MFADevice, ...]:
        """Give the MFA devices of a user."""
        return self._mfa_devices.get(user, ())

    def other_credentials_of(self, user: str) -> tuple[entity.OtherCredential, ...]:
        """Give the other credentials of a user."""
        return self._other_credentials.get(user, ())

    def login_profile_of(self, user: str) -> entity.LoginProfile | None:
        """Give a user's console password."""
        return next(iter(self._login_profiles.get(user, ())), None)

    def password_last_used(self, user: str) -> datetime | None:
        """Give the date of a user's last sign-in with the password."""
        return max((each.date for each in self._password_uses.get(user, ()) if each.date), default=None)

    @cached_property
    def _users(self) -> dict[str, entity.User]:
        return {each.name: each for each in self.users}

    @cached_property
    def _roles(self) -> dict[str, entity.Role]:
        return {each.name: each for each in self.roles}

    @cached_property
    def _access_keys(self) -> dict[str, tuple[entity.AccessKey, ...]]:
        return _by_user(self.access_keys, lambda each: each.user)

    @cached_property
    def _mfa_devices(self) -> dict[str, tuple[entity.MFADevice, ...]]:
        return _by_user(self.mfa_devices, lambda each: each.user)

    @cached_property
    def _other_credentials(self) -> dict[str, tuple[entity.OtherCredential, ...]]:
        return _by_user(self.other_credentials, lambda each: each.user)

    @cached_property
    def _login_profiles(self) -> dict[str, tuple[entity.LoginProfile, ...]]:
        return _by_user(self.login_profiles, lambda each: each.user)

    @cached_property
    def _password_uses(self) -> dict[str, tuple[entity.PasswordUse, ...]]:
        return _by_user(self.password_uses, lambda each: each.user)


def _by_user(entries: tuple[Read, ...], user: Callable[[Read], str]) -> dict[str, tuple[Read, ...]]:
    found: dict[str, list[Read]] = {}
    for each in entries:
        found.setdefault(user(each), []).append(each)
    return {name: tuple(own) for name, own in found.items()}


def read_snapshot(path: Path, file: str = "") -> AccountSnapshot:
    """Read an account snapshot; `file` is what locations call it.

    Raises:
        UnusableSnapshotError: The file is no snapshot, is truncated, or is that of several accounts.
    """
    name = file or str(path)
    try:
        return snapshot_of(read_text(path, name, largest=LARGEST), name)
    except UnreadableError as error:
        raise UnusableSnapshotError((error.finding,)) from error


def snapshot_of(content: str, file: str) -> AccountSnapshot:
    """Read the text of an account snapshot.

    Raises:
        UnusableSnapshotError: As `read_snapshot` does.
    """
    try:
        source = JsonSource.of(content, file, MOST_NODES)
        tree = source.tree
        if not isinstance(tree, dict) or not is_account_details(tree):
            raise unreadable(
                Location(file, 1, 1),
                "the file is not the snapshot of an account",
                accepted="a file that `keywright snapshot` or `aws iam get-account-authorization-details` wrote",
            )
        # Refuses what a template's reader would refuse: pages that lack, an identity listed twice, several accounts.
        details = AccountDetails(source)
        account = _account(source, tree, details.account)
    except UnreadableError as error:
        raise UnusableSnapshotError((error.finding,)) from error
    return _Reading(Fields(source, (), tree, account), details.partition or "aws").snapshot()


def _account(source: Source, tree: Mapping[str, Node], owner: str) -> str:
    written = tree.get("AccountId") or ""
    if not isinstance(written, str):
        raise unreadable(source.locate("AccountId"), "`AccountId` is not a text")
    if owner and written and owner != written:
        raise unreadable(
            source.locate("AccountId"),
            "the snapshot is that of several accounts",
            found=f"{quoted(written)} and `{owner}`",
            accepted="one file for each account",
        )
    return written or owner


class _Reading:
    """Reads one file, and collects every mistake in it."""

    def __init__(self, fields: Fields, partition: str) -> None:
        self._fields = fields
        self._partition = partition
        self._findings: list[Finding] = []
        self._users: frozenset[str] = frozenset()

    def snapshot(self) -> AccountSnapshot:
        """Read all parts.

        Raises:
            UnusableSnapshotError: A value does not fit.
        """
        users = self._list("UserDetailList", _user)
        self._users = frozenset(each.name for each in users)
        found = AccountSnapshot(
            source=self._fields.source,
            account=self._fields.account,
            partition=self._partition,
            region=self._one(lambda: self._fields.optional_text("Region")) or "",
            read_at=self._one(lambda: self._fields.date("ReadAt")),
            parts=frozenset(OPTIONAL_PARTS) & frozenset(self._fields.values),
            users=users,
            groups=self._list("GroupDetailList", _group),
            roles=self._list("RoleDetailList", _role),
            policies=self._list("Policies", _policy),
            login_profiles=self._list("LoginProfiles", self._of_user(_login_profile)),
            password_uses=self._list("PasswordLastUsed", self._of_user(_password_use)),
            access_keys=self._list("AccessKeys", self._of_user(_access_key)),
            mfa_devices=self._list("MFADevices", self._of_user(_mfa_device)),
            other_credentials=self._list("OtherCredentials", self._of_user(_other_credential)),
            saml_providers=self._list("SAMLProviders", _saml_provider),
            oidc_providers=self._list("OpenIDConnectProviders", _oidc_provider),
            password_policy=self._one(lambda: self._fields.object("PasswordPolicy")),
            aliases=self._one(lambda: self._fields.texts("AccountAliases")) or (),
            summary=self._one(self._summary) or {},
            instance_profiles=self._list("InstanceProfiles", _instance_profile),
            instances=self._list("Instances", _instance),
            stack_resources=self._list("StackResources", _stack_resource),
            last_accessed=self._list("LastAccessed", _last_accessed),
            unread=self._list("Unread", _unread),
        )
        if self._findings:
            raise UnusableSnapshotError(tuple(self._findings))
        return found

    def _list(self, name: str, read: Callable[[Fields], Read | None]) -> tuple[Read, ...]:
        items = self._one(lambda: tuple(self._fields.items(name))) or ()
        found = (self._one(lambda each=each: read(each)) for each in items)  # type: ignore[misc] # bound at once
        return tuple(each for each in found if each is not None)

    def _one(self, read: Callable[[], Value | None]) -> Value | None:
        try:
            return read()
        except UnreadableError as error:
            self._findings.append(error.finding)
            return None

    def _of_user(self, read: Callable[[Fields], Read]) -> Callable[[Fields], Read]:
        def checked(fields: Fields) -> Read:
            name = fields.text("UserName")
            if name not in self._users:
                raise fields.mistake("UserName", "the user is not in `UserDetailList`")
            return read(fields)

        return checked

    def _summary(self) -> dict[str, int]:
        within = self._fields.within("AccountSummary")
        return {name: within.number(name) or 0 for name in within.values}


def _user(fields: Fields) -> entity.User:
    return entity.User(
        place=fields.place,
        name=fields.text("UserName"),
        path=fields.optional_text("Path") or "/",
        arn=fields.arn(),
        id=fields.optional_text("UserId") or "",
        created=fields.date("CreateDate"),
        inline_policies=_inline_policies(fields, "UserPolicyList"),
        attached_policies=_attached_policies(fields),
        groups=fields.texts("GroupList"),
        boundary=fields.within("PermissionsBoundary").optional_text("PermissionsBoundaryArn") or "",
        tags=fields.tags(),
    )


def _group(fields: Fields) -> entity.Group:
    return entity.Group(
        place=fields.place,
        name=fields.text("GroupName"),
        path=fields.optional_text("Path") or "/",
        arn=fields.arn(),
        id=fields.optional_text("GroupId") or "",
        created=fields.date("CreateDate"),
        inline_policies=_inline_policies(fields, "GroupPolicyList"),
        attached_policies=_attached_policies(fields),
    )


def _role(fields: Fields) -> entity.Role:
    last_used = fields.within("RoleLastUsed")
    return entity.Role(
        place=fields.place,
        name=fields.text("RoleName"),
        path=fields.optional_text("Path") or "/",
        arn=fields.arn(),
        id=fields.optional_text("RoleId") or "",
        created=fields.date("CreateDate"),
        inline_policies=_inline_policies(fields, "RolePolicyList"),
        attached_policies=_attached_policies(fields),
        trust_policy=fields.document("AssumeRolePolicyDocument"),
        boundary=fields.within("PermissionsBoundary").optional_text("PermissionsBoundaryArn") or "",
        tags=fields.tags(),
        instance_profiles=tuple(
            _profile_of(each, (fields.text("RoleName"),)) for each in fields.items("InstanceProfileList")
        ),
        last_used=last_used.date("LastUsedDate"),
        last_used_region=last_used.optional_text("Region") or "",
        description=fields.optional_text("Description"),
        session_seconds=fields.number("MaxSessionDuration"),
    )


def _policy(fields: Fields) -> entity.ManagedPolicy | None:
    arn = fields.arn()
    if arn.account == "aws":
        return None
    default = next(each for each in fields.items("PolicyVersionList") if each.flag("IsDefaultVersion"))
    return entity.ManagedPolicy(
        place=fields.place,
        name=fields.text("PolicyName"),
        path=fields.optional_text("Path") or "/",
        arn=arn,
        created=fields.date("CreateDate"),
        document=default.document("Document"),
        version=default.optional_text("VersionId") or "",
        description=fields.optional_text("Description"),
        tags=fields.tags(),
    )


def _inline_policies(fields: Fields, name: str) -> tuple[entity.InlinePolicy, ...]:
    return tuple(
        entity.InlinePolicy(
            place=each.place, name=each.text("PolicyName"), document=each.document("PolicyDocument")
        )
        for each in fields.items(name)
    )


def _attached_policies(fields: Fields) -> tuple[str, ...]:
    return tuple(each.text("PolicyArn") for each in fields.items("AttachedManagedPolicies"))


def _login_profile(fields: Fields) -> entity.LoginProfile:
    return entity.LoginProfile(
        place=fields.place,
        user=fields.text("UserName"),
        created=fields.date("CreateDate"),
        reset_required=fields.flag("PasswordResetRequired"),
    )


def _password_use(fields: Fields) -> entity.PasswordUse:
    return entity.PasswordUse(place=fields.place, user=fields.text("UserName"), date=fields.date("Date"))


def _access_key(fields: Fields) -> entity.AccessKey:
    return entity.AccessKey(
        place=fields.place,
        user=fields.text("UserName"),
        id=fields.text("AccessKeyId"),
        is_active=fields.status("Status"),
        created=fields.date("CreateDate"),
        last_used=fields.date("LastUsedDate"),
        last_used_service=_known(fields.optional_text("LastUsedService")),
        last_used_region=_known(fields.optional_text("LastUsedRegion")),
    )


def _known(written: str | None) -> str:
    """Give a text unless it is what AWS writes where a key was never used."""
    return "" if written in (None, "N/A") else written


def _mfa_device(fields: Fields) -> entity.MFADevice:
    return entity.MFADevice(
        place=fields.place,
        user=fields.text("UserName"),
        serial=fields.text("SerialNumber"),
        enabled=fields.date("EnableDate"),
    )


def _other_credential(fields: Fields) -> entity.OtherCredential:
    return entity.OtherCredential(
        place=fields.place,
        user=fields.text("UserName"),
        kind=fields.text("Kind"),
        id=fields.text("Id"),
        is_active=fields.status("Status"),
    )


def _saml_provider(fields: Fields) -> entity.SAMLProvider:
    return entity.SAMLProvider(
        place=fields.place,
        arn=fields.arn(),
        metadata=fields.optional_text("SAMLMetadataDocument") or "",
        valid_until=fields.date("ValidUntil"),
    )


def _oidc_provider(fields: Fields) -> entity.OpenIDConnectProvider:
    return entity.OpenIDConnectProvider(
        place=fields.place,
        arn=fields.arn(),
        url=(fields.optional_text("Url") or "").removeprefix("https://"),
        client_ids=fields.texts("ClientIDList"),
        thumbprints=fields.texts("ThumbprintList"),
    )


def _instance_profile(fields: Fields) -> entity.InstanceProfile:
    return _profile_of(fields, fields.texts("Roles"))


def _profile_of(fields: Fields, roles: tuple[str, ...]) -> entity.InstanceProfile:
    return entity.InstanceProfile(
        place=fields.place,
        name=fields.text("InstanceProfileName"),
        path=fields.optional_text("Path") or "/",
        arn=fields.arn(),
        roles=roles,
    )


def _instance(fields: Fields) -> entity.Instance:
    profile = fields.optional_text("InstanceProfileArn")
    return entity.Instance(
        place=fields.place,
        id=fields.text("InstanceId"),
        state=fields.optional_text("State") or "",
        profile=str(fields.arn("InstanceProfileArn")) if profile else "",
        region=fields.optional_text("Region") or "",
    )


def _stack_resource(fields: Fields) -> entity.StackResource:
    return entity.StackResource(
        place=fields.place,
        stack=fields.text("StackName"),
        logical_id=fields.text("LogicalResourceId"),
        physical_id=fields.optional_text("PhysicalResourceId") or "",
        type=fields.text("ResourceType"),
        region=fields.optional_text("Region") or "",
    )


def _last_accessed(fields: Fields) -> entity.LastAccessed:
    return entity.LastAccessed(
        place=fields.place,
        arn=fields.arn(),
        service=fields.text("ServiceNamespace"),
        date=fields.date("LastAuthenticated"),
    )


def _unread(fields: Fields) -> entity.Unread:
    return entity.Unread(
        place=fields.place,
        part=fields.text("Part"),
        of=fields.optional_text("Of") or "",
        error=fields.text("Error"),
    )
