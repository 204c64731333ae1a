"""Whom a token is from, as each issuer writes it: an exact subject, or one that leaves open what no one can know before.

Sources: "OpenID Connect authentication using ID tokens", GitLab Docs; "Dynamic credentials with the AWS provider", HCP
Terraform Docs; "OIDC with AWS", Buildkite Documentation; "Using OpenID Connect tokens in jobs", CircleCI Docs; "Integrate
Pipelines with resource servers using OIDC", Bitbucket Support.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from access_constructs.refusal import refusal

_LITERAL = re.compile(r"[^*?$\x00-\x1f\x7f-\x9f\u0100-\U0010ffff]+")
_ONE_FIELD = re.compile(r"[^*?$:\x00-\x1f\x7f-\x9f\u0100-\U0010ffff]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class TokenSubject:
    """The `sub` claim of a token; `is_pattern` says that its `*` stands for anything."""

    text: str
    is_pattern: bool = False


def exactly(subject: str, issuer: str) -> TokenSubject:
    """Give a subject that is compared exactly.

    Raises:
        ValueError: It is a pattern, or holds a policy variable.
    """
    if not _LITERAL.fullmatch(subject):
        raise refusal(
            f"the subject of `{issuer}` is compared exactly",
            found=f"`{subject}`",
            accepted="one literal value without `*`, `?` and `$`",
        )
    return TokenSubject(subject)


def gitlab_subject(project: str, *, branch: str | None = None, tag: str | None = None) -> TokenSubject:
    """Give the subject of a GitLab project's jobs on one branch or tag."""
    kind, ref = _ref(project, branch, tag)
    return TokenSubject(f"project_path:{_field(project)}:ref_type:{kind}:ref:{ref}")


def terraform_subject(organization: str, project: str, workspace: str, phase: str) -> TokenSubject:
    """Give the subject of a workspace's plans or applies."""
    if phase not in {"plan", "apply"}:
        raise refusal("a run has two phases", found=f"`{phase}`", accepted="`plan`, `apply`")
    fields = {"organization": organization, "project": project, "workspace": workspace, "run_phase": phase}
    return TokenSubject(":".join(f"{name}:{_field(value)}" for name, value in fields.items()))


def buildkite_subject(pipeline: str, *, branch: str | None = None, tag: str | None = None) -> TokenSubject:
    """Give the subject of a pipeline's jobs on one branch or tag, of any commit and step; `pipeline` is `acme/shop`."""
    kind, ref = _ref(pipeline, branch, tag)
    organization, slash, name = pipeline.partition("/")
    if not slash:
        raise refusal(
            "a Buildkite pipeline is of an organization",
            found=f"`{pipeline}`",
            accepted="such as `acme/shop`",
        )
    where = {"branch": "heads", "tag": "tags"}[kind]
    fixed = f"organization:{_field(organization)}:pipeline:{_field(name)}:ref:refs/{where}/{ref}"
    return TokenSubject(f"{fixed}:commit:*", is_pattern=True)


def circleci_subject(organization: str, project: str) -> TokenSubject:
    """Give the subject of a project's jobs, whoever starts them, from any branch: both are told by number."""
    return TokenSubject(f"org/{_uuid(organization)}/project/{_uuid(project)}/user/*", is_pattern=True)


def bitbucket_subject(repository: str, environment: str | None = None) -> TokenSubject:
    """Give the subject of a repository's steps, of one deployment environment or of any; told by number."""
    numbers = (repository,) if environment is None else (repository, environment)
    fixed = ":".join(f"{{{_uuid(number)}}}" for number in numbers)
    return TokenSubject(f"{fixed}:*", is_pattern=True)


def _ref(what: str, branch: str | None, tag: str | None) -> tuple[str, str]:
    named = [(kind, name) for kind, name in (("branch", branch), ("tag", tag)) if name]
    if len(named) != 1:
        raise refusal(
            f"`{what}` is trusted on one branch or one tag",
            found="both" if named else "neither",
            accepted="exactly one of `branch` and `tag`",
        )
    ((kind, name),) = named
    return kind, _field(name)


def _field(value: str) -> str:
    """Take a name that can't end its field of the subject."""
    if not _ONE_FIELD.fullmatch(value):
        raise refusal(
            "a subject names things exactly",
            found=f"`{value}`",
            accepted="Latin text without `*`, `?`, `$` and `:`",
        )
    return value


def _uuid(value: str) -> str:
    if not _UUID.fullmatch(value):
        raise refusal(
            "a project is told by its number",
            found=f"`{value}`",
            accepted="a UUID in small letters, without braces",
        )
    return value
