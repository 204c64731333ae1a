"""Escalation paths: the steps by which each actor of an account can gain access, shortest first.

This is a breadth-first search. An edge is a role that can be assumed (by identity and trust policy together),
or an open technique; every edge respects conditions, boundaries and denials. Only access that the actor lacks
counts as escalation, so an administrator cannot escalate.

Not covered: a technique whose actions are spread over several actors (one can pass the role, another can
start the function); resource-based policies other than trust policies; manipulated sources, images and
artifacts; secrets in data.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from keywright.reasoning.escalation.administrator import Administrator, administrator_status
from keywright.reasoning.escalation.equivalent_users import equivalence_classes
from keywright.reasoning.escalation.gain import GainsAccess, GainsNoAccess, UndecidedGain, gained_access
from keywright.reasoning.escalation.steps import EscalationStep, EscalationSteps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.reasoning.account.actors import Account, Actor
    from keywright.reasoning.escalation.equivalent_users import EquivalenceKey

ADMINISTRATOR = "administrator"
WITHIN_LIMITS = "everything its permissions boundary and Deny statements do not exclude"
MOST_STATES = 5_000
MOST_STEPS = 2_000_000
TOO_MANY_STATES = "it can act as more than {:,} identities, not all of which were examined"
TOO_MANY_STEPS = "the account has too many escalation steps to examine all of them"


@dataclass(frozen=True)
class EscalationPath:
    """Steps from a principal to a target.

    `needs` describes what must exist outside the templates; empty for nothing.
    """

    principal: Actor
    steps: tuple[EscalationStep, ...]
    to: str
    needs: str

    @property
    def reaches_administrator(self) -> bool:
        """Whether the end of the path has full access."""
        target = self.steps[-1].target
        return target is not None and isinstance(administrator_status(target), Administrator)

    @property
    def via(self) -> tuple[str, ...]:
        """The actions along the path."""
        return tuple(action for step in self.steps for action in step.technique.actions)


@dataclass(frozen=True)
class Escalates:
    """The actor can escalate; the shortest path is first.

    `unfinished` says where the search stopped early.
    """

    actor: Actor
    paths: tuple[EscalationPath, ...]
    unfinished: tuple[str, ...] = ()


@dataclass(frozen=True)
class IsAdministrator:
    """The actor already has full access."""

    actor: Actor


@dataclass(frozen=True)
class NoEscalation:
    """No known technique gives the actor more access."""

    actor: Actor


@dataclass(frozen=True)
class UndecidedEscalation:
    """No escalation is proved, but something unknown might allow one."""

    actor: Actor
    because: tuple[str, ...]


EscalationResult = Escalates | IsAdministrator | NoEscalation | UndecidedEscalation


def find_escalations(
    account: Account,
    *,
    of: Iterable[Actor] | None = None,
    most_states: int = MOST_STATES,
    most_steps: int = MOST_STEPS,
) -> tuple[EscalationResult, ...]:
    """Find the escalation paths of each actor of an account, or of each actor in `of`.

    The results for the whole account are cached with it, if the usual limits applied or no limit was reached.

    The search for one actor stops after `most_states` actor states, all searches together stop after
    `most_steps` steps; the result says what was not examined.
    """
    search = _Search(account, most_states, most_steps)
    if of is not None:
        return tuple(search.results(tuple(of)))
    is_usual = (most_states, most_steps) == (MOST_STATES, MOST_STEPS)
    if is_usual and account in _FOUND:
        return _FOUND[account]
    found = tuple(search.results(account.actors))
    if is_usual or not search.hit_limit:
        _FOUND[account] = found
    return found


_FOUND: WeakKeyDictionary[Account, tuple[EscalationResult, ...]] = WeakKeyDictionary()


class _Search:
    """The searches of one account; the steps of each actor state are found once."""

    def __init__(self, account: Account, most_states: int, most_steps: int) -> None:
        self.account = account
        self.most_states = most_states
        self.steps_left = most_steps
        self.hit_limit = False
        self._steps: dict[_State, tuple[EscalationSteps, tuple[EscalationStep, ...]]] = account.step_cache

    def results(self, actors: Sequence[Actor]) -> Iterator[EscalationResult]:
        """Yield the result of each actor; of equivalent users without escalation only one is examined."""
        equivalent = equivalence_classes(self.account, actors)
        contained: set[EquivalenceKey] = set()
        for actor in actors:
            shared = equivalent.get(actor)
            found = NoEscalation(actor) if shared in contained else self.result_of(actor)
            if shared is not None and isinstance(found, NoEscalation):
                contained.add(shared)
            yield found

    def result_of(self, actor: Actor) -> EscalationResult:
        if isinstance(administrator_status(actor), Administrator):
            return IsAdministrator(actor)
        path_search = _PathSearch(actor, self)
        paths = sorted(path_search.paths(), key=lambda path: len(path.steps))
        if paths:
            return Escalates(actor, tuple(paths), tuple(path_search.unfinished))
        doubts = tuple(dict.fromkeys((*path_search.doubts, *path_search.unfinished, *_unread(actor))))
        return UndecidedEscalation(actor, doubts) if doubts else NoEscalation(actor)

    def steps_of(self, actor: Actor) -> tuple[EscalationSteps, tuple[EscalationStep, ...]]:
        """Return all open steps of an actor, and the object that found them."""
        state = _state(actor)
        if state not in self._steps:
            finder = EscalationSteps(actor, self.account)
            self._steps[state] = finder, tuple(finder)
        return self._steps[state]


@dataclass
class _PathSearch:
    """The breadth-first search from one actor; it collects doubts and what it did not finish."""

    actor: Actor
    search: _Search
    doubts: dict[str, None] = field(default_factory=dict)
    unfinished: dict[str, None] = field(default_factory=dict)
    reached: _Reached = field(default_factory=dict)
    ends_outside: bool = False

    def paths(self) -> Iterator[EscalationPath]:
        """Yield each first step that gains access, and the shortest path to each further target."""
        self.reached[_state(self.actor)] = self.actor, ()
        gains = False
        for path in self._first_paths():
            yield path
            gains = True
            if self._limit_is_reached():
                break
        if not (gains and self._limit_is_reached()):
            yield from self._later_paths()
            yield from self._policy_edits()

    def _first_paths(self) -> Iterator[EscalationPath]:
        for step in self._steps_of(self.actor):
            if step.technique.undecided:
                self._doubt(step)
            elif step.target is None:
                self.ends_outside = True
                yield _path(self.actor, (step,))
            else:
                yield from self._reach(step.target, (step,))

    def _later_paths(self) -> Iterator[EscalationPath]:
        """Continue from the reached actors; administrators lead nowhere else."""
        queue = deque(steps for _, steps in self.reached.values() if steps)
        while queue:
            before = queue.popleft()
            current = before[-1].target
            if current is None or isinstance(administrator_status(current), Administrator):
                continue
            known = len(self.reached)
            yield from self._from(current, before)
            # `reached` keeps its order of insertion, so this appends exactly what is new:
            # breadth first.
            queue.extend(steps for _, steps in islice(self.reached.values(), known, None))
            if self._limit_is_reached():
                return

    def _from(self, current: Actor, before: tuple[EscalationStep, ...]) -> Iterator[EscalationPath]:
        for step in self._steps_of(current):
            steps = (*before, step)
            # A step that may be impossible is reported as a doubt for the first actor only.
            if step.technique.undecided:
                continue
            if step.target is None:
                if not self.ends_outside:
                    self.ends_outside = True
                    yield _path(self.actor, steps)
            elif _state(step.target) not in self.reached:
                yield from self._reach(step.target, steps)

    def _limit_is_reached(self) -> bool:
        if len(self.reached) > self.search.most_states:
            self.unfinished[TOO_MANY_STATES.format(self.search.most_states)] = None
        elif self.search.steps_left < 0:
            self.unfinished[TOO_MANY_STEPS] = None
        else:
            return False
        self.search.hit_limit = True
        return True

    def _steps_of(self, actor: Actor) -> tuple[EscalationStep, ...]:
        finder, steps = self.search.steps_of(actor)
        self.search.steps_left -= len(steps) + 1
        self.unfinished.update(finder.doubts)
        return steps

    def _doubt(self, step: EscalationStep) -> None:
        if step.target is None or not isinstance(gained_access(self.actor, step.target), GainsNoAccess):
            self.doubts[f"{step.technique.title}: {step.technique.undecided}"] = None

    def _reach(self, target: Actor, steps: tuple[EscalationStep, ...]) -> Iterator[EscalationPath]:
        """Reach an actor; other roles may trust it, whether or not it has more access itself."""
        if target.arn != self.actor.arn and not _is_escalation(_path(self.actor, steps)):
            self.reached.setdefault(_state(target), (target, steps))
            return  # declared on purpose, whatever access it gives
        found = gained_access(self.actor, target)
        if isinstance(found, GainsNoAccess) and target.arn == self.actor.arn:
            return
        self.reached.setdefault(_state(target), (target, steps))
        if isinstance(found, UndecidedGain):
            self.doubts[found.because] = None
        elif isinstance(found, GainsAccess):
            path = _path(self.actor, steps, needs=found.needs)
            if _is_escalation(path):
                yield path

    def _policy_edits(self) -> Iterator[EscalationPath]:
        """Yield the paths that rewrite policies of the actor or of a reached actor, one path per actor."""
        others = {each.arn: steps for each, steps in self.reached.values()} | {self.actor.arn: ()}
        for editor, before in list(self.reached.values()) if len(others) > 1 else ():
            if isinstance(administrator_status(editor), Administrator):
                return
            declared = [each for each in map(self.search.account.actor, others) if each is not None]
            for technique, other, target in self.search.steps_of(editor)[0].edits(declared):
                found = gained_access(self.actor, target) if other.arn in others else GainsNoAccess()
                if isinstance(found, UndecidedGain):
                    self.doubts[found.because] = None
                elif isinstance(found, GainsAccess):
                    written = EscalationStep(technique, target, "", found.needs)
                    steps = tuple(dict.fromkeys((*before, written, *others.pop(other.arn))))
                    yield _path(self.actor, steps, target)


_Reached = dict["_State", tuple["Actor", tuple[EscalationStep, ...]]]
_State = tuple[str, frozenset[int], int]


def _state(actor: Actor) -> _State:
    """Identify an actor by its ARN and its policies."""
    # Documents are shared and never copied, so their identity is a cheap and exact key.
    return actor.arn, frozenset(map(id, actor.documents)), id(actor.boundary)


def _path(
    actor: Actor, steps: tuple[EscalationStep, ...], target: Actor | None = None, needs: str = ""
) -> EscalationPath:
    """Make a path; it leads to `target`, or to where the last step leads."""
    to = "" if target else steps[-1].to
    changed = target or steps[-1].target
    if changed is not None and not to:
        is_administrator = isinstance(administrator_status(changed), Administrator)
        to = ADMINISTRATOR if is_administrator else f"{changed.name}, with {WITHIN_LIMITS}"
    needed = (*(step.needs for step in steps), needs)
    return EscalationPath(actor, steps, to, "; ".join(dict.fromkeys(filter(None, needed))))


def _is_escalation(path: EscalationPath) -> bool:
    """Return whether a path is more than what was declared on purpose.

    Reaching an administrator always is.
    """
    return not all(step.is_declared for step in path.steps) or path.reaches_administrator


def _unread(actor: Actor) -> list[str]:
    return [*actor.doubts, *(each.reason for document in actor.all_documents for each in document.unread)]
