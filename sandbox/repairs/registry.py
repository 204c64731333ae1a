"""All repairs, in the order they are registered, and what the sandbox answers beside AWS's own APIs."""

from __future__ import annotations

from sandbox.repairs import (
    access_keys,
    answers,
    delete_conflict,
    ec2_instances,
    group_memberships,
    groups,
    instance_profiles,
    managed_policies,
    oidc_providers,
    quotas,
    renames,
    roles,
    saml_providers,
    sandbox_time,
    stack_updates,
    taken_names,
    user_credentials,
    users,
    virtual_mfa_devices,
)

REPAIRS = (
    sandbox_time,
    user_credentials,
    renames,
    delete_conflict,
    quotas,
    taken_names,
    users,
    roles,
    managed_policies,
    groups,
    group_memberships,
    access_keys,
    saml_providers,
    oidc_providers,
    virtual_mfa_devices,
    instance_profiles,
    ec2_instances,
    stack_updates,
)

ANSWERS = {
    "clock": answers.clock,
    "reset": answers.reset,
}


def register_all() -> None:
    """Register every repair with the emulator of this process, once."""
    for repair in REPAIRS:
        repair.register()
