"""`account:` - where everything is deployed, and what holds for the account as a whole."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from keywright.model.access_analyzer import AccessAnalyzer
from keywright.model.access_key import KeyRules
from keywright.model.account_denials import Denials
from keywright.model.day import Day
from keywright.model.name import AccountId, IdentityName, Reason, Reference
from keywright.model.password_policy import PasswordPolicy
from keywright.model.region import Region
from keywright.model.shape import Shape
from keywright.model.strict import Mistake, Strict
from keywright.model.tags import Tags, mistakes_of_tags
from keywright.policy.matching.arn import partition_of

IdentityPath = Annotated[
    str,
    Shape(
        "a path of identities",
        "such as `/access/`: a slash at both ends, at most 512 characters",
        pattern=r"^/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/$",
        longest=512,
    ),
]
Alias = Annotated[
    str,
    Shape(
        "an account alias",
        "3 to 63 lower-case letters, digits and single hyphens",
        pattern=r"^[a-z0-9](-?[a-z0-9])+$",
        shortest=3,
        longest=63,
    ),
]
BOOTSTRAP = "/keywright/"
"""Where the roles stand that deploy: they are denied to themselves, wherever in a path it is."""
RulePack = Literal["AwsSolutions", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"]


class OwnUsers(Strict):
    """People with users of their own although a SAML provider could vouch for them."""

    because: Reason
    """Why; a sentence for the reviewer."""
    review: Day
    """The day by which that is looked at again."""


class Account(Strict):
    """The account that all stacks are pinned to."""

    id: AccountId
    """The account's number; stacks refuse every other account."""
    region: Region
    """Where everything regional lives; the partition follows from it."""
    alias: Alias | None = None
    """The name in the sign-in address; unique among all accounts of the world."""
    path: IdentityPath = "/access/"
    """Where all our identities live; fixed at the first deployment."""
    password_policy: PasswordPolicy | None = None
    """The password policy; without it, the account's own is left alone."""
    mfa: Literal["required"] = "required"
    """Every person needs a second factor, in the console and for the API."""
    handover: IdentityName | None = None
    """The group that may read a newcomer's first password, nobody else."""
    access_keys: KeyRules = KeyRules()
    """What holds for the long-term keys of all applications."""
    own_users: OwnUsers | None = None
    """Why people have users and passwords of this account beside a SAML provider; until the review no advice says so."""
    break_glass: Reference | None = None
    """The role by which somebody can always still administer, such as `role/break-glass`; proved before each deployment."""
    access_analyzer: AccessAnalyzer | None = None
    """IAM Access Analyzer in the region; without it, the account's own is left alone."""
    tags: Tags
    """Tags of everything that is made in the account, at most 50; a thing's own tag of the same key wins."""
    deny: Denials | None = None
    """What nobody of ours may do, by region, network or organization, or without TLS; only break-glass is free of it."""
    checks: Annotated[tuple[RulePack, ...], Field(min_length=1, max_length=4)] = ("AwsSolutions",)
    """The rule packs of cdk-nag that must pass."""

    def identity_arn(self, reference: str) -> str:
        """Give the ARN of an identity of ours by its reference, such as `role/operate`."""
        kind, _, name = reference.partition("/")
        return f"arn:{partition_of(self.region)}:iam::{self.id}:{kind}{self.path}{name}"

    def mistakes(self) -> Iterator[Mistake]:
        """Say what IAM would refuse although it is well formed."""
        if self.path.startswith("/aws-"):
            yield Mistake(
                "`path` of {owner} is reserved for AWS", f"`{self.path}`", "such as `/access/`", "path"
            )
        if BOOTSTRAP in self.path:
            yield Mistake(
                "`path` of {owner} is that of the roles of `keywright deployer`, which nothing else may touch",
                f"`{self.path}`",
                f"one without `{BOOTSTRAP}`, such as `/access/`",
                "path",
            )
        if self.alias is not None and self.alias.isdigit():
            yield Mistake(
                "`alias` of {owner} looks like an account number",
                f"`{self.alias}`",
                "a name with a letter in it",
                "alias",
            )
        trusted = self.access_analyzer.trusted_accounts if self.access_analyzer else ()
        if self.id in trusted:
            yield Mistake(
                "`trusted_accounts` of the access analyzer names {owner} itself",
                f"`{self.id}`",
                "other accounts: who is inside is no finding",
                ("access_analyzer", "trusted_accounts", trusted.index(self.id)),
            )
        regions = self.access_analyzer.regions if self.access_analyzer else ()
        if self.region in regions:
            yield Mistake(
                "`regions` of the access analyzer names the region of {owner}, which has one in any case",
                f"`{self.region}`",
                "further regions alone",
                ("access_analyzer", "regions", regions.index(self.region)),
            )
        if len(set(self.checks)) < len(self.checks):
            yield Mistake(
                "`checks` of {owner} names a pack twice", _listed(self.checks), "each once", "checks"
            )
        yield from mistakes_of_tags(self.tags)
        if self.access_keys.replica == self.region:
            yield Mistake(
                "keys of {owner} are copied to where they are",
                f"`{self.region}`",
                "another region, or no `replica`",
                ("access_keys", "replica"),
            )
        if partition_of(self.access_keys.replica or self.region) != partition_of(self.region):
            yield Mistake(
                "keys of {owner} are copied into another partition",
                f"`{self.access_keys.replica}`",
                f"a region of `{partition_of(self.region)}`, as `{self.region}` is",
                ("access_keys", "replica"),
            )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
