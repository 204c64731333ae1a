"""Invariants name what exists: an invariant about a misspelled action, key or principal protects nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.model.checks.aws_names import AwsName, check_aws_names
from keywright.model.fields.nearest import nearest
from keywright.model.fields.strict import several
from keywright.model.invariants import WITHOUT
from keywright.policy.matching.arn import partition_of
from keywright.policy.reference import catalogue
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.invariants import Invariant
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding

_DECLARED = ("user", "group", "role", "workload", "bucket")
"""Kinds of declared things that can be the target of an action."""
_IDENTITIES = {"user": "users", "group": "groups", "role": "roles"}
"""The kinds of identities in ARNs of IAM, and the sections that declare them."""
_GENERATED = re.compile(r"-[A-Za-z0-9]{12,}$")
"""The end of a name that CloudFormation generates."""
_COLONS = 5
"""Colons of an ARN, at least."""


def check_invariants(draft: Draft) -> Iterator[Finding]:
    """Refuse unknown kinds of targets, unknown actions and condition keys, and ARNs of nothing that exists."""
    yield from check_names(draft)
    for path, invariant in _invariants(draft):
        for index, target in enumerate(several(invariant.on)):
            kind, slash, _ = target.partition("/")
            # The part of an ARN before a slash is not a kind.
            if slash and kind not in _DECLARED and not target.startswith("arn:"):
                accepted = f"{listed(f'{each}/' for each in nearest(kind, _DECLARED))} and a declared name, or an ARN"
                yield draft.finding(
                    "there is no such kind of declared things",
                    quoted(target),
                    accepted,
                    at=(*path, "on", index),
                )
        for key, principals in (("who", invariant.who), ("except", getattr(invariant, "excepting", ()))):
            for index, principal in enumerate(several(principals)):
                yield from _undeclared(draft, principal, (*path, key, index))


def check_names(draft: Draft) -> Iterator[Finding]:
    """Refuse actions, condition keys and services in ARNs that AWS does not list: an invariant about them protects nothing."""
    for path, invariant in _invariants(draft):
        names = [
            *(AwsName(each, (*path, "can", index)) for index, each in enumerate(several(invariant.can))),
            *(AwsName(name, at, is_key=True) for name, at in _keys(path, invariant)),
        ]
        yield from check_aws_names(draft, names, invariant.unlisted, (*path, "unlisted"))
        for index, target in enumerate(several(invariant.on)):
            yield from _unknown_service(draft, target, (*path, "on", index))


def _keys(path: Path, invariant: Invariant) -> Iterator[tuple[str, Path]]:
    """Give the condition keys of an invariant, also those that `without` names."""
    for key, values in (invariant.when or {}).items():
        if ":" in key:
            yield key, (*path, "when", key)
        elif key == WITHOUT:
            for index, value in enumerate(several(values)):
                if ":" in value:
                    yield value, (*path, "when", key, index)


def _unknown_service(draft: Draft, target: str, at: Path) -> Iterator[Finding]:
    service = target.split(":")[2] if target.count(":") >= _COLONS else ""
    if service and not set("*?") & set(service) and service not in catalogue.services_in_arns():
        yield draft.finding(
            "no ARN of AWS has this service",
            quoted(target),
            f"{listed(nearest(service, catalogue.services_in_arns()))} as the service of the ARN",
            at=at,
        )


def _undeclared(draft: Draft, principal: str, at: Path) -> Iterator[Finding]:
    """Refuse the ARN of a user, group or role that would be ours by its path, and is not declared."""
    if draft.account is None:
        return
    ours = f"arn:{partition_of(draft.account.region)}:iam::{draft.account.id}:"
    kind, _, rest = principal.removeprefix(ours).partition("/")
    section = _IDENTITIES.get(kind) if principal.startswith(ours) else None
    path, _, name = f"/{rest}".rpartition("/")
    # Names of the roles of workloads are generated, so that an ARN with such a name may be one of these.
    if (
        section is None
        or f"{path}/" != draft.account.path
        or set("*?") & set(name)
        or _GENERATED.search(name)
    ):
        return
    names = draft.names.get(section, ())
    if name not in names:
        near = listed(f"{kind}/{each}" for each in nearest(name, names))
        yield draft.finding(
            f"{kind} {quoted(name)} is not declared",
            quoted(principal),
            near or f"a name under `{section}`",
            at=at,
        )


def _invariants(draft: Draft) -> Iterator[tuple[Path, Invariant]]:
    for index, never in draft.indexed("never", draft.declared.never):
        yield ("never", index), never
    for index, always in draft.indexed("always", draft.declared.always):
        yield ("always", index), always
