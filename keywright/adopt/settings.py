"""The settings of an account: its alias and password policy, and what a deployment of Keywright set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.adopt.atoms import all_atoms, atoms_of
from keywright.adopt.grants import ADMINISTRATOR
from keywright.model.account.settings import PasswordPolicy
from keywright.statements.handover import handover_statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.adopt.atoms import Atom
    from keywright.adopt.world import World


def account_settings(
    world: World, *, region: str, path: str, refused: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Declare the account; `refused` says which keys, such as `account/alias`, were refused before, and why."""
    snapshot = world.snapshot
    declared: dict[str, Any] = {"id": snapshot.account, "region": region}
    if snapshot.aliases:
        declared["alias"] = snapshot.aliases[0]
    declared["path"] = path
    declared |= _of_deployment(world, region, path)
    policy, comments = password_policy(snapshot.password_policy)
    if policy:
        declared["password_policy"] = policy
    if not world.is_complete:
        comments.append(
            "in doubt: the file lacks descriptions of roles and policies, and session durations: all are declared without "
            "description, with 1h; `keywright snapshot` reads them"
        )
    for key in [each for each in declared if f"account/{each}" in refused]:
        del declared[key]
        comments += [f"`{key}` is left out: {each}" for each in refused[f"account/{key}"]]
    return declared, tuple(comments)


def handover_atoms(world: World, region: str) -> frozenset[Atom]:
    """Give what the handover group may do besides its grants."""
    snapshot = world.snapshot
    return atoms_of(handover_statement(partition=snapshot.partition, account=snapshot.account, region=region))


def _of_deployment(world: World, region: str, path: str) -> dict[str, Any]:
    """Find the handover group and the break-glass role of an account that Keywright deployed."""
    found: dict[str, Any] = {}
    handover = handover_atoms(world, region)
    for group in world.snapshot.groups:
        is_declared = world.is_ours(group) and not world.is_own(group)
        if is_declared and handover <= all_atoms(world.statements(group)):
            found["handover"] = group.name
    for role in world.snapshot.roles:
        # An adopted role without a boundary keeps its path, and can be any administrator's.
        if not world.is_ours(role) or role.path != path or role.boundary:
            continue
        if any(each.endswith(f":policy/{ADMINISTRATOR}") for each in role.attached_policies):
            found["break_glass"] = f"role/{role.name}"
    return found


def password_policy(policy: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[str]]:
    """Declare the account's password policy, or say why it is not declared."""
    if policy is None:
        return {}, []
    number = {
        key: int(str(policy[key]))
        for key in ("MinimumPasswordLength", "PasswordReusePrevention", "MaxPasswordAge")
        if policy.get(key)
    }
    declared: dict[str, Any] = {
        "minimum_length": number.get("MinimumPasswordLength", 6),
        "remember": number.get("PasswordReusePrevention", 0),
        "maximum_age_days": number.get("MaxPasswordAge"),
        "hard_expiry": policy.get("HardExpiry") is True,
        "change_own": policy.get("AllowUsersToChangePassword") is True,
        "symbols": policy.get("RequireSymbols") is True,
        "numbers": policy.get("RequireNumbers") is True,
        "uppercase": policy.get("RequireUppercaseCharacters") is True,
        "lowercase": policy.get("RequireLowercaseCharacters") is True,
    }
    declared = {key: value for key, value in declared.items() if value is not None}
    because = "the account had this password policy before it was declared"
    for more in ({}, {"because": because}):
        try:
            PasswordPolicy.model_validate(declared | more)
        except ValueError:
            continue
        return declared | more, []
    return {}, [
        f"the password policy is left alone, because it is weaker than declarations can say: length {declared['minimum_length']}, {declared['remember']} earlier passwords"
    ]
