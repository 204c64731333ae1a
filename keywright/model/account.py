"""`account:` — where everything is deployed, and what holds for the account as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from keywright.model.strict import AccountId, IdentityName, Strict

Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
IdentityPath = Annotated[
    str, StringConstraints(pattern=r"^/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/$", max_length=512)
]
RulePack = Literal["AwsSolutions", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"]


class PasswordPolicy(Strict):
    """The account's password policy; the defaults are those of CIS AWS Foundations and IAM's strictest classes.

    Setting it replaces all of its fields ("UpdateAccountPasswordPolicy", IAM API Reference), so all have a value.
    """

    minimum_length: Annotated[int, Field(ge=14, le=128)] = 14
    remember: Annotated[int, Field(ge=1, le=24)] = 24
    maximum_age_days: Annotated[int, Field(ge=1, le=1095)] | None = None
    symbols: bool = True
    numbers: bool = True
    uppercase: bool = True
    lowercase: bool = True


class Account(Strict):
    """The account that all stacks are pinned to."""

    id: AccountId
    region: Region
    alias: (
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9])+$", min_length=3, max_length=63)]
        | None
    ) = None
    path: IdentityPath = "/access/"
    password_policy: PasswordPolicy | None = None
    mfa: Literal["required"] = "required"
    handover: IdentityName | None = None
    break_glass: str | None = None
    checks: tuple[RulePack, ...] = ("AwsSolutions",)
