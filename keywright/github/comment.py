"""The mode `comment`: writes the review to the pull request, as one comment that is updated, and as labels.

It holds a token that can write, so it runs no code of the repository and reads the report as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from keywright.github.api import Api, GitHubError
from keywright.github.find import find
from keywright.reporting.exit_codes import GOOD

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.github.runner import Runner

MARK = "<!-- keywright access review -->"
"""The first line of the comment, by which an earlier one is found."""
REPORT, LABELS = "review.md", "labels"
_LONGEST_COMMENT = 65_536
_LABEL = re.compile(r"access: [a-z -]{1,30}")
_PREFIX = "access: "
_MOST_LABELS = 20
_FAILED = f"{MARK}\n### Access review: **failed**; see the log of the workflow"


def run(runner: Runner) -> int:
    """Write comment and labels; without a pull request, nothing is written."""
    api = Api.of(runner)
    found = find(runner, api)
    if found is None:
        runner.notice("no open pull request has this commit: nothing is written")
        return GOOD
    report = _read(runner.folder() / REPORT) or ""
    reviewed = f"{report.rstrip()}\n\nReviewed commit: {found.head}"
    # Counted in bytes, as the review is: never fewer than GitHub's characters.
    is_whole = report.startswith(MARK) and len(reviewed.encode()) <= _LONGEST_COMMENT
    _write_comment(api, found.number, reviewed if is_whole else f"{_FAILED}\n\nCommit: {found.head}")
    if not is_whole:
        runner.error("there is no review; the comment says so")
    # A review that failed writes no labels. It must not take away that someone has to approve.
    labels = _read(runner.folder() / LABELS)
    if is_whole and labels is not None:
        _set_labels(api, found.number, _well_formed(labels.splitlines()))
    return GOOD


def _read(file: Path) -> str | None:
    """Read as much as a comment may have, and one byte more that shows that it is too long; None without such a file."""
    if not file.is_file() or file.is_symlink():
        return None
    with file.open("rb") as stream:
        return stream.read(_LONGEST_COMMENT + 1).decode(errors="replace")


def _write_comment(api: Api, number: int, body: str) -> None:
    """Update the comment, or create it."""
    own = next(
        (
            int(each["id"])
            for each in api.pages(f"issues/{number}/comments")
            # Anyone can start a comment with the mark; only a workflow's or an app's is updated.
            if (each.get("user") or {}).get("type") == "Bot" and (each.get("body") or "").startswith(MARK)
        ),
        None,
    )
    if own is None:
        api.send("POST", f"issues/{number}/comments", {"body": body})
    else:
        api.send("PATCH", f"issues/comments/{own}", {"body": body})


def _well_formed(lines: list[str]) -> list[str]:
    """Give the labels of the review, one for each kind of change."""
    return [line for line in dict.fromkeys(lines) if _LABEL.fullmatch(line)][:_MOST_LABELS]


def _set_labels(api: Api, number: int, labels: list[str]) -> None:
    """Add the labels that are missing, and remove those of an earlier review; all others stay."""
    path = f"issues/{number}/labels"
    present = [str(each["name"]) for each in api.pages(path)]
    for label in present:
        if label.startswith(_PREFIX) and label not in labels:
            try:
                api.send("DELETE", f"{path}/{quote(label, safe='')}")
            except GitHubError as error:  # another run may have removed it
                if "answered 404" not in str(error):
                    raise
    missing = [label for label in labels if label not in present]
    if missing:
        api.send("POST", path, {"labels": missing})
