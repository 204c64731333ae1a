"""Roles by what they trust: another account, a group, GitHub, an OIDC subject, a SAML provider, an AWS service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from access_constructs.roles.role import AccessRole, role_arn
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.trusts.accounts import account_trust
from keywright.statements.trusts.same_account import group_trust
from keywright.statements.trusts.saml import saml_trust
from keywright.statements.trusts.services import service_trust
from keywright.statements.trusts.web_identity import github_trust, oidc_trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from constructs import Construct

    from access_constructs.roles.role import RoleArguments
    from keywright.model.trusts.issuers.issuer import TokenSubject
    from keywright.policy.statement import Statement


class AccountRole(AccessRole):
    """A role for one other account: exactly one of `external_id` (software) and `mfa_within_seconds` (people).

    For an account of one's own `organization`, `role_arns` of that account suffice; see `account_trust`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        partition: str,
        account: str,
        external_id: str | None = None,
        mfa_within_seconds: int | None = None,
        role_arns: Sequence[str] = (),
        organization: str | None = None,
        **role: Unpack[RoleArguments],
    ) -> None:
        trust = account_trust(
            partition=partition,
            account=account,
            external_id=external_id,
            mfa_within_seconds=mfa_within_seconds,
            role_arns=role_arns,
            organization=organization,
        )
        super().__init__(scope, construct_id, trust=(trust,), **role)


class GroupRole(AccessRole):
    """A role that members of a group assume with MFA, for access that they do not need all the time.

    The trust policy allows the `members` by name, or every user under the path; add `assume_statement()` to the groups that
    can assume it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        partition: str,
        account: str,
        mfa_within_seconds: int,
        members: Sequence[str] | None = None,
        **role: Unpack[RoleArguments],
    ) -> None:
        path = role.get("path", "")  # if it is missing, the call of `super` raises TypeError
        trust = group_trust(partition, account, path, mfa_within_seconds, members)
        super().__init__(scope, construct_id, trust=(trust,), **role)
        # A literal, because the group that gets the statement is in another stack.
        self._literal_arn = role_arn(partition=partition, account=account, path=path, name=role["name"])
        self._mfa_within_seconds = mfa_within_seconds

    def assume_statement(self, until: date | None = None) -> Statement:
        """Give the group's statement: its members can assume this role, optionally until a last day in UTC."""
        return assume_statement(
            role_arn=self._literal_arn, mfa_within_seconds=self._mfa_within_seconds, until=until
        )


class GitHubRole(AccessRole):
    """A role for one repository in one context: an environment, a branch, a tag, pull requests, a reusable workflow.

    `ids` are the ids of owner and repository, `None` for an old repository whose tokens contain names only; see
    `github_trust`. An environment is the narrowest context: GitHub can require an approval before a job uses it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider_arn: str,
        repository: str,
        ids: tuple[int, int] | None,
        environment: str | None = None,
        branch: str | None = None,
        tag: str | None = None,
        pull_request: bool = False,
        workflow: str | None = None,
        **role: Unpack[RoleArguments],
    ) -> None:
        trust = github_trust(
            provider_arn=provider_arn,
            repository=repository,
            ids=ids,
            environment=environment,
            branch=branch,
            tag=tag,
            pull_request=pull_request,
            workflow=workflow,
        )
        super().__init__(scope, construct_id, trust=(trust,), **role)


class OidcRole(AccessRole):
    """A role for one subject: its exact text, or what `gitlab_subject`, `buildkite_subject` and others give."""

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


class SamlRole(AccessRole):
    """A role for users of a SAML provider, which decides who gets it by the role's ARN.

    `session_seconds` is the maximum `SessionDuration` that the provider can request. The other arguments are those of
    `saml_trust`.
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


class ServiceRole(AccessRole):
    """A role for a service such as `lambda` or `codebuild`; see `service_trust`. For EC2 use `InstanceRole`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service: str,
        partition: str,
        region: str,
        account: str,
        resources: Mapping[str, str] | None = None,
        **role: Unpack[RoleArguments],
    ) -> None:
        trust = service_trust(
            service=service, partition=partition, region=region, account=account, resources=resources
        )
        super().__init__(scope, construct_id, trust=(trust,), **role)
