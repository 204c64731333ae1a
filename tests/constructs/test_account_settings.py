"""The account's own settings: every field of the password policy, the alias, and numbers that IAM refuses."""

from __future__ import annotations

import pytest

from access_constructs.account.settings import AccountAlias, PasswordPolicySetting
from tests.constructs.synthesis import TOKEN, new_stack, properties

STRICT = {
    "ServiceToken": TOKEN,
    "ServiceTimeout": 300,
    "MinimumPasswordLength": 14,
    "PasswordReusePrevention": 24,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "AllowUsersToChangePassword": True,
}


@pytest.mark.parametrize(
    ("given", "differs"),
    [
        pytest.param({}, {}, id="the defaults"),
        pytest.param({"maximum_age_days": 90}, {"MaxPasswordAge": 90}, id="an age"),
        pytest.param(
            {"maximum_age_days": 90, "hard_expiry": True},
            {"MaxPasswordAge": 90, "HardExpiry": True},
            id="locked out after it",
        ),
        pytest.param(
            {"change_own": False, "symbols": False, "minimum_length": 128, "remember": 1},
            {
                "AllowUsersToChangePassword": False,
                "RequireSymbols": False,
                "MinimumPasswordLength": 128,
                "PasswordReusePrevention": 1,
            },
            id="everything else",
        ),
    ],
)
def test_sets_every_field(given, differs):
    stack = new_stack()
    PasswordPolicySetting(stack, "Policy", keeper_token=TOKEN, **given)
    assert properties(stack, "Custom::PasswordPolicy") == {"PasswordPolicy0account": STRICT | differs}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"minimum_length": 5},
            "`minimum_length` of the password policy is out of range; found `5`; accepted: 6 to 128",
        ),
        (
            {"minimum_length": 129},
            "`minimum_length` of the password policy is out of range; found `129`; accepted: 6 to 128",
        ),
        (
            {"remember": 25},
            "`remember` of the password policy is out of range; found `25`; accepted: 1 to 24",
        ),
        (
            {"maximum_age_days": 0},
            "`maximum_age_days` of the password policy is out of range; found `0`; accepted: 1 to 1095",
        ),
        (
            {"maximum_age_days": 1096},
            "`maximum_age_days` of the password policy is out of range; found `1096`; accepted: 1 to 1095",
        ),
    ],
)
def test_refuses_what_iam_refuses(given, message):
    with pytest.raises(ValueError, match="of the password policy is out of range") as refused:
        PasswordPolicySetting(new_stack(), "Policy", keeper_token=TOKEN, **given)
    assert str(refused.value) == message


def test_sets_only_an_alias():
    stack = new_stack()
    AccountAlias(stack, "Alias", keeper_token=TOKEN, alias="acme-reporting")
    (found,) = properties(stack, "Custom::AccountAlias").values()
    assert found == {"ServiceToken": TOKEN, "ServiceTimeout": 300, "AccountAlias": "acme-reporting"}
