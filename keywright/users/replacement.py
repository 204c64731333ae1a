"""The declarations that replace users: permission sets and assignments, workloads, roles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.model.checks.advice import CI_ISSUERS, certificate_trust, platform_trust, workload_name
from keywright.model.identity_center import LONGEST_NAME
from keywright.model.source.yaml_writing import in_flow, written
from keywright.reporting.text import joined, on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.account.snapshot import AccountSnapshot
    from keywright.model.declarations import Declarations
    from keywright.users.access import Access

_OTHER = re.compile(r"[^A-Za-z0-9+=,.@_-]+")
_LONGEST_ROLE = 64
_INSTANCE = "ssoins-0000000000000000"
_STORE = "d-0000000000"
_MEMBERS = 8
"""How many members of a group are named in a comment."""


@dataclass
class _Shared:
    """A permission set, its group in the directory, and who is to be in it."""

    access: Access
    people: list[str] = field(default_factory=list)


class Replacements:
    """Collects the declarations of one account. Ids that the account does not know are zeros, to be filled in."""

    def __init__(self, snapshot: AccountSnapshot, declared: Declarations | None, region: str) -> None:
        self._snapshot = snapshot
        self._region = region
        self._declared = declared
        self._sets: dict[str, _Shared] = {}
        self._names: dict[tuple[str, ...], str] = {}
        self._workloads: dict[str, dict[str, Any]] = {}
        self._roles: dict[str, dict[str, Any]] = {}
        self._providers: dict[str, dict[str, Any]] = {}
        self._taken = {each.name.lower() for each in snapshot.roles}
        if declared:
            self._taken |= {each.lower() for each in (*declared.roles, *declared.workloads)}

    def person(self, user: str, access: Access) -> str:
        """Replace a person; give the name of the permission set. People with equal access share one."""
        name = self._names.get(access.sources)
        if name is None:
            name = self._names[access.sources] = self._set_name(access, user)
            self._sets[name] = _Shared(access)
        self._sets[name].people.append(user)
        return name

    def application(self, user: str, access: Access, platform: str) -> tuple[str, str]:
        """Replace an application; give the section and name of what replaces it."""
        held = {"grants": access.grants, "policies": access.policies}
        if platform in {"", "ec2"}:
            name = self._free(workload_name(user), 40)
            self._workloads[name] = {"ec2": {"launch": "none"}, **_filled(held)}
            return "workloads", name
        name = self._free(_OTHER.sub("-", user), _LONGEST_ROLE)
        outside = certificate_trust(_name(user), self._region, self._snapshot.account)
        trust = outside if platform == "outside" else platform_trust(platform, user)
        self._roles[name] = {"trusts": [trust], **_filled(held)}
        if platform in CI_ISSUERS:
            self._provider(platform)
        return "roles", name

    def grants(self) -> Iterator[dict[str, Any]]:
        """Give all declared grants."""
        for each in self._sets.values():
            yield from each.access.grants
        for thing in (*self._workloads.values(), *self._roles.values()):
            yield from thing.get("grants", ())

    def text(self, buckets: dict[str, dict[str, Any]]) -> str:
        """Write everything as one file of declarations; "" if nothing is replaced."""
        parts = [*self._center()] if self._sets else []
        for section, things in (
            ("workloads", self._workloads),
            ("roles", self._roles),
            ("identity_providers", self._providers),
            ("buckets", buckets),
        ):
            if things:
                parts.append(written(section, things))
        return "\n".join(parts)

    def _center(self) -> Iterator[str]:
        partition = self._snapshot.partition
        declared = self._declared.identity_center if self._declared else None
        groups = [name for name, each in self._sets.items() if len(each.people) > 1]
        if declared is None:
            yield "# IAM Identity Center: replace the zeros by the ids of your instance, its groups and users"
            yield "identity_center:"
            yield f"  instance: arn:{partition}:sso:::instance/{_INSTANCE}"
            yield f"  identity_store: {_STORE}"
            if groups:
                yield "  groups:"
        elif groups:
            yield "# add to `groups` of `identity_center`; replace the zeros by the ids of the groups"
        note = "    " if declared is None else "#   "
        for number, name in enumerate(groups, 1):
            people = on_one_line(joined(self._sets[name].people, "and", most=_MEMBERS))
            yield f"{note}{in_flow(name)}: {{id: {_placeholder(number)}}}  # members: {people}"
        yield written(
            "permission_sets",
            {
                name: _filled({"grants": each.access.grants, "policies": each.access.policies})
                for name, each in self._sets.items()
            },
        )
        yield "assignments:"
        for number, (name, each) in enumerate(self._sets.items(), len(groups) + 1):
            if name in groups:
                yield f"  - {in_flow({'permission_set': name, 'groups': [name]})}"
            else:
                because = f"nobody else has the access that {each.people[0]} had in the account"
                person = {"user": _name(each.people[0]), "id": _placeholder(number), "because": because}
                yield f"  - {in_flow({'permission_set': name, 'people': [person]})}"

    def _set_name(self, access: Access, user: str) -> str:
        kinds = [each.partition("/") for each in access.sources]
        groups = [name for kind, _, name in kinds if kind == "group"]
        is_own = any(kind == "user" for kind, _, _ in kinds)
        base = _name(user if is_own or not groups else "-".join(groups))
        taken = {*self._sets, *(self._declared.permission_sets if self._declared else ())}
        return next(each for each in _numbered(base, LONGEST_NAME) if each not in taken)

    def _free(self, base: str, longest: int) -> str:
        name = next(each for each in _numbered(base, longest) if each.lower() not in self._taken)
        self._taken.add(name.lower())
        return name

    def _provider(self, issuer: str) -> None:
        there = self._declared.identity_providers.values() if self._declared else ()
        if issuer in self._providers or any(each.oidc == issuer for each in there):
            return
        address = CI_ISSUERS[issuer].address.removeprefix("https://")
        exists = any(each.url == address for each in self._snapshot.oidc_providers)
        self._providers[issuer] = {
            "oidc": issuer,
            **(CI_ISSUERS[issuer].provider_example or {}),
            **({"existing": True} if exists else {}),
        }


def _filled(thing: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in thing.items() if value}


def _name(text: str) -> str:
    return _OTHER.sub("-", text).strip("-") or "person"


def _numbered(base: str, longest: int) -> Iterator[str]:
    yield base[:longest]
    number = 2
    while True:
        end = f"-{number}"
        yield f"{base[: longest - len(end)]}{end}"
        number += 1


def _placeholder(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"
