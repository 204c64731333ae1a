"""All repairs, in the order they are registered, and what the sandbox answers beside AWS's own APIs."""

from __future__ import annotations

from sandbox.repairs import (
    access_keys,
    analyzers,
    answers,
    assume_role,
    buckets,
    callers,
    delete_conflict,
    dynamic_references,
    ec2_instances,
    generated_secrets,
    group_memberships,
    groups,
    implicit_user,
    instance_profiles,
    managed_policies,
    mfa_devices,
    oidc_providers,
    passwords,
    policy_evaluation,
    quotas,
    renames,
    resource_arns,
    roles,
    saml_providers,
    sandbox_time,
    sessions,
    sign_in,
    stack_updates,
    taken_names,
    token_service,
    trust_policies,
    user_credentials,
    users,
    virtual_mfa_devices,
    web_identity,
)

REPAIRS = (
    resource_arns,
    implicit_user,
    policy_evaluation,
    callers,
    sessions,
    token_service,
    assume_role,
    web_identity,
    sandbox_time,
    user_credentials,
    renames,
    delete_conflict,
    quotas,
    taken_names,
    mfa_devices,
    passwords,
    trust_policies,
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
    generated_secrets,
    buckets,
    analyzers,
    dynamic_references,
    stack_updates,
)

ANSWERS = {
    "clock": answers.clock,
    "issuer": web_identity.register_key,
    "reset": answers.reset,
    "sign-in": sign_in.sign_in,
}


def register_all() -> None:
    """Register every repair with the emulator of this process, once."""
    for repair in REPAIRS:
        repair.register()
