"""Whether one who bears policies may do more after a change: proved, shown by a request, or not to be told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.policy.document import Document, Kind
from keywright.policy.principals import PrincipalKind, principal
from keywright.policy.statement import Effect, Statement
from keywright.reasoning.actor import ActorKind
from keywright.reasoning.compare import NewAccess, NoNewAccess, UndecidedComparison, compare_access
from keywright.reasoning.hearing import Policies
from keywright.reasoning.replay import EVERYTHING, replay
from keywright.review.symbols import doubtful

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright.reasoning.compare import Comparison
    from keywright.review.side import Bearer, Held

ANYTHING = Statement(Effect.ALLOW, actions=("*",), resources=("*",), principals={"*": ("*",)})


@dataclass(frozen=True)
class Sides:
    """What is compared: the least that was in force, and the most that will be, for one holder."""

    before: Policies
    after: Policies
    holder: str = ""
    before_at_most: Policies | None = None
    after_at_least: Policies | None = None
    doubt: str = ""

    def compare(self) -> Comparison:
        """Compare, and take back what rests on what only the deployment knows."""
        if self.doubt:
            return UndecidedComparison(self.doubt)
        found = compare_access(self.before, self.after, self.holder)
        if isinstance(found, NewAccess):
            return found if self._is_sure(found) else UndecidedComparison(_PERHAPS)
        if isinstance(found, NoNewAccess):
            symbol = doubtful(documents_of(self.before), documents_of(self.after))
            if symbol:
                return UndecidedComparison(f"what `{symbol}` comes to is known only at deployment")
        return found

    def _is_sure(self, found: NewAccess) -> bool:
        before, after = self.before_at_most, self.after_at_least
        if before is None and after is None:
            return True
        return bool(replay(found.witness.request, before or self.before, after or self.after))


_PERHAPS = "what may be allowed in addition is known only at deployment"


def documents_of(policies: Policies) -> tuple[Document, ...]:
    """Give all documents of a set."""
    limits = (policies.boundary, policies.resource)
    return (*policies.identity, *(each for each in limits if each is not None))


def sides(before: Bearer | None, after: Bearer | None, holder: str = "") -> Sides:
    """Lay out identity-based policies and boundaries; what is open and the same on both sides is left aside."""
    was, now = _grants(before), _grants(after)
    common = common_of(was, now)
    old, new = _without(was, common), _without(now, common)
    doubt = _doubt(before, after)
    old_limit, new_limit = _limits(before, after)
    is_open = any(each.is_open for each in (*was, *now, *filter(None, (old_limit, new_limit))))
    return Sides(
        _least(old, old_limit),
        _most(new, new_limit),
        holder,
        _most((*old, *common), old_limit) if is_open else None,
        _least((*new, *common), new_limit) if is_open else None,
        doubt,
    )


def _most(held: Iterable[Held], limit: Held | None) -> Policies:
    return Policies(identity=tuple(each.most for each in held), boundary=limit.most if limit else None)


def _least(held: Iterable[Held], limit: Held | None) -> Policies:
    return Policies(identity=tuple(each.least for each in held), boundary=limit.least if limit else None)


def _grants(bearer: Bearer | None) -> tuple[Held, ...]:
    return bearer.grants if bearer else ()


def common_of(was: Sequence[Held], now: Sequence[Held]) -> tuple[Held, ...]:
    """Give the open policies that both sides hold; whatever they say, they say it before and after."""
    left = Counter(each.mark for each in was if each.is_open)
    found = []
    for each in now:
        if each.is_open and left[each.mark]:
            left[each.mark] -= 1
            found.append(each)
    return tuple(found)


def _without(held: Iterable[Held], common: Sequence[Held]) -> tuple[Held, ...]:
    left = Counter(each.mark for each in common)
    found = []
    for each in held:
        if each.is_open and left[each.mark]:
            left[each.mark] -= 1
        else:
            found.append(each)
    return tuple(found)


def _doubt(before: Bearer | None, after: Bearer | None) -> str:
    was, now = Counter(before.doubts if before else ()), Counter(after.doubts if after else ())
    changed = [*(now - was), *(was - now)]
    if changed:
        return changed[0]
    if (
        before
        and before.has_open_boundary
        and (not after or before.has_open_boundary != after.has_open_boundary)
    ):
        return "whether it had a boundary is known only at deployment"
    unknown = before and before.boundary_arn and before.boundary is None
    if unknown and after and before and before.boundary_arn != after.boundary_arn:
        return f"what the boundary `{before.boundary_arn}` left is not known"
    return ""


def _limits(before: Bearer | None, after: Bearer | None) -> tuple[Held | None, Held | None]:
    """Give the boundaries; one that is not known limits nothing for certain, and the same on both sides cancels."""
    old = before.boundary if before else None
    new = after.boundary if after else None
    if old and new and old.is_open and old.mark == new.mark:
        return None, None
    return old, new


# Denials


def denials(before: Bearer | None, after: Bearer | None, holder: str = "") -> Sides:
    """Lay out what is denied alone: everything else allowed, so that a lost denial shows."""
    found = sides(before, after, holder)
    return replace(
        found,
        before=_all_but_denied(found.before),
        after=_all_but_denied(found.after),
        before_at_most=found.before_at_most and _all_but_denied(found.before_at_most),
        after_at_least=found.after_at_least and _all_but_denied(found.after_at_least),
    )


def _all_but_denied(policies: Policies) -> Policies:
    limits = (policies.boundary,) if policies.boundary else ()
    denying = tuple(map(_denying, (*policies.identity, *limits)))
    return Policies(identity=(EVERYTHING, *(each for each in denying if each.statements or each.unread)))


def _denying(document: Document) -> Document:
    return replace(
        document, statements=tuple(each for each in document.statements if each.effect is Effect.DENY)
    )


def loses_denials(before: Bearer | None, after: Bearer | None) -> bool:
    """Tell whether comparing denials may show anything."""
    was = [each.least for each in _grants(before)] + (
        [before.boundary.least] if before and before.boundary else []
    )
    now = [each.most for each in _grants(after)] + ([after.boundary.most] if after and after.boundary else [])
    lost = {_key(s) for d in map(_denying, was) for s in d.statements}
    return not lost <= {_key(s) for d in map(_denying, now) for s in d.statements}


def _key(statement: Statement) -> str:
    return repr(replace(statement, sid="", pointer="").to_json())


def needs_denials(bearer: Bearer, *, is_named: bool) -> bool:
    """Tell whether something beside its own policies may allow: resources that name it, what others attach, doubts."""
    return (
        is_named
        or bool(bearer.doubts)
        or bearer.kind in {ActorKind.GROUP, ActorKind.POLICY}
        or any(each.is_open for each in bearer.grants)
    )


def limited(before: Bearer | None, after: Bearer | None, holder: str = "") -> Sides:
    """Lay out what denials and boundary leave of everything: a resource that names a role grants within its boundary."""
    found, bare = sides(before, after, holder), denials(before, after, holder)

    def within(policies: Policies, limit: Policies) -> Policies:
        return replace(policies, boundary=limit.boundary)

    return replace(
        bare,
        before=within(bare.before, found.before),
        after=within(bare.after, found.after),
        before_at_most=bare.before_at_most
        and within(bare.before_at_most, found.before_at_most or found.before),
        after_at_least=bare.after_at_least
        and within(bare.after_at_least, found.after_at_least or found.after),
    )


def changes_boundary(before: Bearer | None, after: Bearer | None) -> bool:
    """Tell whether a boundary went, came or says something else."""
    marks = [
        (each.boundary.mark if each.boundary else "", each.boundary_arn) for each in (before, after) if each
    ]
    return len(set(marks)) > 1


# Policies that name principals


def resource_sides(before: Sequence[Held], after: Sequence[Held], kind: Kind = Kind.RESOURCE) -> Sides:
    """Lay out the policies of one resource, or one role's trust."""
    common = common_of(before, after)
    old, new = _without(before, common), _without(after, common)
    is_open = any(each.is_open for each in (*before, *after))
    return Sides(
        Policies(resource=joined([each.least for each in old], kind)),
        Policies(resource=joined([each.most for each in new], kind)),
        "",
        Policies(resource=joined([each.most for each in (*old, *common)], kind)) if is_open else None,
        Policies(resource=joined([each.least for each in (*new, *common)], kind)) if is_open else None,
    )


def resource_denials(found: Sides) -> Sides:
    """The same with everything allowed beside, so that a lost denial shows."""
    return replace(
        found,
        before=_with_anything(found.before),
        after=_with_anything(found.after),
        before_at_most=found.before_at_most and _with_anything(found.before_at_most),
        after_at_least=found.after_at_least and _with_anything(found.after_at_least),
    )


def _with_anything(policies: Policies) -> Policies:
    document = policies.resource or Document((), kind=Kind.RESOURCE)
    return Policies(resource=replace(document, statements=(ANYTHING, *document.statements)))


def joined(documents: Sequence[Document], kind: Kind) -> Document:
    """Read several documents as one."""
    statements = tuple(each for document in documents for each in document.statements)
    unread = tuple(each for document in documents for each in document.unread)
    return Document(statements, kind=kind, unread=unread)


def directly(sides: Sides, account: str) -> Sides:
    """Lay out what principals of the account are allowed by their own names, whatever their own policies say.

    To name the account only lets it decide; to name a user or role of it decides.
    """

    def named(policies: Policies) -> Policies:
        document = policies.resource or Document((), kind=Kind.RESOURCE)
        kept = tuple(one for each in document.statements if (one := _by_name(each, account)) is not None)
        return Policies(resource=replace(document, statements=kept))

    return replace(
        sides,
        before=named(sides.before),
        after=named(sides.after),
        before_at_most=sides.before_at_most and named(sides.before_at_most),
        after_at_least=sides.after_at_least and named(sides.after_at_least),
    )


def _by_name(statement: Statement, account: str) -> Statement | None:
    """Leave of an Allow whom it names of an account; everything of a Deny, and of what names by exclusion."""
    if statement.effect is Effect.DENY or statement.not_principals:
        return statement
    names = tuple(each for each in statement.principals.get("AWS", ()) if _is_own(each, account))
    kept = {kind: each for kind, each in (("AWS", names), ("*", statement.principals.get("*", ()))) if each}
    return replace(statement, principals=kept) if kept else None


def _is_own(text: str, account: str) -> bool:
    """Tell whether a name may decide by itself; a wildcard or an unknown part may be anybody of the account."""
    who = principal(text)
    return who.kind is not PrincipalKind.ROOT and (not who.account.isdigit() or who.account == account)


def names_directly(document: Document) -> bool:
    """Tell whether a policy may allow somebody of an account whose own policies say nothing."""
    return any(
        each.effect is Effect.ALLOW
        and (
            each.not_principals
            or any(_is_direct(kind, text) for kind, texts in each.principals.items() for text in texts)
        )
        for each in document.statements
    )


def _is_direct(kind: str, text: str) -> bool:
    if kind not in {"AWS", "*"}:
        return False
    return principal(text).kind is not PrincipalKind.ROOT
