"""The review as SARIF 2.1.0, for code scanning: a result for each gain, open question, replaced identity and weakened check."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keywright.reporting.sarif import notification, physical, sarif_of
from keywright.review.report.wording import visible
from keywright.review.result import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.reporting.finding import Location
    from keywright.review.result import Change, Fact, Review, Step

_RULES = {
    "access-gained": "a principal gains access",
    "trust-widened": "more principals can assume a role",
    "resource-opened": "a resource-based policy grants new access",
    "door-opened": "a setting grants new access or removes a limit",
    "undecided": "a change of access that is undecided",
    "identity-replaced": "CloudFormation replaces or deletes an identity",
    "escalation-path": "a new privilege escalation path",
    "check-weakened": "an invariant or a rule covers less than before",
}
_OF_SUBJECT = {
    Subject.ACCESS: "access-gained",
    Subject.TRUST: "trust-widened",
    Subject.RESOURCE: "resource-opened",
}
_LEVELS = {
    "access-gained": "error",
    "trust-widened": "error",
    "resource-opened": "error",
    "door-opened": "error",
    "undecided": "warning",
    "identity-replaced": "warning",
    "escalation-path": "error",
    "check-weakened": "warning",
}
_UNPLACED = "review"
"""The file of results without a location."""


def as_sarif(review: Review) -> dict[str, Any]:
    """Give one run; unusable input becomes notifications."""
    results = list(_results(review))
    used = [rule for rule in _RULES if any(each["ruleId"] == rule for each in results)]
    for each in results:
        each["ruleIndex"] = used.index(each["ruleId"])
    return sarif_of(
        "Keywright review",
        [_rule(each) for each in used],
        results,
        [notification(visible(each.message), each.location) for each in review.unusable],
        invocation={"exitCode": review.exit_code},
        properties={"verdict": "unusable" if review.unusable else review.verdict.value},
    )


def _rule(code: str) -> dict[str, Any]:
    return {
        "id": code,
        "shortDescription": {"text": _RULES[code]},
        "defaultConfiguration": {"level": _LEVELS[code]},
    }


def _results(review: Review) -> Iterator[dict[str, Any]]:
    for change in review.gains:
        for step in change.gains:
            yield _result(
                _OF_SUBJECT[change.subject], _gain(change, step), step.place, step.declared, change.expected
            )
    for fact in review.facts:
        if fact.widens:
            yield _result("door-opened", _fact(fact), fact.place, fact.declared, fact.expected)
    for reason in review.open_questions:
        yield _result("undecided", reason, None)
    for path in review.paths:
        says = f"{path.principal} can escalate to {path.to} by {', '.join(path.via)}"
        yield _result("escalation-path", f"{says}; needs {path.needs}" if path.needs else says, None)
    for each in review.replaced:
        yield _result(
            "identity-replaced",
            f"{each.name} {each.says}; this loses {each.loses}",
            each.place,
            each.declared,
        )
    for note in review.notes:
        if note.weakens:
            yield _result("check-weakened", f"{note.about}: {note.name} {note.says}", note.place)


def _gain(change: Change, step: Step) -> str:
    witness = step.witness
    keys = ", ".join(f"{key} = {' or '.join(values)}" for key, values in sorted(witness.context.items()))
    given = f" with {keys}" if keys else ""
    where = f", {step.where}" if step.where else ""
    return f"{change.name}: {witness.action} on {witness.resource} by {witness.principal}{given}{where}"


def _fact(fact: Fact) -> str:
    return f"{fact.name} {fact.says}"


def _result(
    rule: str, says: str, place: Location | None, declared: Location | None = None, expected: str = ""
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": rule,
        # SARIF 2.1.0, section 3.27.9: `review` means that a person has to decide; its level must be `none`.
        "kind": "review" if rule == "undecided" else "fail",
        "level": "none" if rule == "undecided" else _LEVELS[rule],
        "message": {"text": visible(says)},
        "locations": [_place(declared or place)],
        "partialFingerprints": {
            # Without the line, so that code scanning recognizes a result after the file has moved it.
            "keywright/review/v1": sha256(f"{rule}\n{says}".encode(errors="replace")).hexdigest()
        },
    }
    if declared and place:
        result["relatedLocations"] = [{"id": 0, **_place(place)}]
    if expected:
        result["suppressions"] = [{"kind": "external", "justification": visible(expected)}]
    return result


def _place(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {"physicalLocation": {"artifactLocation": {"uri": _UNPLACED}}}
    return {"physicalLocation": physical(location)}
