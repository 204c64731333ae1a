"""Trust in the workflows of one GitHub repository, in one of their contexts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from access_constructs.issuer import GITHUB_ISSUER, STS_AUDIENCE
from access_constructs.oidc_trust import oidc_trust
from access_constructs.refusal import refusal

if TYPE_CHECKING:
    from keywright.policy.statement import Statement

_REPOSITORY = re.compile(r"(?P<owner>[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}))/(?P<name>[A-Za-z0-9._-]{1,100})")


def github_trust(
    *,
    provider_arn: str,
    repository: str,
    ids: tuple[int, int] | None,
    environment: str | None = None,
    branch: str | None = None,
    tag: str | None = None,
    pull_request: bool = False,
    workflow: str | None = None,
    audience: str = STS_AUDIENCE,
) -> Statement:
    """Let the workflows of `owner/name` assume the role, in exactly one context, by an exact subject.

    `ids` are the numbers of owner and repository. A repository created, renamed or transferred since 2026-07-15, or one
    that opted in, sends `repo:owner@1/name@2:…` ("OpenID Connect reference", GitHub Docs, "Immutable subject claims"),
    an older one `repo:owner/name:…`. One statement takes one form, never a pattern for both: with the numbers a name
    that somebody else registers later gets nothing. To switch a repository over, trust both forms for that while, in
    two statements, one with `ids` and one with `None`, and then delete the second.

    `workflow` is a reusable workflow at a ref, such as `acme/ci/.github/workflows/deploy.yml@refs/heads/main`: the jobs
    that run it, in this repository. The repository's subject must then be customized to `repo` and `job_workflow_ref`
    ("Using OpenID Connect with reusable workflows", GitHub Docs).

    Raises:
        ValueError: Not exactly one context, or a value that is no literal name.
    """
    found = _REPOSITORY.fullmatch(repository)
    if found is None:
        raise refusal(
            "a GitHub repository has an owner and a name",
            found=f"`{repository}`",
            accepted="such as `acme/shop`",
        )
    context = _context(
        repository,
        {
            "environment": environment,
            "branch": branch,
            "tag": tag,
            "pull_request": pull_request or None,
            "workflow": workflow,
        },
    )
    owner, name = (
        (f"{word}@{number}" for word, number in zip(found.groups(), ids, strict=True))
        if ids
        else found.groups()
    )
    return oidc_trust(
        provider_arn=provider_arn,
        url=GITHUB_ISSUER,
        audience=audience,
        subject=f"repo:{owner}/{name}:{context}",
    )


def _context(repository: str, given: dict[str, str | bool | None]) -> str:
    named = {kind: value for kind, value in given.items() if value is not None}
    if len(named) != 1:
        raise refusal(
            f"repository `{repository}` is trusted in exactly one context",
            found=", ".join(f"`{kind}`" for kind in named) or "none: every branch",
            accepted="one of `environment`, `branch`, `tag`, `pull_request`, `workflow`",
        )
    ((kind, value),) = named.items()
    if value == "":
        raise refusal(
            f"`{kind}` of `{repository}` names nothing", found="``", accepted=f"the name of the {kind}"
        )
    escaped = str(value).replace(":", "%3A")
    forms = {
        "environment": f"environment:{escaped}",
        "branch": f"ref:refs/heads/{escaped}",
        "tag": f"ref:refs/tags/{escaped}",
        "pull_request": "pull_request",
        "workflow": f"job_workflow_ref:{escaped}",
    }
    return forms[kind]
