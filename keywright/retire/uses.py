"""What a snapshot tells of the uses of an identity or access key, and what it can't tell.

What AWS records, and for how long:
- the last sign-in with a password, since October 2014 ("User", IAM API Reference);
- the last request of each access key, since April 2015 ("AccessKeyLastUsed", IAM API Reference);
- the last request of a role's sessions, for 400 days ("RoleLastUsed", IAM API Reference);
- the services that a user or role tried to use, for 400 days, denied requests too
  ("GenerateServiceLastAccessedDetails", IAM API Reference).

AWS does not record when an SSH key, a certificate or a service-specific credential was used. Recent activity appears
within four hours.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.reporting.text import counted, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from keywright.account.entities import AccessKey, Role, User
    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.sources.source import Node


@dataclass(frozen=True, slots=True)
class Use:
    """A recorded use: when, and by what, such as "its password"."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a snapshot tells of one identity or access key.

    Attributes:
        created: When it, or the latest credential of it, was created; None where the snapshot does not tell.
        uses: The last use of each credential and service.
        never: What it has and never used, or does not have, in words; part of the evidence.
        unknown: Uses that can't be known, in words: with one of these, nothing is unused.
    """

    created: datetime | None
    uses: tuple[Use, ...] = ()
    never: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def latest(self) -> Use | None:
        """The last use."""
        return max(self.uses, key=lambda use: use.at, default=None)


class Uses:
    """Gives the record of each identity and access key of one snapshot."""

    def __init__(self, snapshot: AccountSnapshot) -> None:
        self._snapshot = snapshot

    def of_user(self, user: User) -> Record:
        """Give the record of a user: of its password, all its keys, and the services that it tried to use."""
        snapshot, of = self._snapshot, f"user/{user.name}"
        keys = [self.of_key(key) for key in snapshot.access_keys_of(user.name)]
        signed_in = snapshot.password_last_used(user.name)
        passwords = () if signed_in is None else (Use(signed_in, "its password"),)
        return Record(
            created=self._renewed(user),
            uses=(
                *passwords,
                *(use for key in keys for use in key.uses),
                *self._services(str(user.arn)),
            ),
            never=(
                *(() if passwords else (self._no_sign_in(user.name),)),
                *(each for key in keys for each in key.never),
                *(() if keys else ("it has no access key",)),
            ),
            unknown=tuple(self._unknown_of_user(user.name, of)),
        )

    def _renewed(self, user: User) -> datetime | None:
        """Give when the user, or the latest credential of it, was created: somebody meant to use it then."""
        snapshot, password = self._snapshot, self._snapshot.login_profile_of(user.name)
        dates = (
            user.created,
            password.created if password else None,
            *(each.created for each in snapshot.access_keys_of(user.name)),
            *(each.enabled for each in snapshot.mfa_devices_of(user.name)),
        )
        return None if user.created is None else max(each for each in dates if each is not None)

    def of_key(self, key: AccessKey) -> Record:
        """Give the record of an access key."""
        what = f"access key {quoted(key.id)}"
        uses = () if key.last_used is None else (Use(key.last_used, what),)
        unread = not self._snapshot.has("AccessKeys", f"user/{key.user}")
        return Record(
            created=key.created,
            uses=uses,
            never=() if uses else (f"{what} was never used",),
            unknown=("when it was used was not read",) if unread else (),
        )

    def of_role(self, role: Role) -> Record:
        """Give the record of a role: of its sessions."""
        uses = () if role.last_used is None else (Use(role.last_used, "its sessions"),)
        return Record(
            created=role.created,
            uses=(*uses, *self._services(str(role.arn))),
            never=() if uses else ("no session within 400 days",),
            unknown=tuple(self._unknown_of_role(role)),
        )

    def _services(self, arn: str) -> tuple[Use, ...]:
        return self._last_accessed.get(arn, ())

    @cached_property
    def _last_accessed(self) -> dict[str, tuple[Use, ...]]:
        found: dict[str, list[Use]] = defaultdict(list)
        for each in self._snapshot.last_accessed:
            if each.date is not None:
                found[str(each.arn)].append(Use(each.date, f"service {quoted(each.service)}"))
        return {arn: tuple(uses) for arn, uses in found.items()}

    def _no_sign_in(self, user: str) -> str:
        if not self._snapshot.has("LoginProfiles", f"user/{user}"):
            return "it never signed in with a password"
        has_password = self._snapshot.login_profile_of(user) is not None
        return "its password was never used" if has_password else "it has no password"

    def _unknown_of_user(self, user: str, of: str) -> Iterator[str]:
        for part, what in (
            ("PasswordLastUsed", "its last sign-in was not read"),
            ("AccessKeys", "its access keys were not read"),
            ("OtherCredentials", "its SSH keys, certificates and service-specific credentials were not read"),
        ):
            if not self._snapshot.has(part, of):
                yield what
        active = [each for each in self._snapshot.other_credentials_of(user) if each.is_active]
        if active:
            yield f"AWS does not record the use of {counted(len(active), 'credential')} of it, such as {quoted(active[0].kind)}"
        yield from self._unread_services(of)

    def _unknown_of_role(self, role: Role) -> Iterator[str]:
        # AWS always writes it, as an empty object where there was no use; other tools leave it out.
        if "RoleLastUsed" not in self._object(role.place):
            yield "its last use was not read"
        yield from self._unread_services(f"role/{role.name}")

    def _unread_services(self, of: str) -> Iterator[str]:
        # The services are more evidence where they were asked for; a password, a key and a session are known without.
        part = "LastAccessed"
        if part in self._snapshot.parts and not self._snapshot.has(part, of):
            yield "the services that it used were not read"

    def _object(self, place: tuple[str | int, ...]) -> dict[str, Node]:
        node: Node = self._snapshot.source.tree
        for step in place:
            node = node[step]  # type: ignore[index] # the path of an entry that was read
        return node if isinstance(node, dict) else {}
