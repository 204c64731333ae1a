"""`access-keys-<region>`: the KMS key under which copies of applications' keys lie in another region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.key_secrets import KeySecretsKey
from keywright.model.stacks.shards import KEYS_STACK
from stacks.declared_place import declared_at
from stacks.pinned_stack import PinnedStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.setting import Setting


class KeysStack(PinnedStack):
    """The key, with the readers of all applications' keys; it comes before the people, whose secrets need it."""

    def __init__(self, scope: Construct, region: str, *, setting: Setting) -> None:
        super().__init__(
            scope,
            f"{KEYS_STACK}-{region}",
            setting=setting,
            description="The key of copied secrets",
            region=region,
        )
        with declared_at("account", "access_keys"):
            key_secrets_key(self, setting)


def key_secrets_key(scope: Construct, setting: Setting) -> KeySecretsKey | None:
    """Make the key of a region; none where no application has keys."""
    applications = setting.applications_with_keys
    if not applications:
        return None
    return KeySecretsKey(
        scope,
        "KeySecretsKey",
        path=setting.account.path,
        readers=sorted({arn for name in applications for arn in setting.key_readers(name)}),
        administrators=setting.key_administrators,
        replicated=setting.account.access_keys.replica is not None,
        destroyable=setting.sandbox,
    )
