"""What each declared identity should have, read from the assembly, and what it has, read from a snapshot.

Both are the values that `keywright verify` compares too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from keywright.live.verification.account import LiveIdentity, LiveUser
from keywright.live.verification.expected import OWN_KEYS_TAG, OWN_TAGS, ExpectedIdentity, ExpectedUser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.account import entities as entity
    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.identities.identity import Identity
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.assembly.templates.value import Text

_SIGN_IN = "Custom::FirstSignIn"
"""Creates the login profile of a person, with a first password."""


def literals(texts: Iterator[Text]) -> frozenset[str]:
    """Give the texts that are known."""
    return frozenset(each.literal for each in texts if each.literal is not None)


def expected_identity(identity: Identity) -> ExpectedIdentity:
    """Give what a declared group or role should have."""
    return ExpectedIdentity(**_of_any_kind(identity))


def _of_any_kind(identity: Identity) -> dict[str, Any]:
    """Give the fields that users, groups and roles have in common."""
    tags = dict(tags_of(identity.resource))
    return {
        "inline": literals(each.policy.name for each in identity.inline_policies),
        "attached": literals(each.arn for each in identity.attached),
        "boundaries": literals(each.arn for each in identity.boundaries),
        "tags": tags,
        "own_tags": frozenset(each for each in tags if each.lower().startswith(OWN_TAGS)),
        "only_tags": True,
    }


def expected_user(identity: Identity, login: frozenset[str]) -> ExpectedUser:
    """Give what a declared user should have; `login` names the users with a console password."""
    common = _of_any_kind(identity)
    return ExpectedUser(
        **common,
        is_person=identity.label in login,
        makes_own_keys=OWN_KEYS_TAG in common["tags"],
        groups=literals(iter(identity.groups)),
        login=identity.label in login,
        # Keys are compared by their ids, which a snapshot has.
        keys=(),
    )


def users_with_login(assembly: Assembly) -> frozenset[str]:
    """Name the users that have a console password."""
    found = [each.name for each in assembly.of_type("AWS::IAM::User") if "LoginProfile" in each.properties]
    signing_in = (text for each in assembly.of_type(_SIGN_IN) for text in each.texts("UserName"))
    return literals(iter((*found, *signing_in)))


def tags_of(resource: Resource) -> Iterator[tuple[str, str]]:
    """Give the tags that are known."""
    for value in resource.possible_values("Tags"):
        for each in value if isinstance(value, tuple) else ():
            if isinstance(each, dict):
                key, written = (getattr(each.get(name), "literal", None) for name in ("Key", "Value"))
                if key is not None and written is not None:
                    yield key, written


def live_user(snapshot: AccountSnapshot, user: entity.User) -> LiveUser:
    """Give what a user has."""
    others: dict[str, int] = {}
    for each in snapshot.other_credentials_of(user.name):
        others[each.kind] = others.get(each.kind, 0) + 1
    return LiveUser(
        name=user.name,
        inline=frozenset(each.name for each in user.inline_policies),
        attached=frozenset(user.attached_policies),
        boundary=user.boundary or None,
        path=user.path,
        tags=_own_tags(user.tags),
        groups=frozenset(user.groups),
        login=snapshot.login_profile_of(user.name) is not None,
        devices=len(snapshot.mfa_devices_of(user.name)),
        others=others,
    )


def live_group(group: entity.Group) -> LiveIdentity:
    """Give what a group has."""
    return LiveIdentity(
        name=group.name,
        inline=frozenset(each.name for each in group.inline_policies),
        attached=frozenset(group.attached_policies),
        path=group.path,
    )


def live_role(role: entity.Role) -> LiveIdentity:
    """Give what a role has."""
    return LiveIdentity(
        name=role.name,
        inline=frozenset(each.name for each in role.inline_policies),
        attached=frozenset(role.attached_policies),
        boundary=role.boundary or None,
        path=role.path,
        tags=_own_tags(role.tags),
    )


_AWS_TAG = re.compile("aws:", re.IGNORECASE)


def _own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Leave out the tags that AWS writes, such as those of CloudFormation."""
    return {key: value for key, value in tags.items() if not _AWS_TAG.match(key)}
