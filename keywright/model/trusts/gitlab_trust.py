"""`trusts: {gitlab: …}` - the jobs of a GitLab project ("OpenID Connect authentication using ID tokens", GitLab Docs)."""

from collections.abc import Iterator
from typing import Annotated

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import DeclaredName, GitName, Shape
from keywright.model.trusts.one_ref import mistakes_of_ref

ProjectPath = Annotated[
    str,
    Shape(
        "a GitLab project",
        "its path with all groups, such as `acme/platform/shop`",
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$",
        longest=400,
    ),
]


class GitLabTrust(Strict):
    """The jobs of one project, on one branch or one tag; who may push there is GitLab's to protect."""

    gitlab: ProjectPath
    """The project's path with all of its groups."""
    branch: GitName | None = None
    """The branch that the job must run on."""
    tag: GitName | None = None
    """The tag that the job must run on."""
    provider: DeclaredName | None = None
    """The declared provider, where it is not the only one with `oidc: gitlab`: a server of one's own."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it is not exactly one branch or tag."""
        return mistakes_of_ref(self.gitlab, "gitlab", self.branch, self.tag)
