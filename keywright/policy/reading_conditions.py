"""Reading the `Condition` element."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from keywright.policy.conditions import Condition
from keywright.policy.json_text import escaped
from keywright.policy.notes import Note, quoted, short
from keywright.policy.operators import NAMES, Family
from keywright.policy.variables import is_malformed

if TYPE_CHECKING:
    from keywright.policy.context import Values

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
    """Read operators, keys and values; numbers and booleans become texts as AWS takes them."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        notes.append(_unclear(pointer, "does not map operators", value, "an object"))
        return {}
    return {
        name: _keys(keys, name, f"{pointer}/{escaped(name)}", notes, knows_variables=knows_variables)
        for name, keys in value.items()
    }


def _keys(
    value: Any, operator_name: str, pointer: str, notes: list[Note], *, knows_variables: bool
) -> dict[str, Values]:
    if not isinstance(value, dict):
        notes.append(_unclear(pointer, "does not map condition keys", value, "an object"))
        return {}
    read = {}
    for key, values in value.items():
        place = f"{pointer}/{escaped(key)}"
        read[key] = _values(values, place, notes)
        _check(Condition(operator_name, key, read[key], knows_variables), place, notes)
    return read


def _values(value: Any, pointer: str, notes: list[Note]) -> Values:
    several = value if isinstance(value, list) else [value]
    texts = [as_text(each) for each in several]
    for each, text in zip(several, texts, strict=True):
        if text is None:
            notes.append(_unclear(pointer, "holds what can't be compared", each, "texts, numbers, booleans"))
    return short(tuple(text for text in texts if text is not None), pointer, notes)


def as_text(value: Any) -> str | None:
    """Write a JSON scalar as condition values are compared; None for what is none."""
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
        message = f"`{pointer}` holds no variable where one begins"
        notes.append(Note(pointer, message, quoted(value), "`${key}`, `${key, 'default'}`"))
    for value in found.unreadable_values:
        message = f"`{pointer}` can't be compared by {quoted(found.operator_name)}"
        notes.append(Note(pointer, message, quoted(value), _ACCEPTED[operator.family]))


def _unclear(pointer: str, what: str, found: Any, accepted: str) -> Note:
    return Note(pointer, f"`{pointer}` {what}", quoted(found), accepted, is_unclear=True)
