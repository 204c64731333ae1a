"""CircleCI: jobs of a project ("Using OpenID Connect tokens in jobs", CircleCI Docs)."""

from __future__ import annotations

from keywright.model.fields.text import Uuid
from keywright.model.trusts.issuers.issuer import (
    PLACEHOLDER_UUID,
    DeclaredKey,
    DeclaredKeys,
    Issuer,
    TokenSubject,
    checked_uuid,
    provider_key,
)


def circleci_subject(organization: str, project: str) -> TokenSubject:
    """Give the subject of a project's jobs, of any user and branch; CircleCI names both by UUID."""
    fixed = f"org/{checked_uuid(organization)}/project/{checked_uuid(project)}"
    return TokenSubject(f"{fixed}/user/*", is_pattern=True)


CIRCLECI = Issuer(
    key="circleci",
    name="CircleCI",
    recognized_by="oidc.circleci.com",
    sample_subject="org/ORGANIZATION_ID/project/PROJECT_ID/user/*",
    address="https://oidc.circleci.com/org/{organization}",
    audience="{organization}",
    provider_keys=(DeclaredKey("organization", Uuid, "The organization's ID on CircleCI."),),
    trust=DeclaredKeys(
        "CircleCiTrust",
        "The jobs of one project, of any user and branch: the token's subject names no branch.",
        (
            DeclaredKey("circleci", Uuid, "The project's ID, from its settings.", required=True),
            provider_key("circleci", "for another organization"),
        ),
    ),
    words="CircleCI project {circleci}",
    example={"circleci": PLACEHOLDER_UUID},
    provider_example={"organization": PLACEHOLDER_UUID},
    subject=lambda trust, provider: circleci_subject(provider["organization"], trust["circleci"]),
    subject_prefix="org/",
    one_project=r"(?s)org/[^*?:/]+/project/[^*?:/]+/user/.*",
    mentioned_as=r"(?i)\bCircleCI\b",
    better="a role for the jobs of its project",
)
