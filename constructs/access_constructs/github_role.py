"""A role for the workflows of a GitHub repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.access_role import AccessRole
from access_constructs.github_trust import github_trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from keywright.policy.statement import Statement


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
        name: str,
        path: str,
        boundary_arn: str | None,
        provider_arn: str,
        repository: str,
        ids: tuple[int, int] | None,
        session_seconds: int,
        statements: Sequence[Statement],
        environment: str | None = None,
        branch: str | None = None,
        tag: str | None = None,
        pull_request: bool = False,
        workflow: str | None = None,
        managed_policy_arns: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
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
        super().__init__(
            scope,
            construct_id,
            name=name,
            path=path,
            boundary_arn=boundary_arn,
            trust=(trust,),
            session_seconds=session_seconds,
            statements=statements,
            managed_policy_arns=managed_policy_arns,
            tags=tags,
        )
