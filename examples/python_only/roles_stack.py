"""Roles for federated and external principals, and the role that people assume with MFA."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from access_constructs.federation.identity_providers import OidcProvider, SamlProvider
from access_constructs.roles.by_trust import AccountRole, GitHubRole, GroupRole, OidcRole, SamlRole
from access_constructs.roles.role import role_arn
from access_constructs.synthesis.accepted_findings import accept
from examples.python_only.acme_stack import (
    ACCOUNT,
    BOUNDARY,
    HOUR,
    INBOX,
    PARTITION,
    PATH,
    REGION,
    REPORTS,
    AcmeStack,
    arn_of,
)
from keywright.model.grants.grant import AccessLevel
from keywright.model.trusts.issuers.issuer import STS_AUDIENCE
from keywright.statements.grants.s3 import S3Grant
from keywright.statements.grants.services import ServiceGrant
from keywright.statements.trusts.web_identity import GITHUB_ISSUER

if TYPE_CHECKING:
    from constructs import Construct

OPERATE = role_arn(partition=PARTITION, account=ACCOUNT, path=PATH, name="operate")
METADATA = Path(__file__).with_name("okta.xml")
GITLAB = "https://gitlab.com"

SEE_MACHINES = ServiceGrant(
    service="ec2",
    levels=(AccessLevel.LIST,),
    resources=(),
    partition=PARTITION,
    region=REGION,
    account=ACCOUNT,
).statements()
READ_REPORTS = S3Grant(
    bucket_arn=arn_of(REPORTS), levels=(AccessLevel.LIST, AccessLevel.READ), prefix=None
).statements()
RELEASE = S3Grant(
    bucket_arn=arn_of(INBOX), levels=(AccessLevel.LIST, AccessLevel.WRITE), prefix="releases/"
).statements()


class RolesStack(AcmeStack):
    """A role for our operators, for a partner, for two pipelines, and for the finance department."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._operate()
        self._vendor()
        self._deployer(OidcProvider(self, "GitHub", url=GITHUB_ISSUER, audiences=(STS_AUDIENCE,)))
        self._mirror(OidcProvider(self, "GitLab", url=GITLAB, audiences=(GITLAB,)))
        self._finance(SamlProvider(self, "Okta", name="okta", metadata=METADATA.read_text(encoding="utf-8")))

    def _operate(self) -> None:
        GroupRole(
            self,
            "operate",
            name="operate",
            path=PATH,
            boundary_arn=BOUNDARY,
            partition=PARTITION,
            account=ACCOUNT,
            mfa_within_seconds=HOUR,
            session_seconds=HOUR,
            statements=SEE_MACHINES,
        )

    def _vendor(self) -> None:
        audit = f"arn:{PARTITION}:iam::aws:policy/SecurityAudit"
        vendor = AccountRole(
            self,
            "vendor",
            name="vendor",
            path=PATH,
            boundary_arn=BOUNDARY,
            partition=PARTITION,
            account="222222222222",
            external_id="acme-vendor-7f3a",
            session_seconds=HOUR,
            statements=(),
            managed_policy_arns=(audit,),
        )
        accept(vendor, f"AwsSolutions-IAM4[Policy::{audit}]", "the auditor reads the whole configuration")

    def _deployer(self, github: OidcProvider) -> None:
        GitHubRole(
            self,
            "deployer",
            name="deployer",
            path=PATH,
            boundary_arn=BOUNDARY,
            provider_arn=github.arn,
            repository="acme/shop",
            ids=(1234, 5678),
            environment="production",
            session_seconds=HOUR,
            statements=RELEASE,
        )

    def _mirror(self, gitlab: OidcProvider) -> None:
        OidcRole(
            self,
            "mirror",
            name="mirror",
            path=PATH,
            boundary_arn=BOUNDARY,
            provider_arn=gitlab.arn,
            url=GITLAB,
            audience=GITLAB,
            subject="project_path:acme/shop:ref_type:branch:ref:main",
            session_seconds=HOUR,
            statements=RELEASE,
        )

    def _finance(self, okta: SamlProvider) -> None:
        SamlRole(
            self,
            "finance",
            name="finance",
            path=PATH,
            boundary_arn=BOUNDARY,
            provider_arn=okta.arn,
            partition=PARTITION,
            region=REGION,
            console=True,
            session_tags=("cost-center",),
            session_seconds=4 * HOUR,
            statements=READ_REPORTS,
        )
