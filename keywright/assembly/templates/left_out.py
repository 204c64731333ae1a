"""What can be left out of an assembly together with some users and roles, so that nothing that remains refers to it.

The rest then reads as it does in the whole assembly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.changed_parts import words_in, written
from keywright.assembly.templates.names import matching_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.assembly.templates.value import Text

_USERS, _ROLES = ("AWS::IAM::User", ("Users", "UserName")), ("AWS::IAM::Role", ("Roles", "RoleName"))
_ATTACHED = frozenset(
    {
        "AWS::IAM::AccessKey",
        "AWS::IAM::Policy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::UserToGroupAddition",
        "AWS::IAM::VirtualMFADevice",
    }
)
"""Types that may be attached to users and roles alone."""
_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type

_Place = tuple[str, str]


def left_out_with(
    assembly: Assembly, unwanted: Iterable[Resource], names: tuple[str, ...]
) -> frozenset[_Place]:
    """Give the template and logical id of each unwanted user and role, and of what is attached to such alone.

    What anything remaining refers to is not among them, nor is what has one of the names.
    """
    return _Selection(assembly, unwanted, names).left_out()


class _Selection:
    """Divides the resources into those that remain and those that may be left out together."""

    def __init__(self, assembly: Assembly, unwanted: Iterable[Resource], names: tuple[str, ...]) -> None:
        self._assembly = assembly
        self._names = names
        self._identities = {_place(each): each for each in unwanted if self._may_go(each)}
        self._named: dict[tuple[str, Text], list[_Place]] = {}
        for place, each in self._identities.items():
            self._named.setdefault((each.type, each.name), []).append(place)
        self._links: dict[_Place, set[_Place]] = {}

    def left_out(self) -> frozenset[_Place]:
        leavable = set(self._identities)
        if not leavable:
            return frozenset()
        others = [each for each in self._assembly.resources if _place(each) not in leavable]
        attached = [each for each in others if self._is_attached_to_them(each)]
        leavable |= set(map(_place, attached))
        belonging = [each for each in others if self._belongs_to_them(each, leavable)]
        leavable |= set(map(_place, belonging))
        for each in (*attached, *belonging):
            for place in self._meant_by(each) & leavable:
                self._link(_place(each), place)
        kept = {place for name, word in self._words_outside() if (place := (name, word)) in leavable}
        for each in others:
            if _place(each) not in leavable:
                kept |= self._meant_by(each) & leavable
        return frozenset(leavable - self._linked(kept))

    def _may_go(self, resource: Resource) -> bool:
        is_conditional = "Condition" in resource.raw or "Fn::If" in written(resource.raw)
        return not is_conditional and not any(matching_names(resource, self._names))

    def _is_attached_to_them(self, resource: Resource) -> bool:
        """Tell whether a resource is attached to unwanted users and roles and to nobody else."""
        if resource.type not in _ATTACHED or not self._may_go(resource) or resource.texts("Groups"):
            return False
        targets = [*self._targets(resource)]
        return bool(targets) and all(targets)

    def _belongs_to_them(self, resource: Resource, leavable: set[_Place]) -> bool:
        """Tell whether a secret or custom resource belongs to what may be left out, and is no policy itself."""
        if resource.type != _SECRET and not resource.type.startswith("Custom::"):
            return False
        text = written(resource.raw)
        if '"Principal"' in text or '"NotPrincipal"' in text or not self._may_go(resource):
            return False
        return all(self._targets(resource)) and bool(self._meant_by(resource) & leavable)

    def _targets(self, resource: Resource) -> Iterator[list[_Place]]:
        for kind, properties in (_USERS, _ROLES):
            for name in properties:
                for each in resource.texts(name):
                    yield self._named.get((kind, each), [])

    def _meant_by(self, resource: Resource) -> set[_Place]:
        """Give what a resource refers to or seems to, and the users and roles that it names."""
        name = resource.template.id
        referred = {(name, word) for word in words_in(resource.raw)} - {_place(resource)}
        return referred.union(*self._targets(resource))

    def _words_outside(self) -> Iterator[_Place]:
        for template in self._assembly.templates:
            for section in ("Outputs", "Conditions", "Rules", "Hooks"):
                yield from ((template.id, word) for word in words_in(template.section(section)))

    def _link(self, one: _Place, other: _Place) -> None:
        self._links.setdefault(one, set()).add(other)
        self._links.setdefault(other, set()).add(one)

    def _linked(self, kept: set[_Place]) -> set[_Place]:
        found, queue = set(kept), list(kept)
        while queue:
            for place in self._links.get(queue.pop(), ()):
                if place not in found:
                    found.add(place)
                    queue.append(place)
        return found


def _place(resource: Resource) -> _Place:
    return resource.template.id, resource.logical_id
