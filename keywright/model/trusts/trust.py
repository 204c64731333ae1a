"""`trusts:` - who may assume a role."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from keywright.model.fields.dates import MfaAge
from keywright.model.fields.strict import Mistake, Strict, kind_tag, tag_of
from keywright.model.fields.text import LITERAL, DeclaredName, GitName, IdentityName, Shape
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.anywhere import AnywhereTrust
from keywright.model.trusts.bitbucket_trust import BitbucketTrust
from keywright.model.trusts.buildkite_trust import BuildkiteTrust
from keywright.model.trusts.chaining import RoleTrust, WorkloadTrust
from keywright.model.trusts.circleci_trust import CircleCiTrust
from keywright.model.trusts.eks_trust import EksTrust, Namespace, ServiceAccount
from keywright.model.trusts.gitlab_trust import GitLabTrust
from keywright.model.trusts.google_trust import GoogleTrust
from keywright.model.trusts.service import ServiceTrust
from keywright.model.trusts.terraform_trust import TerraformTrust

Repository = Annotated[
    str,
    Shape(
        "a GitHub repository",
        "owner and name, such as `acme/shop`",
        pattern=r"^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}$",
    ),
]
Environment = Annotated[
    str,
    Shape(
        "a GitHub environment",
        "its exact name in Latin letters, without `*`, `?` and `$`",
        pattern=rf"^[{LITERAL}]+$",
        longest=255,
    ),
]
WorkflowRef = Annotated[
    str,
    Shape(
        "a reusable workflow",
        "its file and ref, such as `acme/ci/.github/workflows/deploy.yml@refs/heads/main`",
        pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+/\.github/workflows/[A-Za-z0-9._-]+\.ya?ml@[A-Za-z0-9._/-]+$",
        longest=500,
    ),
]
Subject = Annotated[
    str,
    Shape(
        "a token's subject",
        "the exact text of 1 to 1024 Latin characters, without `*`, `?` and `$`",
        pattern=rf"^[{LITERAL}]+$",
        longest=1024,
    ),
]
SessionTag = Annotated[
    str,
    Shape(
        "a session tag's key",
        "1 to 128 letters, digits and `_.:/=+-@`",
        pattern=r"^[A-Za-z0-9_.:/=+@-]+$",
        longest=128,
    ),
]
CHAINED = 3600
"""Seconds that a session lasts at most which a role's session began ("Roles terms and concepts", IAM User Guide)."""


class GroupTrust(Strict):
    """Members of one of our groups, with MFA; both sides are written: the trust and the group's right to assume."""

    group: IdentityName
    """The group whose members may assume the role."""
    mfa: MfaAge = MfaAge(within="1h")
    """How fresh the second factor must be."""


class GitHubIds(Strict):
    """The numbers GitHub gave the owner and the repository; they survive renames and can't be taken over."""

    owner: Annotated[int, Field(ge=1)]
    """The owner's number."""
    repository: Annotated[int, Field(ge=1)]
    """The repository's number."""


_SELECTORS = ("environment", "branch", "tag", "pull_request", "workflow")


class GitHubTrust(Strict):
    """A workflow of one repository: exactly one of environment, branch, tag, pull_request, workflow."""

    github: Repository
    """Owner and name of the repository."""
    ids: GitHubIds | None = None
    """The numbers of both, which tokens of repositories made or renamed since July 2026 carry."""
    environment: Environment | None = None
    """The deployment environment that the workflow must run in."""
    branch: GitName | None = None
    """The branch that the workflow must run on."""
    tag: GitName | None = None
    """The tag that the workflow must run on."""
    pull_request: Literal[True] | None = None
    """That any pull request may assume the role, by whomever it is."""
    workflow: WorkflowRef | None = None
    """The reusable workflow that the job must run, at a ref; the subject must be customized to tell it."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it trusts everything of the repository, or several things at once."""
        chosen = [name for name in _SELECTORS if getattr(self, name) is not None]
        if not chosen:
            yield Mistake(
                "{owner} trusts every branch",
                f"`github: {self.github}`",
                "an `environment`, `branch`, `tag`, `workflow` or `pull_request`",
                "github",
            )
        if len(chosen) > 1:
            yield Mistake(
                "a trust of {owner} selects workflows in several ways",
                ", ".join(f"`{name}`" for name in chosen),
                "one of them; several trusts for several ways",
                chosen[1],
            )


class OidcTrust(Strict):
    """A subject of a declared OIDC provider, exactly."""

    oidc: DeclaredName
    """The provider, by its declared name."""
    subject: Subject | None = None
    """The exact `sub` claim of the token."""
    namespace: Namespace | None = None
    """Of a cluster of Kubernetes: the namespace of the service account, in place of `subject`."""
    service_account: ServiceAccount | None = None
    """Of a cluster of Kubernetes: the service account that the pods run as, in place of `subject`."""

    @property
    def claim(self) -> str:
        """Give the subject as the token says it ("IAM roles for service accounts", Amazon EKS User Guide)."""
        return self.subject or f"system:serviceaccount:{self.namespace}:{self.service_account}"

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it names no subject, or one in two ways."""
        parts = [key for key in ("namespace", "service_account") if getattr(self, key) is not None]
        if (self.subject is None) == (not parts):
            yield Mistake(
                "a trust of {owner} has not exactly one of `subject` and a service account",
                "both" if parts else "neither",
                "`subject`, or for a cluster of Kubernetes `namespace` and `service_account`",
                "oidc",
            )
        elif len(parts) == 1:
            yield Mistake(
                "a trust of {owner} names half of a service account",
                f"`{parts[0]}`",
                "`namespace` and `service_account`",
                parts[0],
            )


class SamlTrust(Strict):
    """Users of a declared SAML provider, in the console, or programmatically when `console` is false."""

    saml: DeclaredName
    """The provider, by its declared name."""
    console: bool = True
    """Whether they come to the console, or ask for credentials by program."""
    session_tags: Annotated[tuple[SessionTag, ...], Field(max_length=50)] = ()
    """The tags that the provider may set on the session."""
    source_identity: bool = False
    """Whether the provider must say who acts, so that the name stays through every role that is assumed after."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which tag is named twice; IAM tells tags apart without regard to case."""
        seen: set[str] = set()
        for index, key in enumerate(self.session_tags):
            if key.lower() in seen:
                message = "`session_tags` of {owner} names a tag twice"
                yield Mistake(message, f"`{key}`", "each once, in any case", ("session_tags", index))
            seen.add(key.lower())


_KINDS: Mapping[str, type[Strict]] = {
    "group": GroupTrust,
    "account": AccountTrust,
    "github": GitHubTrust,
    "oidc": OidcTrust,
    "saml": SamlTrust,
    "service": ServiceTrust,
    "gitlab": GitLabTrust,
    "terraform": TerraformTrust,
    "buildkite": BuildkiteTrust,
    "circleci": CircleCiTrust,
    "bitbucket": BitbucketTrust,
    "google": GoogleTrust,
    "trust_anchor": AnywhereTrust,
    "role": RoleTrust,
    "workload": WorkloadTrust,
    "eks": EksTrust,
}


def _kind(value: Any) -> str | None:
    return tag_of(value, _KINDS)


Trust = Annotated[
    Annotated[GroupTrust, Tag(kind_tag("group"))]
    | Annotated[AccountTrust, Tag(kind_tag("account"))]
    | Annotated[GitHubTrust, Tag(kind_tag("github"))]
    | Annotated[OidcTrust, Tag(kind_tag("oidc"))]
    | Annotated[SamlTrust, Tag(kind_tag("saml"))]
    | Annotated[ServiceTrust, Tag(kind_tag("service"))]
    | Annotated[GitLabTrust, Tag(kind_tag("gitlab"))]
    | Annotated[TerraformTrust, Tag(kind_tag("terraform"))]
    | Annotated[BuildkiteTrust, Tag(kind_tag("buildkite"))]
    | Annotated[CircleCiTrust, Tag(kind_tag("circleci"))]
    | Annotated[BitbucketTrust, Tag(kind_tag("bitbucket"))]
    | Annotated[GoogleTrust, Tag(kind_tag("google"))]
    | Annotated[AnywhereTrust, Tag(kind_tag("trust_anchor"))]
    | Annotated[RoleTrust, Tag(kind_tag("role"))]
    | Annotated[WorkloadTrust, Tag(kind_tag("workload"))]
    | Annotated[EksTrust, Tag(kind_tag("eks"))],
    Discriminator(_kind),
]
"""Exactly one of the kinds; those that name a CI take the provider of that name, or the one they name."""

CiTrust = GitLabTrust | TerraformTrust | BuildkiteTrust | CircleCiTrust | BitbucketTrust
"""A CI whose provider has a name here, and whose subjects are written by it."""
