"""Trust in the users of a SAML provider."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Statement
from keywright.reporting.text import WHOLE, listed, refusal
from keywright.statements.conditions import merge_conditions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SIGN_IN = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
}
_TAG_KEY = re.compile(r"[A-Za-z0-9_ .:/=+@-]{1,128}")
_MOST_TAGS = 50


def saml_trust(
    *,
    provider_arn: str,
    partition: str,
    region: str,
    console: bool,
    session_tags: Sequence[str] = (),
    source_identity: bool = False,
    recipients: Sequence[str] = (),
) -> tuple[Statement, ...]:
    """Let the provider's users assume the role; the provider decides which of them, for each role.

    The audience (`SAML:aud`) is the Recipient of the assertion, an address of AWS Sign-In ("Configure SAML assertions
    for the authentication response", IAM User Guide): that of the partition, and that of the region as a fallback.
    Nothing in the assertion distinguishes console and programmatic use: with `console=False`, give `recipients` if the
    provider has a separate application for the command line; otherwise the addresses are the same.

    Only the session tags with these keys can be passed ("Pass session tags in AWS STS"), or none. `source_identity`
    requires the provider to set one ("Monitor and control actions taken with assumed roles").

    Raises:
        ValueError: The partition's sign-in address is unknown and none is given, or a tag key is malformed.
    """
    audience = _audience(partition, region, console=console, recipients=recipients)
    return tuple(
        _statements(provider_arn, audience, _tag_keys(session_tags), source_identity=source_identity)
    )


def saml_provider_arn(partition: str, account: str, name: str) -> str:
    """Give the ARN of a SAML provider in an account, whether or not it exists."""
    return f"arn:{partition}:iam::{account}:saml-provider/{name}"


def sign_in_addresses(partition: str, region: str) -> tuple[str, ...]:
    """List the addresses that browsers post assertions to ("AWS Sign-In endpoints and quotas", AWS General Reference).

    Raises:
        ValueError: The addresses of the partition are not published.
    """
    host = _SIGN_IN.get(partition)
    if host is None:
        raise refusal(
            "the SAML sign-in address of this partition is unknown",
            found=f"`{partition}`",
            accepted=f"`recipients`, or one of {listed(_SIGN_IN)}",
        )
    return (f"https://{host}/saml", f"https://{region}.{host}/saml")


def _audience(partition: str, region: str, *, console: bool, recipients: Sequence[str]) -> Conditions:
    if console and recipients:
        raise refusal(
            "`recipients` are given for console sign-in, whose addresses are fixed",
            found=listed(recipients, longest=WHOLE),
            accepted="no `recipients` with `console`",
        )
    addresses = tuple(recipients) or sign_in_addresses(partition, region)
    return {"StringEquals": {"SAML:aud": addresses}}


def _tag_keys(keys: Sequence[str]) -> tuple[str, ...]:
    # AWS reserves tag keys that start with `aws:` for itself.
    wrong = [key for key in keys if not _TAG_KEY.fullmatch(key) or key.lower().startswith("aws:")]
    if wrong or len(keys) > _MOST_TAGS:
        raise refusal(
            "the key of a session tag is malformed",
            found=listed(wrong, none=f"{len(keys)} keys"),
            accepted=f"at most {_MOST_TAGS} keys of 1 to 128 letters, digits, spaces and `_.:/=+@-`",
        )
    return tuple(sorted(set(keys)))


def _statements(
    provider_arn: str, audience: Conditions, keys: tuple[str, ...], *, source_identity: bool
) -> Iterator[Statement]:
    by = {"Federated": (provider_arn,)}
    named: Conditions = {"Null": {"sts:SourceIdentity": ("false",)}} if source_identity else {}
    yield Statement(
        actions=("sts:AssumeRoleWithSAML",), principals=by, conditions=merge_conditions(audience, named)
    )
    # A statement of its own: with these conditions beside `AssumeRoleWithSAML`, a session without tags would
    # be refused.
    if keys:
        only: Conditions = {
            "ForAllValues:StringEquals": {"aws:TagKeys": keys},
            # `ForAllValues` also matches a request without the key, so `Null` requires at least one tag.
            "Null": {"aws:TagKeys": ("false",)},
        }
        yield Statement(
            actions=("sts:TagSession",), principals=by, conditions=merge_conditions(audience, only)
        )
    if source_identity:
        yield Statement(actions=("sts:SetSourceIdentity",), principals=by, conditions=named)
