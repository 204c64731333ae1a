"""Sessions on instances that are agreed by tag.

The principal's policy and the instance's role both allow them.

Source: "Additional sample IAM policies for Session Manager" (AWS Systems Manager User Guide). Whoever has a
session acts as the instance's role. Where a policy allows it by the exact value of a tag, on instances that
are created with this tag and whose role allows Session Manager, the access is intended, as with a role whose
trust policy names the principal.
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
"""Actions that set tags; an Auto Scaling group passes its tags to the instances that it launches."""
_CHANNEL = "ssmmessages:opencontrolchannel"
_TAG_KEYS = ("aws:resourcetag/", "ssm:resourcetag/", "ec2:resourcetag/")
_MFA_PRESENT = "aws:multifactorauthpresent"

Tag = tuple[str, str]


class TaggedSessions:
    """What instance tags mean for one technique of one actor; only sessions can be agreed by tag."""

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
        """Whether tags allow sessions on instances outside the templates only where the actor has an
        agreed session inside.
        """

    def regions_on(self, credential_source: CredentialSource) -> list[ResourceSet]:
        """Return the allowed resources for an instance; its tags are known unless the actor can change them."""
        fixed = tag_keys(credential_source.tags) if self._tags_stay else ()
        return self._abilities.on(self._technique, self._technique.of, fixed)

    def tag_needed(self, credential_source: CredentialSource) -> str:
        """Return the tag that a session needs and the instance lacks.

        Someone outside the templates may set it.
        """
        if not self._keys or self._keys & _keys_of(credential_source):
            return ""
        return f"the tag {' or '.join(f'`{each}`' for each in sorted(self._keys))} on it"

    def agree(self, credential_source: CredentialSource) -> bool:
        """Return whether both sides allow the session and, for a user, whether it requires MFA."""
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
    """Return the context keys that tags determine; tags that differ only in case determine none."""
    times = Counter(map(str.lower, tags))
    certain = [(key.lower(), value) for key, value in tags.items() if times[key.lower()] == 1]
    return tuple((prefix + key, (value,)) for key, value in certain for prefix in _TAG_KEYS)


def tags_of(tags: Mapping[str, str]) -> frozenset[Tag]:
    """Return tags as conditions compare them: tag keys ignore case."""
    return frozenset((key.lower(), value) for key, value in tags.items())


def named_tags(actor: Actor) -> frozenset[Tag]:
    """Return the tags whose exact values decide where an actor can start sessions.

    None where anything else decides.
    """
    found: set[Tag] = set()
    for statement in _allowing(actor, START_SESSION.lower()):
        if not _is_about_documents(statement):
            tags = list(_exact_tags(statement))
            if not tags:
                return frozenset()
            found.update(tags)
    return frozenset(found)


def _takes_sessions(role: Actor | None) -> bool:
    """Return whether a role's own policies let an instance use Session Manager."""
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
