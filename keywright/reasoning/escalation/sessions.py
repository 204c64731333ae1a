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

from keywright.reasoning.account.actors import ActorKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
        permissions: ActorPermissions,
        technique: Technique,
        sources: Iterable[CredentialSource],
    ) -> None:
        self._permissions = permissions
        self._technique = technique
        self._named = named_tags(permissions.actor) if technique.actions == (START_SESSION,) else frozenset()
        self._keys = {key for key, _ in self._named}
        self._tags_stay = all(permissions.resources(each, ()).is_empty for each in TAGGING)
        self.agreed_elsewhere = (
            self._tags_stay and bool(self._named) and self._named <= self._agreed_tags(sources)
        )
        """Whether tags allow sessions on instances outside the templates only where the actor has an
        agreed session inside.
        """

    def resource_sets_on(self, source: CredentialSource) -> list[ResourceSet]:
        """Return the allowed resources for an instance; its tags are known unless the actor can change them."""
        fixed = tag_keys(source.tags) if self._tags_stay else ()
        return self._permissions.on(self._technique, self._technique.of, fixed)

    def tag_needed(self, source: CredentialSource) -> str:
        """Return the tag that a session needs and the instance lacks.

        Someone outside the templates may set it.
        """
        if not self._keys or self._keys & _keys_of(source):
            return ""
        return f"the tag {' or '.join(f'`{each}`' for each in sorted(self._keys))} on it"

    def is_agreed(self, source: CredentialSource) -> bool:
        """Return whether both sides allow the session and, for a user, whether it requires MFA."""
        return self.agreed_elsewhere if self.tag_needed(source) else self._is_agreed_by_tags(source)

    def _is_agreed_by_tags(self, source: CredentialSource) -> bool:
        is_named = bool(self._keys) and self._keys <= _keys_of(source)
        return (
            is_named
            and _takes_sessions(self._permissions.account.actor(source.identity_arn))
            and _asks_for_mfa(self._permissions, source.arn)
        )

    def _agreed_tags(self, sources: Iterable[CredentialSource]) -> set[Tag]:
        return {tag for each in sources if self._is_agreed_by_tags(each) for tag in tags_of(each.tags)}


def _keys_of(source: CredentialSource) -> set[str]:
    return {key.lower() for key in source.tags}


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
    for statement in actor.statements_allowing(START_SESSION.lower()):
        if not _is_about_documents(statement):
            tags = list(_exact_tags(statement))
            if not tags:
                return frozenset()
            found.update(tags)
    return frozenset(found)


def _takes_sessions(role: Actor | None) -> bool:
    """Return whether a role's own policies let an instance use Session Manager."""
    return role is not None and any(True for _ in role.statements_allowing(_CHANNEL))


def _asks_for_mfa(permissions: ActorPermissions, arn: str) -> bool:
    if permissions.actor.kind is not ActorKind.USER:
        return True
    without: tuple[FixedKeys, ...] = (((_MFA_PRESENT, ()),), ((_MFA_PRESENT, ("false",)),))
    return not any(permissions.resources(START_SESSION, each).contains(arn) for each in without)


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
