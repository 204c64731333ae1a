"""AWS's quotas and fixed limits: one table for the checks of declarations, the guardrails and the constructs."""

from __future__ import annotations

from dataclasses import dataclass

IAM_PAGE = "IAM and AWS STS quotas, IAM User Guide"
CLOUDFORMATION_PAGE = "Understand CloudFormation quotas, CloudFormation User Guide"
CENTER_PAGE = "AWS IAM Identity Center quotas, IAM Identity Center User Guide"
TAGS_PAGE = "Tags for AWS Identity and Access Management resources, IAM User Guide"
ORGANIZATIONS_PAGE = "Quotas and service limits for AWS Organizations, AWS Organizations User Guide"

NEAR = 0.8
"""The share of a quota from which its use is reported, in declarations, templates and accounts alike."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of something AWS allows by default; `maximum` is the most that AWS raises it to on request."""

    name: str
    default: int
    maximum: int = 0
    page: str = IAM_PAGE

    @property
    def accepted(self) -> str:
        """Describe what is allowed, for a message."""
        raised = f", or {self.maximum:,} after a quota increase by AWS" if self.maximum else ""
        return f"at most {self.default:,}{raised}"


USERS = Quota("users", 5_000)
GROUPS = Quota("groups", 300, 500)
ROLES = Quota("roles", 1_000, 5_000)
MANAGED_POLICIES = Quota("managed policies", 1_500, 5_000)
INSTANCE_PROFILES = Quota("instance profiles", 1_000, 5_000)
SAML_PROVIDERS = Quota("SAML providers", 100)
OIDC_PROVIDERS = Quota("OIDC providers", 100, 700)
PERMISSION_SETS = Quota("permission sets", 2_000, page=CENTER_PAGE)
PERMISSION_SETS_IN_ACCOUNT = Quota("permission sets in one account", 250, page=CENTER_PAGE)
IN_ACCOUNT = {
    "AWS::IAM::User": USERS,
    "AWS::IAM::Group": GROUPS,
    "AWS::IAM::Role": ROLES,
    "AWS::IAM::ManagedPolicy": MANAGED_POLICIES,
    "AWS::IAM::InstanceProfile": INSTANCE_PROFILES,
    "AWS::IAM::SAMLProvider": SAML_PROVIDERS,
    "AWS::IAM::OIDCProvider": OIDC_PROVIDERS,
    "AWS::SSO::PermissionSet": PERMISSION_SETS,
}
"""Quotas of an account, by the type of resource that they count."""

MANAGED = {
    "role": Quota("managed policies of a role", 10, 25),
    "user": Quota("managed policies of a user", 10, 20),
    "group": Quota("managed policies of a group", 10),
}
GROUPS_PER_USER = Quota("groups of a user", 10)
KEYS_PER_USER = Quota("access keys of a user", 2)
TAGS = Quota("tags", 50, page=TAGS_PAGE)

MANAGED_POLICY = Quota("characters of a managed policy", 6_144)
TRUST_POLICY = Quota("characters of a trust policy", 2_048, 4_096)
INLINE = {
    "user": Quota("characters of a user's inline policies", 2_048),
    "role": Quota("characters of a role's inline policies", 10_240),
    "group": Quota("characters of a group's inline policies", 5_120),
}
CONTROL_POLICY = Quota("characters of a control policy", 5_120, page=ORGANIZATIONS_PAGE)
"""IAM counts the characters that are not white space."""

NAMES = {
    "AWS::IAM::User": ("UserName", 64),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::IAM::Group": ("GroupName", 128),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName", 128),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", 128),
    "AWS::IAM::Policy": ("PolicyName", 128),
    "AWS::IAM::SAMLProvider": ("Name", 128),
}
"""The property that names a resource, and the most characters of a name."""
LONGEST_PATH = 512

RESOURCES = Quota("resources of a stack", 500, page=CLOUDFORMATION_PAGE)
OUTPUTS = Quota("outputs of a stack", 200, page=CLOUDFORMATION_PAGE)
PARAMETERS = Quota("parameters of a stack", 200, page=CLOUDFORMATION_PAGE)
DYNAMIC_REFERENCES = Quota("dynamic references of a stack", 60, page=CLOUDFORMATION_PAGE)
TEMPLATE_BYTES = 1_000_000
INLINE_BYTES = 51_200
"""Bytes of a template that a call itself can carry; a larger one is uploaded to a bucket first."""
SESSION = (3_600, 43_200)
"""The shortest and the longest maximum session duration of a role, in seconds."""
SESSION_SECONDS = range(SESSION[0], SESSION[1] + 1)
CHAINED_SESSION = 3_600
"""The longest session of a role that is assumed by a session of another role ("Role chaining"), in seconds."""
