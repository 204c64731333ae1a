"""Read the elements of one statement.

Source: "IAM JSON policy elements reference". What AWS would reject is noted. An unclear note means that the statement
cannot be understood, so it must not be treated as absent.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from keywright.policy.conditions import NAMES, Condition, Family
from keywright.policy.matching.arn import FIELDS, Arn, arn_pattern
from keywright.policy.matching.patterns import Wildcard
from keywright.policy.matching.variables import is_malformed
from keywright.policy.parsing.json_text import escaped
from keywright.policy.parsing.notes import Note, quoted, short
from keywright.policy.principals import ACCOUNT_ID, UNIQUE_ID
from keywright.policy.statement import Effect, Kind, Statement
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright.policy.matching.context import Values


KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
_ACCEPTED_AWS = "an account id, the ARN of an account's root, user, role or session, or `*`"


def read_principals(value: Any, pointer: str, notes: list[Note]) -> dict[str, Values]:
    """Read the element; `"*"` becomes the kind `*`. An absent element is an empty mapping."""
    if value is None:
        return {}
    if value == "*":
        return {"*": ("*",)}
    if not isinstance(value, dict) or not value:
        notes.append(_unclear(pointer, "names no principals", value, f"`*` or an object of {listed(KINDS)}"))
        return {}
    return {
        kind: _principal_values(kind, each, f"{pointer}/{escaped(kind)}", notes)
        for kind, each in value.items()
    }


def _principal_values(kind: str, value: Any, pointer: str, notes: list[Note]) -> Values:
    if kind not in KINDS:
        notes.append(_unclear(pointer, "is an unknown principal type", kind, listed(KINDS)))
    several = value if isinstance(value, list) else [value]
    texts = tuple(each for each in several if isinstance(each, str))
    if not texts or len(texts) < len(several):
        notes.append(_unclear(pointer, "names no principals", value, "a string or a list of strings"))
    texts = short(texts, pointer, notes)
    notes.extend(
        Note(pointer, f"`{pointer}` names no principal", quoted(text), _ACCEPTED_AWS)
        for text in texts
        if kind == "AWS" and not _is_nameable(text)
    )
    return texts


def _is_nameable(text: str) -> bool:
    if text == "*" or ACCOUNT_ID.fullmatch(text) or UNIQUE_ID.fullmatch(text):
        return True
    arn = Arn.parse(text)
    return arn is not None and not set("*?") & set(text) and arn.service in {"iam", "sts"}


def _unclear(pointer: str, what: str, found: Any, accepted: str) -> Note:
    return Note(pointer, f"`{pointer}` {what}", quoted(found), accepted, is_unclear=True)


_ACCEPTED = {
    Family.NUMERIC: "a number",
    Family.DATE: "a date such as `2027-01-31T00:00:00Z`, or Unix seconds",
    Family.BOOL: "`true`, `false`",
    Family.NULL: "`true`, `false`",
    Family.BINARY: "base64",
    Family.IP_ADDRESS: "an address or a block such as `203.0.113.0/24`",
}


def read_conditions(
    value: Any, pointer: str, notes: list[Note], *, knows_variables: bool
) -> dict[str, dict[str, Values]]:
    """Read operators, keys and values; numbers and booleans become strings, as AWS treats them."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        notes.append(_unclear(pointer, "is not an object of operators", value, "an object"))
        return {}
    return {
        name: _keys(keys, name, f"{pointer}/{escaped(name)}", notes, knows_variables=knows_variables)
        for name, keys in value.items()
    }


def _keys(
    value: Any, operator_name: str, pointer: str, notes: list[Note], *, knows_variables: bool
) -> dict[str, Values]:
    if not isinstance(value, dict):
        notes.append(_unclear(pointer, "is not an object of condition keys", value, "an object"))
        return {}
    read = {}
    for key, values in value.items():
        place = f"{pointer}/{escaped(key)}"
        read[key] = _condition_values(values, place, notes)
        _check(Condition(operator_name, key, read[key], knows_variables), place, notes)
    return read


def _condition_values(value: Any, pointer: str, notes: list[Note]) -> Values:
    several = value if isinstance(value, list) else [value]
    texts = [as_text(each) for each in several]
    for each, text in zip(several, texts, strict=True):
        if text is None:
            notes.append(
                _unclear(pointer, "has a value that cannot be compared", each, "strings, numbers, booleans")
            )
    return short(tuple(text for text in texts if text is not None), pointer, notes)


def as_text(value: Any) -> str | None:
    """Write a JSON scalar as a condition value; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return str(value) if is_number else None


def _check(found: Condition, pointer: str, notes: list[Note]) -> None:
    operator = found.operator
    if operator is None:
        message = f"`{pointer}` uses an unknown operator"
        notes.append(Note(pointer, message, quoted(found.operator_name), names=NAMES))
        return
    for value in filter(is_malformed, found.values if found.knows_variables else ()):
        message = f"`{pointer}` has an incomplete policy variable"
        notes.append(Note(pointer, message, quoted(value), "`${key}`, `${key, 'default'}`"))
    for value in found.unreadable_values:
        message = f"`{pointer}` has a value that is not valid for {quoted(found.operator_name)}"
        notes.append(Note(pointer, message, quoted(value), _ACCEPTED[operator.family]))


ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_SERVICE = 2
"""The index of an ARN's service field, which must not have wildcards."""
_SID = re.compile(r"[A-Za-z0-9]*")
_ACTION = re.compile(r"\*|[A-Za-z0-9*?.-]+:[A-Za-z0-9*?.:_-]+")
_IDENTITY_ONLY_MESSAGE = "an identity-based policy must not name a principal"


def read_statement(
    value: Any, pointer: str, kind: Kind, notes: list[Note], *, knows_variables: bool
) -> Statement | None:
    """Read a statement; None, with a note, if it cannot be understood."""
    if not isinstance(value, dict):
        notes.append(
            Note(pointer, f"{here(pointer)} is not a statement", quoted(value), "an object", is_unclear=True)
        )
        return None
    own: list[Note] = []
    _check_elements(value, pointer, kind, own)
    statement = Statement(
        effect=_effect(value, pointer, own),
        actions=_strings(value, "Action", pointer, own),
        not_actions=_strings(value, "NotAction", pointer, own),
        resources=_strings(value, "Resource", pointer, own),
        not_resources=_strings(value, "NotResource", pointer, own),
        principals=read_principals(value.get("Principal"), f"{pointer}/Principal", own),
        not_principals=read_principals(value.get("NotPrincipal"), f"{pointer}/NotPrincipal", own),
        conditions=read_conditions(
            value.get("Condition"), f"{pointer}/Condition", own, knows_variables=knows_variables
        ),
        sid=_sid(value, pointer, kind, own),
        knows_variables=knows_variables,
        pointer=pointer,
    )
    _check_values(statement, kind, own)
    notes.extend(own)
    return None if any(note.is_unclear for note in own) else statement


def here(pointer: str) -> str:
    """Name a place in a message."""
    return f"`{pointer or '/'}`"


def _effect(value: dict[str, Any], pointer: str, notes: list[Note]) -> Effect:
    found = value.get("Effect")
    if found in ("Allow", "Deny"):
        return Effect(found)
    accepted = listed(tuple(Effect))
    if "Effect" not in value:
        notes.append(Note(pointer, f"{here(pointer)} has no `Effect`", "", accepted, is_unclear=True))
    else:
        place = f"{pointer}/Effect"
        notes.append(
            Note(
                place,
                f"{here(place)} is neither `Allow` nor `Deny`",
                quoted(found),
                accepted,
                is_unclear=True,
            )
        )
    return Effect.DENY


def _sid(value: dict[str, Any], pointer: str, kind: Kind, notes: list[Note]) -> str:
    found = value.get("Sid", "")
    place = f"{pointer}/Sid"
    if not isinstance(found, str):
        notes.append(Note(place, f"{here(place)} is not a string", quoted(found), "a string"))
        return ""
    if kind is not Kind.RESOURCE and not _SID.fullmatch(found):
        notes.append(
            Note(
                place,
                f"{here(place)} has characters other than letters and digits",
                quoted(found),
                "`A-Z a-z 0-9`",
            )
        )
    return found


def _strings(value: dict[str, Any], element: str, pointer: str, notes: list[Note]) -> tuple[str, ...]:
    if element not in value:
        return ()
    found, place = value[element], f"{pointer}/{element}"
    if isinstance(found, str):
        return short((found,), place, notes)
    if not isinstance(found, list) or not found:
        shown = "an empty list" if found == [] else quoted(found)
        notes.append(
            Note(
                place, f"{here(place)} names nothing", shown, "a string or a list of strings", is_unclear=True
            )
        )
        return ()
    for index, each in enumerate(found):
        if not isinstance(each, str):
            item = f"{place}/{index}"
            notes.append(
                Note(item, f"{here(item)} is not a string", quoted(each), "a string", is_unclear=True)
            )
    return short(tuple(each for each in found if isinstance(each, str)), place, notes)


def _check_elements(value: dict[str, Any], pointer: str, kind: Kind, notes: list[Note]) -> None:
    for name in value:
        if name not in ELEMENTS:
            place = f"{pointer}/{escaped(name)}"
            notes.append(
                Note(
                    place,
                    f"{here(pointer)} has an unknown element",
                    quoted(name),
                    is_unclear=True,
                    names=ELEMENTS,
                )
            )
    _check_pair(value, pointer, ("Action", "NotAction"), notes, is_required=True)
    _check_pair(value, pointer, ("Resource", "NotResource"), notes, is_required=kind is Kind.IDENTITY)
    _check_pair(value, pointer, ("Principal", "NotPrincipal"), notes, is_required=kind is not Kind.IDENTITY)
    if kind is Kind.IDENTITY:
        _forbid(value, ("Principal", "NotPrincipal"), pointer, _IDENTITY_ONLY_MESSAGE, notes, is_unclear=True)
    if kind is Kind.TRUST:
        _forbid(value, ("Resource", "NotResource"), pointer, "a trust policy must not name a resource", notes)
        _forbid(value, ("NotPrincipal",), pointer, "a trust policy must not use `NotPrincipal`", notes)
    elif kind is Kind.RESOURCE and value.get("Effect") == "Allow":
        _forbid(value, ("NotPrincipal",), pointer, "`NotPrincipal` must not be used with `Allow`", notes)


def _check_pair(
    value: dict[str, Any], pointer: str, pair: tuple[str, str], notes: list[Note], *, is_required: bool
) -> None:
    present = [element for element in pair if element in value]
    if len(present) == 1 or not (present or is_required):
        return
    found = "both" if present else "neither"
    message = f"{here(pointer)} needs one of {listed(pair).replace(', ', ' and ')}"
    notes.append(Note(pointer, message, found, listed(pair), is_unclear=True))


def _forbid(
    value: dict[str, Any],
    elements: tuple[str, ...],
    pointer: str,
    message: str,
    notes: list[Note],
    *,
    is_unclear: bool = False,
) -> None:
    notes.extend(
        Note(f"{pointer}/{element}", message, f"`{element}`", is_unclear=is_unclear)
        for element in elements
        if element in value
    )


def _check_values(statement: Statement, kind: Kind, notes: list[Note]) -> None:
    element = "Action" if statement.actions else "NotAction"
    _note_all(statement, element, statement.actions or statement.not_actions, _action_fault(kind), notes)
    element = "Resource" if statement.resources else "NotResource"
    faults = _resource_fault(statement.knows_variables)
    _note_all(statement, element, statement.resources or statement.not_resources, faults, notes)


def _note_all(
    statement: Statement,
    element: str,
    values: tuple[str, ...],
    fault: Callable[[str], tuple[str, str] | None],
    notes: list[Note],
) -> None:
    for index, value in enumerate(values):
        wrong = fault(value)
        if wrong is not None:
            place = f"{statement.pointer}/{element}" + (f"/{index}" if len(values) > 1 else "")
            notes.append(Note(place, f"{here(place)} {wrong[0]}", quoted(value), wrong[1]))


def _action_fault(kind: Kind) -> Callable[[str], tuple[str, str] | None]:
    def fault(action: str) -> tuple[str, str] | None:
        if not _ACTION.fullmatch(action):
            return "is not an action", "`service:Name`, with `*` and `?` for parts of the name, or `*`"
        if kind is Kind.TRUST and not action.lower().startswith("sts:"):
            return "is not an action of a trust policy", "actions of `sts`"
        return None

    return fault


def _resource_fault(knows_variables: bool) -> Callable[[str], tuple[str, str] | None]:  # noqa: FBT001
    def fault(resource: str) -> tuple[str, str] | None:
        if resource == "*":
            return None
        if knows_variables and is_malformed(resource):
            return "has an incomplete policy variable", "`${key}`, `${key, 'default'}`"
        fields = arn_pattern(resource, knows_variables).fields
        if len(fields) < FIELDS or fields[0] != ("arn",):
            return "is not an ARN", "`arn:partition:service:region:account:resource` or `*`"
        if any(isinstance(piece, Wildcard) for piece in fields[_SERVICE]):
            return "names no service", "one service, such as `s3`, or `*` alone"
        return None

    return fault
