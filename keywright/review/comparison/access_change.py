"""Pairs of policies before and after a change: whether access is gained is proved, shown by a request, or undecided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import Arn
from keywright.policy.principals import PrincipalKind, principal
from keywright.policy.statement import Document, Effect, Kind, Statement
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, UndecidedComparison, compare_access
from keywright.reasoning.evaluation.policies import FULL_ACCESS, Policies
from keywright.reasoning.sets.examples import ACCOUNT, REGION
from keywright.reasoning.witnesses.replay import replay
from keywright.review.comparison.fingerprint import statement_key
from keywright.review.comparison.symbols import symbol_assumed_different, undecidable_symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from keywright.reasoning.comparison.compare import Comparison
    from keywright.reasoning.witnesses.witness import Witness
    from keywright.review.comparison.snapshot import ComparedPolicy, IdentityAccess

ANYTHING = Statement(Effect.ALLOW, actions=("*",), resources=("*",), principals={"*": ("*",)})


@dataclass(frozen=True)
class Place:
    """The account and region of a stack; empty if unknown."""

    account: str = ""
    region: str = ""

    @classmethod
    def of(cls, policies: Iterable[ComparedPolicy]) -> Place:
        """Give the account and region that all the policies' templates state."""
        templates = [each.policy.holder.template for each in policies if each.policy is not None]
        accounts, regions = ({each.account for each in templates}, {each.region for each in templates})
        return cls(accounts.pop() if len(accounts) == 1 else "", regions.pop() if len(regions) == 1 else "")

    def own(self, witness: Witness) -> Iterator[Witness]:
        """Replace the account and region that examples have by default: in the resource, then also in the principal."""
        here = replace(witness, resource=self._own(witness.resource))
        if here != witness:
            yield here
            yield replace(here, principal=self._own(witness.principal))

    def _own(self, text: str) -> str:
        arn = Arn.parse(text)
        if arn is None:
            return text
        region = self.region if self.region and arn.region == REGION else arn.region
        account = self.account if self.account and arn.account == ACCOUNT else arn.account
        return str(replace(arn, region=region, account=account))


@dataclass(frozen=True)
class PolicyPair:
    """The policies to compare: the minimum before and the maximum after, for one principal (`holder`, an ARN).

    If something is unresolved, `before_maximum` and `after_minimum` are the opposite bounds, and `symbolic` has both sides
    with symbols for unknown values, if each symbol means the same on both. `place` is used in example requests.
    """

    before: Policies
    after: Policies
    holder: str = ""
    before_maximum: Policies | None = None
    after_minimum: Policies | None = None
    symbolic: tuple[Policies, Policies] | None = None
    doubt: str = ""
    place: Place = Place()

    def compare(self) -> Comparison:
        """Compare; a result that depends on unknown values becomes undecided."""
        if self.doubt:
            return UndecidedComparison(self.doubt)
        found = self._compared()
        # Minimum before against maximum after: no new access here is a proof for every value of what is unknown.
        if isinstance(found, NoNewAccess) or not self.is_unresolved:
            return found
        if self.symbolic and self._is_proved_symbolically(*self.symbolic):
            return NoNewAccess()
        shown = self.certain()
        for before in (shown.before, *(self.symbolic or ())[:1]):
            # A gain counts only if it holds for every value: shown on maximum before and minimum after, and replayed.
            sure = compare_access(before, shown.after, self.holder)
            if isinstance(sure, NewAccess) and replay(sure.witness.request, shown.before, shown.after):
                return sure
        return UndecidedComparison(_UNDECIDED) if isinstance(found, NewAccess) else found

    def _compared(self) -> Comparison:
        found = compare_access(self.before, self.after, self.holder)
        if not isinstance(found, NoNewAccess):
            return found
        symbol = undecidable_symbol(documents_of(self.before), documents_of(self.after))
        return (
            UndecidedComparison(f"the value of `{symbol}` is known only at deployment") if symbol else found
        )

    @property
    def is_unresolved(self) -> bool:
        """Tell whether some policy is known only at deployment."""
        return self.before_maximum is not None or self.after_minimum is not None

    def _is_proved_symbolically(self, before: Policies, after: Policies) -> bool:
        was, now = documents_of(before), documents_of(after)
        return isinstance(compare_access(before, after, self.holder), NoNewAccess) and not (
            undecidable_symbol(was, now) or symbol_assumed_different(was, now)
        )

    def certain(self) -> PolicyPair:
        """Give the pair of maximum before and minimum after: a difference is certainly new."""
        return PolicyPair(
            self.before_maximum or self.before,
            self.after_minimum or self.after,
            self.holder,
            place=self.place,
        )

    def map_policies(self, change: Callable[[Policies], Policies]) -> PolicyPair:
        """Apply a function to all policies."""
        return replace(
            self,
            before=change(self.before),
            after=change(self.after),
            before_maximum=self.before_maximum and change(self.before_maximum),
            after_minimum=self.after_minimum and change(self.after_minimum),
            symbolic=self.symbolic and (change(self.symbolic[0]), change(self.symbolic[1])),
        )


_UNDECIDED = "what is allowed in addition is known only at deployment"


def documents_of(policies: Policies) -> tuple[Document, ...]:
    """Give all documents of a set of policies."""
    limits = (policies.boundary, policies.resource)
    return (*policies.identity, *(each for each in limits if each is not None))


def identity_policy_pair(
    before: IdentityAccess | None, after: IdentityAccess | None, holder: str = ""
) -> PolicyPair:
    """Pair the identity-based policies and boundaries; unresolved policies that are equal on both sides are left out."""
    was, now = _grants(before), _grants(after)
    common = common_open_policies(was, now)
    old, new = _remove_common(was, common), _remove_common(now, common)
    doubt = _undecided_reason(before, after)
    old_limit, new_limit = _limits(before, after)
    edges = tuple(filter(None, (old_limit, new_limit)))
    place = Place.of((*was, *now, *edges))
    if not any(each.is_unresolved for each in (*was, *now, *edges)):
        return PolicyPair(_least(old, old_limit), _most(new, new_limit), holder, doubt=doubt, place=place)
    symbolic = None
    if have_symbols((*was, *now, *edges)):
        symbolic = _with_symbols(was, old_limit), _with_symbols(now, new_limit)
    return PolicyPair(
        _least(old, old_limit),
        _most(new, new_limit),
        holder,
        _most((*old, *common), old_limit),
        _certain_policies((*new, *common), new_limit),
        symbolic,
        doubt,
        place,
    )


def have_symbols(policies: Sequence[ComparedPolicy]) -> bool:
    """Tell whether all policies can be read with symbols, each with one meaning."""
    symbols = {each for one in policies for each in one.symbols}
    return all(each.symbolic or not each.is_unresolved for each in policies) and len(dict(symbols)) == len(
        symbols
    )


def _with_symbols(policies: Iterable[ComparedPolicy], limit: ComparedPolicy | None) -> Policies:
    return Policies(
        identity=tuple(each.symbolic or each.most for each in policies),
        boundary=(limit.symbolic or limit.most) if limit else None,
    )


def _certain_policies(policies: Iterable[ComparedPolicy], limit: ComparedPolicy | None) -> Policies:
    return Policies(
        identity=tuple(map(certain_document, policies)), boundary=certain_document(limit) if limit else None
    )


def certain_document(policy: ComparedPolicy) -> Document:
    """Give what a policy allows for any value of its symbols, and everything that it may deny."""
    if policy.symbolic is None:
        return policy.least
    # A symbol equals itself for every value, so an Allow with symbols is certain; a Deny may match more, so
    # the widest one counts.
    allowing = tuple(each for each in policy.symbolic.statements if each.effect is Effect.ALLOW)
    return replace(policy.least, statements=(*allowing, *_denying(policy.least).statements))


def _most(policies: Iterable[ComparedPolicy], limit: ComparedPolicy | None) -> Policies:
    return Policies(identity=tuple(each.most for each in policies), boundary=limit.most if limit else None)


def _least(policies: Iterable[ComparedPolicy], limit: ComparedPolicy | None) -> Policies:
    return Policies(identity=tuple(each.least for each in policies), boundary=limit.least if limit else None)


def _grants(identity: IdentityAccess | None) -> tuple[ComparedPolicy, ...]:
    return identity.grants if identity else ()


def common_open_policies(
    was: Sequence[ComparedPolicy], now: Sequence[ComparedPolicy]
) -> tuple[ComparedPolicy, ...]:
    """Give the unresolved policies that both sides have: whatever they contain is the same before and after."""
    left = Counter(each.fingerprint for each in was if each.is_unresolved)
    found = []
    for each in now:
        if each.is_unresolved and left[each.fingerprint]:
            left[each.fingerprint] -= 1
            found.append(each)
    return tuple(found)


def _remove_common(
    policies: Iterable[ComparedPolicy], common: Sequence[ComparedPolicy]
) -> tuple[ComparedPolicy, ...]:
    left = Counter(each.fingerprint for each in common)
    found = []
    for each in policies:
        if each.is_unresolved and left[each.fingerprint]:
            left[each.fingerprint] -= 1
        else:
            found.append(each)
    return tuple(found)


def _undecided_reason(before: IdentityAccess | None, after: IdentityAccess | None) -> str:
    was, now = Counter(before.doubts if before else ()), Counter(after.doubts if after else ())
    map_policies = [*(now - was), *(was - now)]
    if map_policies:
        return map_policies[0]
    if (
        before
        and before.unresolved_boundary
        and (not after or before.unresolved_boundary != after.unresolved_boundary)
    ):
        return "whether it had a permissions boundary is known only at deployment"
    unknown = before and before.boundary_arn and before.boundary is None
    if unknown and after and before and before.boundary_arn != after.boundary_arn:
        return f"what the earlier permissions boundary `{before.boundary_arn}` allowed is not known"
    return ""


def _limits(
    before: IdentityAccess | None, after: IdentityAccess | None
) -> tuple[ComparedPolicy | None, ComparedPolicy | None]:
    """Give the boundaries; unresolved boundaries that are equal on both sides are left out."""
    old = before.boundary if before else None
    new = after.boundary if after else None
    # The same text on both sides limits both in the same way, whatever its unknown values are.
    if old and new and old.is_unresolved and old.fingerprint == new.fingerprint:
        return None, None
    return old, new


# Denials


def denials_pair(before: IdentityAccess | None, after: IdentityAccess | None, holder: str = "") -> PolicyPair:
    """Pair the Deny statements with everything else allowed, so that a removed one shows."""
    return identity_policy_pair(before, after, holder).map_policies(_all_but_denied)


def _all_but_denied(policies: Policies) -> Policies:
    limits = (policies.boundary,) if policies.boundary else ()
    # A Deny applies to a grant from any policy, so it is compared under an Allow for everything.
    denying = tuple(map(_denying, (*policies.identity, *limits)))
    return Policies(identity=(FULL_ACCESS, *(each for each in denying if each.statements or each.unread)))


def _denying(document: Document) -> Document:
    return replace(
        document, statements=tuple(each for each in document.statements if each.effect is Effect.DENY)
    )


def removes_denials(before: IdentityAccess | None, after: IdentityAccess | None) -> bool:
    """Tell whether a Deny statement was removed."""
    was = [each.least for each in _grants(before)] + (
        [before.boundary.least] if before and before.boundary else []
    )
    now = [each.most for each in _grants(after)] + ([after.boundary.most] if after and after.boundary else [])
    # Only a filter: if no Deny statement was removed, the comparison with everything allowed is not needed.
    lost = {statement_key(s) for d in map(_denying, was) for s in d.statements}
    return not lost <= {statement_key(s) for d in map(_denying, now) for s in d.statements}


def compares_denials(identity: IdentityAccess, *, is_named: bool) -> bool:
    """Tell whether other policies may grant access: resource-based ones, or ones attached outside of the templates."""
    return (
        is_named
        or bool(identity.doubts)
        or identity.kind in {ActorKind.GROUP, ActorKind.POLICY}
        or any(each.is_unresolved for each in identity.grants)
    )


def boundary_pair(
    before: IdentityAccess | None, after: IdentityAccess | None, holder: str = ""
) -> PolicyPair:
    """Pair what Deny statements and boundary leave of full access: resource-based policies grant to a role within these."""
    found, bare = identity_policy_pair(before, after, holder), denials_pair(before, after, holder)

    def within(policies: Policies | None, limit: Policies) -> Policies | None:
        return policies and replace(policies, boundary=limit.boundary)

    return replace(
        bare,
        before=replace(bare.before, boundary=found.before.boundary),
        after=replace(bare.after, boundary=found.after.boundary),
        before_maximum=within(bare.before_maximum, found.before_maximum or found.before),
        after_minimum=within(bare.after_minimum, found.after_minimum or found.after),
        # Symbols are not used here, because denials and boundary are read separately.
        symbolic=None,
    )


def changes_boundary(before: IdentityAccess | None, after: IdentityAccess | None) -> bool:
    """Tell whether a boundary was added, removed or changed."""
    marks = [
        (each.boundary.fingerprint if each.boundary else "", each.boundary_arn)
        for each in (before, after)
        if each
    ]
    return len(set(marks)) > 1


# Policies that name principals


def resource_policy_pair(
    before: Sequence[ComparedPolicy], after: Sequence[ComparedPolicy], kind: Kind = Kind.RESOURCE
) -> PolicyPair:
    """Pair the policies of one resource, or the trust policies of one role."""
    common = common_open_policies(before, after)
    old, new = _remove_common(before, common), _remove_common(after, common)
    least, most = _joined([each.least for each in old], kind), _joined([each.most for each in new], kind)
    place = Place.of((*before, *after))
    if not any(each.is_unresolved for each in (*before, *after)):
        return PolicyPair(least, most, place=place)
    symbolic = None
    if have_symbols((*before, *after)):
        was, now = ([each.symbolic or each.most for each in policy] for policy in (before, after))
        symbolic = _joined(was, kind), _joined(now, kind)
    return PolicyPair(
        least,
        most,
        "",
        _joined([each.most for each in (*old, *common)], kind),
        _joined([certain_document(each) for each in (*new, *common)], kind),
        symbolic,
        place=place,
    )


def _joined(documents: Sequence[Document], kind: Kind) -> Policies:
    return Policies(resource=merge_documents(documents, kind))


def resource_denials_pair(found: PolicyPair) -> PolicyPair:
    """Add an Allow for everything, so that a removed Deny statement shows."""
    return found.map_policies(_allow_everything)


def _allow_everything(policies: Policies) -> Policies:
    document = policies.resource or Document((), kind=Kind.RESOURCE)
    return Policies(resource=replace(document, statements=(ANYTHING, *document.statements)))


def merge_documents(documents: Sequence[Document], kind: Kind) -> Document:
    """Merge several documents into one."""
    statements = tuple(each for document in documents for each in document.statements)
    unread = tuple(each for document in documents for each in document.unread)
    return Document(statements, kind=kind, unread=unread)


def direct_grants_pair(identity_policy_pair: PolicyPair, account: str) -> PolicyPair:
    """Pair what the policies grant directly to principals of the account, without policies of their own.

    To name the account only lets it decide; to name a user or role of it decides.
    """

    def named(policies: Policies) -> Policies:
        document = policies.resource or Document((), kind=Kind.RESOURCE)
        kept = tuple(one for each in document.statements if (one := _by_name(each, account)) is not None)
        return Policies(resource=replace(document, statements=kept))

    return identity_policy_pair.map_policies(named)


def _by_name(statement: Statement, account: str) -> Statement | None:
    """Reduce an Allow to the directly named principals; keep Deny statements and `NotPrincipal`."""
    if statement.effect is Effect.DENY or statement.not_principals:
        return statement
    # A user or role that a resource-based policy names needs no policy of its own in the same account
    # ("Policy evaluation for requests within a single account", IAM User Guide).
    names = tuple(each for each in statement.principals.get("AWS", ()) if _is_own(each, account))
    kept = {kind: each for kind, each in (("AWS", names), ("*", statement.principals.get("*", ()))) if each}
    return replace(statement, principals=kept) if kept else None


def _is_own(text: str, account: str) -> bool:
    """Tell whether a principal may be one of the account's users or roles."""
    who = principal(text)
    # A principal whose account is unknown may be of this one.
    return who.kind is not PrincipalKind.ROOT and (not who.account.isdigit() or who.account == account)


def grants_directly(document: Document) -> bool:
    """Tell whether a policy may grant access directly to principals without policies of their own."""
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
