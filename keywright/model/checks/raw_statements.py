"""Exact statements are of this account's partition, by operators that there are; what AWS is not known to have is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.model.grant import StatementGrant
from keywright.model.holders import granting
from keywright.model.nearest import nearest
from keywright.policy.conditions import NAMES, operator_named
from keywright.policy.matching.arn import partition_of
from keywright.policy.reference import catalogue
from keywright.reporting.finding import Severity
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.raw_statement import RawStatement
    from keywright.model.subject import Path
    from keywright.reporting.finding import Finding

_PARTITION = re.compile(r"arn:([a-z-]+):")


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse unknown operators and resources of another partition; hint at unknown actions and keys."""
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, StatementGrant):
                at = (*path, "grants", index, "statement")
                yield from _actions(draft, grant.statement, at)
                yield from _resources(draft, grant.statement, at)
                yield from _conditions(draft, grant.statement, at)


def _actions(draft: Draft, statement: RawStatement, at: Path) -> Iterator[Finding]:
    for key in ("actions", "not_actions"):
        for index, action in enumerate(getattr(statement, key)):
            if action == "*" or next(catalogue.matching_actions(action), None) is not None:
                continue
            service = action.partition(":")[0].lower()
            known = [str(each) for each in catalogue.actions_of(service)]
            near = (
                nearest(action, known)
                if known
                else [f"{each}:…" for each in nearest(service, catalogue.services())]
            )
            yield draft.finding(
                "no action of this name is known",
                quoted(action),
                listed(near),
                at=(*at, key, index),
                severity=Severity.ADVICE,
            )


def _resources(draft: Draft, statement: RawStatement, at: Path) -> Iterator[Finding]:
    ours = partition_of(draft.account.region) if draft.account else None
    for key in ("resources", "not_resources"):
        for index, resource in enumerate(getattr(statement, key)):
            found = _PARTITION.match(resource)
            if found and ours and found[1] != ours:
                yield draft.finding(
                    "a resource is of another partition than the account",
                    quoted(resource),
                    f"`arn:{ours}:…`",
                    at=(*at, key, index),
                )


def _conditions(draft: Draft, statement: RawStatement, at: Path) -> Iterator[Finding]:
    for operator, tests in statement.conditions.items():
        where = (*at, "conditions", operator)
        if operator_named(operator) is None:
            base = operator.rpartition(":")[2].removesuffix("IfExists")
            yield draft.finding(
                "there is no such condition operator",
                quoted(operator),
                listed(nearest(base, NAMES)),
                at=where,
            )
        for key in tests:
            service = key.partition(":")[0].lower()
            if service in catalogue.services() and catalogue.key_type(service, key) is None:
                yield draft.finding(
                    f"`{service}` is not known to have such a condition key",
                    quoted(key),
                    "a key of AWS's reference of the service, or one with `aws:`",
                    at=(*where, key),
                    severity=Severity.ADVICE,
                )
