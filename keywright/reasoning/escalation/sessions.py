"""Sessions on instances that both sides name: who opens them by a tag, and the role of the instances that takes them.

Source: "Additional sample IAM policies for Session Manager" (AWS Systems Manager User Guide). Whoever has a session acts as the
instance's role. Where a policy grants it by a tag's exact value, on instances that are made with this tag and whose
role lets them take sessions, that is what was meant, as with a role whose trust names who assumes it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from keywright.policy.statement import Effect
from keywright.reasoning.account.actors import ActorKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.policy.statement import Statement
    from keywright.reasoning.account.actors import Actor, CredentialSource
    from keywright.reasoning.account.resource_sets import ResourceSet
    from keywright.reasoning.escalation.permissions import ActorPermissions, FixedKeys
    from keywright.reasoning.escalation.technique import Technique

START_SESSION = "ssm:StartSession"
TAGGING = ("ec2:CreateTags", "autoscaling:CreateOrUpdateTags", "ssm:AddTagsToResource")
"""A group hands its tags on to instances that it launches."""
_CHANNEL = "ssmmessages:opencontrolchannel"
_TAG_KEYS = ("aws:resourcetag/", "ssm:resourcetag/", "ec2:resourcetag/")
_MFA_PRESENT = "aws:multifactorauthpresent"

Tag = tuple[str, str]


class TaggedSessions:
    """What the tags of instances mean for one way of one actor; only a session can be agreed by them."""

    def __init__(
        self,
        abilities: ActorPermissions,
        technique: Technique,
        credential_sources: Iterable[CredentialSource],
    ) -> None:
        self._abilities = abilities
        self._technique = technique
        self._named = named_tags(abilities.actor) if technique.actions == (START_SESSION,) else frozenset()
        self._keys = {key for key, _ in self._named}
        self._tags_stay = all(abilities.region(each, ()).is_empty for each in TAGGING)
        self.agreed_elsewhere = (
            self._tags_stay and bool(self._named) and self._named <= self._agreed_tags(credential_sources)
        )
        """Whether tags grant sessions on instances outside that only those of the templates are given, by others."""

    def regions_on(self, credential_source: CredentialSource) -> list[ResourceSet]:
        """Give the regions of what the way needs on a credential_source, whose tags are as given unless the actor may change them."""
        fixed = tag_keys(credential_source.tags) if self._tags_stay else ()
        return self._abilities.on(self._technique, self._technique.of, fixed)

    def tag_needed(self, credential_source: CredentialSource) -> str:
        """Say which tag an instance is not given that a session on it takes; somebody from outside may give it."""
        if not self._keys or self._keys & _keys_of(credential_source):
            return ""
        return f"the tag {' or '.join(f'`{each}`' for each in sorted(self._keys))} on it"

    def agree(self, credential_source: CredentialSource) -> bool:
        """Tell whether a session on an instance is what both sides say, for whom has shown a second factor if it is a user."""
        return (
            self.agreed_elsewhere
            if self.tag_needed(credential_source)
            else self._is_agreed(credential_source)
        )

    def _is_agreed(self, credential_source: CredentialSource) -> bool:
        is_named = bool(self._keys) and self._keys <= _keys_of(credential_source)
        return (
            is_named
            and _takes_sessions(self._abilities.account.actor(credential_source.identity_arn))
            and _asks_for_mfa(self._abilities, credential_source.arn)
        )

    def _agreed_tags(self, credential_sources: Iterable[CredentialSource]) -> set[Tag]:
        return {tag for each in credential_sources if self._is_agreed(each) for tag in tags_of(each.tags)}


def _keys_of(credential_source: CredentialSource) -> set[str]:
    return {key.lower() for key in credential_source.tags}


def tag_keys(tags: Mapping[str, str]) -> FixedKeys:
    """Give the condition keys that a resource's tags fix, each with its value; tags that differ only by case fix none."""
    times = Counter(map(str.lower, tags))
    certain = [(key.lower(), value) for key, value in tags.items() if times[key.lower()] == 1]
    return tuple((prefix + key, (value,)) for key, value in certain for prefix in _TAG_KEYS)


def tags_of(tags: Mapping[str, str]) -> frozenset[Tag]:
    """Write tags as conditions compare them: keys know no case."""
    return frozenset((key.lower(), value) for key, value in tags.items())


def named_tags(actor: Actor) -> frozenset[Tag]:
    """Give the tags whose exact values decide on which instances an actor may begin sessions; none where anything else does."""
    found: set[Tag] = set()
    for statement in _allowing(actor, START_SESSION.lower()):
        if not _is_about_documents(statement):
            tags = list(_exact_tags(statement))
            if not tags:
                return frozenset()
            found.update(tags)
    return frozenset(found)


def _takes_sessions(role: Actor | None) -> bool:
    """Tell whether a role's own policies let an instance take sessions."""
    return role is not None and any(True for _ in _allowing(role, _CHANNEL))


def _asks_for_mfa(abilities: ActorPermissions, arn: str) -> bool:
    if abilities.actor.kind is not ActorKind.USER:
        return True
    without: tuple[FixedKeys, ...] = (((_MFA_PRESENT, ()),), ((_MFA_PRESENT, ("false",)),))
    return not any(abilities.region(START_SESSION, each).holds(arn) for each in without)


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
