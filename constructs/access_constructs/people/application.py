"""An application: an IAM user with access keys, for software that cannot assume a role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

from access_constructs.identity_keeper import keeper_resource
from access_constructs.people.key_secrets import secret_policy
from access_constructs.people.user import UserArguments, UserDefinition, make_user, secret_name
from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs
from keywright.policy.quotas import KEYS_PER_USER
from keywright.reporting.text import refusal
from keywright.statements.handover import ACCESS_KEY
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.policy.statement import Statement

_ROTATED = "rotated by declaring the next serial: two keys overlap, then the old one is deleted"
_ROTATION = {
    "AwsSolutions-SMG4": _ROTATED,
    **in_strict_packs({"SecretsManagerRotationEnabled": _ROTATED}),
}
_AWS_KEY = in_strict_packs(
    {
        "SecretsManagerUsingKMSKey": "the secret's resource-based policy names its readers; AWS's key encrypts it"
    }
)
_OWN_POLICIES = "an application does not share its access: its policies are its own and are deleted with it"
_OWN_POLICIES_ACCEPTED = {
    **in_strict_packs(dict.fromkeys(("IAMUserGroupMembership", "IAMUserNoPolicies"), _OWN_POLICIES)),
    **dict.fromkeys(("USR006[Policies]", "USR006[ManagedPolicyArns]"), _OWN_POLICIES),
}


class Application(Construct):
    """An IAM user for software; `access_keys` are pairs of a serial number and whether the key is active.

    `readers` are the ARNs of those who can read its keys; nobody else can, whatever other policies allow. `key_alias` names
    the KMS key that encrypts them, such as that of `KeySecretsKey`; without it, AWS's own key does. `replica_region` is
    where they are replicated, encrypted with the key of the same alias there.

    Each serial number is one key and one secret `keywright/access-key/<name>/<serial>`, so that adding one never touches
    another. The secret holds `access_key_id` and `secret_access_key`; the latter appears nowhere else.

    Raises:
        ValueError: More than two keys, a duplicate serial number, or more than IAM allows for a user.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        keeper_token: str,
        access_keys: Sequence[tuple[int, bool]],
        readers: Sequence[str],
        statements: Sequence[Statement],
        groups: Sequence[str] = (),
        key_alias: str | None = None,
        replica_region: str | None = None,
        **user: Unpack[UserArguments],
    ) -> None:
        super().__init__(scope, construct_id)
        definition = UserDefinition(statements=statements, groups=groups, **user)
        serials = [serial for serial, _ in access_keys]
        if len(serials) > KEYS_PER_USER.default or len(set(serials)) < len(serials):
            raise refusal(
                f"`{definition.name}` cannot have these access keys",
                found=", ".join(f"serial {serial}" for serial in serials),
                accepted=f"at most {KEYS_PER_USER.default}, each serial once",
            )
        self._name, self._key_alias = definition.name, key_alias
        self._readers, self._replica_region = readers, replica_region
        self.user = make_user(self, "Application", definition)
        self.leaving = keeper_resource(
            self, "Custom::Leaving", keeper_token=keeper_token, properties={"UserName": self.user.ref}
        )
        self.leaving.override_logical_id(logical_id("Leaving", definition.name))
        accept_all(self.user, _OWN_POLICIES_ACCEPTED)
        # Leaving is deleted before the keys and their secrets, so that it can deactivate keys that are still in use.
        for serial, active in access_keys:
            self.leaving.add_resource_dependency(self._access_key(serial, active=active))

    def _access_key(self, serial: int, *, active: bool) -> cdk.CfnResource:
        """Make one key and its secret; return the secret, which exists last."""
        part = f"Serial{serial}"
        # Changing `Serial` creates a key before the old one is deleted, which fails at two keys; so each
        # serial is a resource.
        key = iam.CfnAccessKey(
            self,
            f"Key{serial}",
            user_name=self.user.ref,
            serial=serial,
            status="Active" if active else "Inactive",
        )
        key.override_logical_id(logical_id("AccessKey", self._name, part))
        from aws_cdk.aws_secretsmanager import CfnSecret  # noqa: PLC0415 - takes a fifth of a second

        secret = CfnSecret(
            self,
            f"KeySecret{serial}",
            name=f"{secret_name(ACCESS_KEY, self._name)}/{serial}",
            description="Access key; replaced by the next serial",
            # AWS returns the secret key once, when the key is created; it is stored nowhere but in this
            # secret.
            secret_string=json.dumps(
                {"access_key_id": key.ref, "secret_access_key": key.attr_secret_access_key}
            ),
            kms_key_id=self._key_alias,
            replica_regions=self._replicas(),
        )
        secret.override_logical_id(logical_id("AccessKeySecret", self._name, part))
        accept_all(secret, _ROTATION if self._key_alias else {**_ROTATION, **_AWS_KEY})
        policy = secret_policy(self, f"KeySecretPolicy{serial}", secret, readers=self._readers)
        policy.override_logical_id(logical_id("AccessKeySecretPolicy", self._name, part))
        return secret

    def _replicas(self) -> list[dict[str, str]] | None:
        if self._replica_region is None:
            return None
        encrypted = {"kmsKeyId": self._key_alias} if self._key_alias else {}
        return [{"region": self._replica_region, **encrypted}]
