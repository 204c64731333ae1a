"""Find what people name: principals and resources of an assembly, by declared name or by ARN."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.names import names_among, names_of
from keywright.assembly.physical import PHYSICAL
from keywright.policy import catalogue
from keywright.policy.principals import PrincipalKind, principal, role_arn
from keywright.reasoning.actor import ActorKind

if TYPE_CHECKING:
    from keywright.assembly.actors import Population
    from keywright.assembly.known import Spelling
    from keywright.assembly.template import Assembly
    from keywright.reasoning.actor import Actor


_ON_OBJECTS = re.compile(r"s3:(get|put|delete|restore)object[a-z]*")


@dataclass(frozen=True)
class Named:
    """A resource as it was asked for: its ARN, and its declared name if there is one."""

    arn: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.arn}" if self.name else self.arn


class UnknownNameError(Exception):
    """Nothing of the assembly is named so; the message says what is, at most the nearest three."""

    def __init__(self, what: str, name: str, accepted: list[str]) -> None:
        from difflib import get_close_matches  # noqa: PLC0415 - only a mistyped name pays for it

        nearest = get_close_matches(name, accepted, n=3, cutoff=0.3) or sorted(accepted)[:3]
        offered = ", ".join(f"`{each}`" for each in nearest) or "an ARN"
        super().__init__(f"there is no such {what} in the assembly; found `{name}`; accepted: {offered}")


def find_actor(text: str, people: Population) -> Actor:
    """Find a user or role by declared name, physical name, logical id or ARN; a role also by a session's ARN.

    Raises:
        UnknownNameError: There is none, or it is a group, which never makes a request.
    """
    named: dict[str, Actor] = {}
    for actor in people.account.actors:
        if actor.kind in {ActorKind.USER, ActorKind.ROLE}:
            resource = people.resources.get(actor.arn)
            for name in (actor.arn, actor.name, *(names_of(resource) if resource else ())):
                named.setdefault(name, actor)
    found = named.get(text) or _of_session(text, named)
    if found is None:
        raise UnknownNameError("user or role", text, list({actor.name: None for actor in named.values()}))
    return found


def _of_session(text: str, named: dict[str, Actor]) -> Actor | None:
    """Find a session's role; the ARN of a session hides the role's path."""
    who = principal(text)
    if who.kind is not PrincipalKind.ROLE_SESSION:
        return None
    wanted = role_arn(who)
    return next(
        (
            actor
            for arn, actor in named.items()
            if arn == wanted or (arn.startswith(wanted.rpartition("/")[0]) and actor.user_name == who.name)
        ),
        None,
    )


def find_resource(text: str, action: str, assembly: Assembly, spelling: Spelling) -> Named:
    """Find a resource by declared name, such as `bucket/reports` or `bucket/reports/monthly/*`, or take an ARN.

    A bucket named for an action on objects stands for all of its objects.

    Raises:
        UnknownNameError: Nothing is named so.
    """
    if text == "*" or text.startswith("arn:"):
        return Named(text)
    bucket, name, key = [*text.split("/", 2), "", ""][:3]
    within = f"bucket/{name}" if bucket == "bucket" else ""
    found: dict[str, str] = {}
    for resource in assembly.of_type(*PHYSICAL):
        for each in names_among(resource, (text, within)):
            found.setdefault(each, spelling.text(resource.arn) if resource.arn else "")
    if text in found:
        return Named(found[text] + _objects(action, found[text]), text)
    if within in found:
        return Named(f"{found[within]}/{key}", text)
    raise UnknownNameError("resource", text, [names_of(each)[0] for each in assembly.of_type(*PHYSICAL)])


def _objects(action: str, arn: str) -> str:
    return "/*" if ":s3:::" in arn and is_on_objects(action) else ""


def is_on_objects(action: str) -> bool:
    """Tell whether an action of S3 acts on objects; the plainest names save loading the catalogue."""
    if _ON_OBJECTS.fullmatch(action.lower()):
        return True
    known = catalogue.action(action)
    types = known.resource_types if known else ()
    return "object" in types and "bucket" not in types
