"""The sheet that a partner is given: which role, under which conditions, and what its own side must allow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keywright.model.fields.dates import seconds
from keywright.model.trusts.account import AccountTrust
from keywright.policy.quotas import CHAINED_SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    arn = account.identity_arn(f"role/{name}")
    lines = [f"# Role `{name}` of AWS account {account.id}", "", f"Role ARN: `{arn}`"]
    chained = (
        "; one that begins from another role's, at most 1h" if seconds(role.session) > CHAINED_SESSION else ""
    )
    lines += [f"A session lasts at most {role.session}{chained}."]
    for trust in trusts_of_partners(role):
        lines += _side(trust, arn)
    return "\n".join(lines) + "\n"


def _side(trust: AccountTrust, arn: str) -> Iterator[str]:
    yield from ("", f"## For account {trust.account}")
    if trust.external_id is not None:
        yield f"Software sends the external ID `{trust.external_id}` with each `sts:AssumeRole`."
        yield "It is no secret; it is this account's alone, so that your other customers can't act here through you."
    elif trust.people is not None:
        yield f"People come with a second factor used within {trust.people.mfa.within}, by `Switch role` in the console or with"
        yield "a session of `aws sts get-session-token`."
    yield from (f"- {each}" for each in _asked(trust))
    yield from ("", "Whoever comes needs this in a policy of its own:", "```json")
    yield json.dumps({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}, indent=2)
    yield from (
        "```",
        f"Where that account is declared with Keywright too, as a grant {_of_whom(trust)}:",
        "```yaml",
    )
    yield f"- {{assume: '{arn}'{_shown(trust)}}}"
    yield "```"


def _of_whom(trust: AccountTrust) -> str:
    if trust.people is not None:
        return "of a group"
    return "of each of these roles" if trust.roles else "of a workload, a role or an application"


def _shown(trust: AccountTrust) -> str:
    """Write what else the caller's grant says: what the trust asks of people or of software."""
    if trust.people is not None:
        return f", mfa: {{within: {trust.people.mfa.within}}}"
    return f", external_id: '{trust.external_id}'" if trust.external_id is not None else ""


def _asked(trust: AccountTrust) -> Iterator[str]:
    if trust.roles:
        yield f"as {' or '.join(f'`{each}`' for each in trust.roles)}, and as no other role"
    if trust.organization is not None:
        units = f", unit {' or '.join(f'`{each}`' for each in trust.units)}" if trust.units else ""
        yield f"from an account of organization `{trust.organization}`{units}"
    if trust.networks:
        yield f"from {' or '.join(f'`{each}`' for each in trust.networks)}; not through a VPC endpoint, which shows no public address"
    if trust.since is not None:
        yield f"not before {trust.since.isoformat()}, UTC"
    if trust.until is not None:
        yield f"until the end of {trust.until.isoformat()}, UTC"
