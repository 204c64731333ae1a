"""What one kind of policy says to a request: whether it allows, whether it denies, and by which statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.policy.matching.context import ABSENT, MAYBE, NO, UNKNOWN, Truth
from keywright.policy.principals import DIRECTLY, UNNAMED, Reach, named_by, not_excepted_by
from keywright.policy.statement import Effect
from keywright.reasoning.verdict import Ground, Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright.policy.matching.context import Missing, Values
    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.request import Request


@dataclass(slots=True)
class Word:
    """The strongest allow and deny of some documents, each with the statement it comes from (None: a part unread)."""

    layer: Layer
    reach: Reach = UNNAMED
    denies: Truth = NO
    allowing: Ground | None = None
    denying: Ground | None = None

    @property
    def allows(self) -> Truth:
        """Whether the documents allow at all; for documents without principals there is but one way."""
        return self.reach.account


def word_of(
    layer: Layer,
    documents: Sequence[Document],
    request: Request,
    *,
    first: int = 0,
    is_bounded: bool = False,
) -> Word:
    """Hear what documents say; a part of one that was not understood may allow and may deny.

    `first` numbers the first document among its kind; `is_bounded` says that the principal has a permissions
    boundary.
    """
    word = Word(layer)
    for index, document in enumerate(documents, first):
        for statement in document.concerning(request.lowered_action):
            found = circumstances(statement, request)
            if found is not NO:
                reach = reached(statement, request, is_bounded=is_bounded)
                _add(word, Ground(layer, index, statement), reach.capped(found))
        if document.unread:
            word.denies = max(word.denies, MAYBE)
            word.reach = word.reach.joined(DIRECTLY.capped(MAYBE))
    return word


def _add(word: Word, ground: Ground, reach: Reach) -> None:
    if ground.statement.effect is Effect.ALLOW:
        if reach > word.reach:
            word.allowing = ground
        word.reach = word.reach.joined(reach)
    elif reach.account > word.denies:
        word.denies, word.denying = reach.account, ground


def covers(statement: Statement, request: Request) -> Truth:
    """Tell whether action, resource and conditions fit a request, whoever makes it."""
    return circumstances(statement, request) if statement.covers_action(request.lowered_action) else NO


def circumstances(statement: Statement, request: Request) -> Truth:
    """Tell whether resource and conditions fit a request, whoever makes it and whatever is its action."""
    found = statement.covers_resource(request.target, request.context)
    return min(found, statement.holds(request.context)) if found is not NO else NO


def reached(statement: Statement, request: Request, *, is_bounded: bool = False) -> Reach:
    """Tell how a statement names the request's principal; one without principals is about its holder.

    AWS never excepts a principal with a permissions boundary from a Deny with `NotPrincipal`.
    """
    if statement.principals:
        return named_by(statement.principals, request.principal, _user_id(request))
    if statement.not_principals and not (is_bounded and statement.effect is Effect.DENY):
        excepted = not_excepted_by(statement.not_principals, request.principal, _user_id(request))
        return DIRECTLY.capped(excepted)
    return DIRECTLY


def _user_id(request: Request) -> Values | Missing:
    found = request.context.lookup("aws:userid")
    return UNKNOWN if found is ABSENT and not request.context.complete else found


def doubts(statement: Statement, request: Request, *, is_bounded: bool = False) -> Iterator[str]:
    """Name what keeps a statement from being decided."""
    for test in statement.condition_tests:
        if test.holds(request.context) is MAYBE:
            yield f"the condition `{test.operator_name}` on `{test.key}` can't be told"
    if statement.covers_resource(request.target, request.context) is MAYBE:
        yield "a variable of its resource can't be told"
    if MAYBE in reached(statement, request, is_bounded=is_bounded):
        yield f"how it names `{request.principal_text}` can't be told"
