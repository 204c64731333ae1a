"""How one identity that exists differs from what it should have: memberships, credentials, policies, boundary, tags.

`keywright verify` and `keywright drift` look at the same facts by these functions. What policies allow is not compared here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright.live.verification.expected import GUARD_GROUP, OWN_TAGS, ExpectedIdentity, ExpectedUser
from keywright.reporting.finding import Severity
from keywright.reporting.text import WHOLE, counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.live.verification.account import LiveIdentity, LiveUser


class Aspect(StrEnum):
    """What of an identity differs."""

    MEMBERSHIP = "membership"
    LOGIN = "login profile"
    MFA = "MFA"
    KEY = "key"
    CREDENTIAL = "credential"
    ATTACHED = "attached policy"
    INLINE = "inline policy"
    BOUNDARY = "boundary"
    TAG = "tag"


@dataclass(frozen=True, kw_only=True)
class IdentityDifference:
    """One difference. `what` is the group, policy, key or tag; `is_extra` tells whether it exists and should not.

    Advice is what people do themselves; `of_many` then says the same of several.
    """

    aspect: Aspect
    message: str
    found: str
    accepted: str
    what: str = ""
    is_extra: bool = False
    severity: Severity = Severity.ERROR
    of_many: str = ""


def user_differences(
    name: str, expected: ExpectedUser, live: LiveUser, *, guard: str
) -> Iterator[IdentityDifference]:
    """Yield every difference of a user, apart from the age of its keys; `guard` is the ARN of the MFA guard's policy."""
    yield from _memberships(name, expected, live)
    yield from _login(name, expected, live)
    yield from _keys(name, expected, live)
    yield from identity_differences("user", name, expected, live, guard=guard)
    for kind, number in live.others.items():
        yield IdentityDifference(
            aspect=Aspect.CREDENTIAL,
            message=f"user `{name}` has credentials that are not declared",
            found=counted(number, kind),
            accepted="none",
            what=kind,
            is_extra=True,
        )


def identity_differences(
    kind: str, name: str, expected: ExpectedIdentity, live: LiveIdentity, *, guard: str
) -> Iterator[IdentityDifference]:
    """Yield the differences in attached and inline policies, boundary and tags of a user or role."""
    yield from policy_differences(kind, name, expected, live, guard=guard)
    yield from _boundary(kind, name, expected, live)
    yield from _tags(kind, name, expected, live)


def policy_differences(
    kind: str, name: str, expected: ExpectedIdentity, live: LiveIdentity, *, guard: str
) -> Iterator[IdentityDifference]:
    """Yield the policies that an identity has and should not, or lacks; their names, not what they allow."""
    owned = {arn for arn in live.attached if expected.owned.fullmatch(_own_name(guard, arn))}
    for arn in live.attached - expected.attached - owned:
        yield IdentityDifference(
            aspect=Aspect.ATTACHED,
            message=f"{kind} `{name}` has a managed policy that its declaration does not list",
            found=f"`{arn}`",
            accepted=_listed(expected.attached),
            what=arn,
            is_extra=True,
        )
    for arn in expected.attached - live.attached:
        without = "the policy of the MFA guard" if arn == guard else "its managed policy"
        yield IdentityDifference(
            aspect=Aspect.ATTACHED,
            message=f"{kind} `{name}` does not have {without}",
            found=_listed(live.attached),
            accepted=f"`{arn}`",
            what=arn,
        )
    for policy in live.inline - expected.inline:
        yield IdentityDifference(
            aspect=Aspect.INLINE,
            message=f"{kind} `{name}` has an inline policy that its declaration does not list",
            found=f"`{policy}`",
            accepted=_listed(expected.inline),
            what=policy,
            is_extra=True,
        )


def _own_name(guard: str, arn: str) -> str:
    """Give a policy's name if it is under the path of the MFA guard, which is Keywright's; empty otherwise."""
    path = f"{guard.rpartition('/')[0]}/" if guard else ""
    return arn.removeprefix(path) if path and arn.startswith(path) else ""


def _memberships(name: str, expected: ExpectedUser, live: LiveUser) -> Iterator[IdentityDifference]:
    for group in live.groups - expected.groups:
        yield IdentityDifference(
            aspect=Aspect.MEMBERSHIP,
            message=f"user `{name}` is in a group that its declaration does not list",
            found=f"`{group}`",
            accepted=_listed(expected.groups),
            what=group,
            is_extra=True,
        )
    for group in expected.groups - live.groups:
        lacks = "does not have the MFA guard" if group == GUARD_GROUP else f"is not in group `{group}`"
        yield IdentityDifference(
            aspect=Aspect.MEMBERSHIP,
            message=f"user `{name}` {lacks}",
            found=_listed(live.groups),
            accepted=_listed(expected.groups),
            what=group,
        )


def _login(name: str, expected: ExpectedUser, live: LiveUser) -> Iterator[IdentityDifference]:
    if live.login and not expected.login:
        yield IdentityDifference(
            aspect=Aspect.LOGIN,
            message=f"user `{name}` can sign in to the console but must not",
            found="a login profile",
            accepted="`console: true`, or deletion of the login profile",
            is_extra=True,
        )
    elif expected.login and not live.login:
        yield IdentityDifference(
            aspect=Aspect.LOGIN,
            message=f"user `{name}` cannot sign in to the console",
            found="no login profile",
            accepted="a new login profile: `console: false`, deploy, `console: true`, deploy",
        )
    elif live.login and not live.devices:
        yield IdentityDifference(
            aspect=Aspect.MFA,
            message=f"user `{name}` has no MFA device yet",
            of_many="users have no MFA device yet",
            found="no MFA device",
            accepted="a passkey or an authenticator app; until then every other action is denied"
            if GUARD_GROUP in expected.groups
            else "a passkey or an authenticator app, then no `mfa: later`",
            severity=Severity.ADVICE,
        )


def _keys(name: str, expected: ExpectedUser, live: LiveUser) -> Iterator[IdentityDifference]:
    if not has_other_keys(expected, live):
        return
    what = "is a person with access keys" if expected.is_person else "has other access keys than declared"
    yield IdentityDifference(
        aspect=Aspect.KEY,
        message=f"user `{name}` {what}",
        found=", ".join(f"`{key}` {status.lower()}" for key, status in live.keys) or "none",
        accepted=", ".join(f"serial {serial} {status.lower()}" for serial, status in expected.keys) or "none",
        is_extra=_active(live.keys) > _active(expected.keys) or len(live.keys) > len(expected.keys),
    )


def has_other_keys(expected: ExpectedUser, live: LiveUser) -> bool:
    """Tell whether a user has other access keys than declared; a person's self-managed keys are not declared."""
    if expected.makes_own_keys:
        return False
    # AWS generates the ids of keys, so declared and existing keys can only be compared by number and status.
    existing = Counter(status for _, status in live.keys)
    declared = Counter(status for _, status in expected.keys)
    return bool(declared - existing) or (existing - declared).total() > expected.former_keys


def _active(keys: Iterable[tuple[object, str]]) -> int:
    return sum(status == "Active" for _, status in keys)


def _boundary(
    kind: str, name: str, expected: ExpectedIdentity, live: LiveIdentity
) -> Iterator[IdentityDifference]:
    # Where several boundaries fit, which one an identity has follows from its grants, which are not compared here.
    fits = live.boundary in expected.boundaries if expected.boundaries else live.boundary is None
    if not fits:
        yield IdentityDifference(
            aspect=Aspect.BOUNDARY,
            message=f"{kind} `{name}` has the wrong permissions boundary",
            found=f"`{live.boundary}`" if live.boundary else "none",
            accepted=_listed(expected.boundaries),
            what=live.boundary or "",
            is_extra=not expected.boundaries,
        )


def _tags(
    kind: str, name: str, expected: ExpectedIdentity, live: LiveIdentity
) -> Iterator[IdentityDifference]:
    """Compare declared tags, and the tags that the boundary has conditions on or, with `only_tags`, all others."""
    for key, value in expected.tags.items():
        if live.tags.get(key) != value:
            yield IdentityDifference(
                aspect=Aspect.TAG,
                message=f"{kind} `{name}` does not have the declared tag",
                found=f"`{key}: {live.tags[key]}`" if key in live.tags else f"no tag `{key}`",
                accepted=f"`{key}: {value}`",
                what=key,
            )
    for key in live.tags:
        # Condition keys are not case sensitive, so another spelling of a reserved tag has the same effect.
        if key.lower().startswith(OWN_TAGS) and key not in expected.own_tags:
            yield IdentityDifference(
                aspect=Aspect.TAG,
                message=f"{kind} `{name}` has a tag that Keywright reserves for other identities",
                found=f"`{key}`",
                accepted="no such tag",
                what=key,
                is_extra=True,
            )
        elif expected.only_tags and key not in expected.tags and not key.startswith("aws:"):
            yield IdentityDifference(
                aspect=Aspect.TAG,
                message=f"{kind} `{name}` has a tag that its declaration does not list",
                found=f"`{key}: {live.tags[key]}`",
                accepted=_listed(expected.tags),
                what=key,
                is_extra=True,
            )


def _listed(names: Iterable[str]) -> str:
    return listed(sorted(names), none="none", longest=WHOLE)
