"""AssumeRole and GetSessionToken, as the AWS STS API Reference describes them.

The trust policy is evaluated with the condition keys of the request: external ID, MFA of the session or of a code in
the request, its age, session name, source identity, session tags. In the same account a trust policy that names the user
or role itself is sufficient; one that names the account also requires the caller's own policies to allow it; across accounts
both must allow. The root user cannot assume a role. The emulator always requires an identity policy, ignores MFA codes,
and lets the root user assume any role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches import sandbox_clock
from keywright.sandbox.patches.emulator import evaluator, roles, session_policies, users
from keywright.sandbox.patches.emulator import sessions as open_sessions
from keywright.sandbox.patches.hooks import Parameters, Refused, account_id, members, region, text
from keywright.sandbox.patches.iam import mfa_devices
from keywright.sandbox.patches.sts import sessions
from keywright.sandbox.patches.sts.actions import replace_action

if TYPE_CHECKING:
    from datetime import datetime

HOUR = 3_600
SHORTEST_SESSION = 900
USUAL_TOKEN = 43_200
LONGEST_TOKEN = 129_600


def register() -> None:
    """Replace the two actions."""
    replace_action("AssumeRole", _assume_role)
    replace_action("GetSessionToken", _get_session_token)


def _assume_role(parameters: Parameters, access_key: str) -> dict[str, Any]:
    caller = evaluator.resolve_principal(access_key, account_id())
    if caller.type == "Root":
        raise Refused(403, "AccessDenied", "Roles may not be assumed by root accounts.")
    arn = text(parameters, "RoleArn")
    role = find_role(arn)
    given = _verify_code(parameters, caller)
    keys = _request_keys(parameters, caller, given)
    for action in _actions(parameters):
        if role is None or not _allows(role, caller, action, keys):
            message = f"User: {caller.arn} is not authorized to perform: {action} on resource: {arn}"
            raise Refused(403, "AccessDenied", message)
    assert role is not None
    chained = caller.type == "AssumedRole"
    seconds = _duration(parameters, role, chained=chained)
    tags = [{"Key": key, "Value": value} for key, value in _tags(parameters).items()]
    policies, refused = session_policies(parameters, role["Arn"].split(":")[4])
    if refused:
        raise Refused(400, "ValidationError", "the session policies are not valid")
    return role_session(
        role,
        text(parameters, "RoleSessionName"),
        seconds,
        SessionTags=tags,
        SessionPolicies=policies if any(policies.values()) else None,
        keys=_session_keys(parameters),
    )


def find_role(arn: str) -> dict[str, Any] | None:
    """Find a role by its ARN, including the path, in any account."""
    account, name = (arn.split(":") + [""] * 5)[4], arn.rpartition("/")[2]
    # The name is unique in an account; the whole ARN is compared below, because a wrong path names no role.
    role: dict[str, Any] | None = roles.get_scoped(account, None, name)
    return role if role and role["Arn"] == arn else None


def role_session(role: dict[str, Any], name: str, seconds: int, **more: Any) -> dict[str, Any]:
    """Begin a role session and give the output members that all AssumeRole actions share."""
    account = role["Arn"].split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/{name}"
    user_id = f"{role['RoleId']}:{name}"
    credentials = sessions.begin(
        arn=arn, user_id=user_id, account=account, principal_type="AssumedRole", seconds=seconds, **more
    )
    return {"Credentials": credentials, "AssumedRoleUser": {"Arn": arn, "AssumedRoleId": user_id}}


def _actions(parameters: Parameters) -> list[str]:
    """Give the actions that a request needs: tags and a source identity need further ones."""
    wanted = ["sts:AssumeRole"]
    if _tags(parameters):
        wanted.append("sts:TagSession")
    if text(parameters, "SourceIdentity"):
        wanted.append("sts:SetSourceIdentity")
    return wanted


def _allows(role: dict[str, Any], caller: Any, action: str, keys: dict[str, Any]) -> bool:
    context = evaluator.EvalContext(
        principal_arn=caller.arn,
        principal_type=caller.type,
        principal_account=caller.account,
        action=action,
        resource_arn=role["Arn"],
        region=region(),
        service_context=keys,
        principal_keys={
            **caller.keys,
            **{key: keys[key] for key in keys if key.startswith("aws:multifactor")},
        },
    )
    identity = evaluator.evaluate(context, caller.policies, *caller.limits)
    owner = role["Arn"].split(":")[4]
    trust = role["AssumeRolePolicyDocument"]
    decided = evaluator.combine_resource_policy(
        identity, context, trust, owner, required=True, limits=caller.limits
    )
    return bool(decided.decision == "Allow")


def _request_keys(parameters: Parameters, caller: Any, given: datetime | None) -> dict[str, Any]:
    tags = _tags(parameters)
    keys: dict[str, Any] = {
        "sts:externalid": text(parameters, "ExternalId") or None,
        "sts:rolesessionname": text(parameters, "RoleSessionName") or None,
        "sts:sourceidentity": text(parameters, "SourceIdentity") or caller.keys.get("aws:sourceidentity"),
        "sts:transitivetagkeys": list(members(parameters, "TransitiveTagKeys")) or None,
        "aws:tagkeys": list(tags) or None,
        **{f"aws:requesttag/{key.lower()}": value for key, value in tags.items()},
    }
    if given:
        keys.update({"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "0"})
    return {key: value for key, value in keys.items() if value is not None}


def _session_keys(parameters: Parameters) -> dict[str, Any]:
    identity = text(parameters, "SourceIdentity")
    return {"aws:sourceidentity": identity} if identity else {}


def _tags(parameters: Parameters) -> dict[str, str]:
    tags: dict[str, str] = {}
    while key := text(parameters, f"Tags.member.{len(tags) + 1}.Key"):
        tags[key] = text(parameters, f"Tags.member.{len(tags) + 1}.Value")
    return tags


def _verify_code(parameters: Parameters, caller: Any) -> datetime | None:
    """Check the MFA code in the request; None without one.

    Raises:
        Refused: A code that is not of the caller's device, or was used before.
    """
    serial, code = text(parameters, "SerialNumber"), text(parameters, "TokenCode")
    if not serial and not code:
        return None
    user = caller.keys.get("aws:username", "")
    if not (serial and code and mfa_devices.is_code(user, serial, code)):
        raise Refused(
            403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "
        )
    return sandbox_clock.now()


def _duration(parameters: Parameters, role: dict[str, Any], *, chained: bool) -> int:
    seconds = int(text(parameters, "DurationSeconds") or HOUR)
    if seconds < SHORTEST_SESSION:
        raise Refused(
            400, "ValidationError", f"Member must have value greater than or equal to {SHORTEST_SESSION}"
        )
    # Role chaining limits a session to one hour, whatever the role allows ("Roles terms and concepts", IAM
    # User Guide).
    if chained and seconds > HOUR:
        message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        raise Refused(400, "ValidationError", message)
    if seconds > role["MaxSessionDuration"]:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise Refused(400, "ValidationError", message)
    return seconds


def _get_session_token(parameters: Parameters, access_key: str) -> dict[str, Any]:
    caller = evaluator.resolve_principal(access_key, account_id())
    if access_key in open_sessions:
        raise Refused(403, "AccessDenied", "Cannot call GetSessionToken with session credentials")
    seconds = int(text(parameters, "DurationSeconds") or USUAL_TOKEN)
    if not SHORTEST_SESSION <= seconds <= LONGEST_TOKEN:
        raise Refused(
            400,
            "ValidationError",
            f"DurationSeconds is {SHORTEST_SESSION} to {LONGEST_TOKEN}; found {seconds}",
        )
    given = _verify_code(parameters, caller)
    if caller.type == "Root":
        credentials = sessions.begin(
            arn=caller.arn,
            user_id=caller.account,
            account=caller.account,
            principal_type="Root",
            # For the root user, GetSessionToken is limited to an hour.
            seconds=min(seconds, HOUR),
            mfa=given,
        )
    else:
        user = users[caller.keys["aws:username"]]
        credentials = sessions.of_user(user, seconds=seconds, mfa=given, kind=sessions.SESSION_TOKEN)
    return {"Credentials": credentials}
