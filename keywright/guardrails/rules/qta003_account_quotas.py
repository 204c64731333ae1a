"""QTA003: accounts are within IAM's quotas for identities and policies.

What it checks
    The stacks of one account declare at most 5,000 users, 300 groups, 1,000 roles, 1,500 managed policies, 1,000
    instance profiles, 100 SAML and 100 OIDC providers. Where AWS has raised a quota, declare an exception.

Why it matters
    The deployment that exceeds the quota fails, and no identity can be added before another one is deleted.

Refused
    Okta1: {Type: AWS::IAM::SAMLProvider, Properties: {Name: okta-1, SamlMetadataDocument: x}}
    HUNDREDS: {Type: AWS::IAM::SAMLProvider, Properties: {SamlMetadataDocument: x}}  # and hundreds more

Accepted
    Okta: {Type: AWS::IAM::SAMLProvider, Properties: {Name: okta, SamlMetadataDocument: x}}

Blind to
    What else the account has: roles that services and other tools created count as well.

See
    IAM User Guide, "IAM and AWS STS quotas".
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.policy.quotas import IN_ACCOUNT
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource

CODE = "QTA003"
SEVERITY = Severity.ERROR


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report a kind that exceeds its quota, at the first resource above it."""
    for kind, quota in IN_ACCOUNT.items():
        by_account: dict[str, list[Resource]] = {}
        for resource in view.assembly.of_type(kind):
            by_account.setdefault(resource.template.account, []).append(resource)
        for account, resources in by_account.items():
            # One finding per kind, at the first resource above the quota.
            if len(resources) > quota.default:
                where = f"account {account}" if account else "an account"
                yield Place(resources[quota.default]).fault(
                    CODE,
                    f"{where} exceeds the quota for {quota.name}",
                    found=f"{len(resources):,} {quota.name}",
                    accepted=quota.accepted,
                )
