"""A role for one subject of an OpenID Connect issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.access_role import AccessRole
from access_constructs.oidc_trust import oidc_trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from access_constructs.token_subject import TokenSubject
    from keywright.policy.statement import Statement


class OidcRole(AccessRole):
    """A role for one subject: its exact text, or what `token_subject` writes for GitLab, Buildkite and others."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        path: str,
        boundary_arn: str | None,
        provider_arn: str,
        url: str,
        audience: str,
        subject: str | TokenSubject,
        session_seconds: int,
        statements: Sequence[Statement],
        managed_policy_arns: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            trust=(oidc_trust(provider_arn=provider_arn, url=url, audience=audience, subject=subject),),
            session_seconds=session_seconds,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            tags=tags,
        )
