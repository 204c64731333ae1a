"""Access to the secrets with applications' access keys: a KMS key whose policy names the readers, and each secret's policy.

Either one is enough to deny everyone else, so that access is never open between the creation of two resources, and no
identity policy alone, on all secrets or on all keys, can read one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import aws_cdk.aws_kms as kms
from constructs import Construct

from keywright.policy.statement import Conditions, Effect, Statement, policy_document
from keywright.reporting.text import refusal
from keywright.statements.handover import ACCESS_KEY, SECRET_PREFIX
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import aws_cdk.aws_secretsmanager as secretsmanager

KEY_ALIAS = "alias/keywright-access-keys"
LONGEST_KEY_POLICY, LONGEST_SECRET_POLICY = 32_768, 20_480
"""Bytes ("Quotas", AWS KMS Developer Guide; "AWS Secrets Manager quotas")."""

_ADMINISTRATION = (
    *("kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:Describe*", "kms:DisableKey"),
    *("kms:DisableKeyRotation", "kms:EnableKey", "kms:EnableKeyRotation", "kms:Get*", "kms:List*"),
    *("kms:PutKeyPolicy", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion"),
    *("kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"),
)
"""Administration of a key, without kms:CreateGrant, which could grant use of the key in spite of its policy."""
_ENCRYPTION = ("kms:Encrypt", "kms:GenerateDataKey")
_KEY_VALIDATION = "RequestToValidateKeyAccess"
"""The SecretARN with which Secrets Manager validates a key ("Secret encryption and decryption", User Guide)."""


class KeySecretsKey(Construct):
    """The customer managed KMS key that encrypts all access keys of applications, with the alias `KEY_ALIAS` in its region.

    Only `readers`, ARNs of users and roles, can decrypt, and only through Secrets Manager. Under `path` only
    `administrators`, ARNs of roles such as the break-glass role, can administer the key or encrypt with it; identities
    outside of the path need policies of their own. With `replicated`, these can also decrypt through Secrets Manager, which
    replication to another region requires; to read a secret they would still need its policy. The key is retained when its
    declaration is removed.

    Raises:
        ValueError: More readers than a key policy can name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        path: str,
        readers: Sequence[str],
        administrators: Sequence[str] = (),
        replicated: bool = False,
        destroyable: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        policy = policy_document(
            *key_statements(
                partition=stack.partition,
                region=stack.region,
                account=stack.account,
                path=path,
                readers=readers,
                administrators=administrators,
                replicated=replicated,
            )
        )
        _refuse_long("key", policy, LONGEST_KEY_POLICY)
        self.key = kms.CfnKey(
            self,
            "Key",
            description="Encrypts the secrets that hold applications' access keys",
            enable_key_rotation=True,
            key_policy=policy,
            pending_window_in_days=30,
        )
        self.key.override_logical_id(logical_id("KmsKey", "access-keys"))
        # Without the key, nothing that it encrypted could be decrypted again.
        self.key.apply_removal_policy(
            cdk.RemovalPolicy.DESTROY if destroyable else cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        )
        self.alias = kms.CfnAlias(self, "Alias", alias_name=KEY_ALIAS, target_key_id=self.key.ref)
        self.alias.override_logical_id(logical_id("KmsAlias", "access-keys"))


def key_statements(
    *,
    partition: str,
    region: str,
    account: str,
    path: str,
    readers: Sequence[str],
    administrators: Sequence[str] = (),
    replicated: bool = False,
) -> Iterator[Statement]:
    """Give the key's policy; see `KeySecretsKey`."""
    ours = f"arn:{partition}:iam::{account}"
    # With the root as principal, identity-based policies can grant the actions, within the conditions.
    root = {"AWS": (f"{ours}:root",)}
    via: Conditions = {"StringEquals": {"kms:ViaService": (f"secretsmanager.{region}.amazonaws.com",)}}
    outside: Conditions = {"ArnNotLike": {"aws:PrincipalArn": (f"{ours}:role{path}*", f"{ours}:user{path}*")}}
    chosen: Conditions = {"ArnEquals": {"aws:PrincipalArn": tuple(sorted(administrators))}}
    for sid, who in (("Outside", outside), *((("Administrators", chosen),) if administrators else ())):
        yield Statement(
            sid=f"LookedAfter{sid}",
            principals=root,
            actions=_ADMINISTRATION,
            resources=("*",),
            conditions=who,
        )
        yield Statement(
            sid=f"Kept{sid}",
            principals=root,
            actions=_ENCRYPTION,
            resources=("*",),
            conditions={**via, **who},
        )
        # Replication decrypts with the caller's permissions, in the encryption context of the secret itself.
        tried = {"kms:EncryptionContext:SecretARN": (_KEY_VALIDATION,)} if not replicated else {}
        yield Statement(
            sid=f"Tried{sid}",
            principals=root,
            actions=("kms:Decrypt",),
            resources=("*",),
            conditions={"StringEquals": {**via["StringEquals"], **tried}, **who},
        )
    secrets = f"arn:{partition}:secretsmanager:*:{account}:secret:{SECRET_PREFIX}{ACCESS_KEY}*"
    if readers:
        yield Statement(
            # In a key policy, the resource `*` is the key itself.
            sid="Read",
            # Not as principals by ARN: those are stored by unique ID, so they would not survive re-creation
            # of an identity.
            principals={"AWS": ("*",)},
            actions=("kms:Decrypt",),
            resources=("*",),
            conditions={
                "StringEquals": {**via["StringEquals"], "kms:CallerAccount": (account,)},
                "ArnEquals": {"aws:PrincipalArn": tuple(sorted(set(readers)))},
                "StringLike": {"kms:EncryptionContext:SecretARN": (secrets,)},
            },
        )


def secret_policy(
    scope: Construct, name: str, secret: secretsmanager.CfnSecret, *, readers: Sequence[str]
) -> secretsmanager.CfnResourcePolicy:
    """Deny reading a secret to all but `readers`, ARNs of users and roles; it grants nothing.

    Raises:
        ValueError: More readers than a secret's policy can name.
    """
    others: Conditions = (
        {"ArnNotEquals": {"aws:PrincipalArn": tuple(sorted(set(readers)))}} if readers else {}
    )
    policy = policy_document(
        Statement(
            sid="ReadersAlone",
            effect=Effect.DENY,
            principals={"*": ()},
            actions=("secretsmanager:GetSecretValue",),
            resources=("*",),
            conditions=others,
        )
    )
    _refuse_long("secret", policy, LONGEST_SECRET_POLICY)
    from aws_cdk.aws_secretsmanager import CfnResourcePolicy  # noqa: PLC0415 - takes a fifth of a second

    return CfnResourcePolicy(
        scope, name, secret_id=secret.ref, resource_policy=policy, block_public_policy=True
    )


def reading_statement(
    *, partition: str, regions: Sequence[str], account: str, applications: Sequence[str]
) -> Statement:
    """Allow reading the access keys of the named applications, in these regions."""
    return Statement(
        sid="ReadKeys",
        actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
        resources=tuple(
            f"arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET_PREFIX}{ACCESS_KEY}{name}/*"
            for name in sorted(applications)
            for region in regions
        ),
    )


def _refuse_long(kind: str, policy: object, longest: int) -> None:
    size = len(json.dumps(policy, separators=(",", ":")))
    if size > longest:
        raise refusal(
            f"the policy of a {kind} cannot name all readers of access keys",
            found=f"{size} bytes",
            accepted=f"at most {longest}: use fewer readers, or a role that they assume",
        )
