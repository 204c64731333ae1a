"""An account alias is one of the world's: well formed, not taken by another account, and replaced by the next.

AWS: "CreateAccountAlias" in the IAM API Reference. The emulator takes any text and lets two accounts share
one. That an alias is free here says nothing about AWS.
"""

from __future__ import annotations

from sandbox.repairs.emulator import account_aliases
from sandbox.repairs.seams import Parameters, Refused, account_id, guard, text


def register() -> None:
    """Refuse another account's alias, and an alias that is not there to delete."""
    guard("CreateAccountAlias", _free)
    guard("DeleteAccountAlias", _there)


def _free(parameters: Parameters) -> None:
    alias = text(parameters, "AccountAlias")
    taken = {
        each
        for (account, _), aliases in account_aliases.to_dict().items()
        if account != account_id()
        for each in aliases
    }
    if alias in taken:
        raise Refused(409, "EntityAlreadyExists", f"The account alias {alias} already exists.")


def _there(parameters: Parameters) -> None:
    alias = text(parameters, "AccountAlias")
    if alias not in (account_aliases.get("aliases") or []):
        raise Refused(404, "NoSuchEntity", f"The account alias {alias} cannot be found.")
