"""Reading `Principal` and `NotPrincipal`, in all their spellings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.policy.arn import Arn
from keywright.policy.json_text import escaped
from keywright.policy.notes import Note, listed, quoted, short
from keywright.policy.principals import ACCOUNT_ID, UNIQUE_ID

if TYPE_CHECKING:
    from keywright.policy.context import Values

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
    return {kind: _values(kind, each, f"{pointer}/{escaped(kind)}", notes) for kind, each in value.items()}


def _values(kind: str, value: Any, pointer: str, notes: list[Note]) -> Values:
    if kind not in KINDS:
        notes.append(_unclear(pointer, "is an unknown kind of principal", kind, listed(KINDS)))
    several = value if isinstance(value, list) else [value]
    texts = tuple(each for each in several if isinstance(each, str))
    if not texts or len(texts) < len(several):
        notes.append(_unclear(pointer, "names no principals", value, "a text or a list of texts"))
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
