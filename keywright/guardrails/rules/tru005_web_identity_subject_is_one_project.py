"""TRU005: web identity trust policies restrict the subject to one project.

What it checks
    A pattern on the subject matches only subjects of one project: what the issuer writes of it comes first, without
    wildcards. On GitHub these are owner and repository, `repo:acme/web:…` or `repo:acme@1234/web@5678:…` with exact
    numbers; on EKS namespace and service account; the other issuers are listed in "Give a CI pipeline a role".

Why it matters
    `repo:acme/*` allows everybody who can create a repository there, `repo:acme*` everybody who registers
    `acme-evil`.

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
    Who can push to the project, and whether its owner was renamed and the name registered by somebody else: only
    GitHub's numbers prevent that. Patterns of issuers that are not known are reported as undecided.

See
    GitHub Docs, "OpenID Connect reference"; GitLab Docs, "Configure OpenID Connect in AWS"; Amazon EKS User Guide,
    "IAM roles for service accounts".
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.guardrails.subjects.web_identity import issuers, sample_subject, widest_subjects
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "TRU005"
SEVERITY = Severity.ERROR


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report a subject pattern that matches several projects, unless another test on the subject restricts it."""
    for each, issuer in issuers(statement):
        widest, wide = widest_subjects(each, issuer)
        yield from statement.place.answer(
            # End users of an application belong to no project.
            Truth.NO if issuer.is_for_end_users else min(each.is_allowed, widest),
            CODE,
            f"role {statement.label} trusts more than one project of its issuer",
            found=listed(wide),
            accepted=f"a subject that names one project, such as `{sample_subject(issuer)}`",
        )
