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
        _object(file=_TEXT, line=_said("counted from 1; 0 means the whole file", _COUNT), column=_COUNT),
        {"type": "null"},
    ]
}
_WITNESS = {
    "description": "a request in the form of `keywright simulate`: allowed on one side and not on the other",
    "type": "object",
    "properties": {
        "principal": _said('an ARN, a service, or "*" for anyone'),
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
    "one statement, or one removed limit, by which access is gained or lost",
    witness=_WITNESS,
    actions=_list(
        _TEXT, "the actions that change for the same resource and context, the most powerful first"
    ),
    more_actions=_said("how many actions are left out", _COUNT),
    levels=_LEVELS,
    levels_before=_LEVELS,
    resources=_list(_TEXT),
    statement=_said(
        "the statement that allows the request; empty if no statement makes the difference",
        {"type": "object"},
    ),
    place=_PLACE,
    through=_said("the ARN of the group that the statement comes from; empty if it is not from a group"),
    because=_said("why the request was not allowed before, if no new statement makes the difference"),
    where=_said("the case of the template's conditions in which this holds; empty if in all"),
    account=_said("the account in which alone this holds, if no template states its account; else empty"),
    condition=_said("the conditions of the statement, in words"),
    condition_before=_said("the conditions of the corresponding statement on the other side"),
    statement_before=_said(
        "the corresponding statement on the other side, which differs only by its conditions; empty if there is none",
        {"type": "object"},
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
    concerns=_list(_TEXT, "the members of a group; the principals that can assume a role"),
    expected=_said("the reason from the `--allow` file, if it covers every gain"),
    gains=_list(_to("step")),
    losses=_list(_to("step")),
)
_NAMED: dict[str, Any] = {"subject": _SUBJECT, "name": _TEXT, "arn": _TEXT}
_FACT = _object(
    "a change outside of policies",
    about=_said(
        "such as `key`, `console`, `MFA`, `boundary`, `session`, `membership`, `leaver`, `carrier`, `door`, `runs`"
    ),
    name=_TEXT,
    says=_said("in words; text between backticks is quoted"),
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
        "the effect of a change on access, with all evidence; lists are in the order of the comment",
        verdict={"enum": [*(each.value for each in Verdict), "unusable"]},
        exit_code={"enum": [0, 1, 2, 3]},
        counts=_object(**dict.fromkeys(_COUNTS, _COUNT)),
        gains=_list(_to("change"), "the most powerful first"),
        losses=_list(_to("change")),
        rewritten=_list(_object(**_NAMED), "rewritten, access proved equal"),
        may_lose=_list(_object(**_NAMED, because=_TEXT), "principals that may lose access (undecided)"),
        facts=_list(_FACT),
        replaced=_list(
            _object(
                name=_TEXT,
                says=_TEXT,
                loses=_TEXT,
                place=_PLACE,
                declared=_PLACE,
                owner=_said("the user of an access key; empty for other identities"),
            )
        ),
        escalations=_list(
            _object(principal=_TEXT, via=_list(_TEXT), to=_TEXT, needs=_TEXT),
            "new privilege escalation paths",
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
        labels=_list(_TEXT, "labels for the pull request: the verdict and the kinds of change"),
        approvals=_list(
            _object(team=_TEXT, because=_list(_object(kind={"enum": list(KINDS)}, names=_list(_TEXT))))
        ),
        expected_unused=_list(_TEXT, "expected by the `--allow` file, but not found"),
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
