"""Prove invariants for the principals of an assembly and for all that its resource-based policies allow.

The proof is about the templates: principals outside of them and escalation paths (`keywright escalations`) are not
part of it. An organization's control policies are not used to prove that nobody can do something, and make an
`always` invariant undecided where they may deny.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.invariants.declaration import EVERYONE, Evidence, InvariantResult, merge_evidence
from keywright.assembly.invariants.names import NameResolver, pair_actions, pair_actions_exactly
from keywright.assembly.invariants.participants import Participants
from keywright.assembly.queries.candidates import allowed_principal, may_name
from keywright.assembly.queries.decision import place_of
from keywright.assembly.queries.environments import (
    MOST_ENVIRONMENTS,
    TOO_MANY_ENVIRONMENTS,
    Environment,
    in_environment,
    named_accounts,
)
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.assembly.templates.template import Resource
from keywright.policy.principals import ACCOUNT_ID, principal
from keywright.policy.statement import Statement
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.comparison.compare import compare_access
from keywright.reasoning.comparison.search import NewAccess, NoNewAccess, UndecidedComparison
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.verdict import Allowed, ExplicitlyDenied, Layer
from keywright.reasoning.invariants.external_principals import ExceptedPrincipals, ExternalPrincipals
from keywright.reasoning.invariants.proofs import AlwaysProof, Broken, Invariant, NeverProof, Outcome, Proved
from keywright.reasoning.invariants.request_sets import RequestSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from keywright.assembly.invariants.declaration import DeclaredInvariant
    from keywright.assembly.invariants.names import ResolvedPrincipals, ResolvedResources
    from keywright.assembly.templates.template import Assembly
    from keywright.policy.statement import Conditions
    from keywright.reasoning.account.actors import Actor
    from keywright.reasoning.evaluation.verdict import Ground, Verdict
    from keywright.reasoning.invariants.access_queries import AccessQuery
    from keywright.reasoning.invariants.principals import AttachedPolicy, PrincipalPolicies
    from keywright.reasoning.witnesses.witness import Witness
    from keywright.reporting.finding import Location

    Prove = Callable[[Assembly, Sequence[DeclaredInvariant]], tuple[InvariantResult, ...]]


def prove_in_each_account(
    assembly: Assembly, results: tuple[InvariantResult, ...], prove: Prove
) -> tuple[InvariantResult, ...]:
    """Repeat a proof in each account that may be the assembly's own; a breach there makes the result undecided."""
    accounts = named_accounts(assembly)
    proved = [each.declared for each in results if each.verdict == "proved"]
    if not accounts or not proved:
        return results
    doubts: dict[int, tuple[Evidence, ...]]
    if len(accounts) > MOST_ENVIRONMENTS:
        doubts = {id(each): (Evidence((), each.location, because=TOO_MANY_ENVIRONMENTS),) for each in proved}
    else:
        doubts = _in_each(assembly, accounts, proved, prove)
    return tuple(replace(each, doubts=(*each.doubts, *doubts.get(id(each.declared), ()))) for each in results)


def _in_each(
    assembly: Assembly, accounts: Sequence[str], proved: Sequence[DeclaredInvariant], prove: Prove
) -> dict[int, tuple[Evidence, ...]]:
    """Give the evidence against each invariant in the first account that has some."""
    doubts: dict[int, tuple[Evidence, ...]] = {}
    for account in accounts:
        for each in prove(in_environment(assembly, Environment(account)), proved):
            found = tuple(_doubted(each, account, assembly))
            doubts[id(each.declared)] = doubts.get(id(each.declared)) or found
    return doubts


def _doubted(result: InvariantResult, account: str, assembly: Assembly) -> Iterator[Evidence]:
    """Turn the breach of an invariant in one account into a doubt."""
    templates = {each.id: each for each in assembly.templates}
    for each in (*result.breaches, *result.doubts):
        holder = each.resource and templates[each.resource.template.id].resources[each.resource.logical_id]
        because = (
            f"no template states its account; in account {account}: {each.because or 'it does not hold'}"
        )
        yield replace(each, resource=holder, because=because, is_refused=False)


_MFA = "aws:MultiFactorAuthPresent"
UNKNOWN_RESOURCE = "the resource of this policy cannot be determined"
APPLIES_TO_NOBODY = "it applies to nobody in these templates"
_ACCOUNT = re.compile(rf":({ACCOUNT_ID.pattern}):")


def prove_invariants(
    assembly: Assembly,
    declared: Iterable[DeclaredInvariant],
    elsewhere: Mapping[str, str] = MappingProxyType({}),
    boundaries: Iterable[Resource] = (),
) -> tuple[InvariantResult, ...]:
    """Prove invariants of an assembly, each or what breaks it; `elsewhere` gives ARNs of things of no template.

    `boundaries` are managed policies that are known to be used only as permissions boundaries. Nobody gets access by one of
    them, even though it is attached to nobody in the templates; any other unattached policy is a doubt.
    """
    given = tuple(declared)
    # Most assemblies declare no invariants, and reading their principals takes time.
    if not given:
        return ()
    names = _name_resolver(assembly, given, elsewhere)
    known = frozenset(map(_key, boundaries))
    results = _proved(assembly, given, names, known)
    if names.spelling.account:
        return results

    def again(there: Assembly, some: Sequence[DeclaredInvariant]) -> tuple[InvariantResult, ...]:
        return _proved(there, some, _name_resolver(there, some, elsewhere), known)

    return prove_in_each_account(assembly, results, again)


_Key = tuple[str, str]
"""A resource by its template's id and its logical id, which are the same in each environment."""


def _key(resource: Resource) -> _Key:
    return resource.template.id, resource.logical_id


def _proved(
    assembly: Assembly, given: Sequence[DeclaredInvariant], names: NameResolver, boundaries: frozenset[_Key]
) -> tuple[InvariantResult, ...]:
    participants = Participants(assembly, names.principals, names.spelling)
    return tuple(_InvariantProof(each, participants, names, boundaries).result() for each in given)


def unknown_names(
    assembly: Assembly,
    declared: Iterable[DeclaredInvariant],
    elsewhere: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[DeclaredInvariant, str], ...]:
    """Give the names in invariants that an assembly does not have."""
    given = tuple(declared)
    names = _name_resolver(assembly, given, elsewhere)
    return tuple((each, name) for each in given for name in _missing(each, names))


def known_names(assembly: Assembly) -> list[str]:
    """List what invariants may name in an assembly."""
    return _name_resolver(assembly, (), {}).known_names()


def _name_resolver(
    assembly: Assembly, declared: Sequence[DeclaredInvariant], elsewhere: Mapping[str, str]
) -> NameResolver:
    account = _account(assembly, declared)
    return NameResolver(assembly, principals_of(assembly, account), Spelling(account), elsewhere)


def _missing(declared: DeclaredInvariant, names: NameResolver) -> tuple[str, ...]:
    who = tuple(each for each in (*declared.who, *declared.excepting) if each != EVERYONE)
    return (*names.resolve_principals(who).missing, *names.resolve_resources(declared.on).missing)


def _account(assembly: Assembly, declared: Sequence[DeclaredInvariant]) -> str:
    """Give the only account that the invariants name, if no template states one."""
    if any(template.account for template in assembly.templates):
        return ""
    texts = (text for each in declared for text in (*each.who, *each.excepting, *each.on))
    found = {account for text in texts for account in _ACCOUNT.findall(text)}
    return found.pop() if len(found) == 1 else ""


@dataclass(frozen=True, eq=False)
class _InvariantProof:
    """One invariant and what it is proved about."""

    declared: DeclaredInvariant
    participants: Participants
    names: NameResolver
    boundaries: frozenset[_Key] = frozenset()

    def result(self) -> InvariantResult:
        missing = _missing(self.declared, self.names)
        shown = [*self._unresolved(missing), *self._proofs()]
        breaches = [each for each in shown if not each.because or each.is_refused]
        doubts = [each for each in shown if each.because and not each.is_refused]
        # A breach needs no more doubts: it holds whatever the unread parts contain.
        if not breaches:
            doubts += self._unseen()
        return InvariantResult(
            self.declared, tuple(merge_evidence(breaches)), tuple(merge_evidence(doubts)), missing
        )

    # The declared invariant

    @cached_property
    def _who(self) -> ResolvedPrincipals:
        return self.names.resolve_principals(tuple(each for each in self.declared.who if each != EVERYONE))

    @cached_property
    def _excepting(self) -> ResolvedPrincipals:
        return self.names.resolve_principals(self.declared.excepting)

    @cached_property
    def _on(self) -> ResolvedResources:
        return self.names.resolve_resources(self.declared.on)

    @property
    def _binds_everyone(self) -> bool:
        return EVERYONE in self.declared.who

    @cached_property
    def _invariant(self) -> Invariant:
        declared, on = self.declared, self._on
        pair = pair_actions if declared.kind == "never" else pair_actions_exactly
        return Invariant(
            who=None if self._binds_everyone else self._acting(self._who.arns),
            excepting=self._acting(self._excepting.arns),
            when=declared.when,
            when_of_roles=_when_of_roles(declared.when),
            pairs=pair(declared.can, on),
            without_mfa=declared.without_mfa,
            owned_by=on.owner,
            possible_names=on.generated if declared.kind == "never" else (),
        )

    def _acting(self, arns: frozenset[str]) -> frozenset[str]:
        found = (self.participants.principals.account.actor(each) for each in arns)
        return frozenset(self.participants.stand_in(each) for each in found if each is not None) | arns

    # Proofs

    def _proofs(self) -> Iterator[Evidence]:
        if not self._invariant.pairs:
            return
        everyone = tuple(holder for holder, _ in self.participants.holders)
        kind = NeverProof if self.declared.kind == "never" else AlwaysProof
        proof = kind(self._invariant, everyone, self.participants.attached)
        bound = set(map(id, proof.subjects))
        for holder, actor in self.participants.holders:
            if id(holder) in bound and self._applies_to(actor):
                yield from self._evidence(holder, actor, proof.outcome(holder), proof)
        if self.declared.kind == "always" and not bound and not self._who.missing:
            yield Evidence((), self.declared.location, because=APPLIES_TO_NOBODY)
        if self.declared.kind == "never":
            yield from self._externals()

    def _applies_to(self, actor: Actor) -> bool:
        """Skip unattached policies for an `always` invariant, and boundaries, which grant nothing."""
        if actor.kind is not ActorKind.POLICY:
            return True
        resource = self._resource(actor)
        is_boundary = resource is not None and _key(resource) in self.boundaries
        return self.declared.kind == "never" and not is_boundary

    def _evidence(
        self, holder: PrincipalPolicies, actor: Actor, outcome: Outcome, proof: NeverProof | AlwaysProof
    ) -> Iterator[Evidence]:
        if isinstance(outcome, Broken):
            yield self._broken(actor, outcome, proof)
        elif not isinstance(outcome, Proved):
            yield self._doubt(actor, outcome.reason.replace(f"`{holder.arn}`", "it"))
        elif self.declared.kind == "always" and (limited := self._limited(actor)):
            yield self._doubt(actor, limited)
        elif self._is_known_in_part(actor):
            yield self._doubt(actor, "its other policies are not in these templates")

    def _limited(self, actor: Actor) -> str:
        """Explain that control policies may deny what a principal must be able to do; empty if they do not."""
        organization, asked = self.participants.assembly.organization, self._invariant.requests
        whole = Policies(identity=(asked,))
        if actor.account == organization.account:
            limits = Policies(identity=(asked,), service_control=organization.service_control)
            if not isinstance(compare_access(limits, whole, actor.arn), NoNewAccess):
                return "a service control policy of its organization may deny it"
        denied = (replace(each, principals={}) for each in organization.denied)
        limits = Policies(identity=(replace(asked, statements=(*asked.statements, *denied)),))
        if not isinstance(compare_access(limits, whole, actor.arn), NoNewAccess):
            return "a resource control policy of its organization may deny it"
        return ""

    def _is_known_in_part(self, actor: Actor) -> bool:
        is_named = not self._binds_everyone and actor.kind in {ActorKind.USER, ActorKind.ROLE}
        return is_named and actor.arn not in self.participants.principals.resources

    def _doubt(self, actor: Actor, because: str) -> Evidence:
        resource = self._resource(actor)
        return Evidence((actor.name,), self._at(resource), resource, because=because)

    def _broken(self, actor: Actor, outcome: Broken, proof: NeverProof | AlwaysProof) -> Evidence:
        request = outcome.path[-1].request
        acting, last = self._acting_as(actor, request.principal, is_itself=len(outcome.path) == 1)
        inquiry = proof.at_least if self.declared.kind == "never" else proof.at_most
        side = acting and (acting.surely if self.declared.kind == "never" else acting)
        verdict = inquiry.evaluated(side, request.request) if side else None
        resource, location, statement = self._deciding(verdict, last, inquiry)
        # Nobody has the policy in these templates, so it breaks nothing yet.
        if actor.kind is ActorKind.POLICY:
            why = f"it is attached to nobody in these templates; a principal that has it can `{request.action}` on `{request.resource}`"
            return replace(self._doubt(actor, why), request=request)
        is_refused = self.declared.kind == "always"
        return Evidence(
            (actor.name,),
            location,
            resource,
            tuple(self._name(step.request.resource) for step in outcome.path[:-1]),
            request,
            statement,
            verdict.because if is_refused and verdict else "",
            is_refused=is_refused,
        )

    def _acting_as(
        self, actor: Actor, arn: str, *, is_itself: bool
    ) -> tuple[PrincipalPolicies | None, Actor]:
        """Find who makes the last request of a path, with its policies."""
        found = self.participants.named(arn)
        return next((each for each in found if each[1] is actor or not is_itself), (None, actor))

    def _deciding(
        self, verdict: Verdict | None, actor: Actor, inquiry: AccessQuery
    ) -> tuple[Resource | None, Location, Statement | None]:
        """Find the statement that allows or denies, and its place; otherwise the principal's place."""
        grounds = verdict.grounds if isinstance(verdict, Allowed | ExplicitlyDenied) else ()
        telling = [
            each
            for each in grounds
            # A boundary never grants, so a breach is not located at a statement of it.
            if isinstance(verdict, ExplicitlyDenied) or each.layer is not Layer.BOUNDARY
        ]
        for ground in telling:
            found = self._locate_ground(ground, actor, inquiry)
            if found is not None:
                return *found, ground.statement
        resource = self._resource(actor)
        return resource, self._at(resource), telling[0].statement if telling else None

    def _locate_ground(
        self, ground: Ground, actor: Actor, inquiry: AccessQuery
    ) -> tuple[Resource, Location] | None:
        if ground.layer is Layer.RESOURCE:
            found = (
                each.of
                for each in inquiry.readings
                if any(one is ground.statement for one in each.document.statements)
            )
            return next((self._location_of(each, ground.statement) for each in found), None)
        documents = (*actor.documents, *([actor.boundary] if actor.boundary else []))
        at = ground.index if ground.layer is Layer.IDENTITY else len(documents) - 1
        policy = self.participants.principals.policies.get(id(documents[at])) if at < len(documents) else None
        return (policy.holder, place_of(policy, ground.statement)) if policy is not None else None

    def _location_of(self, attached: AttachedPolicy, statement: Statement) -> tuple[Resource, Location]:
        source = self.participants.source_of(attached)
        if isinstance(source, Resource):
            return source, source.locate("Properties", "AccessControl")
        policy = source.policy
        if policy is None:
            resource = self.participants.principals.resources[attached.targets[0]]
            return resource, resource.location
        return policy.holder, place_of(policy, statement)

    # External principals

    def _externals(self) -> Iterator[Evidence]:
        if not self._binds_everyone and not self._who.texts:
            return
        insiders = frozenset(holder.arn for holder, _ in self.participants.holders)
        excepted = ExceptedPrincipals((*self._excepting.texts, *sorted(self._excepting.arns)))
        accounts = {each.account for each in self.participants.assembly.templates if each.account}
        accounts |= {principal(each).account for each in insiders}
        externals = ExternalPrincipals(insiders, frozenset(accounts), excepted)
        asked = RequestSet(self._external_requests.requests)
        for attached in self.participants.attached:
            found = externals.find_allowed_request(asked, attached)
            if isinstance(found, NewAccess):
                yield self._let_in(attached, found.witness)
            elif isinstance(found, UndecidedComparison):
                resource, location = self._location_of(attached, _first(attached))
                yield Evidence(
                    (resource.logical_id,),
                    location,
                    resource,
                    because=f"who it allows is undecided: {found.reason}",
                )

    @cached_property
    def _external_requests(self) -> Invariant:
        """The same requests, restricted to the principals that the invariant names."""
        if self._binds_everyone:
            return self._invariant
        whole = tuple(
            each for each in map(principal, self._who.texts) if each.text.endswith(":root") and each.account
        )
        when = {operator: dict(keys) for operator, keys in self._invariant.when.items()}
        if whole:
            when.setdefault("StringEquals", {})["aws:PrincipalAccount"] = tuple(
                each.account for each in whole
            )
        else:
            when.setdefault("ArnLike", {})["aws:PrincipalArn"] = self._who.texts
        return replace(self._invariant, when=when)

    def _let_in(self, attached: AttachedPolicy, witness: Witness) -> Evidence:
        document = attached.at_least_allowing()
        asked = RequestSet(self._invariant.requests).concerned(document)
        statement = next((each for each in asked.statements if may_name(each, witness)), _first(attached))
        resource, location = self._location_of(attached, statement)
        return Evidence((allowed_principal(statement, witness),), location, resource, (), witness, statement)

    # Doubts

    def _unresolved(self, missing: Sequence[str]) -> Iterator[Evidence]:
        for name in missing:
            yield Evidence((), self.declared.location, because=f"`{name}` is not in these templates")

    def _unseen(self) -> Iterator[Evidence]:
        for name in self._who.texts:
            if "*" not in name and "?" not in name and not self.names.resolve_principals((name,)).arns:
                yield Evidence(
                    (name,), self.declared.location, because="its policies are not in these templates"
                )
        for finding in self.participants.assembly.findings[:1]:
            yield Evidence(
                (), finding.location, because=f"part of the templates cannot be read: {finding.message}"
            )

        for shared in self.participants.possibly_on(RequestSet(self._invariant.requests).resources):
            counted = shared.most if self.declared.kind == "never" else shared.least
            if (
                shared.policy is not None
                and RequestSet(self._invariant.requests).concerned(counted).statements
            ):
                holder = shared.policy.holder
                yield Evidence((), holder.location, holder, because=UNKNOWN_RESOURCE)

    # Names and places

    def _name(self, arn: str) -> str:
        found = self.participants.principals.account.actor(arn)
        return found.name if found else arn

    def _resource(self, actor: Actor) -> Resource | None:
        policies = (self.participants.principals.policies.get(id(each)) for each in actor.documents)
        held = next((each.holder for each in policies if each is not None), None)
        return self.participants.principals.resources.get(actor.arn) or held

    def _at(self, resource: Resource | None) -> Location:
        return resource.location if resource is not None else self.declared.location


def _when_of_roles(when: Conditions) -> Conditions | None:
    """Drop the requirement of MFA: no role session carries it, even if assuming the role required MFA."""
    asked = when.get("Bool", {})
    if asked.get(_MFA) != ("true",):
        return None
    others = {operator: dict(keys) for operator, keys in when.items() if operator != "Bool"}
    kept = {key: values for key, values in asked.items() if key != _MFA}
    others.setdefault("Null", {})[_MFA] = ("true",)
    return others | ({"Bool": kept} if kept else {})


def _first(attached: AttachedPolicy) -> Statement:
    return next(iter(attached.document.statements), Statement())
