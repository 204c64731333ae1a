"""Conversion of declared invariants into the form that is proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from keywright.assembly.invariants.declaration import EVERYONE, NO_LOCATION, DeclaredInvariant
from keywright.guardrails.invariants.record import NO_INVARIANTS, Invariants
from keywright.guardrails.reference.condition_keys import KeyType, key_type
from keywright.model.checks.invariants import check_names
from keywright.model.draft import draft_of_sections
from keywright.model.fields.strict import several
from keywright.model.invariants import Never
from keywright.model.source.places import Places
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright.model.declarations import Declarations
    from keywright.model.invariants import Always, Invariant
    from keywright.reporting.finding import Location

_MFA = "aws:MultiFactorAuthPresent"
_TRANSPORT = "aws:SecureTransport"
_OPERATORS = {
    KeyType.ARN: "ArnLike",
    KeyType.BOOL: "Bool",
    KeyType.NUMBER: "NumericEquals",
    KeyType.DATE: "DateEquals",
    KeyType.ADDRESS: "IpAddress",
    KeyType.BINARY: "BinaryEquals",
}


def declared_invariants(declarations: Declarations, places: Places | None = None) -> Invariants:
    """Return the invariants of declarations, without the names of deleted users."""
    here = places or Places()
    found = [
        *(as_declared(each, here.at("never", index)) for index, each in enumerate(declarations.never)),
        *(as_declared(each, here.at("always", index)) for index, each in enumerate(declarations.always)),
    ]
    if not found:
        return NO_INVARIANTS
    # The name of a deleted user would be unknown, and fail the proof.
    deleted = {
        name for each in found for name in (*each.who, *each.excepting) if _is_deleted(name, declarations)
    }
    kept = tuple(_without_principals(each, deleted) for each in found)
    binding = tuple(each for each in kept if each.who or each.kind == "always")
    return Invariants(binding, dict(_existing_arns(declarations)))


def declared_in_python(given: Sequence[Never | Always]) -> Invariants:
    """Return invariants that a test declares, with a finding for each name that AWS does not list."""
    lists = {
        "never": tuple(each for each in given if isinstance(each, Never)),
        "always": tuple(each for each in given if not isinstance(each, Never)),
    }
    findings = tuple(check_names(draft_of_sections(lists, date.min)))
    return Invariants(tuple(map(as_declared, given)), findings=findings)


_SECTIONS = {"user": "users", "group": "groups", "role": "roles", "workload": "workloads"}


def _is_deleted(name: str, declarations: Declarations) -> bool:
    kind, _, rest = name.partition("/")
    return kind == "user" and rest not in declarations.users


def _without_principals(declared: DeclaredInvariant, deleted: set[str]) -> DeclaredInvariant:
    return replace(
        declared,
        who=tuple(each for each in declared.who if each not in deleted),
        excepting=tuple(each for each in declared.excepting if each not in deleted),
    )


def _existing_arns(declarations: Declarations) -> Iterator[tuple[str, str]]:
    """Return the ARNs of existing resources, which no template of ours declares."""
    account = declarations.account
    partition = partition_of(account.region)
    for kind in ("user", "group", "role"):
        for name, target in getattr(declarations, _SECTIONS[kind]).items():
            if target.existing:
                yield f"{kind}/{name}", f"arn:{partition}:iam::{account.id}:{kind}{account.path}{name}"
    for name, bucket in declarations.buckets.items():
        if bucket.existing is not None:
            yield f"bucket/{name}", f"arn:{partition}:s3:::{bucket.existing}"


def as_declared(invariant: Never | Always, location: Location = NO_LOCATION) -> DeclaredInvariant:
    """Convert an invariant of either kind."""
    return of_never(invariant, location) if isinstance(invariant, Never) else of_always(invariant, location)


def of_never(never: Never, location: Location = NO_LOCATION) -> DeclaredInvariant:
    """Convert a `never` invariant."""
    return replace(_of(never, "never", location), excepting=several(never.excepting))


def of_always(always: Always, location: Location = NO_LOCATION) -> DeclaredInvariant:
    """Convert an `always` invariant; its requests use TLS unless it says otherwise."""
    found = _of(always, "always", location)
    keys = {key.lower() for keys in found.when.values() for key in keys}
    if _TRANSPORT.lower() in keys:
        return found
    when = {operator: dict(named) for operator, named in found.when.items()}
    when.setdefault("Bool", {})[_TRANSPORT] = ("true",)
    return replace(found, when=when)


def _of(invariant: Invariant, kind: Any, location: Location) -> DeclaredInvariant:
    circumstances = invariant.when or {}
    when: dict[str, dict[str, tuple[str, ...]]] = {}
    for key, values in circumstances.items():
        for operator, name, tested in _operator_tests(key, several(values)):
            when.setdefault(operator, {})[name] = tested
    return DeclaredInvariant(
        kind=kind,
        who=_everyone(several(invariant.who)),
        can=several(invariant.can),
        on=several(invariant.on),
        when=when,
        without_mfa="mfa" in several(circumstances.get("without", ())),
        words=", ".join(_label(key, several(values)) for key, values in circumstances.items()),
        location=location,
    )


def _everyone(who: tuple[str, ...]) -> tuple[str, ...]:
    return (EVERYONE,) if EVERYONE in who else who


def _operator_tests(key: str, values: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    if key == "with":
        yield "Bool", _MFA, ("true",)
    elif key == "without":
        for each in values:
            yield ("BoolIfExists", _MFA, ("false",)) if each == "mfa" else ("Null", each, ("true",))
    else:
        yield _operator(key, values), key, values


def _operator(key: str, values: Iterable[str]) -> str:
    known = key_type(key.lower())[0]
    is_pattern = any("*" in each or "?" in each for each in values)
    return _OPERATORS.get(known, "StringLike" if is_pattern else "StringEquals") if known else "StringLike"


def _label(key: str, values: Sequence[str]) -> str:
    return f"{key} {', '.join(values)}"
