"""Whether grants, boundaries and trust policies fit IAM's quotas, measured without a synthesis.

Trusts in other principals than accounts, services and pods, the boundaries of delegations, and what identities get beside
their grants are not measured: synthesis reports these.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from keywright.model.in_force import in_force
from keywright.model.source.places import SINGULAR
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.pod_identity import EksTrust
from keywright.model.trusts.service import ServiceTrust
from keywright.policy.compaction import (
    distribute_statements,
    document_size,
    fit_statements,
    merge_statements,
)
from keywright.policy.quotas import INLINE, MANAGED, MANAGED_POLICY
from keywright.policy.statement import Effect, policy_document
from keywright.reporting.finding import Finding
from keywright.statements.conditions import expire_statements
from keywright.statements.declared.boundaries import declared_boundaries, declared_boundary_statements
from keywright.statements.declared.grants import statements_of_grant
from keywright.statements.declared.trusts import trust_statements
from keywright.statements.trusts.document import trust_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from keywright.model.action_lock import ActionLock
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


_HOLDERS = {"groups": "group", "users": "user", "roles": "role", "workloads": "role"}
"""The sections whose grants are inline while they fit, and the kind of identity whose quota applies."""
_REMEDY = "fewer or shorter prefixes and resources, one prefix above them, or another {what} for some of them"


def check_sizes(
    declared: Declarations, today: date, places: Places, lock: ActionLock | None = None
) -> Iterator[Finding]:
    """Report grants, boundaries and trust policies that exceed their quota, at the longest list that contributes to them."""
    declarations = in_force(declared, today, places).declarations
    yield from _check_grants(declarations, places, lock)
    for boundary in declared_boundaries(declarations):
        try:
            declared_boundary_statements(boundary, declarations)
        except ValueError as refused:
            yield _refused(refused, places, ("account",), _longest(declarations))
            # The other boundary contains the same lists, so its finding would be a repetition.
            break
    for name, role in declarations.roles.items():
        yield from _check_trusts(declarations, name, role, places)


def _check_grants(declarations: Declarations, places: Places, lock: ActionLock | None) -> Iterator[Finding]:
    for section in (*_HOLDERS, "policies", "permission_sets"):
        for name, holder in getattr(declarations, section).items():
            statements = [
                each for grant in holder.grants for each in statements_of_grant(grant, declarations, lock)
            ]
            # As long as they are without merging, they are longer than what is deployed.
            if _size(statements) > min(each.default for each in INLINE.values()):
                attached = len(getattr(holder, "policies", ()))
                yield from _check_grants_of(section, name, attached, statements, places)


def _check_grants_of(
    section: str, name: str, attached: int, statements: list[Statement], places: Places
) -> Iterator[Finding]:
    what = SINGULAR[section]
    if section in _HOLDERS:
        quota, free = INLINE[_HOLDERS[section]].default, max(0, MANAGED["group"].default - attached)
        allowed = [each for each in statements if each.effect is Effect.ALLOW]
        accepted = f"at most {free} managed policies of {MANAGED_POLICY.default:,} characters"
        fits = (
            _fits(statements, quota)
            or distribute_statements(allowed, MANAGED_POLICY.default, free) is not None
        )
    else:
        quota = MANAGED_POLICY.default if section == "policies" else INLINE["role"].default
        accepted, fits = f"at most {quota:,} characters", _fits(statements, quota)
    if not fits:
        yield Finding(
            places.at(section, name, "grants"),
            f"the grants of {what} `{name}` are too long",
            f"{_size(merge_statements(statements)):,} characters",
            f"{accepted}: {_REMEDY.format(what=what)}",
        )


def _fits(statements: Sequence[Statement], quota: int) -> bool:
    return _size(fit_statements(statements, quota)) <= quota


def _size(statements: Sequence[Statement]) -> int:
    return document_size(policy_document(*statements))


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
