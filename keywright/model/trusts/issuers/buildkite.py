"""Buildkite: jobs of a pipeline ("OIDC with AWS", Buildkite Documentation)."""

from __future__ import annotations

from typing import Annotated

from keywright.model.fields.text import Shape
from keywright.model.trusts.issuers.issuer import (
    DeclaredKey,
    DeclaredKeys,
    Issuer,
    TokenSubject,
    branch_or_tag,
    one_field,
    provider_key,
    ref_keys,
)
from keywright.reporting.text import refusal

_PIPELINE = Annotated[
    str,
    Shape(
        "a Buildkite pipeline",
        "the slugs of organization and pipeline, such as `acme/shop`",
        pattern=r"^[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*$",
        longest=200,
    ),
]
_REFS = {"branch": "heads", "tag": "tags"}


def buildkite_subject(pipeline: str, *, branch: str | None = None, tag: str | None = None) -> TokenSubject:
    """Give the subject of a pipeline's jobs on one branch or tag, of any commit and step; `pipeline` is `acme/shop`."""
    kind, ref = branch_or_tag(pipeline, branch, tag)
    organization, slash, name = pipeline.partition("/")
    if not slash:
        raise refusal(
            "a Buildkite pipeline belongs to an organization",
            found=f"`{pipeline}`",
            accepted="such as `acme/shop`",
        )
    fixed = f"organization:{one_field(organization)}:pipeline:{one_field(name)}:ref:refs/{_REFS[kind]}/{ref}"
    return TokenSubject(f"{fixed}:commit:*", is_pattern=True)


BUILDKITE = Issuer(
    key="buildkite",
    name="Buildkite",
    recognized_by="agent.buildkite.com",
    sample_subject="organization:acme:pipeline:shop:ref:refs/heads/main:commit:*",
    address="https://agent.buildkite.com",
    trust=DeclaredKeys(
        "BuildkiteTrust",
        "The jobs of one pipeline, on one branch or one tag, with any commit and step.",
        (
            DeclaredKey("buildkite", _PIPELINE, "The slugs of organization and pipeline.", required=True),
            *ref_keys("that is built"),
            provider_key("buildkite"),
        ),
    ),
    selectors=("branch", "tag"),
    needs_selector=True,
    words="Buildkite {buildkite}{selected}",
    example={"buildkite": "organization/pipeline", "branch": "main"},
    subject=lambda trust, _: buildkite_subject(
        trust["buildkite"], branch=trust.get("branch"), tag=trust.get("tag")
    ),
    subject_prefix="organization:",
    one_project=r"(?s)organization:[^*?:/]+:pipeline:[^*?:/]+:ref:.*",
    mentioned_as=r"(?i)\bBuildkite\b",
    better="a role for the jobs of its pipeline",
)
