"""AWS::SecretsManager::Secret and ResourcePolicy, as in the CloudFormation Template Reference.

The emulator overwrites a secret of the same name, and generates a secret without a character of every kind, although
"GenerateSecretString" requires that by default. It has no AWS::SecretsManager::ResourcePolicy.
"""

from __future__ import annotations

import json
from typing import Any

from keywright.sandbox.patches.cloudformation.properties import document
from keywright.sandbox.patches.cloudformation.resource_types import Created, prepared_create, resource_type
from keywright.sandbox.patches.emulator import (
    copy_policy,
    provisioners,
    random_password,
    secret_policies,
    secret_records,
)
from keywright.sandbox.patches.hooks import Parameters, patch


def register() -> None:
    """Correct secrets, and add the type of their policy."""
    prepared_create("AWS::SecretsManager::Secret", _refuse_taken_name)
    patch(provisioners, "_sm_secret_string", _secret_string)
    resource_type(
        "AWS::SecretsManager::ResourcePolicy",
        create=lambda _logical_id, properties, _stack: _put(properties),
        update=lambda _physical_id, _old, new: _put(new),
        delete=lambda physical_id, _properties: secret_policies.pop(physical_id, None),
        create_only=("SecretId",),
    )


def _refuse_taken_name(properties: Parameters) -> Parameters:
    name = properties.get("Name")
    if name and name in secret_records:
        raise ValueError(
            f"The operation failed because the secret {name} already exists. (Service: SecretsManager, "
            "Status Code: 400, Error Code: ResourceExistsException) (HandlerErrorCode: AlreadyExists)"
        )
    return properties


def _secret_string(properties: Parameters) -> str:
    """Give the secret value that a template declares, or generate one as it requires."""
    generate = properties.get("GenerateSecretString")
    if properties.get("SecretString") or not generate:
        return str(properties.get("SecretString", ""))
    template, key = generate.get("SecretStringTemplate"), generate.get("GenerateStringKey")
    options = {name: value for name, value in generate.items() if name not in _PLACING}
    drawn: str = json.loads(random_password(_typed(options))[2])["RandomPassword"]
    return json.dumps({**json.loads(template), key: drawn}) if template else drawn


_PLACING = ("SecretStringTemplate", "GenerateStringKey")


def _typed(options: dict[str, Any]) -> dict[str, Any]:
    """Read a template's booleans and numbers, which may be text."""
    read = {"true": True, "false": False}
    typed = {name: read.get(str(value).lower(), value) for name, value in options.items()}
    return {**typed, "PasswordLength": int(typed.get("PasswordLength", 32))}


def _put(properties: Parameters) -> Created:
    secret_id = properties["SecretId"]
    for secret in secret_records.values():
        if secret_id in {secret["ARN"], secret["Name"]}:
            policy = document(properties["ResourcePolicy"])
            secret_policies[secret["ARN"]] = policy
            # Replicas have the policy of their primary secret.
            copy_policy(secret, policy)
            return secret["ARN"], {"Id": secret["ARN"]}
    raise ValueError(
        f"Secrets Manager can't find the specified secret {secret_id}. (HandlerErrorCode: NotFound)"
    )
