"""What a user can do, as a role or a permission set can have it.

A user's access comes from itself and its groups; a role has no groups, so all of it is read together. What only makes sense for a
user is left out, and what cannot be carried over is listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.adopt.buckets import Buckets
from keywright.adopt.grants import GrantReader, identifying
from keywright.adopt.people import Kind, kind_of
from keywright.adopt.world import OWN_GROUPS, World
from keywright.policy.statement import Effect
from keywright.reporting.text import joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright.account.entities import Group, Identity, User
    from keywright.account.snapshot import AccountSnapshot
    from keywright.policy.statement import Statement

_AWS = "aws"
_OF_USERS = frozenset({"IAMUserChangePassword", "IAMSelfManageServiceSpecificCredentials", "IAMUserSSHKeys"})
"""AWS managed policies about a user's own credentials."""
_MFA = "aws:multifactorauthpresent"
_OWN = ("${aws:username", "${aws:userid")
_DEPENDS = (*_OWN, "aws:username", "aws:userid", "aws:principaltag/", "aws:multifactorauthage")
NO_CREDENTIALS = "statements about its own password, keys and MFA devices: the replacement has none"
NO_MFA = "conditions that require MFA: sessions of IAM Identity Center lack them; have it ask for MFA at every sign-in"


@dataclass(frozen=True)
class Access:
    """The access of a user.

    Attributes:
        sources: The identities that it comes from, such as `group/developers`; equal for users with equal access.
        grants: As a role or a permission set declares them.
        policies: AWS managed policies, as declared.
        dropped: What the replacement does not need, in words.
        missing: What the replacement lacks, or has in addition, in words.
    """

    sources: tuple[str, ...]
    grants: tuple[dict[str, Any], ...] = ()
    policies: tuple[dict[str, Any], ...] = ()
    dropped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no policy allows anything that a replacement could have."""
        return not (self.grants or self.policies or self.missing)


class AccessReader:
    """Reads the access of the users of one account."""

    def __init__(self, snapshot: AccountSnapshot, region: str) -> None:
        self._snapshot = snapshot
        self._world = World(snapshot)
        self.buckets = Buckets(snapshot.account, region)
        self._grants = GrantReader(snapshot.partition, region, snapshot.account, self.buckets)
        self._known: dict[tuple[tuple[str, ...], str, bool], Access] = {}

    @cached_property
    def _groups(self) -> Mapping[str, Group]:
        return {each.name: each for each in self._snapshot.groups}

    def kind(self, user: User) -> Kind:
        """Tell a person from an application."""
        return kind_of(user, self._snapshot, known=self._world.is_known_person(user))

    def of(self, user: User, *, is_person: bool) -> Access:
        """Give the access of a user; of a person, as IAM Identity Center can give it."""
        sources = tuple(self._sources(user))
        key = (sources, user.boundary, is_person)
        if key not in self._known:
            self._known[key] = self._read(user, sources, is_person=is_person)
        return self._known[key]

    def _sources(self, user: User) -> Iterator[str]:
        yield from sorted(f"group/{each}" for each in self._groups_of(user))
        if user.inline_policies or user.attached_policies:
            yield f"user/{user.name}"

    def _groups_of(self, user: User) -> Iterator[str]:
        """Give the groups without those that Keywright gives its users for MFA and the command line."""
        own = OWN_GROUPS if self._world.is_ours(user) else frozenset[str]()
        yield from (each for each in user.groups if each not in own)

    def _read(self, user: User, sources: tuple[str, ...], *, is_person: bool) -> Access:
        dropped: dict[str, None] = {}
        missing: list[str] = []
        statements: list[Statement] = []
        managed: dict[str, str] = {}
        for identity in self._identities(user, missing):
            kind = "user" if identity is user else "group"
            missing += self._world.unread(identity)
            found = [*self._world.statements(identity), *self._attached(identity, managed, dropped, missing)]
            statements += self._carried(found, dropped, missing, is_person=is_person)
            managed = {arn: where or f"{kind} {identity.name}" for arn, where in managed.items()}
        read = self._grants.read(
            tuple({identifying(each): each for each in statements}.values()),
            f"the policies of {joined([each.replace('/', ' ') for each in sources], 'and', most=4)}",
        )
        missing += read.refused
        names = {arn.partition(":policy/")[2]: where for arn, where in managed.items()}
        names |= {each: "a statement that allows everything" for each in read.managed if each not in names}
        if user.boundary:
            missing.append(
                f"its permissions boundary {quoted(user.boundary, 200)}: the replacement has Keywright's, so compare both"
            )
        return Access(
            sources,
            read.grants,
            tuple(
                {"managed": name, "because": f"in the account by {where}"[:500]}
                for name, where in names.items()
            ),
            tuple(dropped),
            tuple(dict.fromkeys(missing)),
        )

    def _identities(self, user: User, missing: list[str]) -> Iterator[Identity]:
        yield user
        for name in self._groups_of(user):
            if name in self._groups:
                yield self._groups[name]
            else:
                missing.append(f"what group {quoted(name)} allows: the snapshot lacks the group")

    def _attached(
        self, identity: Identity, managed: dict[str, str], dropped: dict[str, None], missing: list[str]
    ) -> Iterator[Statement]:
        """Give the statements of customer managed policies, and note those of AWS."""
        parts = {str(each.arn) for each in self._world.parts_of(identity)}
        for arn in identity.attached_policies:
            own = self._world.policies.get(arn)
            if arn in parts:
                continue
            if own is not None:
                document = self._world.document(own.document)
                missing += (f"a part of policy {quoted(own.name)}: {each.reason}" for each in document.unread)
                yield from document.statements
            elif arn.split(":")[4:5] == [_AWS]:
                if arn.rpartition("/")[2] in _OF_USERS:
                    dropped[NO_CREDENTIALS] = None
                else:
                    managed.setdefault(arn, "")
            else:
                missing.append(f"policy {quoted(arn, 200)}: the snapshot lacks its document")

    def _carried(
        self,
        statements: Sequence[Statement],
        dropped: dict[str, None],
        missing: list[str],
        *,
        is_person: bool,
    ) -> Iterator[Statement]:
        for statement in statements:
            if _is_about_own_credentials(statement):
                dropped[NO_CREDENTIALS] = None
                continue
            carried: Statement | None = statement
            if is_person and _tests_mfa(statement):
                carried = _without_mfa(statement)
                if carried is not statement:
                    dropped[NO_MFA] = None
            if carried is None:
                continue
            text = str(carried.to_json()).lower()
            if any(each in text for each in _DEPENDS) or (is_person and _tests_mfa(carried)):
                name = f"statement {quoted(carried.sid)}" if carried.sid else "a statement"
                what = joined(carried.actions or carried.not_actions, "and", most=3)
                missing.append(f"{name} ({what}): it depends on the user's name, its tags or its MFA")
                continue
            yield carried


def _is_about_own_credentials(statement: Statement) -> bool:
    """Tell whether a statement is about the user that makes the request, such as its password or keys."""
    if statement.effect is Effect.DENY or not statement.resources:
        return False
    is_iam = all(each.lower().startswith("iam:") for each in statement.actions) and statement.actions
    about_self = all(any(own in each.lower() for own in _OWN) for each in statement.resources)
    return bool(is_iam) and (about_self or {each.lower() for each in statement.actions} <= _HARMLESS)


_HARMLESS = frozenset(
    {
        "iam:changepassword",
        "iam:getaccountpasswordpolicy",
        "iam:listvirtualmfadevices",
    }
)
"""Actions that only a user with a password needs, on whatever resource."""


def _tests_mfa(statement: Statement) -> bool:
    return any(key.lower() == _MFA for tests in statement.conditions.values() for key in tests)


def _without_mfa(statement: Statement) -> Statement | None:
    """Leave out a Deny of requests without MFA, and from an Allow the condition that requires MFA; others stay as they are."""
    wanted = "false" if statement.effect is Effect.DENY else "true"
    rest: dict[str, dict[str, tuple[str, ...]]] = {}
    for operator, tests in statement.conditions.items():
        for key, values in tests.items():
            if key.lower() != _MFA:
                rest.setdefault(operator, {})[key] = values
            elif operator not in {"Bool", "BoolIfExists"} or tuple(map(str.lower, values)) != (wanted,):
                return statement
    if statement.effect is Effect.DENY:
        return None if not rest else statement
    return replace(statement, conditions=rest)
