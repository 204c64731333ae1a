"""Every patch in the order of registration, and the answers to control requests."""

from __future__ import annotations

from keywright.sandbox.patches import access_analyzer, identity_center, sandbox_clock
from keywright.sandbox.patches.authorization import callers, evaluation, kms_keys, requests, resource_policies
from keywright.sandbox.patches.cloudformation import imports, stack_permissions, stack_updates, templates
from keywright.sandbox.patches.ec2 import auto_scaling_groups, instances, metadata
from keywright.sandbox.patches.iam import (
    deletions,
    limits,
    mfa_devices,
    names,
    pagination,
    passwords,
    policy_documents,
    user_credentials,
)
from keywright.sandbox.patches.iam_types import (
    credentials,
    identity_providers,
    managed_policies,
    roles,
    users,
)
from keywright.sandbox.patches.storage import buckets, secrets
from keywright.sandbox.patches.sts import actions, assume_role, service_roles, sessions, sign_in, web_identity

# The order matters: a later patch wraps an earlier one, so what is registered last sees a request first.
PATCHES = (
    requests.register_resource_arns,
    requests.register_implicit_user,
    evaluation.register_evaluation,
    callers.register,
    kms_keys.register,
    sessions.register,
    actions.register,
    assume_role.register,
    web_identity.register,
    sandbox_clock.register,
    user_credentials.register,
    names.register_renames,
    deletions.register,
    limits.register_quotas,
    names.register_unique_names,
    mfa_devices.register,
    passwords.register,
    names.register_account_alias,
    policy_documents.register_aws_managed_policies,
    policy_documents.register_grammar,
    resource_policies.register_trust_policies,
    users.register_users,
    roles.register_roles,
    managed_policies.register,
    users.register_groups,
    users.register_memberships,
    credentials.register_access_keys,
    identity_providers.register_saml_providers,
    identity_providers.register_oidc_providers,
    credentials.register_mfa_devices,
    roles.register_instance_profiles,
    instances.register_launches,
    service_roles.register,
    instances.register_instances,
    auto_scaling_groups.register,
    metadata.register,
    secrets.register,
    buckets.register,
    resource_policies.register_resource_policies,
    access_analyzer.register,
    identity_center.register,
    imports.register,
    templates.register_properties,
    templates.register_dynamic_references,
    stack_updates.register,
    stack_permissions.register,
    pagination.register,
    limits.register_parameter_constraints,
)

ANSWERS = {
    "clock": sandbox_clock.answer_clock,
    "issuer": web_identity.register_key,
    "metadata": metadata.serve,
    "portal": identity_center.portal,
    "reset": sandbox_clock.answer_reset,
    "service": service_roles.assume_as_service,
    "sign-in": sign_in.sign_in,
}


def register_all() -> None:
    """Register every patch with the emulator of this process, once."""
    for register in PATCHES:
        register()
