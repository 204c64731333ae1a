"""Passwords, and the account's password policy.

AWS: "Set an account password policy for IAM users" in the IAM User Guide; "UpdateAccountPasswordPolicy",
"CreateLoginProfile", "UpdateLoginProfile", "ChangePassword" in the IAM API Reference. The emulator stores no
password, checks none, has no ChangePassword, and keeps settings of the old policy that the new one omits. Reuse is
refused when users change their own password; whether AWS refuses it to an administrator is not documented and not
emulated.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import string
from datetime import datetime, timedelta
from typing import Any

from keywright.sandbox.patches import sandbox_clock
from keywright.sandbox.patches.emulator import account_aliases, login_profiles, password_policies
from keywright.sandbox.patches.hooks import Parameters, Refused, after, guard, replace, text

SYMBOLS = frozenset("!@#$%^&*()_+-=[]{}|'")
LONGEST = 128
_DEFAULTS = {"MinimumPasswordLength": 6}
_NUMBERS = {
    "MinimumPasswordLength": (6, 128),
    "MaxPasswordAge": (1, 1095),
    "PasswordReusePrevention": (1, 24),
}
_SWITCHES = (
    "RequireSymbols",
    "RequireNumbers",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
    "AllowUsersToChangePassword",
    "HardExpiry",
)
_KINDS = {
    "RequireUppercaseCharacters": ("uppercase letter", frozenset(string.ascii_uppercase)),
    "RequireLowercaseCharacters": ("lowercase letter", frozenset(string.ascii_lowercase)),
    "RequireNumbers": ("number", frozenset(string.digits)),
    "RequireSymbols": ("symbol", SYMBOLS),
}


def register() -> None:
    """Store passwords, check them against the policy, and let users change theirs."""
    replace("UpdateAccountPasswordPolicy", _update_policy)
    replace("ChangePassword", _change_password)
    guard("CreateLoginProfile", _check_given)
    guard("UpdateLoginProfile", _check_given)
    after("CreateLoginProfile", _store_given)
    after("UpdateLoginProfile", _store_given)


def _update_policy(parameters: Parameters) -> dict[str, Any]:
    # An update resets every setting that it does not contain.
    policy: dict[str, Any] = dict(_DEFAULTS)
    for name, (lowest, highest) in _NUMBERS.items():
        if given := text(parameters, name):
            if not lowest <= int(given) <= highest:
                raise Refused(400, "ValidationError", f"{name} is {lowest} to {highest}; found {given}")
            policy[name] = int(given)
    for name in _SWITCHES:
        policy[name] = text(parameters, name, "false").lower() == "true"
    password_policies["policy"] = policy
    return {}


def users_can_change_password() -> bool:
    """Tell whether the account's policy lets every user change their own password, whatever their policies allow."""
    return bool((password_policies.get("policy") or {}).get("AllowUsersToChangePassword"))


def check(password: str, user: str) -> None:
    """Check a password against the account's policy, or AWS's default.

    Raises:
        Refused: PasswordPolicyViolation, with the requirements.
    """
    policy = password_policies.get("policy")
    missing = [words for words, characters in _KINDS.values() if not set(password) & characters]
    # AWS's default: at least 8 characters of three of the four kinds ("Set an account password policy for IAM
    # users").
    if policy is None:
        shortest, enough = (
            8,
            len(missing) <= 1 and password not in {user, *account_aliases.get("aliases", [])},
        )
    else:
        asked = [words for name, (words, _) in _KINDS.items() if policy.get(name)]
        shortest, enough = policy["MinimumPasswordLength"], not set(missing) & set(asked)
    if not shortest <= len(password) <= LONGEST or not enough:
        wanted = (
            "the account's password policy" if policy else "three kinds of characters and not the user's name"
        )
        raise Refused(
            400,
            "PasswordPolicyViolation",
            f"Password does not conform to {wanted}: {shortest} to {LONGEST} characters",
        )


def is_right(user: str, password: str) -> bool:
    """Tell whether it is the user's password."""
    profile = login_profiles.get(user)
    return bool(profile and profile.get("Digests")) and _matches_digest(profile["Digests"][-1], password)


def must_change(user: str) -> bool:
    """Tell whether the user must set a new password first: a reset is required, or the password has expired."""
    return bool(login_profiles[user].get("PasswordResetRequired")) or _is_expired(user)


def needs_administrator(user: str) -> bool:
    """Tell whether the password has expired and only an administrator can reset it."""
    return _is_expired(user) and bool((password_policies.get("policy") or {}).get("HardExpiry"))


def change(user: str, old: str, new: str) -> None:
    """Set a user's password as the user does.

    Raises:
        Refused: A wrong old password, or a new one that violates the policy or was used before.
    """
    if user not in login_profiles:
        raise Refused(404, "NoSuchEntity", f"Login Profile for User {user} cannot be found.")
    if not is_right(user, old):
        raise Refused(403, "AccessDenied", "The old password was incorrect.")
    check(new, user)
    remembered = (password_policies.get("policy") or {}).get("PasswordReusePrevention", 1)
    if any(_matches_digest(digest, new) for digest in login_profiles[user]["Digests"][-remembered:]):
        raise Refused(400, "PasswordPolicyViolation", f"Password is one of the last {remembered}")
    _store(user, new)
    login_profiles[user]["PasswordResetRequired"] = False


def _change_password(parameters: Parameters) -> dict[str, Any]:
    user = text(parameters, "UserName")
    if not user:
        raise Refused(400, "InvalidUserType", "Only users with a password may change it.")
    change(user, text(parameters, "OldPassword"), text(parameters, "NewPassword"))
    return {}


def _check_given(parameters: Parameters) -> None:
    if password := text(parameters, "Password"):
        check(password, text(parameters, "UserName"))


def _store_given(parameters: Parameters) -> None:
    if password := text(parameters, "Password"):
        _store(text(parameters, "UserName"), password)


def _store(user: str, password: str) -> None:
    salt = os.urandom(16)
    profile = login_profiles[user]
    # 24 is the most that `PasswordReusePrevention` can ask for.
    profile["Digests"] = [*profile.get("Digests", []), (salt, _digest(salt, password))][-24:]
    profile["ChangedAt"] = sandbox_clock.now()


def _is_expired(user: str) -> bool:
    days = int((password_policies.get("policy") or {}).get("MaxPasswordAge", 0))
    changed: datetime = login_profiles[user]["ChangedAt"]
    return days > 0 and sandbox_clock.now() - changed > timedelta(days=days)


def _matches_digest(kept: tuple[bytes, bytes], password: str) -> bool:
    salt, digest = kept
    return hmac.compare_digest(digest, _digest(salt, password))


def _digest(salt: bytes, password: str) -> bytes:
    # Weak parameters are enough: the account lives in memory only.
    return hashlib.scrypt(password.encode(), salt=salt, n=1_024, r=8, p=1)
