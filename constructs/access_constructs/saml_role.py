"""A role for users of a SAML provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from access_constructs.access_role import AccessRole
from keywright.statements.trusts.saml import saml_trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from access_constructs.role_arguments import RoleArguments


class SamlRole(AccessRole):
    """A role that a SAML provider's users sign in to; the provider says which users, by the role's ARN.

    `session_seconds` is the most that the provider may ask for with its `SessionDuration`. The other arguments are
    those of `saml_trust`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider_arn: str,
        partition: str,
        region: str,
        console: bool,
        session_tags: Sequence[str] = (),
        source_identity: bool = False,
        recipients: Sequence[str] = (),
        **role: Unpack[RoleArguments],
    ) -> None:
        trust = saml_trust(
            provider_arn=provider_arn,
            partition=partition,
            region=region,
            console=console,
            session_tags=session_tags,
            source_identity=source_identity,
            recipients=recipients,
        )
        super().__init__(scope, construct_id, trust=trust, **role)
