"""Whether boundaries and trust policies fit IAM's quotas, measured without a synthesis.

Trusts in other principals than accounts, services and pods, and the boundaries of delegations are not measured:
synthesis reports these.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from keywright.model.in_force import in_force
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.pod_identity import EksTrust
from keywright.model.trusts.service import ServiceTrust
from keywright.reporting.finding import Finding
from keywright.statements.conditions import expire_statements
from keywright.statements.declared.boundaries import declared_boundaries, declared_boundary_statements
from keywright.statements.declared.trusts import trust_statements
from keywright.statements.trusts.document import trust_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from keywright.model.declarations import Declarations
    from keywright.model.roles import Role
    from keywright.model.source.places import Path, Places
    from keywright.policy.statement import Statement

_DENY = ("account", "deny")
_LONG: tuple[Path, ...] = (
    (*_DENY, "outside_networks", "addresses"),
    (*_DENY, "outside_networks", "vpcs"),
    (*_DENY, "outside_networks", "except"),
    (*_DENY, "outside_organizations"),
    (*_DENY, "outside_regions"),
    ("delegations",),
)
"""Declared lists that make every boundary longer."""

_TOO_LONG = "is too long; found "
_LISTS = ("networks", "roles", "units")
"""Declared lists that make a trust policy longer."""


def check_sizes(declared: Declarations, today: date, places: Places) -> Iterator[Finding]:
    """Report boundaries and trust policies that exceed their quota, at the longest list that contributes to them."""
    declarations = in_force(declared, today, places).declarations
    for boundary in declared_boundaries(declarations):
        try:
            declared_boundary_statements(boundary, declarations)
        except ValueError as refused:
            yield _refused(refused, places, ("account",), _longest(declarations))
            # The other boundary contains the same lists, so its finding would be a repetition.
            break
    for name, role in declarations.roles.items():
        yield from _check_trusts(declarations, name, role, places)


def _check_trusts(declarations: Declarations, name: str, role: Role, places: Places) -> Iterator[Finding]:
    accounts = {index: each for index, each in enumerate(role.trusts) if isinstance(each, AccountTrust)}
    trusts = tuple(_statements(role, declarations))
    if role.existing or not trusts:
        return
    try:
        trust_document(name, trusts if role.until is None else expire_statements(trusts, role.until))
    except ValueError as refused:
        # A trust of another kind contributes to the length, so no list of an account trust is the only cause.
        if len(accounts) < len(trusts):
            yield _refused(refused, places, ("roles", name), ("roles", name, "trusts"))
            return
        longest, key = max(product(accounts, _LISTS), key=lambda at: len(getattr(accounts[at[0]], at[1])))
        rest = (key,) if getattr(accounts[longest], key) else ()
        yield _refused(refused, places, ("roles", name), ("roles", name, "trusts", longest, *rest))


def _statements(role: Role, declarations: Declarations) -> Iterator[Statement]:
    for trust in role.trusts:
        if isinstance(trust, AccountTrust | ServiceTrust | EksTrust):
            yield from trust_statements(trust, declarations)


def _longest(declarations: Declarations) -> Path:
    return max(_LONG, key=lambda path: len(str(_at(declarations, path) or "")))


def _at(declarations: Declarations, path: Path) -> object:
    found: object = declarations
    for step in path:
        # `except` is a keyword of Python, so the field has another name.
        found = getattr(found, "excepting" if step == "except" else str(step), None)
    return tuple(found) if isinstance(found, dict) else found


def _refused(refused: ValueError, places: Places, owner: Path, longest: Path) -> Finding:
    """Give the finding for a refusal: at the longest list if the document is too long, else at its owner."""
    path = longest if _TOO_LONG in str(refused) else owner
    message, found, accepted = [*re.split("; found |; accepted: ", str(refused), maxsplit=2), "", ""][:3]
    return Finding(places.at(*path), message, found, accepted)
