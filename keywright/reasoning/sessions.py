"""Sessions on instances that both sides name: who opens them by a tag, and the role of the instances that takes them.

Source: "Additional sample IAM policies for Session Manager" (AWS Systems Manager User Guide). Whoever has a session acts as the
instance's role. Where a policy grants it by a tag's exact value, on instances that are made with this tag and whose
role lets them take sessions, that is what was meant, as with a role whose trust names who assumes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import Effect
from keywright.reasoning.actor import ActorKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.policy.statement import Statement
    from keywright.reasoning.abilities import Abilities, Fixed
    from keywright.reasoning.actor import Actor, Carrier
    from keywright.reasoning.regions import Region
    from keywright.reasoning.technique import Technique

START = "ssm:StartSession"
TAGGING = "ec2:CreateTags"
_CHANNEL = "ssmmessages:opencontrolchannel"
_TAG_KEYS = ("aws:resourcetag/", "ssm:resourcetag/", "ec2:resourcetag/")
_SECOND_FACTOR = "aws:multifactorauthpresent"

Tag = tuple[str, str]


def on_tagged(abilities: Abilities, technique: Technique, carrier: Carrier) -> list[Region]:
    """Give the regions of what a technique needs on a carrier, whose tags are as given unless the actor may change them."""
    if not carrier.tags or not abilities.region(TAGGING, ()).is_empty:
        return abilities.on(technique, technique.of)
    return abilities.on(technique, technique.of, fixed_by(carrier.tags))


def fixed_by(tags: Mapping[str, str]) -> Fixed:
    """Give the condition keys that a resource's tags fix, each with its value."""
    return tuple((prefix + key.lower(), (value,)) for key, value in tags.items() for prefix in _TAG_KEYS)


def is_agreed(abilities: Abilities, technique: Technique, carrier: Carrier) -> bool:
    """Tell whether a session on an instance is what both sides say, for whom has shown a second factor if it is a user."""
    if technique.actions != (START,) or not _takes_sessions(abilities.account.actor(carrier.serves)):
        return False
    keys = {key for key, _ in named_tags(abilities.actor)}
    is_named = bool(keys) and keys <= {key for key, _ in tags_of(carrier.tags)}
    return is_named and _asks_for_mfa(abilities, carrier.arn)


def is_agreed_elsewhere(abilities: Abilities, technique: Technique, carriers: Iterable[Carrier]) -> bool:
    """Tell whether sessions on instances outside are granted by tags that only instances of the templates are given."""
    if technique.actions != (START,):
        return False
    agreed = {tag for each in carriers if is_agreed(abilities, technique, each) for tag in tags_of(each.tags)}
    return bool(agreed) and named_tags(abilities.actor) <= agreed


def tags_of(tags: Mapping[str, str]) -> frozenset[Tag]:
    """Write tags as conditions compare them: keys know no case."""
    return frozenset((key.lower(), value) for key, value in tags.items())


def named_tags(actor: Actor) -> frozenset[Tag]:
    """Give the tags whose exact values decide on which instances an actor may begin sessions; none where anything else does."""
    found: set[Tag] = set()
    for statement in _allowing(actor, START.lower()):
        if not _is_about_documents(statement):
            tags = list(_exact_tags(statement))
            if not tags:
                return frozenset()
            found.update(tags)
    return frozenset(found)


def _takes_sessions(role: Actor | None) -> bool:
    """Tell whether a role's own policies let an instance take sessions."""
    return role is not None and any(True for _ in _allowing(role, _CHANNEL))


def _asks_for_mfa(abilities: Abilities, arn: str) -> bool:
    if abilities.actor.kind is not ActorKind.USER:
        return True
    without: tuple[Fixed, ...] = (((_SECOND_FACTOR, ()),), ((_SECOND_FACTOR, ("false",)),))
    return not any(abilities.region(START, each).holds(arn) for each in without)


def _allowing(actor: Actor, action: str) -> Iterator[Statement]:
    for document in actor.documents:
        for statement in document.statements:
            if statement.effect is Effect.ALLOW and statement.covers_action(action):
                yield statement


def _is_about_documents(statement: Statement) -> bool:
    return bool(statement.resources) and all(
        ":document/" in each.split("*")[0] for each in statement.resources
    )


def _exact_tags(statement: Statement) -> Iterable[Tag]:
    for test in statement.condition_tests:
        key = next(
            (test.lowered_key[len(each) :] for each in _TAG_KEYS if test.lowered_key.startswith(each)), ""
        )
        if key and test.operator_name.lower() == "stringequals" and not test.has_variables:
            yield from ((key, value) for value in test.values)
