"""`access-keys-<region>`: the KMS key that encrypts replicas of applications' access keys in another region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.people.key_secrets import KeySecretsKey
from access_stacks.pinned_stack import PinnedStack, declared_at
from keywright.model.stacks.shards import KEYS_STACK

if TYPE_CHECKING:
    from constructs import Construct

    from access_stacks.inputs import StackInputs


class KeysStack(PinnedStack):
    """The KMS key, readable by the readers of all access keys; deployed before the people, whose secrets need it."""

    def __init__(self, scope: Construct, region: str, *, inputs: StackInputs) -> None:
        super().__init__(
            scope,
            f"{KEYS_STACK}-{region}",
            inputs=inputs,
            description="The key of copied secrets",
            region=region,
        )
        with declared_at("account", "access_keys"):
            key_secrets_key(self, inputs)


def key_secrets_key(scope: Construct, inputs: StackInputs) -> KeySecretsKey | None:
    """Make the KMS key of a region; None if no application has access keys."""
    applications = inputs.applications_with_keys
    if not applications:
        return None
    return KeySecretsKey(
        scope,
        "KeySecretsKey",
        path=inputs.account.path,
        readers=sorted({arn for name in applications for arn in inputs.key_readers(name)}),
        administrators=inputs.key_administrators,
        replicated=inputs.account.access_keys.replica is not None,
        destroyable=inputs.sandbox,
    )
