"""The report as SARIF 2.1.0, for code scanning: a result for each identity or policy that differs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keywright.drift.result import Direction
from keywright.reporting.sarif import physical, sarif_of
from keywright.review.report.wording import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.drift.result import Drift, DriftReport
    from keywright.reporting.finding import Location
    from keywright.review.result import Step

_RULES = {
    Direction.MORE: ("drift-more", "the account allows more than is declared", "error"),
    Direction.LIMIT: ("drift-limit", "a declared limit is missing in the account", "error"),
    Direction.UNDECLARED: ("drift-undeclared", "something exists that nobody declared", "error"),
    Direction.UNDECIDED: ("drift-undecided", "a difference that is undecided", "warning"),
    Direction.LESS: ("drift-less", "the account allows less than is declared", "warning"),
    Direction.SAME: ("drift-other", "a difference without a change of access", "note"),
}
_UNPLACED = "account"
"""The file of results without a location."""


def as_sarif(report: DriftReport) -> dict[str, Any]:
    """Give one run."""
    results = list(_results(report))
    used = [rule for rule in _RULES.values() if any(each["ruleId"] == rule[0] for each in results)]
    codes = [code for code, _, _ in used]
    for each in results:
        each["ruleIndex"] = codes.index(each["ruleId"])
    rules = [
        {"id": code, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for code, text, level in used
    ]
    return sarif_of(
        "Keywright drift",
        rules,
        results,
        [],
        invocation={"exitCode": report.exit_code},
        properties={"account": report.account},
    )


def _results(report: DriftReport) -> Iterator[dict[str, Any]]:
    for each in report.drifts:
        place = next((one.place for one in each.differences if one.place), None)
        yield _result(each.direction, _sentence(each), each.declared, place)
    for text in report.undecided:
        yield _result(Direction.UNDECIDED, text, None, None)


def _sentence(drift: Drift) -> str:
    parts = [
        f"{each.message}{f' (found {each.found})' if each.found else ''}{f'; to undo it: {each.repair}' if each.repair else ''}"
        for each in drift.differences
    ]
    for change in drift.changes:
        parts += [f"allows {_request(step)}" for step in change.gains[:1]]
        parts += [f"no longer allows {_request(step)}" for step in change.losses[:1]]
    parts += [f"undecided: {each}" for each in drift.undecided]
    return f"{drift.name} {'; '.join(parts)}"


def _request(step: Step) -> str:
    return f"{step.witness.action} on {step.witness.resource} by {step.witness.principal}"


def _result(
    direction: Direction, says: str, declared: Location | None, place: Location | None
) -> dict[str, Any]:
    rule, _, level = _RULES[direction]
    is_open = direction is Direction.UNDECIDED
    result: dict[str, Any] = {
        "ruleId": rule,
        # SARIF 2.1.0, section 3.27.9: `review` means that a person has to decide; its level must be `none`.
        "kind": "review" if is_open else "fail",
        "level": "none" if is_open else level,
        "message": {"text": visible(says)},
        "locations": [_place(declared or place)],
        "partialFingerprints": {
            "keywright/drift/v1": sha256(f"{rule}\n{says}".encode(errors="replace")).hexdigest()
        },
    }
    if declared and place:
        result["relatedLocations"] = [{"id": 0, **_place(place)}]
    return result


def _place(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {"physicalLocation": {"artifactLocation": {"uri": _UNPLACED}}}
    return {"physicalLocation": physical(location)}
