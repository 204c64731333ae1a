"""IAM Roles Anywhere: trust anchors, and the profiles by which machines outside of AWS request a role's credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs import Construct

from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_rolesanywhere import CfnTrustAnchor

    from access_constructs.roles.role import AccessRole


_DAYS = range(1, 361)


class TrustAnchor(Construct):
    """An `AWS::RolesAnywhere::TrustAnchor` for a bundle of certificates in PEM, or for an AWS Private CA.

    Every property is updated in place: another certificate, even another kind of source, changes neither the anchor's
    ARN nor the roles that trust it. `revoked` is a certificate revocation list in PEM, an `AWS::RolesAnywhere::CRL`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        bundle: str | None = None,
        authority_arn: str | None = None,
        revoked: str | None = None,
        authority_days: int = 45,
        machine_days: int = 45,
    ) -> None:
        from aws_cdk.aws_rolesanywhere import CfnCRL, CfnTrustAnchor  # noqa: PLC0415 - loaded only where machines use a role

        super().__init__(scope, construct_id)
        _refuse_bad_anchor(name, bundle, authority_arn, (authority_days, machine_days))
        self.anchor: CfnTrustAnchor = CfnTrustAnchor(
            self,
            "Anchor",
            name=name,
            enabled=True,
            source=_source(bundle, authority_arn),
            notification_settings=[
                _notice("CA_CERTIFICATE_EXPIRY", authority_days),
                _notice("END_ENTITY_CERTIFICATE_EXPIRY", machine_days),
            ],
        )
        self.anchor.override_logical_id(logical_id("TrustAnchor", name))
        if revoked is not None:
            crl = CfnCRL(
                self, "Revoked", name=name, enabled=True, crl_data=revoked.strip(), trust_anchor_arn=self.arn
            )
            crl.override_logical_id(logical_id("RevokedCertificates", name))

    @property
    def arn(self) -> str:
        """The anchor's ARN as a reference within its stack: a role that names it is created later."""
        return self.anchor.attr_trust_anchor_arn


def _source(bundle: str | None, authority_arn: str | None) -> dict[str, object]:
    if bundle is not None:
        return {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": bundle.strip()}}
    return {"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": authority_arn}}


def _notice(event: str, days: int) -> dict[str, object]:
    return {"enabled": True, "event": event, "threshold": days, "channel": "ALL"}


def _refuse_bad_anchor(
    name: str, bundle: str | None, authority_arn: str | None, days: tuple[int, ...]
) -> None:
    if (bundle is None) == (authority_arn is None):
        raise refusal(
            f"trust anchor `{name}` needs exactly one source",
            found="none" if bundle is None else "two",
            accepted="a bundle of certificates, or an AWS Private CA",
        )
    if bundle is not None and "PRIVATE KEY" in bundle:
        raise refusal(
            f"the bundle of trust anchor `{name}` is public and must not contain a private key",
            found="a private key",
            accepted="certificates only",
        )
    for each in days:
        if each not in _DAYS:
            raise refusal(
                f"trust anchor `{name}` announces the expiry of certificates too early or too late",
                found=f"{each} days",
                accepted="1 to 360",
            )


# A profile's name allows fewer characters than a role's name.
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 43_200
_MOST = 10
"""Managed session policies of one session ("AssumeRole", AWS STS API Reference)."""


class AnywhereProfile(Construct):
    """An `AWS::RolesAnywhere::Profile` for one role that trusts IAM Roles Anywhere; it grants nothing itself.

    A session lasts as long as the role allows. The policies of `at_most` are its session policies: it can do what both the
    role and one of them allow ("Session policies", IAM User Guide); without any, what the role allows. The machine chooses
    the profile, so where a role has several, the least restrictive one counts. The profile is deleted with the role.

    Raises:
        ValueError: More session policies than STS accepts.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        role: AccessRole,
        session_seconds: int,
        at_most: Sequence[str] = (),
    ) -> None:
        if len(at_most) > _MOST:
            raise refusal(
                f"profile `{name}` has too many session policies",
                found=str(len(at_most)),
                accepted=f"at most {_MOST}",
            )
        from aws_cdk.aws_rolesanywhere import CfnProfile  # noqa: PLC0415 - loaded only where machines use a role

        super().__init__(scope, construct_id)
        self.profile = CfnProfile(
            self,
            "Profile",
            name=_UNFIT.sub("-", name),
            role_arns=[role.arn],
            enabled=True,
            duration_seconds=min(session_seconds, _LONGEST),
            managed_policy_arns=list(at_most) or None,
        )
        self.profile.override_logical_id(logical_id("AnywhereProfile", name))

    @property
    def arn(self) -> str:
        """The profile's ARN, an argument of the machine's credential helper."""
        return self.profile.attr_profile_arn
