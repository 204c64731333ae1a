"""Credentials that differ: access keys by their ids, and which kinds of credential could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.drift.repair import iam
from keywright.drift.result import Difference, Direction
from keywright.live.verification.expected import OWN_KEYS_TAG
from keywright.reporting.text import counted, joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.identities.identity import Identity
    from keywright.drift.sides import Sides

_ACTIVE, _INACTIVE = "Active", "Inactive"
_PARTS = {
    "LoginProfiles": "passwords",
    "AccessKeys": "access keys",
    "OtherCredentials": "other credentials",
}


def credential_differences(sides: Sides, identity: Identity) -> Iterator[Difference]:
    """Yield the access keys that nobody declared, that are missing, or that have another status."""
    user, snapshot = identity.label, sides.snapshot
    if not snapshot.has("AccessKeys", f"user/{user}"):
        return
    declared = dict(_declared_keys(sides, user))
    live = {each.id: each for each in snapshot.access_keys_of(user)}
    # A person's self-managed keys are theirs to create and delete.
    makes_own = any(
        getattr(each.get("Key"), "literal", None) == OWN_KEYS_TAG
        for value in identity.resource.possible_values("Tags")
        for each in (value if isinstance(value, tuple) else ())
        if isinstance(each, dict)
    )
    for key, found in live.items():
        place = snapshot.locate(found)
        status = _ACTIVE if found.is_active else _INACTIVE
        if key not in declared and not makes_own:
            yield Difference(
                message=f"has the access key {quoted(key)}, which is not declared",
                found=f"{status.lower()}, created {found.created:%Y-%m-%d}"
                if found.created
                else status.lower(),
                accepted="no such key",
                direction=Direction.MORE if found.is_active else Direction.SAME,
                repair=f"{iam('update-access-key', user_name=user, access_key_id=key, status=_INACTIVE)}, "
                f"then {iam('delete-access-key', user_name=user, access_key_id=key)}",
                place=place,
            )
        elif key in declared and declared[key] != status:
            yield Difference(
                message=f"has the access key {quoted(key)} with another status",
                found=status.lower(),
                accepted=declared[key].lower(),
                direction=Direction.MORE if found.is_active else Direction.LESS,
                repair=iam("update-access-key", user_name=user, access_key_id=key, status=declared[key]),
                place=place,
            )
    for key in declared.keys() - live.keys():
        yield Difference(
            message=f"does not have its access key {quoted(key)}",
            found=counted(len(live), "access key"),
            accepted="the declared key",
            direction=Direction.LESS,
            repair=f"the next serial of the key: `keywright rotate {user}`",
        )


def _declared_keys(sides: Sides, user: str) -> Iterator[tuple[str, str]]:
    """Yield the ids of the keys that stacks created for a user, with the declared status."""
    for each in sides.assembly.of_type("AWS::IAM::AccessKey"):
        if any(name.literal == user for name in each.texts("UserName")):
            template = each.template
            key = template.links.deployed.physical_id(template.region, template.stack, each.logical_id)
            status = next((text.literal for text in each.texts("Status") if text.literal), _ACTIVE)
            if key:
                yield key, status


def sign_in_of(snapshot: AccountSnapshot, user: str) -> str:
    """Say how a user can sign in."""
    found = ["a login profile"] if snapshot.login_profile_of(user) else []
    keys = [each for each in snapshot.access_keys_of(user) if each.is_active]
    found += [counted(len(keys), "active access key")] if keys else []
    others: Mapping[str, int] = {}
    for each in snapshot.other_credentials_of(user):
        others = {**others, each.kind: others.get(each.kind, 0) + 1}
    found += [counted(number, kind) for kind, number in others.items()]
    return joined(found, "and", none="no credential that was read")


def unread_credentials(sides: Sides) -> Iterator[str]:
    """Yield the kinds of credential that the snapshot does not have, where the assembly has users."""
    if not sides.assembly.of_type("AWS::IAM::User"):
        return
    missing = [what for part, what in _PARTS.items() if not sides.snapshot.has(part)]
    if missing:
        yield f"{joined(missing, 'and')} of users could not be compared; accepted: a file that `keywright snapshot` wrote whole"
