"""Whether a bootstrap that was made before still fits: what it lacks for a new assembly, and what it allows beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.actors import population
from keywright.deployer.bootstrap import BOUNDARY, CALLER, documents_of, policies_of
from keywright.deployer.fence import PATH
from keywright.deployer.roles import EVERYDAY, FOUNDER
from keywright.policy.parsing import parse_document
from keywright.reasoning.compare import NewAccess, UndecidedComparison, compare_access
from keywright.reasoning.hearing import Policies

if TYPE_CHECKING:
    from keywright.assembly.template import Assembly
    from keywright.deployer.roles import Plan
    from keywright.policy.document import Document
    from keywright.reasoning.compare import Comparison


class NotABootstrapError(ValueError):
    """What was given to compare with lacks one of the roles or policies of a bootstrap."""


@dataclass(frozen=True)
class Difference:
    """How one role, or the caller, of an earlier bootstrap differs from what is needed now.

    `lacks` compares it with what is needed, `exceeds` what is needed with it: each finds new access, none, or can't tell.
    """

    name: str
    lacks: Comparison
    exceeds: Comparison

    @property
    def fits(self) -> bool:
        """Tell whether it is proved that nothing is lacking and nothing is too much."""
        return not any(
            isinstance(each, NewAccess | UndecidedComparison) for each in (self.lacks, self.exceeds)
        )

    @property
    def is_undecided(self) -> bool:
        """Tell whether a comparison could not be decided, and neither found anything."""
        found = (self.lacks, self.exceeds)
        return not any(isinstance(each, NewAccess) for each in found) and not self.fits


def differences(plan: Plan, earlier: Assembly) -> tuple[Difference, ...]:
    """Compare what is needed now with an earlier bootstrap, role by role.

    Raises:
        NotABootstrapError: It has no such role or policy.
        TooLongError: What is needed now does not fit into policies.
    """
    needed = _needed(plan)
    return tuple(
        Difference(name, compare_access(old, new), compare_access(new, old))
        for name, new in needed.items()
        for old in (_of(name, earlier),)
    )


def _needed(plan: Plan) -> dict[str, Policies]:
    documents = {name: _read(document) for name, document in documents_of(plan).items()}
    roles = {
        role: tuple(documents[name] for name in policies_of(role, documents)) for role in (EVERYDAY, FOUNDER)
    }
    return {
        EVERYDAY: Policies(identity=roles[EVERYDAY], boundary=documents[BOUNDARY]),
        FOUNDER: Policies(identity=roles[FOUNDER]),
        CALLER: Policies(identity=(documents[CALLER],)),
    }


def _read(document: object) -> Document:
    return parse_document(document, file="")[0]


def _of(name: str, earlier: Assembly) -> Policies:
    account = population(earlier).account
    for actor in account.actors:
        if actor.arn.endswith(f":role{PATH}{name}"):
            return Policies(identity=actor.documents, boundary=actor.boundary)
    for arn, document in account.policies.items():
        if arn.endswith(f":policy{PATH}{name}"):
            return Policies(identity=(document,))
    raise NotABootstrapError(name)
