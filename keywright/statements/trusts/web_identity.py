"""Trust in web identities: subjects of OpenID Connect issuers, from their addresses to the trust statements.

Sources: "OpenID Connect authentication using ID tokens", GitLab Docs; "Dynamic credentials with the AWS provider", HCP
Terraform Docs; "OIDC with AWS", Buildkite Documentation; "Using OpenID Connect tokens in jobs", CircleCI Docs; "Integrate
Pipelines with resource servers using OIDC", Bitbucket Support.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from keywright.policy.statement import Conditions, Statement
from keywright.reporting.refusal import refusal

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
STS_AUDIENCE = "sts.amazonaws.com"

_URL = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
_LONGEST_URL = 255


def issuer_of(url: str) -> str:
    """Give an issuer as ARNs and condition keys write it, without `https://`.

    Raises:
        ValueError: Not an https address without query.
    """
    if not _URL.fullmatch(url) or len(url) > _LONGEST_URL:
        raise refusal(
            "an OIDC issuer is an https address", found=f"`{url}`", accepted=f"such as `{GITHUB_ISSUER}`"
        )
    return url.removeprefix("https://")


def oidc_provider_arn(partition: str, account: str, url: str) -> str:
    """Give the ARN of an issuer's provider in an account, whether or not it exists."""
    return f"arn:{partition}:iam::{account}:oidc-provider/{issuer_of(url)}"


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


def oidc_trust(*, provider_arn: str, url: str, audience: str, subject: str | TokenSubject) -> Statement:
    """Let one subject assume the role with a token for this audience, both compared exactly.

    The audience says who a token is for, the subject who it is from; without the subject every tenant of a public
    issuer is trusted ("Create a role for OpenID Connect federation", IAM User Guide). Where an issuer writes into the
    subject what nobody knows before, such as a commit, a subject of `token_subject` leaves that open, and that alone.

    Raises:
        ValueError: Subject or audience is a pattern or holds a policy variable.
    """
    issuer = issuer_of(url)
    if not _LITERAL.fullmatch(audience):
        raise refusal(
            f"the audience of `{issuer}` is compared exactly",
            found=f"`{audience}`",
            accepted="one literal value without `*`, `?` and `$`",
        )
    meant = exactly(subject, issuer) if isinstance(subject, str) else subject
    return Statement(
        actions=("sts:AssumeRoleWithWebIdentity",),
        principals={"Federated": (provider_arn,)},
        conditions=_conditions(issuer, audience, meant),
    )


def _conditions(issuer: str, audience: str, subject: TokenSubject) -> Conditions:
    audiences, subjects = {f"{issuer}:aud": (audience,)}, {f"{issuer}:sub": (subject.text,)}
    if subject.is_pattern:
        return {"StringEquals": audiences, "StringLike": subjects}
    return {"StringEquals": audiences | subjects}


GOOGLE = "accounts.google.com"
_UNIQUE_ID = re.compile(r"[0-9]{15,30}")
_AUDIENCE = re.compile(r"[^\s*?$]{1,255}")


def google_trust(*, service_account: str, audience: str) -> Statement:
    """Let one service account assume the role, by its unique id, with a token for this audience.

    For Google `aud` is compared with the token's `azp`, here the same unique id, and `oaud` with its audience ("Available
    keys for AWS OIDC federation", IAM User Guide). Without these any user of Google with a token could come.

    Raises:
        ValueError: An address in place of the id, which another account may get later, or a pattern.
    """
    if not _UNIQUE_ID.fullmatch(service_account):
        raise refusal(
            "a service account is told by its unique id",
            found=f"`{service_account}`",
            accepted="its digits: `gcloud iam service-accounts describe`",
        )
    if not _AUDIENCE.fullmatch(audience):
        raise refusal(
            f"the audience of `{GOOGLE}` is compared exactly",
            found=f"`{audience}`",
            accepted="one literal value without `*`, `?` and `$`",
        )
    claims = {"aud": service_account, "oaud": audience, "sub": service_account}
    return Statement(
        actions=("sts:AssumeRoleWithWebIdentity",),
        principals={"Federated": (GOOGLE,)},
        conditions={"StringEquals": {f"{GOOGLE}:{claim}": (value,) for claim, value in claims.items()}},
    )


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
