"""The review as a JSON document, for merge gates and other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.review.report.approvals import labels

if TYPE_CHECKING:
    from keywright.reporting.finding import Finding, Location
    from keywright.review.result import (
        Approval,
        Change,
        EscalationPath,
        Fact,
        Note,
        ReplacedIdentity,
        Review,
        Step,
    )


def as_json(review: Review) -> dict[str, Any]:
    """Give everything; lists are in the order of the comment."""
    return {
        "verdict": "unusable" if review.unusable else review.verdict.value,
        "exit_code": review.exit_code,
        "counts": {
            "gains": review.widening,
            "expected": review.widening - review.unexpected,
            "losses": len(review.losses) + sum(each.narrows for each in review.facts),
            "unchanged": review.unchanged,
            "rewritten": len(review.rewritten),
            "undecided": len(review.open_questions),
        },
        "gains": [_change(each) for each in review.gains],
        "losses": [_change(each) for each in review.losses],
        "rewritten": [
            {"subject": each.subject.value, "name": each.name, "arn": each.arn} for each in review.rewritten
        ],
        "may_lose": [
            {"subject": each.subject.value, "name": each.name, "arn": each.arn, "because": each.may_lose}
            for each in review.changes
            if each.may_lose
        ],
        "facts": [_fact(each) for each in review.facts],
        "replaced": [_replaced(each) for each in review.replaced],
        "escalations": [_path(each) for each in review.paths],
        "undecided": list(review.open_questions),
        "guardrails": {
            "new": [_finding(each) for each in review.findings_new],
            "gone": [_finding(each) for each in review.findings_gone],
        },
        "notes": [_note(each) for each in review.notes],
        "labels": list(labels(review)),
        "approvals": [_approval(each) for each in review.approvals],
        "expected_unused": list(review.unused),
        "unusable": [_finding(each) for each in review.unusable],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "subject": change.subject.value,
        "name": change.name,
        "arn": change.arn,
        "is_new": change.is_new,
        "is_gone": change.is_gone,
        "concerns": list(change.concerns),
        "expected": change.expected,
        "gains": [_step(each) for each in change.gains],
        "losses": [_step(each) for each in change.losses],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "witness": step.witness.to_json(),
        "actions": list(step.actions),
        "more_actions": step.more_actions,
        "levels": list(step.levels),
        "levels_before": list(step.levels_before),
        "resources": list(step.resources),
        "statement": dict(step.statement),
        "place": _place(step.place),
        "through": step.through,
        "because": step.because,
        "where": step.where,
        "condition": step.condition,
        "condition_before": step.condition_before,
        "statement_before": dict(step.statement_before),
        "declared": _place(step.declared),
    }


def _place(place: Location | None) -> dict[str, Any] | None:
    return {"file": place.file, "line": place.line, "column": place.column} if place else None


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "about": fact.about,
        "name": fact.name,
        "says": fact.says,
        "place": _place(fact.place),
        "widens": fact.widens,
        "narrows": fact.narrows,
        "undecided": fact.undecided,
        "expected": fact.expected,
        "declared": _place(fact.declared),
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "about": note.about,
        "name": note.name,
        "says": note.says,
        "place": _place(note.place),
        "weakens": note.weakens,
    }


def _approval(approval: Approval) -> dict[str, Any]:
    because = [{"kind": kind, "names": list(names)} for kind, names in approval.because]
    return {"team": approval.team, "because": because}


def _replaced(each: ReplacedIdentity) -> dict[str, Any]:
    return {
        "name": each.name,
        "says": each.says,
        "loses": each.loses,
        "place": _place(each.place),
        "declared": _place(each.declared),
    }


def _path(path: EscalationPath) -> dict[str, Any]:
    return {"principal": path.principal, "via": list(path.via), "to": path.to, "needs": path.needs}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "found": finding.found,
        "accepted": finding.accepted,
        "resource": finding.resource,
        "place": _place(finding.location),
    }
