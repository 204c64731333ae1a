"""Users who are gone: all that goes with each of them in one sentence, and who names them still."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from keywright.reasoning.account.actors import ActorKind
from keywright.review.change import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from keywright.review.side import Bearer, Side

LEAVER = "leaver"
_USER = re.compile(r"arn:[a-z-]+:iam::[0-9]+:user/[\w+=,.@/-]+")
_GOING = {"membership", "console", "key", "MFA"}
"""What facts tell of a user beside policies; of one who is gone it is told together."""
_KEPT_OUT = "keys and devices that were made outside of the templates keep it from being deleted, for nothing here removes them"
_TAKEN_AWAY = "the identity keeper denies everything first, and removes keys, devices and certificates made elsewhere too"


def with_leavers(base: Side, head: Side, facts: Iterable[Fact]) -> list[Fact]:
    """Tell of everybody who is gone, in place of the facts about what goes with them."""
    gone = {
        bearer.name: bearer
        for arn, bearer in base.bearers.items()
        if bearer.kind is ActorKind.USER and bearer.resource and arn not in head.bearers
    }
    told = list(facts)
    if not gone:
        return told
    kept = [each for each in told if not _goes(each, gone)]
    going: dict[str, list[Fact]] = {name: [] for name in gone}
    for each in told:
        if _goes(each, gone):
            going[each.name].append(each)
    named, looked_after = _users_named(head), set(_looked_after(base))
    for name, bearer in gone.items():
        ended = _TAKEN_AWAY if _keys(base, bearer) & looked_after else _KEPT_OUT
        says = ["leaves", *_parts(going[name], bearer), ended]
        if bearer.arn in named:
            says.append(f"policies still name {quoted(bearer.arn)}, which nobody is any more")
        place = bearer.resource.location if bearer.resource else None
        kept.append(Fact(LEAVER, name, "; ".join(says), place, narrows=True))
    return kept


def _goes(fact: Fact, gone: Container[str]) -> bool:
    return fact.name in gone and fact.about in _GOING


def _parts(going: list[Fact], bearer: Bearer) -> Iterator[str]:
    """Say what goes that the templates know of."""
    if any(each.about == "console" for each in going):
        yield "the login ends"
    yield from (each.says for each in going if each.about in {"key", "MFA"})
    groups = [each.says.removeprefix("leaves ") for each in going if each.about == "membership"]
    if groups:
        yield f"out of {', '.join(groups)}"
    if any(not held.group for held in bearer.grants):
        yield "own policies go"


def _looked_after(side: Side) -> Iterator[tuple[str, str]]:
    """Give the users whom the identity keeper ends: each by its name, or by its place."""
    for each in side.assembly.of_type("Custom::Leaving"):
        properties = each.raw.get("Properties")
        user = properties.get("UserName") if isinstance(properties, dict) else None
        reference = user.get("Ref") if isinstance(user, dict) else None
        if isinstance(user, str):
            yield "", user
        elif isinstance(reference, str):
            yield side.template_id(each.template.id), reference


def _keys(side: Side, bearer: Bearer) -> set[tuple[str, str]]:
    """Give what a user may be referred to by."""
    resource = bearer.resource
    own = {side.place(resource)} if resource else set()
    return own | {("", bearer.arn.rpartition("/")[2])}


def _users_named(side: Side) -> set[str]:
    """Give every user whom the templates name by an ARN."""
    texts = (json.dumps(each.source.tree, default=str) for each in side.assembly.templates)
    return {found for text in texts for found in _USER.findall(text)}
