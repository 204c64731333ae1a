"""The JSON Schema of the review as JSON: what programs may rely on. Run as a module it writes the published file.

Keys may be added to any object later; none goes, and none changes its meaning, without another `$id`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from keywright.review.report.approvals import KINDS
from keywright.review.result import LEVELS, Subject, Verdict

FILE = "docs/review.schema.json"
_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": "boolean"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_SUBJECT: dict[str, Any] = {"enum": [each.value for each in Subject]}
_LEVELS = {"type": "array", "items": {"enum": list(LEVELS)}}


def _object(description: str = "", /, **properties: Any) -> dict[str, Any]:
    described = {"description": description} if description else {}
    return {**described, "type": "object", "properties": properties, "required": sorted(properties)}


def _list(items: Any, about: str = "") -> dict[str, Any]:
    return {**({"description": about} if about else {}), "type": "array", "items": items}


def _said(about: str, kind: dict[str, Any] = _TEXT) -> dict[str, Any]:
    return {"description": about, **kind}


def _to(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


_PLACE = {
    "anyOf": [
        _object(file=_TEXT, line=_said("counted from 1; 0 is the whole file", _COUNT), column=_COUNT),
        {"type": "null"},
    ]
}
_WITNESS = {
    "description": "a request, as `keywright simulate` takes it: allowed on one side and not on the other",
    "type": "object",
    "properties": {
        "principal": _said('an ARN, a service, or "*" for anybody'),
        "action": _TEXT,
        "resource": _TEXT,
        "context": {
            "type": "object",
            "additionalProperties": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        },
        "resource_account": _TEXT,
    },
    "required": ["action", "context", "principal", "resource"],
}
_STEP = _object(
    "one way in which access grows or shrinks",
    witness=_WITNESS,
    actions=_list(_TEXT, "that the same request shows for, the widest first"),
    more_actions=_said("how many more there are", _COUNT),
    levels=_LEVELS,
    levels_before=_LEVELS,
    resources=_list(_TEXT),
    statement=_said("that allows it, on the side that has it; empty where none does", {"type": "object"}),
    place=_PLACE,
    through=_said("the ARN of the group that brings it; empty where none does"),
    because=_said("why it was not allowed, where no new statement makes the difference"),
    where=_said("in which case of the template's conditions; empty where in any"),
    condition=_said("what the statement asks, in words"),
    condition_before=_said("what the like of it asked"),
    statement_before=_said(
        "the one that differs by its conditions alone; empty where there is none", {"type": "object"}
    ),
    declared=_PLACE,
)
_CHANGE = _object(
    "what changes for one principal, role or resource",
    subject=_SUBJECT,
    name=_TEXT,
    arn=_TEXT,
    is_new=_FLAG,
    is_gone=_FLAG,
    concerns=_list(_TEXT, "a group's members; who may come to act as a role"),
    expected=_said("the reason that `--allow` gives, where it covers every gain"),
    gains=_list(_to("step")),
    losses=_list(_to("step")),
)
_NAMED: dict[str, Any] = {"subject": _SUBJECT, "name": _TEXT, "arn": _TEXT}
_FACT = _object(
    "a change beside policies",
    about=_said(
        "such as `key`, `console`, `MFA`, `boundary`, `session`, `membership`, `leaver`, `carrier`, `door`, `runs`"
    ),
    name=_TEXT,
    says=_said("in words; what stands between backticks is quoted"),
    place=_PLACE,
    widens=_FLAG,
    narrows=_FLAG,
    undecided=_FLAG,
    expected=_TEXT,
    declared=_PLACE,
)
_FINDING = _object(
    rule=_TEXT, severity=_TEXT, message=_TEXT, found=_TEXT, accepted=_TEXT, resource=_TEXT, place=_PLACE
)
_COUNTS = ("gains", "expected", "losses", "unchanged", "rewritten", "undecided")


def schema() -> dict[str, Any]:
    """Give the schema of what `as_json` makes."""
    whole = _object(
        "what a change does to access, with all that shows it; lists are in the order of the comment",
        verdict={"enum": [*(each.value for each in Verdict), "unusable"]},
        exit_code={"enum": [0, 1, 2, 3]},
        counts=_object(**dict.fromkeys(_COUNTS, _COUNT)),
        gains=_list(_to("change"), "the widest first"),
        losses=_list(_to("change")),
        rewritten=_list(_object(**_NAMED), "written otherwise, access proved equal"),
        may_lose=_list(
            _object(**_NAMED, because=_TEXT), "of whom it can't be told whether they lose something"
        ),
        facts=_list(_FACT),
        replaced=_list(_object(name=_TEXT, says=_TEXT, loses=_TEXT, place=_PLACE, declared=_PLACE)),
        escalations=_list(
            _object(principal=_TEXT, via=_list(_TEXT), to=_TEXT, needs=_TEXT), "new paths to more privilege"
        ),
        undecided=_list(_TEXT),
        guardrails=_object(new=_list(_FINDING), gone=_list(_FINDING)),
        notes=_list(
            _object(
                about={"enum": ["invariant", "exception", "quota", "deployer"]},
                name=_TEXT,
                says=_TEXT,
                place=_PLACE,
                weakens=_FLAG,
            )
        ),
        labels=_list(_TEXT, "for the pull request: its verdict, and the kinds of change in it"),
        approvals=_list(
            _object(team=_TEXT, because=_list(_object(kind={"enum": list(KINDS)}, names=_list(_TEXT))))
        ),
        expected_unused=_list(_TEXT, "expected by `--allow` and not seen"),
        unusable=_list(_FINDING),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:keywright:review:1",
        "title": "keywright review --format json",
        **whole,
        "$defs": {"change": _CHANGE, "step": _STEP},
    }


def published() -> str:
    """Give the file's text."""
    return json.dumps(schema(), indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else FILE).write_text(published(), encoding="utf-8")
