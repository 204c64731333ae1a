"""All repairs, in the order they are registered."""

from __future__ import annotations

from sandbox.repairs import (
    access_keys,
    ec2_instances,
    group_memberships,
    groups,
    instance_profiles,
    oidc_providers,
    saml_providers,
    virtual_mfa_devices,
)

REPAIRS = (
    groups,
    group_memberships,
    access_keys,
    saml_providers,
    oidc_providers,
    virtual_mfa_devices,
    instance_profiles,
    ec2_instances,
)


def register_all() -> None:
    """Register every repair with the emulator of this process, once."""
    for repair in REPAIRS:
        repair.register()
