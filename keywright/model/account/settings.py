"""`account:` - the account, its password policy, access analyzer and account-wide settings."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from keywright.model.account.break_glass import BreakGlass, BreakGlassRole
from keywright.model.account.denials import Denials
from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict, repetitions
from keywright.model.fields.tags import Tags, mistakes_of_tags
from keywright.model.fields.text import AccountId, IdentityName, Reason, Region, Shape
from keywright.model.people.access_keys import KeyRules
from keywright.policy.matching.arn import partition_of

LENGTH = 14
"""The shortest minimum length that needs no reason (CIS AWS Foundations 5.0.0, 1.7)."""
REMEMBERED = 24
"""How many earlier passwords are blocked without a reason, which is also IAM's maximum (CIS AWS Foundations 5.0.0, 1.8)."""
AGE = 30
"""The shortest maximum age that needs no reason: people who must change passwords often only count them up."""


class PasswordPolicy(Strict):
    """The account's password policy; the defaults are those of CIS AWS Foundations and IAM's strictest classes.

    IAM replaces all fields at once ("UpdateAccountPasswordPolicy", IAM API Reference), so each has a value. By default
    passwords do not expire: NIST requires a change only after a compromise ("SP 800-63B-4", 3.1.1.2).
    """

    minimum_length: Annotated[int, Field(ge=8, le=128)] = LENGTH
    """The minimum length of a password; less than 14 needs `because`."""
    remember: Annotated[int, Field(ge=1, le=REMEMBERED)] = REMEMBERED
    """How many earlier passwords can't be used again; fewer than 24 need `because`."""
    maximum_age_days: Annotated[int, Field(ge=1, le=1095)] | None = None
    """After how many days a password expires; without it, never. Fewer than 30 need `because`."""
    hard_expiry: bool = False
    """Whether only an administrator can replace an expired password; needs `because`."""
    change_own: bool = True
    """Whether all users of the account can change their password; declared people always can."""
    symbols: bool = True
    """Whether a password needs a symbol."""
    numbers: bool = True
    """Whether a password needs a digit."""
    uppercase: bool = True
    """Whether a password needs an upper-case letter."""
    lowercase: bool = True
    """Whether a password needs a lower-case letter."""
    because: Reason | None = None
    """Why it is weaker than CIS requires, or locks people out; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report weak settings without a reason, and settings without effect."""
        unexplained = list(self._unexplained())
        if self.because is None:
            yield from unexplained
        elif not unexplained:
            yield Mistake(
                "`because` of `password_policy` has nothing to explain",
                "a policy as strict as CIS requires, without `hard_expiry`",
                "no `because`",
                "because",
            )
        if self.hard_expiry and self.maximum_age_days is None:
            yield Mistake(
                "`hard_expiry` of `password_policy` has no effect",
                "no `maximum_age_days`",
                "`maximum_age_days`, or no `hard_expiry`",
                "hard_expiry",
            )

    def _unexplained(self) -> Iterator[Mistake]:
        for key, least in (("minimum_length", LENGTH), ("remember", REMEMBERED), ("maximum_age_days", AGE)):
            value = getattr(self, key)
            if value is not None and value < least:
                yield Mistake(
                    f"`{key}` of `password_policy` is too low without a reason",
                    f"`{value}`",
                    f"at least {least}, or `because` with the reason",
                    key,
                )
        if self.hard_expiry:
            yield Mistake(
                "`hard_expiry` of `password_policy` needs a reason: it locks out people whose password expired",
                "`hard_expiry: true`",
                "no `hard_expiry`, or `because` with the reason",
                "hard_expiry",
            )


MOST_REGIONS = 50
"""More than any partition of AWS has."""
MOST_ACCOUNTS = 20
"""Values of one criterion of an archive rule ("Quotas for IAM Access Analyzer", IAM User Guide)."""


class AccessAnalyzer(Strict):
    """IAM Access Analyzer: finds external access, and, for a charge, unused access."""

    existing: bool = False
    """Whether the account's region already has an analyzer for external access: AWS allows one."""
    trusted_accounts: Annotated[tuple[AccountId, ...], Field(max_length=MOST_ACCOUNTS)] = ()
    """Accounts with intended access: findings about it are archived automatically."""
    regions: Annotated[tuple[Region, ...], Field(max_length=MOST_REGIONS)] = ()
    """Further regions with an analyzer: each analyzes the resources of its region, and all roles."""
    unused_days: Annotated[int, Field(ge=1, le=365)] | None = None
    """After how many days unused access is a finding; AWS charges for each user and role. Without it, no such analyzer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report settings that an existing analyzer can't get, and accounts and regions listed twice."""
        # With further regions the list has a use: their analyzers are created here.
        if self.existing and self.trusted_accounts and not self.regions:
            yield Mistake(
                "the access analyzer of the account exists already and is never changed",
                "`trusted_accounts`",
                "no `trusted_accounts`, and an archive rule where the analyzer is declared",
                "trusted_accounts",
            )
        for key in ("trusted_accounts", "regions"):
            yield from repetitions(key, getattr(self, key))


IdentityPath = Annotated[
    str,
    Shape(
        "an IAM path",
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
"""The path of the deployment roles, which these can't change themselves, wherever it is in a path."""
RulePack = Literal["AwsSolutions", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"]


class OwnUsers(Strict):
    """An exception for people with IAM users although they could sign in by federation."""

    because: Reason
    """Why they have users; a sentence for the reviewer."""
    review: Day
    """The day by which this is reviewed."""


class Account(Strict):
    """The account that all stacks are pinned to."""

    id: AccountId
    """The account's number; stacks refuse every other account."""
    region: Region
    """The region of all regional resources; it also determines the partition."""
    alias: Alias | None = None
    """The account alias in the sign-in address; unique among all AWS accounts."""
    path: IdentityPath = "/access/"
    """The IAM path of all declared identities; fixed at the first deployment."""
    password_policy: PasswordPolicy | None = None
    """The password policy; without it, the account's current one is not changed."""
    mfa: Literal["required"] = "required"
    """Every person needs MFA, in the console and for the API."""
    handover: IdentityName | None = None
    """The only group that can read the first passwords of new users."""
    access_keys: KeyRules = KeyRules()
    """Rules for the long-term access keys of all applications."""
    own_users: OwnUsers | None = None
    """Why people have IAM users beside federation; silences the advice until the review."""
    break_glass: BreakGlassRole | None = None
    """The role for administration in an emergency, such as `role/break-glass`, or `{role: …, because: …, until: …}`, which also
    accepts its administrator access; proved to work before each deployment."""
    access_analyzer: AccessAnalyzer | None = None
    """IAM Access Analyzer; without it, the account's analyzers are not changed."""
    tags: Tags
    """Tags of all created resources, at most 50; a resource's own tag of the same key wins."""
    deny: Denials | None = None
    """Account-wide denials by region, network, organization or missing TLS; they apply to all but the break-glass role."""
    checks: Annotated[tuple[RulePack, ...], Field(min_length=1, max_length=4)] = ("AwsSolutions",)
    """The rule packs of cdk-nag that must pass."""

    @property
    def break_glass_role(self) -> str | None:
        """The reference of the break-glass role, such as `role/break-glass`."""
        return self.break_glass.role if isinstance(self.break_glass, BreakGlass) else self.break_glass

    def mistakes(self) -> Iterator[Mistake]:
        """Report values that IAM would refuse."""
        # AWS's own roles have paths such as `/aws-service-role/` and `/aws-reserved/`.
        if self.path.startswith("/aws-"):
            yield Mistake(
                "`path` of {owner} is reserved for AWS", f"`{self.path}`", "such as `/access/`", "path"
            )
        if BOOTSTRAP in self.path:
            yield Mistake(
                "`path` of {owner} is reserved for the roles of `keywright deployer`",
                f"`{self.path}`",
                f"a path without `{BOOTSTRAP}`, such as `/access/`",
                "path",
            )
        if self.alias is not None and self.alias.isdigit():
            yield Mistake(
                "`alias` of {owner} looks like an account number",
                f"`{self.alias}`",
                "a name with a letter",
                "alias",
            )
        trusted = self.access_analyzer.trusted_accounts if self.access_analyzer else ()
        if self.id in trusted:
            yield Mistake(
                "`trusted_accounts` of the access analyzer lists {owner} itself",
                f"`{self.id}`",
                "other accounts: access from within the account is no finding",
                ("access_analyzer", "trusted_accounts", trusted.index(self.id)),
            )
        regions = self.access_analyzer.regions if self.access_analyzer else ()
        if self.region in regions:
            yield Mistake(
                "`regions` of the access analyzer lists the region of {owner}, which has an analyzer anyway",
                f"`{self.region}`",
                "further regions only",
                ("access_analyzer", "regions", regions.index(self.region)),
            )
        yield from repetitions("checks", self.checks)
        yield from mistakes_of_tags(self.tags)
        if self.access_keys.replica == self.region:
            yield Mistake(
                "access keys of {owner} are replicated to their own region",
                f"`{self.region}`",
                "another region, or no `replica`",
                ("access_keys", "replica"),
            )
        if partition_of(self.access_keys.replica or self.region) != partition_of(self.region):
            yield Mistake(
                "access keys of {owner} are replicated to another partition",
                f"`{self.access_keys.replica}`",
                f"a region of `{partition_of(self.region)}`",
                ("access_keys", "replica"),
            )
