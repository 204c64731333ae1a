"""Declarations as data, and random edits of them, each valid."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    Edit = Callable[["Declared"], str]

KEPT_PERSON, KEPT_APPLICATION = "paula", "bot"
"""A person with a password and MFA device of her own, and an application with a key: both stay through all edits."""
GRANTS: tuple[dict[str, Any], ...] = (
    {"s3": ["list", "read"], "bucket": "reports"},
    {"s3": ["list", "read", "write"], "bucket": "reports", "prefix": "plans/"},
    {"s3": ["read"], "bucket": "reports", "prefix": "bookings/"},
)


def first() -> dict[str, Any]:
    """Give the declarations of the first day."""
    return {
        "account": {
            "id": "111111111111",
            "region": "eu-central-1",
            "alias": "soak",
            "path": "/access/",
            "handover": "office",
            "password_policy": {},
        },
        "buckets": {"reports": {}},
        "groups": {
            "office": {},
            "g0": {"grants": [GRANTS[0]]},
            "g1": {"grants": [GRANTS[1]]},
        },
        "users": {
            KEPT_PERSON: _person(KEPT_PERSON, ["g0"]),
            "u0": _person("u0", ["g0"]),
            "u1": _person("u1", ["g1", "office"]),
            KEPT_APPLICATION: {
                "application": {
                    "because": "the vendor's scanner accepts only long-term keys",
                    "review": "2027-03-01",
                },
                "access_keys": [{"serial": 1, "issued": "2026-11-24"}],
                "grants": [GRANTS[2]],
            },
        },
        "roles": {"r0": {"trusts": [{"group": "g0"}], "grants": [GRANTS[1]]}},
    }


def _person(name: str, groups: list[str]) -> dict[str, Any]:
    return {"person": {"email": f"{name}@acme.example"}, "groups": groups, "console": True}


@dataclass
class Declared:
    """What is declared now; `edit` changes it at random and returns what it did."""

    chance: random.Random
    data: dict[str, Any] = field(default_factory=first)
    _number: int = 1

    def edit(self, wanted: Edit | None = None) -> str:
        """Make the wanted edit if it is possible, otherwise a random one that changes something."""
        done = wanted(self) if wanted else ""
        while not done:
            done = self.chance.choice(EDITS)(self)
        return done

    def write(self, folder: Path) -> None:
        """Write the declarations, without a partly written file at any moment."""
        folder.mkdir(exist_ok=True)
        temporary = folder.parent / "access.yaml.new"
        temporary.write_text(json.dumps(self.data, indent=1))
        temporary.replace(folder / "access.yaml")

    def fresh(self, kind: str) -> str:
        """Give a name that was never used: IAM keeps none, but a mistaken match would hide behind an old one."""
        self._number += 1
        return f"{kind}{self._number}"

    def some(self, section: str, prefix: str) -> str:
        """Choose something that edits may change; "" if there is nothing."""
        names = [each for each in self.data.get(section, {}) if each.startswith(prefix)]
        return self.chance.choice(names) if names else ""


def _hire(declared: Declared) -> str:
    if len(declared.data["users"]) > 8:
        return ""
    name, group = declared.fresh("u"), declared.some("groups", "g")
    declared.data["users"][name] = _person(name, [group])
    return f"user {name} joins {group}"


def leave(declared: Declared) -> str:
    name = declared.some("users", "u")
    if not name:
        return ""
    del declared.data["users"][name]
    return f"user {name} leaves"


def _move(declared: Declared) -> str:
    name, group = declared.some("users", "u"), declared.some("groups", "g")
    if not name or declared.data["users"][name]["groups"] == [group]:
        return ""
    declared.data["users"][name]["groups"] = [group]
    return f"user {name} moves to {group}"


def regrant(declared: Declared) -> str:
    group, grant = declared.some("groups", "g"), declared.chance.choice(GRANTS)
    if declared.data["groups"][group]["grants"] == [grant]:
        return ""
    declared.data["groups"][group]["grants"] = [grant]
    return f"group {group} has another grant"


def _found_group(declared: Declared) -> str:
    if len(declared.data["groups"]) > 5:
        return ""
    name = declared.fresh("g")
    declared.data["groups"][name] = {"grants": [declared.chance.choice(GRANTS)]}
    return f"group {name} is new"


def _remove_group(declared: Declared) -> str:
    groups = [each for each in declared.data["groups"] if each.startswith("g")]
    if len(groups) < 3:
        return ""
    name = declared.chance.choice(groups)
    if any(name in each.get("groups", ()) for each in declared.data["users"].values()):
        return ""
    if any(name == trust["group"] for each in declared.data["roles"].values() for trust in each["trusts"]):
        return ""
    del declared.data["groups"][name]
    return f"group {name} goes"


def _add_role(declared: Declared) -> str:
    if len(declared.data["roles"]) > 3:
        return ""
    name, group = declared.fresh("r"), declared.some("groups", "g")
    declared.data["roles"][name] = {"trusts": [{"group": group}], "grants": [declared.chance.choice(GRANTS)]}
    return f"role {name} is new"


def _remove_role(declared: Declared) -> str:
    if len(declared.data["roles"]) < 2:
        return ""
    name = declared.some("roles", "r")
    del declared.data["roles"][name]
    return f"role {name} goes"


EDITS: tuple[Edit, ...] = (
    _hire,
    leave,
    _move,
    regrant,
    _found_group,
    _remove_group,
    _add_role,
    _remove_role,
)
