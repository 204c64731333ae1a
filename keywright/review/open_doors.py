"""Resources that let somebody in by a switch of their own: interfaces that ask nobody who calls, pools with guests.

Source: the CloudFormation template reference, type by type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Absent, Text
from keywright.review.change import Fact, quoted
from keywright.review.fingerprint import as_written
from keywright.review.machines import lets_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.templates.template import Resource

_CLOSED_LISTS = {"Private", "BucketOwnerFullControl", "BucketOwnerRead", "LogDeliveryWrite"}
_SWITCHES: Mapping[str, tuple[str, frozenset[str], str]] = {
    "AWS::Lambda::Url": (
        "AuthType",
        frozenset({"AWS_IAM"}),
        "anybody may call it: its AuthType is not AWS_IAM",
    ),
    "AWS::ApiGatewayV2::Route": (
        "AuthorizationType",
        frozenset({"AWS_IAM", "CUSTOM", "JWT"}),
        "anybody may call it: its AuthorizationType asks nobody",
    ),
    "AWS::ApiGateway::Method": (
        "AuthorizationType",
        frozenset({"AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"}),
        "anybody may call it whom its API's policy lets in: its AuthorizationType asks nobody",
    ),
    "AWS::AppSync::GraphQLApi": (
        "AuthenticationType",
        frozenset({"AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "AWS_LAMBDA", "OPENID_CONNECT"}),
        "whoever has one of its keys may call it",
    ),
    "AWS::Cognito::IdentityPool": (
        "AllowUnauthenticatedIdentities",
        frozenset({"false"}),
        "lets guests in, who have not signed in",
    ),
}
"""By type: a property, with which values it keeps others out, and what to say where it does not."""
_DECIDING: Mapping[str, tuple[str, ...]] = {
    "AWS::AppSync::GraphQLApi": ("AdditionalAuthenticationProviders",),
    "AWS::CodeBuild::Project": ("Visibility",),
    "AWS::Cognito::IdentityPool": (
        *("AllowClassicFlow", "CognitoIdentityProviders", "DeveloperProviderName"),
        *("OpenIdConnectProviderARNs", "SamlProviderARNs"),
    ),
    "AWS::Cognito::UserPool": ("AdminCreateUserConfig", "LambdaConfig"),
    "AWS::EC2::SnapshotBlockPublicAccess": ("State",),
    "AWS::EKS::Cluster": ("AccessConfig",),
    "AWS::OpenSearchService::Domain": ("AdvancedSecurityOptions",),
    "AWS::S3::Bucket": ("OwnershipControls",),
}
"""By type: properties that decide about who comes in, and are not weighed."""


def open_doors(resource: Resource) -> dict[str, str]:
    """Say in sentences how a resource lets somebody in, each with the property that says so."""
    found = lets_in(resource)
    if resource.type == "AWS::S3::Bucket":
        for each in literals(resource, "AccessControl"):
            if each not in _CLOSED_LISTS:
                found[f"its access control list is {quoted(each)}"] = "AccessControl"
    key, closed, says = _SWITCHES.get(resource.type, ("", frozenset(), ""))
    if key and not _answers_browsers(resource) and not _is_closed(resource, key, closed):
        found[says] = key
    return found


def _is_closed(resource: Resource, key: str, closed: frozenset[str]) -> bool:
    found = literals(resource, key)
    return bool(found) and set(found) <= closed


def _answers_browsers(resource: Resource) -> bool:
    """Tell whether it only answers what a browser asks beforehand, without credentials."""
    return literals(resource, "HttpMethod") == ["OPTIONS"]


def decides_otherwise(was: Resource, now: Resource) -> Iterator[Fact]:
    """Tell where a property is another one that decides about who comes in, and is not weighed."""
    for key in _DECIDING.get(now.type, ()) if was.type == now.type else ():
        before, after = ((each.raw.get("Properties") or {}).get(key) for each in (was, now))  # type: ignore[union-attr]
        if as_written(before, was.template) != as_written(after, now.template):
            place = now.locate("Properties", key) if key in now.properties else now.location
            says = f"changed {quoted(key)}, which decides about who comes in, and is not weighed"
            yield Fact("door", now.title, says, place, undecided=True)


def literals(resource: Resource, *path: str) -> list[str]:
    """Give what a property may be, as far as the template says it."""
    found = []
    for each in resource.readings(*path):
        if not isinstance(each, Absent):
            literal = each.literal if isinstance(each, Text) else None
            found.append("known only at deployment" if literal is None else literal)
    return found
