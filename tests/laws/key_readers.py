"""Who reads which application's keys according to random declarations, and what an edit of that is about."""

from __future__ import annotations

from typing import Any

Thing = tuple[str, str]


def concerned(before: dict[str, Any], after: dict[str, Any]) -> set[Thing]:
    """List the declared things for which it is another after an edit."""
    old, new = reading(before), reading(after)
    return {thing for thing in old.keys() | new.keys() if old.get(thing) != new.get(thing)}


def reading(document: dict[str, Any]) -> dict[Thing, Any]:
    """Give what of it shows in the resources of each thing: readers, what one reads, and a reader's tag."""
    found: dict[Thing, Any] = {}
    users, handover = document["users"], document["account"].get("handover")
    with_keys = {name: user for name, user in users.items() if user.get("access_keys")}
    said = {name: user["application"].get("readers", ()) for name, user in with_keys.items()}
    for name, readers in said.items():
        named = readers or ((f"group/{handover}",) if handover else ())
        members = {each for reader in named for each in members_of(users, reader)}
        found["users", name] = (frozenset(named), frozenset(members))
        for reader in readers:
            kind, _, of = reader.partition("/")
            found.setdefault((f"{kind}s", of), set()).add(name)
            for user in members_of(users, reader):
                found["users", user] = (*found.get(("users", user), ()), "reads")
    everybody = frozenset(found[thing] for thing in found if thing[1] in with_keys and thing[0] == "users")
    found["account", ""] = (everybody, frozenset(each for readers in said.values() for each in readers))
    return found


def members_of(users: dict[str, Any], reader: str) -> set[str]:
    """Name the members of a group; a role has none."""
    kind, _, group = reader.partition("/")
    return {
        name
        for name, user in users.items()
        for each in user.get("groups", ())
        if kind == "group" and group == (each if isinstance(each, str) else each["name"])
    }
