"""A role for one subject of an OpenID Connect issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from access_constructs.access_role import AccessRole
from keywright.statements.trusts.web_identity import oidc_trust

if TYPE_CHECKING:
    from constructs import Construct

    from access_constructs.role_arguments import RoleArguments
    from keywright.statements.trusts.web_identity import TokenSubject


class OidcRole(AccessRole):
    """A role for one subject: its exact text, or what `token_subject` writes for GitLab, Buildkite and others."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider_arn: str,
        url: str,
        audience: str,
        subject: str | TokenSubject,
        **role: Unpack[RoleArguments],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            trust=(oidc_trust(provider_arn=provider_arn, url=url, audience=audience, subject=subject),),
            **role,
        )
