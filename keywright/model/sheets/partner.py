"""The partner sheet: for other accounts, which role they can assume, how, and what they must allow themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keywright.model.fields.dates import seconds
from keywright.model.identity_arns import identity_arn
from keywright.model.trusts.account import AccountTrust
from keywright.policy.quotas import CHAINED_SESSION
from keywright.reporting.text import WHOLE, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.roles import Role


def trusts_of_partners(role: Role) -> tuple[AccountTrust, ...]:
    """Give a role's trusts in other accounts."""
    return tuple(trust for trust in role.trusts if isinstance(trust, AccountTrust))


def partner_sheet(name: str, declarations: Declarations) -> str:
    """Write the sheet of a role that other accounts assume, in Markdown.

    Raises:
        KeyError: No such role is declared.
    """
    role = declarations.roles[name]
    account = declarations.account
    arn = identity_arn(declarations, f"role/{name}")
    lines = [f"# Role `{name}` of AWS account {account.id}", "", f"Role ARN: `{arn}`"]
    # Which kind of principal will assume the role is not known here, so the sheet states both limits.
    chained = "; a session by role chaining, at most 1h" if seconds(role.session) > CHAINED_SESSION else ""
    lines += [f"A session lasts at most {role.session}{chained}."]
    for trust in trusts_of_partners(role):
        lines += _section(trust, arn)
    return "\n".join(lines) + "\n"


def _section(trust: AccountTrust, arn: str) -> Iterator[str]:
    yield from ("", f"## For account {trust.account}")
    if trust.external_id is not None:
        yield f"Software sends the external ID `{trust.external_id}` with each `sts:AssumeRole`."
        yield "It is not a secret. Use it for this account only, so that your other customers can't get access here through you."
    elif trust.people is not None:
        yield f"People need MFA within the last {trust.people.mfa.within}, and use `Switch role` in the console or"
        yield "a session from `aws sts get-session-token`."
    yield from (f"- {each}" for each in _conditions(trust))
    yield from ("", "The principal needs this statement in its own policy:", "```json")
    yield json.dumps({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}, indent=2)
    yield from (
        "```",
        f"If that account uses Keywright too, this is a grant {_of_holder(trust)}:",
        "```yaml",
    )
    yield f"- {{assume: '{arn}'{_further_keys(trust)}}}"
    yield "```"


def _of_holder(trust: AccountTrust) -> str:
    if trust.people is not None:
        return "of a group"
    return "of each of these roles" if trust.roles else "of a workload, a role or an application"


def _further_keys(trust: AccountTrust) -> str:
    """Write the further keys of the caller's grant: `mfa` or `external_id`."""
    if trust.people is not None:
        return f", mfa: {{within: {trust.people.mfa.within}}}"
    return f", external_id: '{trust.external_id}'" if trust.external_id is not None else ""


def _conditions(trust: AccountTrust) -> Iterator[str]:
    if trust.roles:
        yield f"as {_alternatives(trust.roles)} only"
    if trust.organization is not None:
        units = f", unit {_alternatives(trust.units)}" if trust.units else ""
        yield f"from an account of organization `{trust.organization}`{units}"
    if trust.networks:
        yield f"from {_alternatives(trust.networks)}; not through a VPC endpoint, which hides the public address"
    if trust.since is not None:
        yield f"not before {trust.since.isoformat()}, UTC"
    if trust.until is not None:
        yield f"until the end of {trust.until.isoformat()}, UTC"


def _alternatives(names: Iterable[str]) -> str:
    return listed(names, "or", longest=WHOLE)
