"""Paths to more privilege: what each actor of an account can come to, step by step, shortest first.

An edge is a role that may be assumed, by identity and trust side together, or a technique that is open; every edge is
judged with conditions, boundaries and denials. Escalation is to reach what one may not do already: an administrator
escalates nowhere.

Blind to: needs of one technique that are spread over several actors (one may pass the role, another start the
function); resource-based policies other than trust; poisoned sources, images and artifacts; what data gives away.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.reasoning.administrator import Administrator, administration
from keywright.reasoning.gain import may_gain
from keywright.reasoning.openings import Opening, Openings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.reasoning.actor import Account, Actor

ADMINISTRATOR = "administrator"
LIMITED = "whatever its permissions boundary and denials leave"
MOST_STATES = 500
"""Actors that one search looks at; a larger account is searched as far as this."""


@dataclass(frozen=True)
class EscalationPath:
    """Steps from a principal to a target. `needs` says what must exist beside the templates, empty for nothing."""

    principal: Actor
    steps: tuple[Opening, ...]
    to: str
    needs: str

    @property
    def reaches_administrator(self) -> bool:
        """Whether whoever stands at the end may do everything."""
        target = self.steps[-1].target
        return target is not None and isinstance(administration(target), Administrator)

    @property
    def via(self) -> tuple[str, ...]:
        """The actions along the way."""
        return tuple(action for step in self.steps for action in step.technique.actions)


@dataclass(frozen=True)
class Escalates:
    """It can come to more; the shortest path is first."""

    actor: Actor
    paths: tuple[EscalationPath, ...]


@dataclass(frozen=True)
class Holds:
    """It has everything already."""

    actor: Actor


@dataclass(frozen=True)
class Contained:
    """No known technique leads it further."""

    actor: Actor


@dataclass(frozen=True)
class Unclear:
    """Nothing proved leads further; what is not known might."""

    actor: Actor
    because: tuple[str, ...]


Standing = Escalates | Holds | Contained | Unclear


def escalations(account: Account) -> tuple[Standing, ...]:
    """Tell how each actor of an account stands."""
    search = _Search(account)
    return tuple(search.standing(actor) for actor in account.actors)


class _Search:
    """One account's openings, each looked at once."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._openings: dict[_State, tuple[Opening, ...]] = {}

    def standing(self, actor: Actor) -> Standing:
        if isinstance(administration(actor), Administrator):
            return Holds(actor)
        found = list(self._paths(actor))
        paths = [path for path in found if not _doubt(path)]
        if paths:
            return Escalates(actor, tuple(sorted(paths, key=lambda path: len(path.steps))))
        doubts = dict.fromkeys([*filter(None, map(_doubt, found)), *_unread(actor)])
        return Unclear(actor, tuple(doubts)) if doubts else Contained(actor)

    def _of(self, actor: Actor) -> tuple[Opening, ...]:
        state = _state(actor)
        if state not in self._openings:
            self._openings[state] = tuple(Openings(actor, self._account))
        return self._openings[state]

    def _paths(self, actor: Actor) -> Iterator[EscalationPath]:
        """Give every first step that gains, and the shortest path to each target beyond."""
        reached: _Reached = {_state(actor): (actor, ())}
        ends_outside = False
        for step in self._of(actor):
            path = _path(actor, (step,))
            if step.target is None:
                ends_outside |= not step.technique.undecided
                yield path
            elif may_gain(actor, step.target):
                if not step.technique.undecided:
                    reached.setdefault(_state(step.target), (step.target, path.steps))
                if _counts(path):
                    yield path
        yield from self._further(actor, reached, ends_outside=ends_outside)
        yield from self._edited(actor, reached)

    def _further(self, actor: Actor, reached: _Reached, *, ends_outside: bool) -> Iterator[EscalationPath]:
        """Walk on breadth first from whom one can be; who has everything leads nowhere else."""
        queue = deque(steps for _, steps in reached.values() if steps)
        while queue and len(reached) < MOST_STATES:
            before = queue.popleft()
            current = before[-1].target
            if current is None or isinstance(administration(current), Administrator):
                continue
            for step in self._of(current):
                if step.technique.undecided:
                    continue
                steps = (*before, step)
                if step.target is None:
                    if not ends_outside:
                        ends_outside = True
                        yield _path(actor, steps)
                elif _state(step.target) not in reached and may_gain(actor, step.target):
                    reached[_state(step.target)] = step.target, steps
                    queue.append(steps)
                    if _counts(_path(actor, steps)):
                        yield _path(actor, steps)

    def _edited(self, actor: Actor, reached: _Reached) -> Iterator[EscalationPath]:
        """Give what comes of writing the policies of somebody that one can act as, one path a somebody."""
        others = {each.arn: steps for each, steps in reached.values() if each.arn != actor.arn}
        for editor, before in list(reached.values()):
            if isinstance(administration(editor), Administrator):
                return
            for technique, other, target in Openings(editor, self._account).edits() if others else ():
                if other.arn in others and may_gain(actor, target):
                    step = Opening(technique, target, "")
                    steps = tuple(dict.fromkeys((*before, step, *others.pop(other.arn))))
                    yield _path(actor, steps, target)


_Reached = dict["_State", tuple["Actor", tuple[Opening, ...]]]
_State = tuple[str, frozenset[int], int]


def _state(actor: Actor) -> _State:
    """Tell actors apart by who they are and what is in force for them."""
    return actor.arn, frozenset(map(id, actor.documents)), id(actor.boundary)


def _path(actor: Actor, steps: tuple[Opening, ...], target: Actor | None = None) -> EscalationPath:
    """Make a path; it leads to `target` where that is not where the last step does."""
    to = "" if target else steps[-1].to
    changed = target or steps[-1].target
    if changed is not None and not to:
        is_administrator = isinstance(administration(changed), Administrator)
        to = ADMINISTRATOR if is_administrator else f"{changed.name}, with {LIMITED}"
    return EscalationPath(
        actor, steps, to, "; ".join(dict.fromkeys(step.needs for step in steps if step.needs))
    )


def _counts(path: EscalationPath) -> bool:
    """Tell whether a path is more than what was declared on purpose; reaching an administrator always is."""
    return not all(step.is_declared for step in path.steps) or path.reaches_administrator


def _doubt(path: EscalationPath) -> str:
    last = path.steps[-1].technique
    return f"{last.title}: {last.undecided}" if last.undecided else ""


def _unread(actor: Actor) -> list[str]:
    documents = (*actor.documents, *([actor.boundary] if actor.boundary else []))
    return [*actor.doubts, *(each.reason for document in documents for each in document.unread)]
