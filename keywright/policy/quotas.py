"""AWS's quotas: what an account has by default, and what it can be raised to.

Sources: "IAM and AWS STS quotas", IAM User Guide; "CloudFormation quotas", CloudFormation User Guide; "AWS IAM
Identity Center quotas", IAM Identity Center User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """A number; `raised` is the most that AWS raises it to, where it does."""

    default: int
    raised: int = 0

    @property
    def accepted(self) -> str:
        """Say it for people."""
        return f"at most {self.default:,}" + (f", or {self.raised:,} after asking AWS" if self.raised else "")


IN_ACCOUNT = {
    "AWS::IAM::User": ("users", Quota(5_000)),
    "AWS::IAM::Group": ("groups", Quota(300, 500)),
    "AWS::IAM::Role": ("roles", Quota(1_000, 5_000)),
    "AWS::IAM::ManagedPolicy": ("managed policies", Quota(1_500, 5_000)),
    "AWS::IAM::InstanceProfile": ("instance profiles", Quota(1_000, 5_000)),
    "AWS::IAM::SAMLProvider": ("SAML providers", Quota(100)),
    "AWS::IAM::OIDCProvider": ("OIDC providers", Quota(100, 700)),
    "AWS::SSO::PermissionSet": ("permission sets", Quota(2_000)),
}
MANAGED = {"role": Quota(10, 25), "user": Quota(10, 20), "group": Quota(10)}
GROUPS_PER_USER = Quota(10)
KEYS_PER_USER = Quota(2)
TAGS = Quota(50)

MANAGED_POLICY = Quota(6_144)
TRUST_POLICY = Quota(2_048, 4_096)
INLINE = {"user": Quota(2_048), "role": Quota(10_240), "group": Quota(5_120)}

NAMES = {
    "AWS::IAM::User": ("UserName", 64),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::IAM::Group": ("GroupName", 128),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName", 128),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", 128),
    "AWS::IAM::Policy": ("PolicyName", 128),
    "AWS::IAM::SAMLProvider": ("Name", 128),
}
LONGEST_PATH = 512

RESOURCES, OUTPUTS, PARAMETERS = Quota(500), Quota(200), Quota(200)
DYNAMIC_REFERENCES = Quota(60)
TEMPLATE_BYTES = 1_000_000
INLINE_BYTES = 51_200
"""Bytes of a template that is handed over in the call itself; a larger one goes through a bucket."""
SESSION = (3_600, 43_200)
