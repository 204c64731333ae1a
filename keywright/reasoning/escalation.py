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
from keywright.reasoning.changed import with_everything
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
class Path:
    """Steps from a principal to a target. `needs` says what must exist beside the templates, empty for nothing."""

    principal: Actor
    steps: tuple[Opening, ...]
    to: str
    needs: str

    @property
    def via(self) -> tuple[str, ...]:
        """The actions along the way."""
        return tuple(action for step in self.steps for action in step.technique.actions)


@dataclass(frozen=True)
class Escalates:
    """It can come to more; the shortest path is first."""

    actor: Actor
    paths: tuple[Path, ...]


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

    def _paths(self, actor: Actor) -> Iterator[Path]:
        """Walk breadth first; a target that gives nothing new leads nowhere."""
        reached: dict[_State, tuple[Actor, tuple[Opening, ...]]] = {_state(actor): (actor, ())}
        ends: set[str] = set()
        queue = deque([actor])
        while queue and len(reached) < MOST_STATES:
            current = queue.popleft()
            before = reached[_state(current)][1]
            for step in self._of(current):
                if before and step.technique.undecided:
                    continue
                if step.target is None:
                    if not before or step.to not in ends:
                        ends.add(step.to)
                        yield _path(actor, (*before, step))
                elif may_gain(actor, step.target):
                    yield from self._reached(actor, (*before, step), reached, queue)
        yield from self._edited(actor, reached)

    def _reached(
        self,
        actor: Actor,
        steps: tuple[Opening, ...],
        reached: dict[_State, tuple[Actor, tuple[Opening, ...]]],
        queue: deque[Actor],
    ) -> Iterator[Path]:
        target = steps[-1].target
        assert target is not None
        is_new = _state(target) not in reached
        path = _path(actor, steps)
        if _counts(path) and (is_new or len(steps) == 1):
            yield path
        if is_new and not steps[-1].technique.undecided:
            reached[_state(target)] = target, steps
            queue.append(target)

    def _edited(
        self, actor: Actor, reached: dict[_State, tuple[Actor, tuple[Opening, ...]]]
    ) -> Iterator[Path]:
        """Give what comes of writing the policies of somebody that one can act as."""
        others = {each.arn: steps for each, steps in reached.values() if each.arn != actor.arn}
        for editor, before in reached.values():
            for technique, other in Openings(editor, self._account).edits():
                target = with_everything(other)
                if other.arn in others and may_gain(actor, target):
                    step = Opening(technique, target, "")
                    yield _path(actor, tuple(dict.fromkeys((*before, step, *others[other.arn]))))


_State = tuple[str, frozenset[int], int]


def _state(actor: Actor) -> _State:
    """Tell actors apart by who they are and what is in force for them."""
    return actor.arn, frozenset(map(id, actor.documents)), id(actor.boundary)


def _path(actor: Actor, steps: tuple[Opening, ...]) -> Path:
    last = steps[-1]
    to = last.to
    if last.target is not None and not to:
        to = ADMINISTRATOR if isinstance(administration(last.target), Administrator) else LIMITED
    return Path(actor, steps, to, "; ".join(dict.fromkeys(step.needs for step in steps if step.needs)))


def _counts(path: Path) -> bool:
    """Tell whether a path is more than what was declared on purpose; reaching an administrator always is."""
    if not all(step.is_declared for step in path.steps):
        return True
    target = path.steps[-1].target
    return target is not None and isinstance(administration(target), Administrator)


def _doubt(path: Path) -> str:
    last = path.steps[-1].technique
    return f"{last.title}: {last.undecided}" if last.undecided else ""


def _unread(actor: Actor) -> list[str]:
    documents = (*actor.documents, *([actor.boundary] if actor.boundary else []))
    return [*actor.doubts, *(each.reason for document in documents for each in document.unread)]
