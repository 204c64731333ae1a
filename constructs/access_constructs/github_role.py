"""A role for the workflows of a GitHub repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from access_constructs.access_role import AccessRole
from keywright.statements.trusts.web_identity import github_trust

if TYPE_CHECKING:
    from constructs import Construct

    from access_constructs.role_arguments import RoleArguments


class GitHubRole(AccessRole):
    """A role for one repository in one context: an environment, a branch, a tag, pull requests, a reusable workflow.

    `ids` are the numbers of owner and repository, `None` for an old repository that sends names alone; see
    `github_trust`. An environment is the narrowest context: GitHub can ask for an approval before a job gets it.
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
