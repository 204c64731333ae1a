"""GitLab: jobs of a project ("OpenID Connect authentication using ID tokens" and "OpenID Connect in AWS", GitLab Docs)."""

from __future__ import annotations

from typing import Annotated

from keywright.model.fields.text import Shape
from keywright.model.trusts.issuers.issuer import (
    DeclaredKey,
    DeclaredKeys,
    Issuer,
    TokenSubject,
    branch_or_tag,
    one_field,
    provider_key,
    ref_keys,
)

_PROJECT = Annotated[
    str,
    Shape(
        "a GitLab project",
        "its path with all groups, such as `acme/platform/shop`",
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$",
        longest=400,
    ),
]


def gitlab_subject(project: str, *, branch: str | None = None, tag: str | None = None) -> TokenSubject:
    """Give the subject of a GitLab project's jobs on one branch or tag."""
    kind, ref = branch_or_tag(project, branch, tag)
    return TokenSubject(f"project_path:{one_field(project)}:ref_type:{kind}:ref:{ref}")


GITLAB = Issuer(
    key="gitlab",
    name="GitLab",
    recognized_by="gitlab",  # self-managed servers are commonly called so
    sample_subject="project_path:acme/shop:ref_type:branch:ref:main",
    address="https://gitlab.com",
    audience="https://gitlab.com",
    trust=DeclaredKeys(
        "GitLabTrust",
        "The jobs of one project, on one branch or one tag; protect it on GitLab, where everybody who can push runs jobs.",
        (
            DeclaredKey("gitlab", _PROJECT, "The project's path with all of its groups.", required=True),
            *ref_keys(),
            provider_key("gitlab", "for a self-managed server"),
        ),
    ),
    selectors=("branch", "tag"),
    needs_selector=True,
    words="GitLab {gitlab}{selected}",
    example={"gitlab": "GROUP/PROJECT", "branch": "main"},
    subject=lambda trust, _: gitlab_subject(
        trust["gitlab"], branch=trust.get("branch"), tag=trust.get("tag")
    ),
    subject_prefix="project_path:",
    one_project=r"(?s)project_path:[^*?:]+:.*|project_id:[0-9]+:.*",
    mentioned_as=r"(?i)\bGitLab\b",
    better="a role for the jobs of its project",
)
