"""Narrower grants: what each grant can lose, in the words that declarations have, and why the rest is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.model.grants.grant import (
    AssumeGrant,
    S3Grant,
    ServiceGrant,
    SessionGrant,
    StatementGrant,
)
from keywright.model.grants.statement import WILDCARDS
from keywright.model.source.yaml_edits import Drop, Spread
from keywright.policy.matching.patterns import action_pattern
from keywright.policy.reference.catalogue import action as known_action
from keywright.policy.reference.catalogue import matching_actions
from keywright.reporting.text import counted, listed
from keywright.statements.declared.grants import statements_of_grant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.model.action_lock import ActionLock
    from keywright.model.declarations import Declarations
    from keywright.model.grants.grant import Grant
    from keywright.model.source.places import Path
    from keywright.model.source.yaml_edits import YamlEdit
    from keywright.tighten.evidence import Evidence
    from keywright.tighten.observed import Activity

_MOST_ACTIONS = 40
"""The most actions that are written in the place of a pattern: a longer list is not easier to review."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A grant that loses actions; `edits` are those of its file, in order."""

    path: Path
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    says: str
    edits: tuple[YamlEdit, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the grant as a whole is removed."""
        return not self.kept


@dataclass(frozen=True, slots=True)
class Left:
    """A grant that stays as it is, or partly, and why."""

    path: Path
    because: str


@dataclass
class Judge:
    """Judges the grants of one holder by what all that get them did."""

    declarations: Declarations
    lock: ActionLock | None
    evidence: Evidence
    activity: Activity
    promised: tuple[str, ...]
    """Patterns of actions that an `always` promises."""
    _needed: frozenset[str] = field(init=False)
    _unknown: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        used = self.activity.used()
        self._unknown = self.activity.unknown_services()
        # AWS checks these too where the action is used, without an event of their own.
        dependent = (
            each for name in used if (known := known_action(name)) for each in known.dependent_actions
        )
        self._needed = used | {each.lower() for each in dependent}

    def judge(self, path: Path, grant: Grant) -> Iterator[Narrowing | Left]:
        """Give what a grant can lose, and why the rest stays."""
        if isinstance(grant, StatementGrant):
            if grant.statement.allows:
                yield from self._statement(path, grant)
        elif isinstance(grant, ServiceGrant):
            yield from self._service(path, grant)
        else:
            yield Left(path, _UNSEEN[type(grant)])

    def _can_go(self, action: str) -> bool:
        """Tell whether the trail shows that an action is not needed."""
        return (
            action.lower() not in self._needed
            and action.partition(":")[0].lower() not in self._unknown
            and not any(action_pattern(each).covers(action.lower()) for each in self.promised)
            and self.evidence.shows(action)
        )

    def _statement(self, path: Path, grant: StatementGrant) -> Iterator[Narrowing | Left]:
        raw = grant.statement
        unseen = [each for each in map(_region, raw.resources) if not self.evidence.covers_region(each)]
        if unseen:
            yield Left(path, f"the trail does not cover {listed(unseen)}")
            return
        actions = (*path, "statement", "actions")
        edits: list[YamlEdit] = []
        removed: list[str] = []
        kept: list[str] = []
        # From the end, so that no index changes before its edit.
        for index in range(len(raw.actions) - 1, -1, -1):
            written = raw.actions[index]
            covered = _covered(written)
            gone = [each for each in covered if self._can_go(each)]
            stays = [each for each in covered if each not in gone]
            too_many = len(stays) > _MOST_ACTIONS
            if not gone or too_many:
                kept.insert(0, written)
                if too_many and gone:
                    yield Left(
                        path,
                        f"`{written}` covers {counted(len(stays), 'action')} that are used or that the trail can't show",
                    )
                continue
            removed += gone
            kept[:0] = stays
            edits.append(Spread((*actions, index), tuple(stays)) if stays else Drop((*actions, index)))
        if not removed:
            yield self._why_left(path, raw.actions)
            return
        if not kept:
            yield self._whole(path, removed)
            return
        if grant.wildcards is not None and not any(WILDCARDS & set(each) for each in (*kept, *raw.resources)):
            edits.append(Drop((*path, "wildcards")))
        yield Narrowing(path, tuple(sorted(removed)), tuple(kept), "fewer actions", tuple(edits))

    def _service(self, path: Path, grant: ServiceGrant) -> Iterator[Narrowing | Left]:
        allow = grant.allow
        unseen = [each for each in map(_region, allow.resources) if not self.evidence.covers_region(each)]
        if unseen:
            yield Left(path, f"the trail does not cover {listed(unseen)}")
            return
        by_level = {level: self._actions_of(grant, level) for level in allow.levels}
        idle = [level for level, actions in by_level.items() if actions and all(map(self._can_go, actions))]
        removed = [each for level in idle for each in by_level[level]]
        kept = [each for level, actions in by_level.items() if level not in idle for each in actions]
        for level, actions in by_level.items():
            unused = [each for each in actions if self._can_go(each)]
            if level not in idle and unused:
                yield Left(
                    path,
                    f"{counted(len(unused), 'action')} of {len(actions)} of `{level}` of {allow.service} not used; "
                    "a level can't be declared in part, an exact statement can",
                )
        if not idle:
            if not any(map(self._can_go, kept)):
                yield self._why_left(path, kept)
            return
        if len(idle) == len(by_level):
            yield self._whole(path, removed)
            return
        edits = tuple(
            Drop((*path, "allow", "levels", index))
            for index in range(len(allow.levels) - 1, -1, -1)
            if allow.levels[index] in idle
        )
        yield Narrowing(path, tuple(sorted(removed)), tuple(kept), f"without {listed(idle)}", edits)

    def _actions_of(self, grant: ServiceGrant, level: object) -> tuple[str, ...]:
        allow = grant.allow.model_copy(update={"levels": (level,)})
        statements = statements_of_grant(
            grant.model_copy(update={"allow": allow}), self.declarations, self.lock
        )
        return tuple(dict.fromkeys(each for statement in statements for each in statement.actions))

    def _whole(self, path: Path, removed: Iterable[str]) -> Narrowing:
        return Narrowing(path, tuple(sorted(set(removed))), (), "removed", (Drop(path),))

    def _why_left(self, path: Path, written: Iterable[str]) -> Left:
        covered = [each for one in written for each in _covered(one)]
        services = {each.partition(":")[0].lower() for each in covered}
        for service in sorted(services & self._unknown.keys()):
            return Left(path, f"the event `{self._unknown[service]}` names no known action of {service}")
        unseen = [
            each for each in covered if each.lower() not in self._needed and not self.evidence.shows(each)
        ]
        if unseen:
            return Left(path, f"the trail can't show whether {listed(unseen, most=3)} is used")
        return Left(path, "all of it is used, or checked with what is used, or promised by `always`")


_UNSEEN = {
    S3Grant: "reads and writes of objects are data events, which a trail has only where it is told to; kept",
    AssumeGrant: "the way into a role is removed by hand, or by `keywright retire`; kept",
    SessionGrant: "the way to an instance is removed by hand; kept",
}


def _covered(written: str) -> list[str]:
    """Give the actions of a pattern that AWS's reference knows, or the action itself, known or not."""
    if not WILDCARDS & set(written):
        return [written]
    return sorted(str(each) for each in matching_actions(written)) or [written]


def _region(resource: str) -> str:
    """Give the Region of an ARN, if it has one."""
    parts = resource.split(":")
    return parts[3] if resource.startswith("arn:") and len(parts) > 3 else ""  # noqa: PLR2004 - the fourth field
