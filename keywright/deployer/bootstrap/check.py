"""Check whether an earlier bootstrap still fits: what it lacks for an assembly, and what it allows beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import principals_of
from keywright.deployer.bootstrap.boundary import PATH
from keywright.deployer.bootstrap.plan import BOOTSTRAP_ROLE, UPDATE_ROLE
from keywright.deployer.bootstrap.template import (
    BOUNDARY,
    CALLER,
    EXECUTION_TRUST,
    ISSUER,
    PIPELINE,
    documents_of,
    pipeline_trust,
    policies_of,
)
from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import (
    NewAccess,
    NoNewAccess,
    UndecidedComparison,
    compare,
    compare_access,
)
from keywright.reasoning.evaluation.policies import Policies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.assembly.templates.template import Assembly
    from keywright.deployer.bootstrap.plan import Plan
    from keywright.policy.statement import Document
    from keywright.reasoning.account.actors import Account, Actor
    from keywright.reasoning.comparison.compare import Comparison


class NotABootstrapError(ValueError):
    """The template lacks one of the roles or policies of a bootstrap."""


@dataclass(frozen=True)
class Difference:
    """How one role, or the caller, of an earlier bootstrap differs from what is needed now.

    `lacks` compares it with what is needed, `exceeds` the other way round: each finds new access, none, or is undecided.
    """

    name: str
    lacks: Comparison
    exceeds: Comparison

    @property
    def fits(self) -> bool:
        """Tell whether it is proved that nothing is missing and nothing is too much."""
        return not any(
            isinstance(each, NewAccess | UndecidedComparison) for each in (self.lacks, self.exceeds)
        )

    @property
    def is_undecided(self) -> bool:
        """Tell whether a comparison could not be decided, and neither found anything."""
        found = (self.lacks, self.exceeds)
        return not any(isinstance(each, NewAccess) for each in found) and not self.fits


def differences(plan: Plan, earlier: Assembly) -> tuple[Difference, ...]:
    """Compare an earlier bootstrap with what is needed now, role by role: its permissions and its trust policy.

    Raises:
        NotABootstrapError: It has no such role or policy.
        TooLongError: What is needed now does not fit into policies.
    """
    account = principals_of(earlier).account
    needed = _needed(plan)
    found = [
        _difference(name, _of(name, account), needed[name]) for name in (UPDATE_ROLE, BOOTSTRAP_ROLE, CALLER)
    ]
    workflow = _actor(PIPELINE, account)
    if workflow is not None:
        trust = parse_document(pipeline_trust(plan, _subject(workflow)), file="", kind=Kind.TRUST)[0]
        # The caller's policy is also the boundary of the workflow's role, so the expected side has it twice.
        policies = Policies(
            identity=needed[CALLER].policies.identity, boundary=needed[CALLER].policies.identity[0]
        )
        found.append(_difference(PIPELINE, _attached_to(workflow), _RolePolicies(policies, trust)))
    return tuple(found)


@dataclass(frozen=True)
class _RolePolicies:
    """The policies and the trust policy of a role, and what is unknown about them."""

    policies: Policies
    trust: Document | None = None
    unknown: str = ""


def _difference(name: str, old: _RolePolicies, new: _RolePolicies) -> Difference:
    lacks = [compare_access(old.policies, new.policies)]
    exceeds = [compare_access(new.policies, old.policies)]
    if old.trust is not None and new.trust is not None:
        lacks.append(compare(old.trust, new.trust))
        exceeds.append(compare(new.trust, old.trust))
    # An unread policy may allow more than is needed.
    if old.unknown:
        exceeds.append(UndecidedComparison(old.unknown))
    return Difference(name, _worst(lacks), _worst(exceeds))


def _worst(found: Iterable[Comparison]) -> Comparison:
    # A difference that is shown counts more than one that is undecided, and both more than a proof.
    order = (NewAccess, UndecidedComparison, NoNewAccess)
    return min(found, key=lambda each: order.index(type(each)))


def _needed(plan: Plan) -> dict[str, _RolePolicies]:
    documents = {name: _read(document) for name, document in documents_of(plan).items()}
    roles = {
        role: tuple(documents[name] for name in policies_of(role, documents))
        for role in (UPDATE_ROLE, BOOTSTRAP_ROLE)
    }
    trust = parse_document(EXECUTION_TRUST, file="", kind=Kind.TRUST)[0]
    return {
        UPDATE_ROLE: _RolePolicies(
            Policies(identity=roles[UPDATE_ROLE], boundary=documents[BOUNDARY]), trust
        ),
        BOOTSTRAP_ROLE: _RolePolicies(Policies(identity=roles[BOOTSTRAP_ROLE]), trust),
        CALLER: _RolePolicies(Policies(identity=(documents[CALLER],))),
    }


def _read(document: object) -> Document:
    return parse_document(document, file="")[0]


def _of(name: str, account: Account) -> _RolePolicies:
    actor = _actor(name, account)
    if actor is not None:
        return _attached_to(actor)
    for arn, document in account.policies.items():
        if arn.endswith(f":policy{PATH}{name}"):
            return _RolePolicies(Policies(identity=(document,)))
    raise NotABootstrapError(name)


def _actor(name: str, account: Account) -> Actor | None:
    return next((each for each in account.actors if each.arn.endswith(f":role{PATH}{name}")), None)


def _attached_to(actor: Actor) -> _RolePolicies:
    return _RolePolicies(
        Policies(identity=actor.documents, boundary=actor.boundary), actor.trust, ", ".join(actor.doubts)
    )


def _subject(workflow: Actor) -> str:
    """Give the one token subject that a workflow's role trusts; empty if there is not exactly one."""
    statements = workflow.trust.statements if workflow.trust is not None else ()
    subjects = {
        value
        for statement in statements
        for value in statement.conditions.get("StringEquals", {}).get(f"{ISSUER}:sub", ())
    }
    return subjects.pop() if len(subjects) == 1 else ""
