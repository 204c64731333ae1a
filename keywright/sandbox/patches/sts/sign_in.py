"""The console's sign-in page and `aws login`, which are not AWS APIs, as control requests of the sandbox.

AWS: "How IAM users sign in to your AWS account", "How an IAM user changes their own password", "Sign in to the AWS
Management Console as an IAM user with MFA" in the IAM User Guide; "Login for AWS local development using console
credentials" in the AWS CLI User Guide. The steps: user name and password; an MFA code, for users with a device; a new
password, where one must be set, which requires iam:ChangePassword; then a session that records whether a code was given.
Not emulated: the pages themselves, hardware keys, federation, switching roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.sandbox.client.control import ControlRefused
from keywright.sandbox.patches import sandbox_clock
from keywright.sandbox.patches.authorization import callers
from keywright.sandbox.patches.emulator import login_profiles, request_scope, users
from keywright.sandbox.patches.hooks import Refused, account_id, home_account, home_region, region
from keywright.sandbox.patches.iam import mfa_devices, passwords
from keywright.sandbox.patches.sts import sessions

if TYPE_CHECKING:
    from datetime import datetime

CONSOLE = "Console"
HOURS = 12
_COMMAND_LINE = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")
_WRONG = "Your authentication information is incorrect. Please try again."


def sign_in(question: dict[str, Any]) -> dict[str, Any]:
    """Sign a user in with `user`, `password` and, where needed, `code` and `new_password`; `command_line` for `aws login`."""
    with request_scope(home_account(), home_region()):
        try:
            return _sign_in(question)
        except Refused as refused:
            raise ControlRefused(refused.code, refused.message) from None


def _sign_in(question: dict[str, Any]) -> dict[str, Any]:
    name, password = str(question["user"]), str(question["password"])
    # One message for both, so that a guess does not show which user names exist.
    if name not in users or not passwords.is_right(name, password):
        raise Refused(403, "InvalidCredentials", _WRONG)
    must_change, new_password = passwords.must_change(name), question.get("new_password")
    given = _verify_code(name, question.get("code"), last_step=bool(new_password) or not must_change)
    if must_change:
        _change(name, password, new_password, given)
    credentials = _session(name, given)
    if question.get("command_line"):
        arn = f"arn:aws:signin:{region()}:{account_id()}:oauth2/public-client/localhost"
        for action in _COMMAND_LINE:
            callers.require(action, arn, access_key=credentials["AccessKeyId"])
    login_profiles[name]["LastUsed"] = sandbox_clock.now()
    return {**credentials, "Expiration": credentials["Expiration"].isoformat()}


def _verify_code(name: str, code: str | None, *, last_step: bool) -> datetime | None:
    """Check the MFA code of a user with a device; it is used up with the last step, so that one code is enough."""
    devices = mfa_devices.devices_of(name)
    if not devices:
        return None
    if not code:
        raise Refused(403, "MfaRequired", f"{name} has an MFA device; a code is required.")
    if not any(mfa_devices.is_code(name, serial, code, use_up=last_step) for serial in devices):
        raise Refused(403, "InvalidMfaCode", _WRONG)
    return sandbox_clock.now()


def _change(name: str, old: str, new: str | None, given: datetime | None) -> None:
    if passwords.needs_administrator(name):
        raise Refused(403, "PasswordExpired", "Your password has expired; contact your administrator.")
    if not new:
        raise Refused(403, "PasswordResetRequired", f"{name} must set a new password to continue.")
    # ChangePassword is authorized like any other request, so it needs a session, which ends with the change.
    key = _session(name, given)["AccessKeyId"]
    try:
        if not passwords.users_can_change_password():
            callers.require("iam:ChangePassword", users[name]["Arn"], access_key=key)
        passwords.change(name, old, new)
    finally:
        sessions.end(key)


def _session(name: str, given: datetime | None) -> dict[str, Any]:
    return sessions.of_user(users[name], seconds=HOURS * 3_600, mfa=given, kind=CONSOLE)
