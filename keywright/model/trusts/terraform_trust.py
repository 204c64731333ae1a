"""`trusts: {terraform: …}` - the runs of a workspace of HCP Terraform ("Dynamic credentials with the AWS provider", HCP Terraform Docs)."""

from typing import Annotated, Literal

from keywright.model.fields.strict import Strict
from keywright.model.fields.text import DeclaredName, Shape

Organization = Annotated[
    str,
    Shape(
        "an organization of HCP Terraform",
        "its name of letters, digits, `-` and `_`",
        pattern=r"^[A-Za-z0-9_-]+$",
        longest=40,
    ),
]
Project = Annotated[
    str,
    Shape(
        "a project of HCP Terraform",
        "its exact name, such as `Default Project`",
        pattern=r"^[A-Za-z0-9_-]([A-Za-z0-9 _-]*[A-Za-z0-9_-])?$",
        longest=40,
    ),
]
Workspace = Annotated[
    str,
    Shape(
        "a workspace of HCP Terraform",
        "its name of letters, digits, `-` and `_`",
        pattern=r"^[A-Za-z0-9_-]+$",
        longest=90,
    ),
]


class TerraformTrust(Strict):
    """The plans, or the applies, of one workspace: a plan may come from any branch, so that it is to hold less."""

    terraform: Organization
    """The organization."""
    project: Project
    """The project that the workspace is in."""
    workspace: Workspace
    """The workspace."""
    phase: Literal["plan", "apply"]
    """Which phase of a run; two trusts, or better two roles, for both."""
    provider: DeclaredName | None = None
    """The declared provider, where it is not the only one with `oidc: terraform`: Terraform Enterprise."""
