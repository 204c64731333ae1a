"""All issuers, in the order in which messages and the JSON Schema list them."""

from __future__ import annotations

from keywright.model.trusts.issuers.bitbucket import BITBUCKET
from keywright.model.trusts.issuers.buildkite import BUILDKITE
from keywright.model.trusts.issuers.circleci import CIRCLECI
from keywright.model.trusts.issuers.eks import EKS
from keywright.model.trusts.issuers.github import GITHUB
from keywright.model.trusts.issuers.gitlab import GITLAB
from keywright.model.trusts.issuers.google import GOOGLE
from keywright.model.trusts.issuers.terraform import TERRAFORM

ISSUERS = (GITHUB, GITLAB, TERRAFORM, BUILDKITE, CIRCLECI, BITBUCKET, GOOGLE, EKS)
WITH_PROVIDER = {each.key: each for each in ISSUERS if each.has_provider}
"""Those that a provider's `oidc` names by their key."""
