"""The signed report of a run: what was tried where, with which result, what was removed, and what no run can try.

The signature is that of assemblies (`keywright.guardrails.exceptions.signature`): HMAC-SHA256 with the user's own key. It shows
this user that the report is as the run wrote it; to others it shows nothing, because they do not have the key.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from keywright.guardrails.exceptions.signature import SIGNATURE, doubt_about, sign

if TYPE_CHECKING:
    from pathlib import Path

REPORT, TEXT = "acceptance.json", "acceptance.md"
FORMAT = "keywright acceptance report 1"
PASSED, SKIPPED = "passed", "skipped"
AWS, SANDBOX = "aws", "sandbox"

FOR_A_PERSON = (
    "sign in with a first password, change it when the console asks, and sign in again",
    "register an authenticator app, and a passkey or security key, in the console",
    "switch to a role in the console after a sign-in with MFA",
    "run `aws login`, then a command that a group allows",
    "start an instance with a declared instance profile and read its bucket from it",
)
"""What needs a browser or a machine: the page `docs/fidelity.md` says what is assumed of it."""


def state_of(root: Path) -> dict[str, Any]:
    """Return the commit of the working tree, and whether it is unchanged."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    return {"commit": git("rev-parse", "HEAD"), "unchanged": not git("status", "--porcelain")}


def is_good(content: dict[str, Any]) -> bool:
    """Return whether every test passed and nothing is left in the account; the sandbox may skip what only AWS can show."""
    accepted = {PASSED} if content["target"] == AWS else {PASSED, SKIPPED}
    outcomes = {each["outcome"] for each in content["tests"]}
    return PASSED in outcomes and outcomes <= accepted and not content["left"]


def written(folder: Path, content: dict[str, Any]) -> bool:
    """Write report and signature into a folder; return whether it could be signed."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"format": FORMAT, "result": "passed" if is_good(content) else "failed", **content}
    whole["for a person to try"] = list(FOR_A_PERSON)
    (folder / REPORT).write_text(f"{json.dumps(whole, indent=1, sort_keys=True)}\n", encoding="utf-8")
    (folder / TEXT).write_text(text_of(whole), encoding="utf-8")
    return sign(folder)


def text_of(content: dict[str, Any]) -> str:
    """Write the report for a reader."""
    where = f"account {content['account']}" if content["target"] == AWS else "the sandbox, not AWS"
    tree = content["tree"]
    changed = "" if tree["unchanged"] else ", with uncommitted changes"
    lines = [
        f"# Acceptance: {content['result']}",
        "",
        f"- Where: {where}, {content['region']}",
        f"- What: commit `{tree['commit']}`{changed}",
        f"- When: {content['started']} to {content['ended']}",
        f"- Estimated cost: at most {content['estimate']:.2f} US dollars",
        "",
        "| Test | Result | Seconds |",
        "|---|---|---|",
        *(f"| {each['name']} | {each['outcome']} | {each['seconds']:.0f} |" for each in content["tests"]),
        "",
        f"Removed: {len(content['removed'])} stacks and retained resources.",
        *(f"- **Left**: {name}: {why}" for name, why in content["left"].items()),
        "",
        "Not part of a run, for a person to try:",
        *(f"- {each}" for each in content["for a person to try"]),
        "",
    ]
    return "\n".join(lines)


def doubt(folder: Path) -> str:
    """Return why a report is not known to be as a run of this user wrote it; empty if it is."""
    found = doubt_about(folder)
    if found is not None:
        changed = f"; found {found.found}" if found.found else ""
        return f"has no signature of this user that is valid{changed}"
    try:
        content = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        is_same = (folder / TEXT).read_text(encoding="utf-8") == text_of(content)
    except (OSError, ValueError, KeyError):
        return f"{REPORT} or {TEXT} is missing or not readable"
    return "" if is_same else f"{TEXT} differs from {REPORT}"


__all__ = ["FOR_A_PERSON", "REPORT", "SIGNATURE", "TEXT", "doubt", "is_good", "state_of", "written"]
