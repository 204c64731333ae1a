"""What is read about the account as a whole and about each Region."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from keywright.live.snapshot import operations as ask
from keywright.live.snapshot.requests import AbsentError
from keywright.live.snapshot.tasks import Piece, Task, as_json, chosen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DETAIL_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
STACKS = "Stacks"
"""The stacks of a Region, whose resources are read one by one; not a part of the snapshot."""
ROLE_SETTINGS = "RoleSettings"
POLICY_SETTINGS = "PolicySettings"
"""Fields to add to the roles and policies of the details, which lack them."""

_DELETED = "DELETE_COMPLETE"


def details(piece: Piece) -> None:
    """Read all identities; a refusal of this ends the run, because nothing is left to write.

    Raises:
        RefusedError: As above.
    """
    kinds = ["User", "Group", "Role", "LocalManagedPolicy"]
    found: dict[str, list[Any]] = {name: [] for name in DETAIL_LISTS}
    for page in piece.requests.pages(ask.DETAILS, Filter=kinds, MaxItems=1000):
        for name in DETAIL_LISTS:
            found[name] += as_json(page.get(name, []))
    for name in DETAIL_LISTS:
        piece.keep(name, found[name])


def account_tasks() -> Iterator[Task]:
    """Give the tasks about the whole account."""
    yield Task("password uses", _password_uses)
    yield Task("role settings", _role_settings)
    yield Task("instance profiles", _instance_profiles)
    yield Task("SAML providers", _saml_providers)
    yield Task("OIDC providers", _oidc_providers)
    yield Task("settings", _settings)


def regional_tasks(regions: Sequence[str]) -> Iterator[Task]:
    """Give the tasks about each Region."""
    for region in regions:
        yield Task(f"instances {region}", partial(_instances, region), of=region)
        yield Task(f"stacks {region}", partial(_stacks, region), of=region)


def stack_tasks(stacks: Sequence[dict[str, str]]) -> Iterator[Task]:
    """Give the tasks about stacks that were found."""
    for each in stacks:
        yield Task(
            f"stack {each['Region']} {each['StackId']}", partial(_stack_resources, each), of=each["Region"]
        )


def policy_tasks(policies: Sequence[dict[str, Any]]) -> Iterator[Task]:
    """Give the tasks about the customer managed policies."""
    for each in policies:
        yield Task(
            f"policy {each['Arn']}", partial(_policy_settings, each["Arn"]), of=f"policy/{each['PolicyName']}"
        )


def _password_uses(piece: Piece) -> None:
    users = piece.read("PasswordLastUsed", lambda: piece.requests.items(ask.USERS, MaxItems=1000))
    if users is not None:
        used = [each for each in users if each.get("PasswordLastUsed")]
        piece.keep("PasswordLastUsed", [chosen(each, "UserName", Date="PasswordLastUsed") for each in used])


def _role_settings(piece: Piece) -> None:
    roles = piece.read("RoleDetailList", lambda: piece.requests.items(ask.ROLES, MaxItems=1000))
    if roles is not None:
        settings = {
            each["RoleName"]: {
                "Description": each.get("Description", ""),
                **chosen(each, "MaxSessionDuration"),
            }
            for each in roles
        }
        piece.keep(ROLE_SETTINGS, settings)


def _policy_settings(arn: str, piece: Piece) -> None:
    try:
        answer = piece.read("Policies", lambda: piece.requests.one(ask.POLICY, PolicyArn=arn))
    except AbsentError:
        piece.gone = True
        return
    if answer is not None:
        policy = answer["Policy"]
        settings = {"Description": policy.get("Description", ""), "Tags": as_json(policy.get("Tags", []))}
        piece.keep(POLICY_SETTINGS, {arn: settings})


def _instance_profiles(piece: Piece) -> None:
    found = piece.read("InstanceProfiles", lambda: piece.requests.items(ask.INSTANCE_PROFILES, MaxItems=1000))
    if found is not None:
        profiles = [
            {
                **chosen(each, "InstanceProfileName", "Path", "Arn", "CreateDate"),
                "Roles": [role["RoleName"] for role in each.get("Roles", [])],
            }
            for each in found
        ]
        piece.keep("InstanceProfiles", profiles)


def _saml_providers(piece: Piece) -> None:
    part = "SAMLProviders"
    found = piece.read(part, lambda: piece.requests.items(ask.SAML_PROVIDERS))
    if found is None:
        return
    providers = []
    for each in found:
        provider = chosen(each, "Arn", "ValidUntil")
        try:
            own = piece.read(
                part, partial(piece.requests.one, ask.SAML_PROVIDER, SAMLProviderArn=each["Arn"])
            )
        except AbsentError:
            continue
        if own is not None:
            provider |= chosen(own, "SAMLMetadataDocument")
        providers.append(provider)
    piece.keep(part, providers)


def _oidc_providers(piece: Piece) -> None:
    part = "OpenIDConnectProviders"
    found = piece.read(part, lambda: piece.requests.items(ask.OIDC_PROVIDERS))
    if found is None:
        return
    providers = []
    for each in found:
        arn = each["Arn"]
        try:
            own = piece.read(
                part, partial(piece.requests.one, ask.OIDC_PROVIDER, OpenIDConnectProviderArn=arn)
            )
        except AbsentError:
            continue
        if own is not None:
            providers.append({"Arn": arn, **chosen(own, "Url", "ClientIDList", "ThumbprintList")})
    piece.keep(part, providers)


def _settings(piece: Piece) -> None:
    """Read the settings of the account; an account without a password policy has null."""
    requests = piece.requests
    try:
        policy = piece.read("PasswordPolicy", lambda: requests.one(ask.PASSWORD_POLICY))
        if policy is not None:
            piece.keep("PasswordPolicy", as_json(policy["PasswordPolicy"]))
    except AbsentError:
        piece.keep("PasswordPolicy", None)
    aliases = piece.read("AccountAliases", lambda: requests.items(ask.ALIASES))
    if aliases is not None:
        piece.keep("AccountAliases", aliases)
    summary = piece.read("AccountSummary", lambda: requests.one(ask.SUMMARY))
    if summary is not None:
        piece.keep("AccountSummary", summary["SummaryMap"])


def _instances(region: str, piece: Piece) -> None:
    found = piece.read("Instances", lambda: piece.requests.items(ask.INSTANCES, region, MaxResults=1000))
    if found is None:
        return
    instances = [
        {
            "InstanceId": each["InstanceId"],
            "State": each.get("State", {}).get("Name", ""),
            **chosen(each.get("IamInstanceProfile", {}), InstanceProfileArn="Arn"),
            "Region": region,
        }
        for reservation in found
        for each in reservation.get("Instances", [])
    ]
    piece.keep("Instances", instances)


def _stacks(region: str, piece: Piece) -> None:
    found = piece.read("StackResources", lambda: piece.requests.items(ask.STACKS, region))
    if found is not None:
        alive = [each for each in found if each["StackStatus"] != _DELETED]
        piece.keep(STACKS, [{**chosen(each, "StackId", "StackName"), "Region": region} for each in alive])


def _stack_resources(stack: dict[str, str], piece: Piece) -> None:
    region = stack["Region"]
    found = piece.read(
        "StackResources",
        lambda: piece.requests.items(ask.STACK_RESOURCES, region, StackName=stack["StackId"]),
    )
    if found is None:
        return
    fields = ("LogicalResourceId", "PhysicalResourceId", "ResourceType")
    resources = [
        {"StackName": stack["StackName"], **chosen(each, *fields), "Region": region}
        for each in found
        if each.get("ResourceStatus") != _DELETED
    ]
    piece.keep("StackResources", resources)
