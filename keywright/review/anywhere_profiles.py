"""Profiles of IAM Roles Anywhere: what session policies hold their sessions to, before and after.

A session may do what its role may and one of the session policies allows too; without any, all that its role may
("Session policies", IAM User Guide).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.value import Absent, as_texts
from keywright.review.change import Fact, quoted

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource

PROFILE = "AWS::RolesAnywhere::Profile"
_LIMITS = ("ManagedPolicyArns", "SessionPolicy")


def limits_changed(was: Resource | None, now: Resource) -> Fact | None:
    """Tell what becomes of the sessions of a profile that is the same but for its session policies.

    None where more has changed, or where the policies are others, none of which the other side had alone.
    """
    if was is None or {was.type, now.type} != {PROFILE} or _rest(was) is None or _rest(was) != _rest(now):
        return None
    before, after = limits_of(was), limits_of(now)
    if before is None or after is None or before == after:
        return None
    if not after or (before and before < after):
        says = (
            "its sessions may all that their role may"
            if not after
            else f"its sessions may {in_words(after - before)} too"
        )
        return Fact(
            "door", now.title, f"{says}; before, at most {in_words(before)}", now.location, widens=True
        )
    if not before or after < before:
        return Fact(
            "door", now.title, f"its sessions may at most {in_words(after)}", now.location, narrows=True
        )
    return None


def in_words(limits: frozenset[str]) -> str:
    """Say what they let through."""
    return "what " + " or ".join(quoted(each) for each in sorted(limits)) + " allows"


def limits_of(profile: Resource) -> frozenset[str] | None:
    """Give the session policies; None where one is known only at deployment."""
    found: list[str] = []
    for key in _LIMITS:
        several = profile.readings(key)
        if len(several) != 1:
            return None
        texts = [] if isinstance(several[0], Absent) else list(as_texts(several[0]))
        if any(each.literal is None for each in texts):
            return None
        found += [each.literal for each in texts if each.literal]
    return frozenset(found)


def _rest(profile: Resource) -> Any:
    """Give all else that it says; None where a part of that is more than a reference to its own roles."""
    properties = profile.raw.get("Properties")
    if not isinstance(properties, dict) or set(profile.raw) & {"Condition"}:
        return None
    rest = {key: each for key, each in properties.items() if key not in _LIMITS}
    return rest if all(map(_is_plain, rest.values())) else None


def _is_plain(node: Any) -> bool:
    if isinstance(node, list):
        return all(map(_is_plain, node))
    return not isinstance(node, dict) or set(node) == {"Fn::GetAtt"}
