"""Whose signature on a certificate counts: an authority that IAM Roles Anywhere is told to trust."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs import Construct

from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_rolesanywhere import CfnTrustAnchor

    from access_constructs.roles.role import AccessRole


_DAYS = range(1, 361)


class TrustAnchor(Construct):
    """An `AWS::RolesAnywhere::TrustAnchor` for a bundle of certificates in PEM, or an authority of AWS Private CA.

    Every property of it is updated in place: another certificate, even another kind of source, moves neither the anchor's
    ARN nor the roles that trust it. `revoked` is a list of revoked certificates in PEM, an `AWS::RolesAnywhere::CRL`.
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
        from aws_cdk.aws_rolesanywhere import CfnCRL, CfnTrustAnchor  # noqa: PLC0415 - for whom machines come to alone

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
        """The anchor's ARN as a reference inside its stack: a role that names it comes later."""
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
            f"trust anchor `{name}` has exactly one source",
            found="none" if bundle is None else "two",
            accepted="a bundle of certificates, or an authority of AWS Private CA",
        )
    if bundle is not None and "PRIVATE KEY" in bundle:
        raise refusal(
            f"the bundle of trust anchor `{name}` is public",
            found="a private key",
            accepted="certificates alone",
        )
    for each in days:
        if each not in _DAYS:
            raise refusal(
                f"the end of certificates of trust anchor `{name}` is announced in time",
                found=f"{each} days",
                accepted="1 to 360",
            )


_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 43_200
_MOST = 10
"""Managed session policies of one session ("AssumeRole", AWS STS API Reference)."""


class AnywhereProfile(Construct):
    """An `AWS::RolesAnywhere::Profile` for one role that trusts IAM Roles Anywhere; it grants nothing by itself.

    A session is as long as the role's may be. It may do what the role may and one of the policies of `at_most` too, which
    are its session policies ("Session policies", IAM User Guide); without any, what the role may. The machine says by
    which profile it comes: where a role has several, the widest is what counts. The profile goes when the role goes, and
    with it what the machine asks by.

    Raises:
        ValueError: More session policies than STS takes.
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
                f"the sessions of profile `{name}` are held to too many policies",
                found=str(len(at_most)),
                accepted=f"at most {_MOST}",
            )
        from aws_cdk.aws_rolesanywhere import CfnProfile  # noqa: PLC0415 - for whom machines come to alone

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
        """The profile's ARN, which the machine's credential helper is given."""
        return self.profile.attr_profile_arn
