"""Bitbucket: steps of a repository's pipelines ("Integrate Pipelines with resource servers using OIDC", Bitbucket Support)."""

from __future__ import annotations

from typing import Annotated

from keywright.model.fields.text import Shape, Uuid
from keywright.model.trusts.issuers.issuer import (
    PLACEHOLDER_UUID,
    DeclaredKey,
    DeclaredKeys,
    Issuer,
    TokenSubject,
    checked_uuid,
    provider_key,
)

_WORKSPACE = Annotated[
    str,
    Shape(
        "a workspace of Bitbucket",
        "its name in addresses: small letters, digits, `-` and `_`",
        pattern=r"^[a-z0-9_-]+$",
        longest=62,
    ),
]


def bitbucket_subject(repository: str, environment: str | None = None) -> TokenSubject:
    """Give the subject of a repository's steps, in one deployment environment or in any; Bitbucket names both by UUID."""
    ids = (repository,) if environment is None else (repository, environment)
    fixed = ":".join(f"{{{checked_uuid(each)}}}" for each in ids)
    # The subject ends with the UUID of the step, which is not known before it runs.
    return TokenSubject(f"{fixed}:*", is_pattern=True)


BITBUCKET = Issuer(
    key="bitbucket",
    name="Bitbucket",
    recognized_by="api.bitbucket.org",
    sample_subject="{REPOSITORY_UUID}:{ENVIRONMENT_UUID}:*",
    address="https://api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc",
    audience="ari:cloud:bitbucket::workspace/{workspace_id}",
    provider_keys=(
        DeclaredKey("workspace", _WORKSPACE, "The workspace on Bitbucket, as its addresses name it."),
        DeclaredKey("workspace_id", Uuid, "The workspace's UUID on Bitbucket."),
    ),
    trust=DeclaredKeys(
        "BitbucketTrust",
        "The steps of one repository, in one deployment environment if it is named, else in any: no subject names a branch.",
        (
            DeclaredKey(
                "bitbucket", Uuid, "The repository's UUID, from its OpenID Connect settings.", required=True
            ),
            DeclaredKey("environment", Uuid, "The deployment environment's UUID, from the same page."),
            provider_key("bitbucket", "for another workspace"),
        ),
    ),
    selectors=("environment",),
    words="Bitbucket repository {bitbucket}{selected}",
    example={"bitbucket": PLACEHOLDER_UUID},
    provider_example={"workspace": "workspace", "workspace_id": PLACEHOLDER_UUID},
    subject=lambda trust, _: bitbucket_subject(trust["bitbucket"], trust.get("environment")),
    subject_prefix="{",
    one_project=r"\{[^*?:/]+\}(:\{[^*?:/]+\})?:\*",
    mentioned_as=r"(?i)\bBitbucket\b",
    better="a role for the steps of its repository",
)
