"""`account:` - where everything is deployed, and what holds for the account as a whole."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from keywright.model.account.denials import Denials
from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import AccountId, IdentityName, Reason, Reference, Region, Shape
from keywright.model.people.access_keys import KeyRules
from keywright.policy.matching.arn import partition_of

LENGTH = 14
"""The shortest password without a reason (CIS AWS Foundations 5.0.0, 1.7)."""
REMEMBERED = 24
"""How many former passwords stay barred without a reason; IAM knows no more (CIS AWS Foundations 5.0.0, 1.8)."""
AGE = 30
"""The fewest days after which a password must change without a reason: whoever must often, counts up."""


class PasswordPolicy(Strict):
    """The account's password policy; the defaults are those of CIS AWS Foundations and IAM's strictest classes.

    Setting it replaces all of its fields ("UpdateAccountPasswordPolicy", IAM API Reference), so all have a value. No
    password changes by the calendar unless one is said: NIST asks for a change only where a password may be known ("SP
    800-63B-4", 3.1.1.2), and neither for classes of characters where it is long.
    """

    minimum_length: Annotated[int, Field(ge=8, le=128)] = LENGTH
    """The fewest characters of a password; fewer than 14 need `because`."""
    remember: Annotated[int, Field(ge=1, le=REMEMBERED)] = REMEMBERED
    """How many earlier passwords may not come back; fewer than 24 need `because`."""
    maximum_age_days: Annotated[int, Field(ge=1, le=1095)] | None = None
    """After how many days a password must change; none means never, fewer than 30 need `because`."""
    hard_expiry: bool = False
    """Whether who misses that day is locked out until an administrator sets a new password; needs `because`."""
    change_own: bool = True
    """Whether every user of the account may change their own password; ours may in any case."""
    symbols: bool = True
    """Whether a password needs a symbol."""
    numbers: bool = True
    """Whether a password needs a digit."""
    uppercase: bool = True
    """Whether a password needs an upper-case letter."""
    lowercase: bool = True
    """Whether a password needs a lower-case letter."""
    because: Reason | None = None
    """Why it is weaker than CIS asks, or locks people out; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what needs a reason and has none, and what has no effect."""
        argued = list(self._argued())
        if self.because is None:
            yield from argued
        elif not argued:
            yield Mistake(
                "`because` of `password_policy` explains nothing",
                "a policy as strict as CIS asks, which locks nobody out",
                "no `because`",
                "because",
            )
        if self.hard_expiry and self.maximum_age_days is None:
            yield Mistake(
                "`hard_expiry` of `password_policy` never comes",
                "no `maximum_age_days`",
                "`maximum_age_days`, or no `hard_expiry`",
                "hard_expiry",
            )

    def _argued(self) -> Iterator[Mistake]:
        for key, least in (("minimum_length", LENGTH), ("remember", REMEMBERED), ("maximum_age_days", AGE)):
            value = getattr(self, key)
            if value is not None and value < least:
                yield Mistake(
                    f"`{key}` of `password_policy` is low, without a reason",
                    f"`{value}`",
                    f"at least {least}, or `because` with the reason",
                    key,
                )
        if self.hard_expiry:
            yield Mistake(
                "`hard_expiry` of `password_policy` locks out whoever misses a day, without a reason",
                "`hard_expiry: true`",
                "no `hard_expiry`, or `because` with the reason",
                "hard_expiry",
            )


MOST_REGIONS = 50
"""More than AWS has in a partition."""
MOST_ACCOUNTS = 20
"""Values of one criterion of an archive rule ("Quotas for IAM Access Analyzer", IAM User Guide)."""


class AccessAnalyzer(Strict):
    """IAM Access Analyzer in the account's region: what others can reach, and at a price what nobody uses."""

    existing: bool = False
    """Whether the account's region has an analyzer for access from outside already: there is room for one."""
    trusted_accounts: Annotated[tuple[AccountId, ...], Field(max_length=MOST_ACCOUNTS)] = ()
    """Accounts whose access is meant: findings about it are archived as they come."""
    regions: Annotated[tuple[Region, ...], Field(max_length=MOST_REGIONS)] = ()
    """Further regions to look in for access from outside: an analyzer sees what lies in its own, and all roles."""
    unused_days: Annotated[int, Field(ge=1, le=365)] | None = None
    """After how many days access that nobody uses is a finding; AWS charges for each user and role. None: not at all."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what an existing analyzer can't be told, and which account stands there twice."""
        if self.existing and self.trusted_accounts and not self.regions:
            yield Mistake(
                "the access analyzer of the account exists already and is never changed",
                "`trusted_accounts`",
                "no `trusted_accounts`, and an archive rule where the analyzer is kept",
                "trusted_accounts",
            )
        for index, account in enumerate(self.trusted_accounts):
            if account in self.trusted_accounts[:index]:
                message = "`trusted_accounts` of the access analyzer names an account twice"
                yield Mistake(message, f"`{account}`", "each once", ("trusted_accounts", index))
        for index, region in enumerate(self.regions):
            if region in self.regions[:index]:
                message = "`regions` of the access analyzer names a region twice"
                yield Mistake(message, f"`{region}`", "each once", ("regions", index))


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
