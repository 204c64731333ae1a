# ruff: noqa: INP001 - one file, read as text and run by Lambda; no package of ours imports it
"""The identity keeper: makes first logins, ends what a leaver had, sets what the account has one of.

Runs as an inline Lambda function behind CloudFormation custom resources. What it answers to which event of a
stack's life, and why, stands in `access_constructs.identity_keeper`.
"""

from __future__ import annotations

import json
import os
import secrets
import string
import time
import urllib.parse
import urllib.request
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

if TYPE_CHECKING:
    from collections.abc import Callable

SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
ALPHABETS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS)
USUAL_LENGTH = 24
MARK = "keywright-"
ANSWER_SECONDS = 25
SETTLING_SECONDS = 20
LOGIN_SECONDS = 10
SWITCHES = (
    "RequireSymbols",
    "RequireNumbers",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
    "AllowUsersToChangePassword",
    "HardExpiry",
)
TOO_MANY = 429
SERVERS_FAULT = 500
NUMBERS = ("MinimumPasswordLength", "MaxPasswordAge", "PasswordReusePrevention")
PASSING = {
    "ConcurrentModification",
    "ConcurrentModificationException",
    "EntityTemporarilyUnmodifiable",
    "InternalFailure",
    "InternalServiceError",
    "RequestLimitExceeded",
    "ServiceFailure",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
DENIED = {"AccessDenied", "AccessDeniedException"}


class UnfinishedError(Exception):
    """Something is left to do; the text is for CloudFormation and holds no secret."""


@cache
def client(service: Any) -> Any:
    """Make one client a service; each attempt is short, because `Aws` tries again by the clock."""
    once = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})
    return boto3.client(service, config=once)


class Aws:
    """Calls AWS, again while an error is passing, until the time left is only enough to answer.

    IAM shows a change everywhere only after some seconds. So what is denied, or missing, at the beginning is asked for again.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self._settled = self.seconds_left() - SETTLING_SECONDS

    def seconds_left(self) -> float:
        """Tell how long may still be worked."""
        return float(self._context.get_remaining_time_in_millis()) / 1000 - ANSWER_SECONDS

    def is_settling(self) -> bool:
        """Tell whether IAM may not show everywhere yet what was made just before this event."""
        return self.seconds_left() > self._settled

    def __call__(self, service: str, operation: str, **request: Any) -> Any:
        """Call one operation.

        Raises:
            ClientError: AWS refuses for good.
            UnfinishedError: The time is over.
        """
        pause = 0.25
        while self.seconds_left() > 0:
            try:
                return getattr(client(service), operation)(**request)
            except (HTTPClientError, NoConnection):
                pass
            except ClientError as error:
                early = self.is_settling() and code_of(error) in DENIED
                if not (early or is_passing(error)):
                    raise
            time.sleep(min(pause * (0.5 + secrets.randbelow(50) / 100), max(self.seconds_left(), 0)))
            pause = min(pause * 2, 5)
        raise UnfinishedError(f"out of time before {operation}")

    def every(self, operation: str, key: str, **request: Any) -> list[Any]:
        """List what an IAM operation gives, over all its pages."""
        found: list[Any] = []
        page: dict[str, Any] = {"Marker": None}
        while "Marker" in page:
            marker = {"Marker": page["Marker"]} if page["Marker"] else {}
            page = self("iam", operation, **request, **marker)
            found += page.get(key, [])
            if not page.get("IsTruncated"):
                page.pop("Marker", None)
        return found

    def unless_gone(self, operation: str, **request: Any) -> Any:
        """Call an IAM operation on something that may be gone already; `None` says that it is."""
        try:
            return self("iam", operation, **request)
        except ClientError as error:
            if code_of(error) != "NoSuchEntity":
                raise
            return None


def code_of(error: ClientError) -> str:
    """Name an error as AWS does."""
    return error.response.get("Error", {}).get("Code", "")


def is_passing(error: ClientError) -> bool:
    """Tell whether trying again may help."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code_of(error) in PASSING or status == TOO_MANY or status >= SERVERS_FAULT


def handler(event: dict[str, Any], context: Any) -> None:
    """Do what the event asks and always answer; the physical id to answer with is kept in the event."""
    status, reason = "SUCCESS", "done"
    try:
        ACTIONS[event["ResourceType"]][event["RequestType"]](Aws(context), event)
    except Exception as error:  # noqa: BLE001 - without an answer the stack would wait for its time-out
        status, reason = "FAILED", in_words(error)
    answer(event, status, reason)


def in_words(error: Exception) -> str:
    """Say what went wrong without the text of requests or answers, which may hold a secret."""
    if isinstance(error, ClientError):
        return f"{error.operation_name} answered {code_of(error)}"
    return str(error) if isinstance(error, UnfinishedError) else f"unexpected {type(error).__name__}"


def answer(event: dict[str, Any], status: str, reason: str) -> None:
    """Tell CloudFormation, three times if need be; then fail, so that Lambda delivers the event again."""
    physical_id = event.get("PhysicalResourceId", "nothing")
    facts = {
        "LogicalResourceId": event["LogicalResourceId"],
        "PhysicalResourceId": physical_id,
        "Status": status,
    }
    print(json.dumps({**facts, "RequestType": event["RequestType"], "Reason": reason}))  # noqa: T201 - the log
    body = {**facts, "Reason": reason, "RequestId": event["RequestId"], "StackId": event["StackId"]}
    request = urllib.request.Request(  # noqa: S310 - the address is CloudFormation's
        event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT"
    )
    for last in (False, False, True):
        try:
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - as above
        except OSError:
            if last:
                raise
            time.sleep(1)
        else:
            return


def nothing(_aws: Aws, _event: dict[str, Any]) -> None:
    """Keep everything as it is, the physical id too."""


def property_of(event: dict[str, Any], name: str) -> Any:
    """Read a property of the custom resource."""
    return event["ResourceProperties"][name]


def unique_id(aws: Aws, user: str) -> str | None:
    """Tell a user's unique id, which no later user of that name will have; `None` where there is no such user."""
    found = aws.unless_gone("get_user", UserName=user)
    return found["User"]["UserId"] if found else None


def new_users_id(aws: Aws, user: str) -> str:
    """Tell the unique id of a user that CloudFormation has just made and IAM may not show everywhere yet."""
    while (found := unique_id(aws, user)) is None:
        if not aws.is_settling():
            raise UnfinishedError(f"there is no user {user}")
        time.sleep(1)
    return found


def is_same_user(aws: Aws, event: dict[str, Any]) -> bool:
    """Tell whether the user alive is the one that this resource was made for."""
    live = unique_id(aws, property_of(event, "UserName"))
    return live is not None and live in event["PhysicalResourceId"].split("/")


def is_rolling_back(aws: Aws, event: dict[str, Any]) -> bool:
    """Tell whether the stack undoes what it began, and nobody has decided to remove anything."""
    stacks = aws("cloudformation", "describe_stacks", StackName=event["StackId"])["Stacks"]
    return "ROLLBACK" in stacks[0]["StackStatus"]


def make_first_sign_in(aws: Aws, event: dict[str, Any]) -> None:
    """Give a user without a login one, its password written to the secret first."""
    user, secret = property_of(event, "UserName"), property_of(event, "SecretId")
    owner = new_users_id(aws, user)
    written = is_written(aws, secret)
    exists = has_login(aws, user, LOGIN_SECONDS if written else 0)
    made = not exists or written
    event["PhysicalResourceId"] = f"first-sign-in/{owner}/{'made' if made else 'found'}"
    if exists:
        return
    password = new_password(live_policy(aws) or {})
    text = json.dumps({"user_name": user, "password": password})
    version = MARK + secrets.token_hex(16)
    aws("secretsmanager", "put_secret_value", SecretId=secret, SecretString=text, ClientRequestToken=version)
    unless_there(aws, "create_login_profile", UserName=user, Password=password, PasswordResetRequired=True)


def has_login(aws: Aws, user: str, seconds: float) -> bool:
    """Tell whether a user has a login; where the secret has a password already, IAM gets some seconds to show it."""
    enough = aws.seconds_left() - seconds
    while aws.unless_gone("get_login_profile", UserName=user) is None:
        if aws.seconds_left() <= enough:
            return False
        time.sleep(1)
    return True


def unless_there(aws: Aws, operation: str, **request: Any) -> None:
    """Create something in IAM that a lost answer, or somebody else, may have created already; its user may not be shown yet."""
    code = "NoSuchEntity"
    while code == "NoSuchEntity":
        try:
            aws("iam", operation, **request)
            code = ""
        except ClientError as error:
            code = code_of(error)
            if code != "EntityAlreadyExists" and not (code == "NoSuchEntity" and aws.is_settling()):
                raise
            time.sleep(code == "NoSuchEntity")


def is_written(aws: Aws, secret: str) -> bool:
    """Tell whether this function wrote the secret's value: then the login is of its making."""
    versions = aws("secretsmanager", "describe_secret", SecretId=secret).get("VersionIdsToStages") or {}
    return any(version.startswith(MARK) for version in versions)


def end_first_sign_in(aws: Aws, event: dict[str, Any]) -> None:
    """Remove the login; one that was there before stays when the stack only undoes what it began."""
    if not is_same_user(aws, event):
        return
    if event["PhysicalResourceId"].endswith("/found") and is_rolling_back(aws, event):
        return
    aws.unless_gone("delete_login_profile", UserName=property_of(event, "UserName"))


def new_password(policy: dict[str, Any]) -> str:
    """Make a random password that satisfies any password policy of IAM: every class, and its length."""
    length = max(USUAL_LENGTH, policy.get("MinimumPasswordLength", 0))
    characters = [secrets.choice(alphabet) for alphabet in ALPHABETS]
    characters += [secrets.choice("".join(ALPHABETS)) for _ in range(length - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def note_leaver(aws: Aws, event: dict[str, Any]) -> None:
    """Remember which user this is about."""
    event["PhysicalResourceId"] = f"leaving/{new_users_id(aws, property_of(event, 'UserName'))}"


def leave(aws: Aws, event: dict[str, Any]) -> None:
    """Deny the user everything, then remove all that hangs on it; the deny goes last, when nothing else is left."""
    if not is_same_user(aws, event) or is_rolling_back(aws, event):
        return
    user = property_of(event, "UserName")
    failed = failures((deny_all, *CREDENTIALS), aws, user) or failures(POLICIES, aws, user)
    if failed:
        raise UnfinishedError(f"{user} keeps: " + "; ".join(failed))
    aws.unless_gone("detach_user_policy", UserName=user, PolicyArn=os.environ["DENY_ALL"])


def failures(steps: Any, aws: Aws, user: str) -> list[str]:
    """Take every step, whatever became of the one before, and name those that failed."""
    failed = []
    for step in steps:
        try:
            step(aws, user)
        except UnfinishedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other steps still end something
            failed.append(f"{step.__name__} ({in_words(error)})")
    return failed


def deny_all(aws: Aws, user: str) -> None:
    """Attach the policy that denies everything; where a user's places for policies are full, one is freed for it."""
    try:
        aws("iam", "attach_user_policy", UserName=user, PolicyArn=os.environ["DENY_ALL"])
    except ClientError as error:
        if code_of(error) != "LimitExceeded":
            raise
        attached = aws.every("list_attached_user_policies", "AttachedPolicies", UserName=user)
        aws("iam", "detach_user_policy", UserName=user, PolicyArn=attached[-1]["PolicyArn"])
        aws("iam", "attach_user_policy", UserName=user, PolicyArn=os.environ["DENY_ALL"])


def access_keys(aws: Aws, user: str) -> None:
    """Deactivate every key before deleting the first."""
    keys = [key["AccessKeyId"] for key in aws.every("list_access_keys", "AccessKeyMetadata", UserName=user)]
    for key in keys:
        aws.unless_gone("update_access_key", UserName=user, AccessKeyId=key, Status="Inactive")
    for key in keys:
        aws.unless_gone("delete_access_key", UserName=user, AccessKeyId=key)


def login(aws: Aws, user: str) -> None:
    """Remove the password."""
    aws.unless_gone("delete_login_profile", UserName=user)


def mfa_devices(aws: Aws, user: str) -> None:
    """Deactivate every device; a virtual one is a resource that goes too."""
    for device in aws.every("list_mfa_devices", "MFADevices", UserName=user):
        serial = device["SerialNumber"]
        aws.unless_gone("deactivate_mfa_device", UserName=user, SerialNumber=serial)
        if ":mfa/" in serial:
            aws.unless_gone("delete_virtual_mfa_device", SerialNumber=serial)


def ssh_keys(aws: Aws, user: str) -> None:
    """Delete the keys for CodeCommit."""
    for key in aws.every("list_ssh_public_keys", "SSHPublicKeys", UserName=user):
        aws.unless_gone("delete_ssh_public_key", UserName=user, SSHPublicKeyId=key["SSHPublicKeyId"])


def signing_certificates(aws: Aws, user: str) -> None:
    """Delete the certificates for signed requests."""
    for found in aws.every("list_signing_certificates", "Certificates", UserName=user):
        aws.unless_gone("delete_signing_certificate", UserName=user, CertificateId=found["CertificateId"])


def service_credentials(aws: Aws, user: str) -> None:
    """Delete the passwords and API keys of single services."""
    found = aws.every("list_service_specific_credentials", "ServiceSpecificCredentials", UserName=user)
    for credential in found:
        number = credential["ServiceSpecificCredentialId"]
        aws.unless_gone(
            "delete_service_specific_credential", UserName=user, ServiceSpecificCredentialId=number
        )


def memberships(aws: Aws, user: str) -> None:
    """Take the user out of every group."""
    for group in aws.every("list_groups_for_user", "Groups", UserName=user):
        aws.unless_gone("remove_user_from_group", UserName=user, GroupName=group["GroupName"])


def inline_policies(aws: Aws, user: str) -> None:
    """Delete every policy that stands in the user."""
    for name in aws.every("list_user_policies", "PolicyNames", UserName=user):
        aws.unless_gone("delete_user_policy", UserName=user, PolicyName=name)


def attached_policies(aws: Aws, user: str) -> None:
    """Detach every policy but the one that denies everything."""
    for policy in aws.every("list_attached_user_policies", "AttachedPolicies", UserName=user):
        if policy["PolicyArn"] != os.environ["DENY_ALL"]:
            aws.unless_gone("detach_user_policy", UserName=user, PolicyArn=policy["PolicyArn"])


CREDENTIALS = (access_keys, login, service_credentials, ssh_keys, signing_certificates, mfa_devices)
POLICIES = (memberships, attached_policies, inline_policies)


def normal(policy: dict[str, Any]) -> dict[str, Any]:
    """Write a password policy so that equal ones are equal, whether CloudFormation or IAM gave it."""
    numbers = {name: int(policy[name]) for name in NUMBERS if int(policy.get(name) or 0)}
    return {**{name: str(policy.get(name)).lower() == "true" for name in SWITCHES}, **numbers}


def live_policy(aws: Aws) -> dict[str, Any] | None:
    """Give the account's password policy; `None` where IAM's default holds."""
    found = aws.unless_gone("get_account_password_policy")
    return normal(found["PasswordPolicy"]) if found else None


def set_password_policy(aws: Aws, event: dict[str, Any]) -> None:
    """Set all fields; what stood before the first time is remembered in the physical id."""
    if event["RequestType"] == "Create":
        former = live_policy(aws)
        event["PhysicalResourceId"] = "password-policy/" + urllib.parse.urlencode(former or {})
    aws("iam", "update_account_password_policy", **normal(event["ResourceProperties"]))


def end_password_policy(aws: Aws, event: dict[str, Any]) -> None:
    """Give back what stood before, unless somebody else has changed the policy since."""
    mark, _, former = event["PhysicalResourceId"].partition("/")
    if mark != "password-policy" or live_policy(aws) != normal(event["ResourceProperties"]):
        return
    if former:
        aws("iam", "update_account_password_policy", **normal(dict(urllib.parse.parse_qsl(former))))
    else:
        aws.unless_gone("delete_account_password_policy")


def live_alias(aws: Aws) -> str:
    """Give the account's alias, of which there is one at most, or nothing."""
    return "".join(aws.every("list_account_aliases", "AccountAliases"))


def set_alias(aws: Aws, event: dict[str, Any]) -> None:
    """Set the alias; what stood before the first time is remembered in the physical id."""
    live, alias = live_alias(aws), property_of(event, "AccountAlias")
    if event["RequestType"] == "Create":
        event["PhysicalResourceId"] = f"account-alias/{live}"
    if live != alias:
        aws("iam", "create_account_alias", AccountAlias=alias)


def end_alias(aws: Aws, event: dict[str, Any]) -> None:
    """Give back the alias that stood before, or none, unless somebody else has changed it since."""
    mark, _, former = event["PhysicalResourceId"].partition("/")
    alias = property_of(event, "AccountAlias")
    if mark != "account-alias" or former == alias or live_alias(aws) != alias:
        return
    aws.unless_gone("delete_account_alias", AccountAlias=alias)
    if former:
        unless_there(aws, "create_account_alias", AccountAlias=former)


ACTIONS: dict[str, dict[str, Callable[[Aws, dict[str, Any]], None]]] = {
    "Custom::FirstSignIn": {"Create": make_first_sign_in, "Update": nothing, "Delete": end_first_sign_in},
    "Custom::Leaving": {"Create": note_leaver, "Update": nothing, "Delete": leave},
    "Custom::PasswordPolicy": {
        "Create": set_password_policy,
        "Update": set_password_policy,
        "Delete": end_password_policy,
    },
    "Custom::AccountAlias": {"Create": set_alias, "Update": set_alias, "Delete": end_alias},
}
