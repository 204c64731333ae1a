"""TRU005: a web-identity role's subject stays within one project.

What it checks
    A pattern on the subject leaves open no more than what happens within one project. On GitHub owner and repository
    are written out, `repo:acme/web:…` or `repo:acme@1234/web@5678:…` with the numbers exact; on GitLab the
    `project_path`; on HCP Terraform organization, project and workspace; on Buildkite organization and pipeline; on CircleCI
    organization and project; on Bitbucket the repository; on EKS namespace and service account.

Why it matters
    `repo:acme/*` opens the role to whoever may create a repository, `repo:acme*` to whoever registers `acme-evil`.

Refused
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals: {"token.actions.githubusercontent.com:aud": sts.amazonaws.com}
      StringLike: {"token.actions.githubusercontent.com:sub": "repo:acme/*"}
    ---
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals: {"oidc.eks.eu-central-1.amazonaws.com/id/ABC:aud": sts.amazonaws.com}
      StringLike: {"oidc.eks.eu-central-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:*:reader"}

Accepted
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals: {"token.actions.githubusercontent.com:aud": sts.amazonaws.com}
      StringLike: {"token.actions.githubusercontent.com:sub": "repo:acme@1234/web@5678:ref:refs/tags/v*"}
    ---
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals:
        "oidc.eks.eu-central-1.amazonaws.com/id/ABC:aud": sts.amazonaws.com
        "oidc.eks.eu-central-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:apps:reader"

Blind to
    Who may push to the project, and whether its owner was renamed and the name taken by somebody else: only GitHub's
    numbers answer that. Patterns of issuers that are not named here are reported as cannot tell.

See
    GitHub Docs, "OpenID Connect reference"; GitLab Docs, "Configure OpenID Connect in AWS"; Amazon EKS User Guide,
    "IAM roles for service accounts".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.guardrails.subjects.web_identity import issuers, widest_subjects
from keywright.guardrails.value_list import listed
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "TRU005"
TITLE = "a web-identity role's subject stays within one project"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Refuse a subject pattern that admits several projects, unless another test on the subject narrows it."""
    for each, issuer in issuers(statement):
        widest, wide = widest_subjects(each, issuer)
        yield from statement.place.answer(
            Truth.NO if issuer.is_for_end_users else min(each.is_open, widest),
            CODE,
            f"role {statement.label} trusts more than one project of its issuer",
            found=listed(wide),
            accepted="a subject that names one project, such as `repo:acme/web:environment:production`",
        )
