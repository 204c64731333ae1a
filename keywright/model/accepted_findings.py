"""The findings that declarations accept: by `exceptions`, by `break_glass` of the account, and by `adopted`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.account.break_glass import BreakGlass
from keywright.model.adoption import ADOPTING, NONE
from keywright.model.exceptions import FindingException
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.account.settings import Account
    from keywright.model.adoption import AdoptedHolder
    from keywright.model.declarations import Declarations
    from keywright.model.roles import Role

ADMINISTRATOR = "AdministratorAccess"
"""The AWS managed policy that `break_glass` accepts."""
BREAK_GLASS_FINDINGS = {
    "LIF001": "no PermissionsBoundary",
    "POL013": ADMINISTRATOR,
    # The other rule packs of cdk-nag have no rule about AWS managed policies.
    "AwsSolutions-IAM4": f"policy/{ADMINISTRATOR}",
}
"""The rules that report a break-glass role, and how the text of their findings ends."""
RARELY_USED = "RET001"
"""The rule of exceptions for what is rarely used: `keywright retire` keeps it, and no guardrail reports it."""


def accepted_by_break_glass(account: Account, roles: Mapping[str, Role]) -> tuple[FindingException, ...]:
    """Give the exceptions that `break_glass` stands for; none without a reason and a last day."""
    given = account.break_glass
    if not isinstance(given, BreakGlass):
        return ()
    role = roles.get(given.role.removeprefix("role/"))
    return tuple(
        FindingException(
            rule=rule,
            on=given.role,
            finding=_text(finding, account),
            because=given.because,
            until=given.until,
        )
        for rule, finding in BREAK_GLASS_FINDINGS.items()
        if role is not None and _is_reported(rule, account, role)
    )


def _text(finding: str, account: Account) -> str:
    is_arn = finding.startswith("policy/")
    return f"Policy::arn:{partition_of(account.region)}:iam::aws:{finding}" if is_arn else finding


def _is_reported(rule: str, account: Account, role: Role) -> bool:
    if rule == "LIF001":
        return True
    is_checked = rule == "POL013" or "AwsSolutions" in account.checks
    return is_checked and any(each.managed == ADMINISTRATOR for each in role.policies)


WITHOUT_BOUNDARY = ("LIF001", "no PermissionsBoundary")
WITHOUT_MFA = ("USR002", "no Deny without aws:MultiFactorAuthPresent")


def accepted_by_adoption(declarations: Declarations) -> Iterator[FindingException]:
    """Give the exceptions that `adopted` stands for, with the reason and the last day beside it."""
    for section in ADOPTING:
        kind = section.removesuffix("s")
        for name, holder in getattr(declarations, section).items():
            adopted: AdoptedHolder | None = holder.adopted
            if adopted is None or adopted.because is None or adopted.until is None:
                continue
            without_boundary = [WITHOUT_BOUNDARY] if adopted.boundary == NONE else []
            without_mfa = [WITHOUT_MFA] if getattr(adopted, "mfa", None) == "later" else []
            for rule, finding in (*without_boundary, *without_mfa):
                yield FindingException(
                    rule=rule,
                    on=f"{kind}/{name}",
                    finding=finding,
                    because=adopted.because,
                    until=adopted.until,
                )


def accepted_findings(declarations: Declarations) -> tuple[FindingException, ...]:
    """Give the declared exceptions, and those that `break_glass` and `adopted` stand for."""
    implied = accepted_by_break_glass(declarations.account, declarations.roles)
    declared = (each for each in declarations.exceptions if each.rule != RARELY_USED)
    return (*declared, *implied, *accepted_by_adoption(declarations))
