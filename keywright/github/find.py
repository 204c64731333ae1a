"""The mode `find`: which open pull request the workflow is about. GitHub tells, never the pull request's own files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.github.api import Api, GitHubError
from keywright.reporting.exit_codes import GOOD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.github.runner import Runner

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class PullRequest:
    """An open pull request: its number, and the commits it starts from and leads to."""

    number: int
    base: str
    head: str


def run(runner: Runner) -> int:
    """Set the outputs `number`, `base` and `head`; they stay empty where there is no pull request."""
    found = find(runner, Api.of(runner))
    if found is None:
        runner.notice("no open pull request has this commit: there is nothing to review")
        return GOOD
    runner.output(number=found.number, base=found.base, head=found.head)
    return GOOD


def find(runner: Runner, api: Api) -> PullRequest | None:
    """Find the pull request of a `pull_request` run, or of the run that a `workflow_run` follows."""
    event = runner.event()
    if runner.event_name == "pull_request":
        return _pull_request(event.get("pull_request"))
    followed = event.get("workflow_run") if runner.event_name == "workflow_run" else None
    return _of_run(api, followed) if isinstance(followed, dict) else None


def _of_run(api: Api, followed: Mapping[str, Any]) -> PullRequest | None:
    """Search by branch and commit: for a fork, the event lists no pull request."""
    source = followed.get("head_repository")
    if followed.get("event") != "pull_request" or not isinstance(source, dict):
        return None
    label = f"{source['owner']['login']}:{followed['head_branch']}"
    found = [
        each
        for each in api.pages("pulls", state="open", head=label)
        if each["head"]["sha"] == followed["head_sha"]
        and (each["head"].get("repo") or {}).get("id") == source["id"]
    ]
    # With two bases it is unknown which of them the run synthesized, and a wrong base makes a wrong review.
    if len(found) > 1:
        numbers = ", ".join(str(int(each["number"])) for each in found)
        raise GitHubError(f"several open pull requests have this commit; found {numbers}; accepted: one")
    return _pull_request(found[0]) if found else None


def _pull_request(given: Any) -> PullRequest | None:
    if not isinstance(given, dict):
        return None
    base, head = given["base"]["sha"], given["head"]["sha"]
    if not (_COMMIT.fullmatch(base) and _COMMIT.fullmatch(head)):
        raise GitHubError("the pull request names no commit")
    return PullRequest(int(given["number"]), base, head)
