"""What an account snapshot contains, as typed values. Every value has its place in the file: see `AccountSnapshot.locate`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from keywright.assembly.sources.source import Node, Step
    from keywright.policy.matching.arn import Arn


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Anything that the snapshot lists; `place` is the path of its object in the file."""

    place: tuple[Step, ...] = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class InlinePolicy(Entry):
    """An inline policy; `document` is the JSON object."""

    name: str
    document: Mapping[str, Node]


@dataclass(frozen=True, kw_only=True)
class Identity(Entry):
    """What users, groups and roles have in common."""

    name: str
    path: str
    arn: Arn
    id: str
    """The unique id, such as `AIDA…`; "" where the file lacks it."""
    created: datetime | None
    inline_policies: tuple[InlinePolicy, ...]
    attached_policies: tuple[str, ...]
    """ARNs of managed policies."""


@dataclass(frozen=True, kw_only=True)
class User(Identity):
    """An IAM user."""

    groups: tuple[str, ...]
    boundary: str
    """The ARN of the permissions boundary; "" without one."""
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Group(Identity):
    """An IAM group; its members list it."""


@dataclass(frozen=True, kw_only=True)
class InstanceProfile(Entry):
    """An instance profile, and the names of its roles (one at most)."""

    name: str
    path: str
    arn: Arn
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Role(Identity):
    """An IAM role."""

    trust_policy: Mapping[str, Node]
    boundary: str
    """The ARN of the permissions boundary; "" without one."""
    tags: Mapping[str, str]
    instance_profiles: tuple[InstanceProfile, ...]
    last_used: datetime | None
    last_used_region: str
    description: str | None
    """None where it was not read: `get-account-authorization-details` lacks it."""
    session_seconds: int | None
    """The maximum session duration; None where it was not read: `get-account-authorization-details` lacks it."""

    @property
    def is_service_linked(self) -> bool:
        """Return whether AWS owns the role: only the service itself can change it."""
        return self.path.startswith("/aws-service-role/")


@dataclass(frozen=True, kw_only=True)
class ManagedPolicy(Entry):
    """A customer managed policy in its default version."""

    name: str
    path: str
    arn: Arn
    created: datetime | None
    document: Mapping[str, Node]
    version: str
    description: str | None
    """None where it was not read."""
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class LoginProfile(Entry):
    """A user's console password."""

    user: str
    created: datetime | None
    reset_required: bool


@dataclass(frozen=True, kw_only=True)
class PasswordUse(Entry):
    """When a user last signed in with the password; a user without an entry never did since AWS keeps track."""

    user: str
    date: datetime | None


@dataclass(frozen=True, kw_only=True)
class AccessKey(Entry):
    """An access key; it has no secret."""

    user: str
    id: str
    is_active: bool
    created: datetime | None
    last_used: datetime | None
    """None: never used, as far as AWS knows."""
    last_used_service: str
    last_used_region: str


@dataclass(frozen=True, kw_only=True)
class MFADevice(Entry):
    """A user's MFA device."""

    user: str
    serial: str
    enabled: datetime | None


@dataclass(frozen=True, kw_only=True)
class OtherCredential(Entry):
    """An SSH public key, a signing certificate or a service-specific credential of a user."""

    user: str
    kind: str
    id: str
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class SAMLProvider(Entry):
    """A SAML identity provider; its metadata is public."""

    arn: Arn
    metadata: str
    """"" where it was not read."""
    valid_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class OpenIDConnectProvider(Entry):
    """An OpenID Connect identity provider; `url` has no `https://`, as AWS writes it."""

    arn: Arn
    url: str
    client_ids: tuple[str, ...]
    thumbprints: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Instance(Entry):
    """An EC2 instance and the ARN of its instance profile ("" without one)."""

    id: str
    state: str
    profile: str
    region: str


@dataclass(frozen=True, kw_only=True)
class LastAccessed(Entry):
    """When an identity last used one service; `date` is None if it did not within the tracking period."""

    arn: Arn
    service: str
    date: datetime | None


@dataclass(frozen=True, kw_only=True)
class StackResource(Entry):
    """A resource of a CloudFormation stack."""

    stack: str
    logical_id: str
    physical_id: str
    type: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Unread(Entry):
    """Something that could not be read: a part, of one identity or region if `of` is not empty."""

    part: str
    of: str
    error: str
