"""HCP Terraform: runs of a workspace ("Dynamic credentials with the AWS provider", HCP Terraform Docs)."""

from __future__ import annotations

from typing import Annotated, Literal

from keywright.model.fields.text import Shape
from keywright.model.trusts.issuers.issuer import (
    DeclaredKey,
    DeclaredKeys,
    Issuer,
    TokenSubject,
    one_field,
    provider_key,
)
from keywright.reporting.text import refusal

_NAME = r"^[A-Za-z0-9_-]+$"
_ORGANIZATION = Annotated[
    str,
    Shape(
        "an organization of HCP Terraform",
        "its name of letters, digits, `-` and `_`",
        pattern=_NAME,
        longest=40,
    ),
]
_PROJECT = Annotated[
    str,
    Shape(
        "a project of HCP Terraform",
        "its exact name, such as `Default Project`",
        pattern=r"^[A-Za-z0-9_-]([A-Za-z0-9 _-]*[A-Za-z0-9_-])?$",
        longest=40,
    ),
]
_WORKSPACE = Annotated[
    str,
    Shape(
        "a workspace of HCP Terraform", "its name of letters, digits, `-` and `_`", pattern=_NAME, longest=90
    ),
]


def terraform_subject(organization: str, project: str, workspace: str, phase: str) -> TokenSubject:
    """Give the subject of a workspace's plans or applies."""
    if phase not in {"plan", "apply"}:
        raise refusal("a run has two phases", found=f"`{phase}`", accepted="`plan`, `apply`")
    parts = {"organization": organization, "project": project, "workspace": workspace, "run_phase": phase}
    return TokenSubject(":".join(f"{name}:{one_field(value)}" for name, value in parts.items()))


TERRAFORM = Issuer(
    key="terraform",
    name="HCP Terraform",
    recognized_by="app.terraform.io",
    sample_subject="organization:acme:project:Default Project:workspace:shop:run_phase:apply",
    address="https://app.terraform.io",
    audience="aws.workload.identity",
    trust=DeclaredKeys(
        "TerraformTrust",
        "The plans, or the applies, of one workspace; a plan can run code of any branch, so give its role less access.",
        (
            DeclaredKey("terraform", _ORGANIZATION, "The organization.", required=True),
            DeclaredKey("project", _PROJECT, "The project that the workspace belongs to.", required=True),
            DeclaredKey("workspace", _WORKSPACE, "The workspace.", required=True),
            DeclaredKey(
                "phase",
                Literal["plan", "apply"],
                "The phase of a run; use two trusts, or better two roles, for both.",
                required=True,
            ),
            provider_key("terraform", "for Terraform Enterprise"),
        ),
    ),
    words="HCP Terraform {terraform}/{project}/{workspace}, {phase}",
    example={
        "terraform": "ORGANIZATION",
        "project": "Default Project",
        "workspace": "WORKSPACE",
        "phase": "apply",
    },
    subject=lambda trust, _: terraform_subject(
        trust["terraform"], trust["project"], trust["workspace"], trust["phase"]
    ),
    subject_prefix="organization:",
    one_project=r"(?s)organization:[^*?:/]+:project:[^*?:/]+:workspace:[^*?:/]+:run_phase:.*",
    mentioned_as=r"(?i)\b(HCP Terraform|Terraform Cloud)\b",
    better="a role for the runs of its workspace",
)
