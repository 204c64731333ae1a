"""IAM, and the identity providers that roles trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.terraform.kinds.kind import (
    Attachment,
    Converted,
    Kind,
    Setting,
    Several,
    constant,
    document,
    one_of,
    own_name,
    tags,
    text,
    texts,
)
from keywright.assembly.sources.terraform.values import Found, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.sources.terraform.instances import Instance, Path
    from keywright.assembly.sources.terraform.values import Values


def _inline_policies(values: Values, instance: Instance) -> Found | None:
    """Read the blocks `inline_policy`; an empty one says that there are no others."""
    name = "inline_policy"
    if instance.is_unknown(name) or instance.is_hidden(name):
        is_written = values.configuration.has_argument(instance, name) is not False
        return Found(unknown(instance.address, name), (*instance.path, name)) if is_written else None
    written = instance.raw(name)
    places: list[Path] = []
    policies: list[Node] = []
    for index in range(len(written) if isinstance(written, list) else 0):
        found = values.document(instance, name, index, "policy")
        if found is not None:
            policies.append(
                {"PolicyName": values.scalar(instance, name, index, "name"), "PolicyDocument": found.node}
            )
            places.append((*instance.path, name, index))
    return Found(policies, (*instance.path, name), items=tuple(places)) if policies else None


def _managed_policies(values: Values, instance: Instance) -> Found | None:
    """Read `managed_policy_arns`; where it is not written, the provider reports what is attached."""
    name = "managed_policy_arns"
    if instance.is_unknown(name) and values.configuration.has_argument(instance, name) is False:
        return None
    return texts(name)(values, instance)


def _enabled_user(_: Values, instance: Instance) -> Found | None:
    """Read whose device it is, which only IAM knows: Terraform enables none."""
    user = instance.text("user_name")
    return Found([user], (*instance.path, "user_name"), lambda _: ()) if user else None


_BOUNDARY = {"PermissionsBoundary": text("permissions_boundary"), "Tags": tags()}

KINDS: Mapping[str, Converted] = {
    "aws_iam_user": Kind("AWS::IAM::User", {"UserName": own_name("name"), "Path": text("path"), **_BOUNDARY}),
    "aws_iam_group": Kind("AWS::IAM::Group", {"GroupName": own_name("name"), "Path": text("path")}),
    "aws_iam_role": Kind(
        "AWS::IAM::Role",
        {
            "RoleName": own_name("name"),
            "Path": text("path"),
            "AssumeRolePolicyDocument": document("assume_role_policy"),
            "Policies": _inline_policies,
            "ManagedPolicyArns": _managed_policies,
            "MaxSessionDuration": text("max_session_duration"),
            **_BOUNDARY,
        },
    ),
    "aws_iam_policy": Kind(
        "AWS::IAM::ManagedPolicy",
        {
            "ManagedPolicyName": own_name("name"),
            "Path": text("path"),
            "PolicyDocument": document("policy"),
        },
        names=(),
        arns=("arn", "id"),
    ),
    "aws_iam_instance_profile": Kind(
        "AWS::IAM::InstanceProfile",
        {
            "InstanceProfileName": own_name("name"),
            "Path": text("path"),
            "Roles": one_of("role", default="name"),
        },
    ),
    "aws_iam_user_policy": Kind(
        "AWS::IAM::UserPolicy",
        {
            "UserName": text("user", default="name"),
            "PolicyName": text("name"),
            "PolicyDocument": document("policy"),
        },
        names=(),
    ),
    "aws_iam_group_policy": Kind(
        "AWS::IAM::GroupPolicy",
        {
            "GroupName": text("group", default="name"),
            "PolicyName": text("name"),
            "PolicyDocument": document("policy"),
        },
        names=(),
    ),
    "aws_iam_role_policy": Kind(
        "AWS::IAM::RolePolicy",
        {
            "RoleName": text("role", default="name"),
            "PolicyName": text("name"),
            "PolicyDocument": document("policy"),
        },
        names=(),
    ),
    "aws_iam_user_policy_attachment": Attachment("policy_arn", {"Users": "user"}),
    "aws_iam_group_policy_attachment": Attachment("policy_arn", {"Groups": "group"}),
    "aws_iam_role_policy_attachment": Attachment("policy_arn", {"Roles": "role"}),
    "aws_iam_policy_attachment": Attachment(
        "policy_arn", {"Users": "users", "Groups": "groups", "Roles": "roles"}
    ),
    "aws_iam_user_policy_attachments_exclusive": Attachment("policy_arns", {"Users": "user_name"}),
    "aws_iam_group_policy_attachments_exclusive": Attachment("policy_arns", {"Groups": "group_name"}),
    "aws_iam_role_policy_attachments_exclusive": Attachment("policy_arns", {"Roles": "role_name"}),
    "aws_iam_group_membership": Kind(
        "AWS::IAM::UserToGroupAddition",
        {"GroupName": text("group", default="name"), "Users": texts("users", default="name")},
        names=(),
    ),
    "aws_iam_user_group_membership": Several(
        "AWS::IAM::UserToGroupAddition",
        "groups",
        "GroupName",
        {"Users": one_of("user", default="name")},
        default="name",
    ),
    "aws_iam_access_key": Kind(
        "AWS::IAM::AccessKey",
        {"UserName": text("user", default="name"), "Status": text("status")},
        names=("id",),
    ),
    "aws_iam_user_login_profile": Setting(
        "AWS::IAM::User",
        "user",
        {"LoginProfile": constant({"PasswordResetRequired": "true"})},
        "UserName",
    ),
    "aws_iam_openid_connect_provider": Kind(
        "AWS::IAM::OIDCProvider",
        {
            "Url": own_name("url"),
            "ClientIdList": texts("client_id_list"),
            "ThumbprintList": texts("thumbprint_list"),
        },
        names=(),
        arns=("arn", "id"),
    ),
    "aws_iam_saml_provider": Kind(
        "AWS::IAM::SAMLProvider", {"Name": own_name("name")}, names=(), arns=("arn", "id")
    ),
    "aws_iam_virtual_mfa_device": Kind(
        "AWS::IAM::VirtualMFADevice",
        {"VirtualMfaDeviceName": own_name("virtual_mfa_device_name"), "Users": _enabled_user},
        names=(),
    ),
}
