"""TRU009: GitHub trust policies restrict the branch, tag, environment or pull requests.

What it checks
    A GitHub subject pattern continues after the repository with `ref:refs/heads/…`, `ref:refs/tags/…`,
    `environment:…` or `pull_request`.

Why it matters
    `repo:acme/web:*` allows every branch, so that whoever can push a branch can run any code with the role; an
    environment requires approval by its reviewers first.

Refused
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals: {"token.actions.githubusercontent.com:aud": sts.amazonaws.com}
      StringLike: {"token.actions.githubusercontent.com:sub": "repo:acme/web:*"}

Accepted
    Effect: Allow
    Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
    Action: "sts:AssumeRoleWithWebIdentity"
    Condition:
      StringEquals: {"token.actions.githubusercontent.com:aud": sts.amazonaws.com}
      StringLike: {"token.actions.githubusercontent.com:sub": "repo:acme/web:ref:refs/heads/release-*"}

Blind to
    Subjects that an organization has customized, which need not begin with `repo:`, and how the branch or environment
    is protected.

See
    GitHub Docs, "OpenID Connect reference"; "Managing environments for deployment".
"""

from collections.abc import Iterator

from keywright.guardrails.place import listed
from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.guardrails.subjects.web_identity import is_wide, issuers, names_context, subject_tests
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "TRU009"
SEVERITY = Severity.WARNING


def check(statement: TrustStatement) -> Iterator[Finding]:
    """Report a pattern that names one repository but no context in it; TRU005 reports wider patterns."""
    for each, issuer in issuers(statement):
        tests = subject_tests(each, issuer)
        open_values = [
            [str(value) for value in test.values if test.matches_patterns and not names_context(value)]
            for test in tests
        ]
        if not tests or not all(open_values):
            continue
        if any(is_wide(value, issuer) is Truth.YES for test in tests for value in test.values):
            continue
        yield from statement.place.answer(
            each.is_allowed,
            CODE,
            f"role {statement.label} trusts every branch of a repository",
            found=listed(value for values in open_values for value in values),
            accepted="`environment:…`, `ref:refs/heads/…`, `ref:refs/tags/…` or `pull_request` after the repository",
        )
