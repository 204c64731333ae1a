"""Find principals and resources of an assembly by declared name, physical name, logical id or ARN."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.templates.names import matching_names, names_of
from keywright.assembly.templates.physical_names import PHYSICAL_NAMES
from keywright.assembly.templates.reader import read_assembly
from keywright.policy.principals import PrincipalKind, principal, role_arn
from keywright.policy.reference import catalogue
from keywright.reasoning.account.actors import ActorKind
from keywright.reporting.text import WHOLE, joined, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.templates.symbolic_policies import Spelling
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.reasoning.account.actors import Actor


_ON_OBJECTS = re.compile(r"s3:(get|put|delete|restore)object[a-z]*")
_MOST_OFFERED = 10


@dataclass(frozen=True)
class NamedResource:
    """A resource as it was named: its ARN, and its declared name if it has one."""

    arn: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.arn}" if self.name else self.arn


class UnusableNameError(Exception):
    """A name does not identify one thing of the assembly; the message lists what would."""


class UnknownNameError(UnusableNameError):
    """The assembly has nothing of this name; the message offers the nearest three names."""

    def __init__(self, what: str, name: str, accepted: Iterable[str]) -> None:
        offered = listed(_nearest(name, sorted(accepted)), none="an ARN", longest=WHOLE)
        super().__init__(f"there is no such {what} in the assembly; found `{name}`; accepted: {offered}")


class AmbiguousNameError(UnusableNameError):
    """Several things of the assembly have this name; the message lists an unambiguous name for each."""

    def __init__(self, name: str, accepted: list[str]) -> None:
        offered = joined(accepted, most=_MOST_OFFERED)
        super().__init__(
            f"the name matches {len(accepted)} in the assembly; found `{name}`; accepted: one of {offered}"
        )


def _nearest(name: str, accepted: list[str]) -> list[str]:
    """Give the nearest three names of the same kind, or of any."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistyped name pays for it

    kind, slash, rest = name.partition("/")
    by_rest = (
        {each.partition("/")[2]: each for each in accepted if each.startswith(kind + slash)} if slash else {}
    )
    if not by_rest:
        return get_close_matches(name, accepted, n=3, cutoff=0.5) or accepted[:3]
    nearest = get_close_matches(rest, by_rest, n=3, cutoff=0.5) or list(by_rest)[:3]
    return [by_rest[each] for each in nearest]


def find_actor(text: str, principals: AccountPrincipals, others: Iterable[str] = ()) -> Actor:
    """Find a user or role by declared name, physical name, logical id or ARN; a role also by a session's ARN.

    `others` are names to offer beside those of the principals.

    Raises:
        UnusableNameError: There is none, or several, or it is a group, which never makes a request.
    """
    actors = [each for each in principals.account.actors if each.kind in {ActorKind.USER, ActorKind.ROLE}]
    found = [each for each in actors if _has_name(text, each, principals)]
    found = found or [each for each in actors if _is_of_session(text, each)]
    if len(found) > 1:
        raise AmbiguousNameError(text, list(_distinguished(found, principals)))
    if found:
        return found[0]
    _refuse_group(text, principals)
    raise UnknownNameError("user or role", text, {*(actor.name for actor in actors), *others})


def is_called(text: str, actor: Actor, principals: AccountPrincipals) -> bool:
    """Tell whether a text may mean this user or role, or a session of the role."""
    return _has_name(text, actor, principals) or _is_of_session(text, actor)


def _has_name(text: str, actor: Actor, principals: AccountPrincipals) -> bool:
    return text in {actor.arn, actor.name} or _answers(text, actor, principals)


def _answers(text: str, actor: Actor, principals: AccountPrincipals) -> bool:
    resource = principals.resources.get(actor.arn)
    return resource is not None and bool(matching_names(resource, (text,)))


def _is_of_session(text: str, role: Actor) -> bool:
    """Tell whether a text is the ARN of a role's session; such an ARN omits the role's path."""
    who = principal(text)
    if who.kind is not PrincipalKind.ROLE_SESSION or role.kind is not ActorKind.ROLE:
        return False
    return role.arn.startswith(role_arn(who).rpartition("/")[0]) and role.user_name == who.name


def _distinguished(actors: list[Actor], principals: AccountPrincipals) -> Iterator[str]:
    """Name each by its ARN; those with the same ARN by their template."""
    for actor in actors:
        resource = principals.resources.get(actor.arn)
        is_one = sum(each.arn == actor.arn for each in actors) == 1
        place = str(resource.location) if resource is not None and is_one else actor.origin
        yield f"`{actor.arn}` ({place})" if is_one else f"the template `{place}` alone"


def _refuse_group(text: str, principals: AccountPrincipals) -> None:
    """Refuse a group, and offer its members instead."""
    groups = [
        each
        for each in principals.account.groups
        if text in {each.arn, each.name} or _answers(text, each, principals)
    ]
    members = sorted(
        each.name for each in principals.account.actors for group in groups if group.arn in each.groups
    )
    if groups:
        offered = listed(members[:_MOST_OFFERED], none="a user or role", longest=WHOLE)
        raise UnusableNameError(
            f"a group makes no request, its members do; found `{text}`; accepted: {offered}"
        )


def find_resource(text: str, action: str, assembly: Assembly, spelling: Spelling) -> NamedResource:
    """Find a resource by declared name, such as `bucket/reports` or `bucket/reports/monthly/*`, or by ARN.

    A bucket with an object-level action stands for all of its objects.

    Raises:
        UnusableNameError: Nothing is named so, or several things are.
    """
    if text == "*" or text.startswith("arn:"):
        return NamedResource(text)
    bucket, name, key = [*text.split("/", 2), "", ""][:3]
    within = f"bucket/{name}" if bucket == "bucket" else ""
    found: dict[str, dict[str, Resource]] = {}
    for resource in assembly.of_type(*PHYSICAL_NAMES):
        for each in matching_names(resource, (text, within)):
            arn = spelling.text(resource.arn) if resource.arn else ""
            found.setdefault(each, {}).setdefault(arn, resource)
    if text in found:
        arn = _only(text, found[text])
        return NamedResource(arn + _objects(action, arn), text)
    if within in found:
        return NamedResource(f"{_only(text, found[within])}/{key}", text)
    raise UnknownNameError(
        "resource", text, {names_of(each)[0] for each in assembly.of_type(*PHYSICAL_NAMES)}
    )


def resource_names(path: Path, types: tuple[str, ...] = ()) -> set[str]:
    """Give the names of an assembly's resources of some types, or of all types that questions can name."""
    return {names_of(each)[0] for each in read_assembly(path).of_type(*(types or PHYSICAL_NAMES))}


def _only(text: str, found: dict[str, Resource]) -> str:
    if len(found) > 1:
        raise AmbiguousNameError(text, [f"`{arn}` ({each.location})" for arn, each in found.items()])
    return next(iter(found))


def _objects(action: str, arn: str) -> str:
    return "/*" if ":s3:::" in arn and acts_on_objects(action) else ""


def acts_on_objects(action: str) -> bool:
    """Tell whether an S3 action acts on objects; common names are matched without loading the catalogue."""
    # Loading the catalogue is slow, and the usual actions need not wait for it.
    if _ON_OBJECTS.fullmatch(action.lower()):
        return True
    known = catalogue.action(action)
    types = known.resource_types if known else ()
    return "object" in types and "bucket" not in types
