"""The report as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.review.report.as_json import plain

if TYPE_CHECKING:
    from keywright.drift.result import Difference, Drift, DriftReport

_CHANGE = ("subject", "name", "arn", "gains", "losses")


def as_json(report: DriftReport) -> dict[str, Any]:
    """Give everything, in the order of the other reports."""
    return {
        "account": report.account,
        "read_at": report.read_at,
        "exit_code": report.exit_code,
        "counts": {
            "compared": report.compared,
            "rewritten": report.rewritten,
            "drift": len(report.certain),
            "undecided": report.open_questions,
        },
        "drift": [_drift(each) for each in report.drifts],
        "undecided": list(report.undecided),
        "notes": list(report.notes),
    }


def _drift(drift: Drift) -> dict[str, Any]:
    return {
        "name": drift.name,
        "arn": drift.arn,
        "direction": drift.direction.value,
        "declared": plain(drift.declared) if drift.declared else None,
        "differences": [_difference(each) for each in drift.differences],
        "changes": [{name: plain(getattr(each, name)) for name in _CHANGE} for each in drift.changes],
        "affects": list(drift.affects),
        "undecided": list(drift.undecided),
        "is_pending": drift.is_pending,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "message": difference.message,
        "found": difference.found,
        "accepted": difference.accepted,
        "keep": difference.keep,
        "repair": difference.repair,
        "place": plain(difference.place) if difference.place else None,
    }
