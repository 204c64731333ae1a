"""Users who are gone: all that goes with each of them in one sentence, and who names them still."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from keywright.reasoning.actor import ActorKind
from keywright.review.change import Fact, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.review.side import Bearer, Side

LEAVER = "leaver"
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
    kept = [each for each in told if each.name not in gone or each.about not in _GOING]
    named = "\n".join(json.dumps(each.source.tree, default=str) for each in head.assembly.templates)
    for name, bearer in gone.items():
        going = [each for each in told if each.name == name and each.about in _GOING]
        says = "; ".join(
            ("leaves", *_parts(going, bearer), _ended(base, bearer), *_still_named(bearer, named))
        )
        place = bearer.resource.location if bearer.resource else None
        kept.append(Fact(LEAVER, name, says, place, narrows=True))
    return kept


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


def _ended(base: Side, bearer: Bearer) -> str:
    """Say what becomes of that which the templates do not know of."""
    mine = re.compile(rf"\b{re.escape(bearer.arn.rpartition('/')[2])}\b")
    resource = bearer.resource
    for each in base.assembly.of_type("Custom::Leaving"):
        text = json.dumps(each.raw.get("Properties", {}), default=str)
        if mine.search(text) or (resource is not None and f'"{resource.logical_id}"' in text):
            return _TAKEN_AWAY
    return _KEPT_OUT


def _still_named(bearer: Bearer, templates: str) -> Iterator[str]:
    if re.search(rf"{re.escape(bearer.arn)}(?![\w+=,.@-])", templates):
        yield f"policies still name {quoted(bearer.arn)}, which nobody is any more"
