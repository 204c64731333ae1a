"""`trusts: {buildkite: …}` - the jobs of a Buildkite pipeline ("OIDC with AWS", Buildkite Documentation)."""

from collections.abc import Iterator
from typing import Annotated

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import DeclaredName, GitName, Shape
from keywright.model.trusts.one_ref import mistakes_of_ref

Pipeline = Annotated[
    str,
    Shape(
        "a Buildkite pipeline",
        "the slugs of organization and pipeline, such as `acme/shop`",
        pattern=r"^[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*$",
        longest=200,
    ),
]


class BuildkiteTrust(Strict):
    """The jobs of one pipeline, on one branch or one tag; commit and step may be any."""

    buildkite: Pipeline
    """The slugs of organization and pipeline."""
    branch: GitName | None = None
    """The branch that is built."""
    tag: GitName | None = None
    """The tag that is built."""
    provider: DeclaredName | None = None
    """The declared provider, where it is not the only one with `oidc: buildkite`."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it is not exactly one branch or tag."""
        return mistakes_of_ref(self.buildkite, "buildkite", self.branch, self.tag)
