"""The review as a JSON document, for merge gates and other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from keywright.reasoning.witnesses.witness import Witness
from keywright.reporting.finding import Finding, Location
from keywright.review.report.approvals import labels
from keywright.review.result import Approval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.review.result import Review

_IDENTIFYING = ("subject", "name", "arn")
_CHANGE = (*_IDENTIFYING, "is_new", "is_gone", "concerns", "expected", "gains", "losses")
_FINDING = ("rule", "severity", "message", "found", "accepted", "resource")


def as_json(review: Review) -> dict[str, Any]:
    """Give everything; lists are in the order of the comment."""
    return {
        "verdict": "unusable" if review.unusable else review.verdict.value,
        "exit_code": review.exit_code,
        "counts": {
            "gains": review.widening,
            "expected": review.widening - review.unexpected,
            "losses": review.narrowing,
            "unchanged": review.unchanged,
            "rewritten": len(review.rewritten),
            "undecided": len(review.open_questions),
        },
        "gains": [_only(each, _CHANGE) for each in review.gains],
        "losses": [_only(each, _CHANGE) for each in review.losses],
        "rewritten": [_only(each, _IDENTIFYING) for each in review.rewritten],
        "may_lose": [
            {**_only(each, _IDENTIFYING), "because": each.may_lose}
            for each in review.changes
            if each.may_lose
        ],
        "facts": plain(review.facts),
        "replaced": plain(review.replaced),
        "escalations": plain(review.paths),
        "undecided": list(review.open_questions),
        "guardrails": {"new": plain(review.findings_new), "gone": plain(review.findings_gone)},
        "notes": plain(review.notes),
        "labels": list(labels(review)),
        "approvals": plain(review.approvals),
        "expected_unused": list(review.unused),
        "unusable": plain(review.unusable),
    }


def plain(value: Any) -> Any:
    """Turn a value of a result into JSON; the fields of dataclasses become keys."""
    match value:
        case Location():
            found: Any = _only(value, ("file", "line", "column"))
        case Finding():
            found = {**_only(value, _FINDING), "place": plain(value.location)}
        case Approval():
            because = [{"kind": kind, "names": list(names)} for kind, names in value.because]
            found = {"team": value.team, "because": because}
        case Witness():
            found = value.to_json()
        case Enum():
            found = value.value
        case Mapping():
            found = dict(value)
        case tuple():
            found = [plain(each) for each in value]
        case _:
            names = [each.name for each in fields(value)] if is_dataclass(value) else []
            found = _only(value, names) if names else value
    return found


def _only(value: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: plain(getattr(value, name)) for name in names}
