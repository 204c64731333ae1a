"""GitHub Actions: workflows of a repository ("OpenID Connect reference", GitHub Docs)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from keywright.model.fields.text import LITERAL, GitName, Shape
from keywright.model.trusts.issuers.issuer import DeclaredKey, DeclaredKeys, Issuer, TokenSubject, exactly
from keywright.reporting.text import listed, refusal

HOST = "token.actions.githubusercontent.com"
_NAMES = r"(?P<owner>[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}))/(?P<name>[A-Za-z0-9._-]{1,100})"
_REPOSITORY = Annotated[
    str,
    Shape(
        "a GitHub repository",
        "owner and name, such as `acme/shop`",
        pattern=r"^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}$",
    ),
]
_ENVIRONMENT = Annotated[
    str,
    Shape(
        "a GitHub environment",
        "its exact name in Latin letters, without `*`, `?` and `$`",
        pattern=rf"^[{LITERAL}]+$",
        longest=255,
    ),
]
_WORKFLOW = Annotated[
    str,
    Shape(
        "a reusable workflow",
        "its file and ref, such as `acme/ci/.github/workflows/deploy.yml@refs/heads/main`",
        pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+/\.github/workflows/[A-Za-z0-9._-]+\.ya?ml@[A-Za-z0-9._/-]+$",
        longest=500,
    ),
]
_SELECTORS = ("environment", "branch", "tag", "pull_request", "workflow")


def github_subject(
    repository: str,
    *,
    ids: tuple[int, int] | None,
    environment: str | None = None,
    branch: str | None = None,
    tag: str | None = None,
    pull_request: bool = False,
    workflow: str | None = None,
) -> TokenSubject:
    """Give the subject of the workflows of `owner/name` in exactly one context.

    `ids` are the numbers of owner and repository. A repository created, renamed or transferred since 2026-07-15, or one
    that opted in, sends `repo:owner@1/name@2:…` ("OpenID Connect reference", GitHub Docs, "Immutable subject claims"),
    an older one `repo:owner/name:…`. A subject has one of the two forms, never a pattern for both: with the numbers
    nobody gains access by registering the name later. To switch a repository over, trust both subjects for a while.

    `workflow` is a reusable workflow at a ref, such as `acme/ci/.github/workflows/deploy.yml@refs/heads/main`. The
    repository's subject must then be customized to `repo` and `job_workflow_ref` ("Using OpenID Connect with reusable
    workflows", GitHub Docs).

    Raises:
        ValueError: Not exactly one context, or a value that is no literal name.
    """
    found = re.fullmatch(_NAMES, repository)
    if found is None:
        raise refusal(
            "a GitHub repository has an owner and a name",
            found=f"`{repository}`",
            accepted="such as `acme/shop`",
        )
    values = (environment, branch, tag, pull_request or None, workflow)
    context = _context(repository, dict(zip(_SELECTORS, values, strict=True)))
    owner, name = found.groups()
    if ids:
        owner, name = f"{owner}@{ids[0]}", f"{name}@{ids[1]}"
    return exactly(f"repo:{owner}/{name}:{context}", HOST)


def _context(repository: str, given: dict[str, str | bool | None]) -> str:
    named = {kind: value for kind, value in given.items() if value is not None}
    if len(named) != 1:
        raise refusal(
            f"repository `{repository}` is trusted in exactly one context",
            found=listed(named, none="none: every branch"),
            accepted="one of `environment`, `branch`, `tag`, `pull_request`, `workflow`",
        )
    ((kind, value),) = named.items()
    if value == "":
        raise refusal(f"`{kind}` of `{repository}` is empty", found="``", accepted=f"the name of the {kind}")
    # GitHub escapes colons in the values of a subject ("OpenID Connect reference", GitHub Docs).
    escaped = str(value).replace(":", "%3A")
    forms = {
        "environment": f"environment:{escaped}",
        "branch": f"ref:refs/heads/{escaped}",
        "tag": f"ref:refs/tags/{escaped}",
        "pull_request": "pull_request",
        "workflow": f"job_workflow_ref:{escaped}",
    }
    return forms[kind]


def _ids(ids: dict[str, int] | None) -> tuple[int, int] | None:
    return None if ids is None else (ids["owner"], ids["repository"])


_ID = r"@[0-9]+"
GITHUB = Issuer(
    key="github",
    name="GitHub",
    recognized_by=HOST,
    sample_subject="repo:acme/web:environment:production",
    address=f"https://{HOST}",
    trust=DeclaredKeys(
        "GitHubTrust",
        "A workflow of one repository: exactly one of environment, branch, tag, pull_request, workflow.",
        (
            DeclaredKey("github", _REPOSITORY, "Owner and name of the repository.", required=True),
            DeclaredKey(
                "ids",
                DeclaredKeys(
                    "GitHubIds",
                    "The numbers of the owner and the repository on GitHub; they survive renames, and nobody else gets them.",
                    (
                        DeclaredKey("owner", int, "The owner's number.", required=True),
                        DeclaredKey("repository", int, "The repository's number.", required=True),
                    ),
                ),
                "The numbers of both, which tokens of repositories created or renamed since July 2026 contain.",
            ),
            DeclaredKey(
                "environment", _ENVIRONMENT, "The deployment environment that the workflow must run in."
            ),
            DeclaredKey("branch", GitName, "The branch that the workflow must run on."),
            DeclaredKey("tag", GitName, "The tag that the workflow must run on."),
            DeclaredKey(
                "pull_request", Literal[True], "Whether any pull request, by any author, can assume the role."
            ),
            DeclaredKey(
                "workflow",
                _WORKFLOW,
                "The reusable workflow that the job must run, at a ref; customize the subject to contain it.",
            ),
        ),
    ),
    selectors=_SELECTORS,
    needs_selector=True,
    words="GitHub {github}{selected}",
    example={"github": "OWNER/REPOSITORY", "environment": "production"},
    subject=lambda trust, _: github_subject(
        trust["github"], ids=_ids(trust.get("ids")), **{key: trust[key] for key in _SELECTORS if key in trust}
    ),
    subject_prefix="repo:",
    one_project=rf"(?s)repo:([^*?:/@]+/[^*?:/@]+|[^*?:/@]+{_ID}/[^*?:/@]+{_ID}):.*|repository_id:[0-9]+:.*",
    selects_context=r"(?s)repo:[^:]+:(ref:refs/(heads|tags)/[^*?]|environment:[^*?]|pull_request|job_workflow_ref:[^*?])",
    mentioned_as=r"(?i)\bGitHub( Actions)?\b",
    better="a role for the workflows of its repository",
)
