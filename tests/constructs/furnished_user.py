"""Give a user everything that can be attached to it, and list it."""

from __future__ import annotations

from keywright.sandbox.client.authenticator import Authenticator
from tests.sandbox.cloud import allow, policy

NOTHING = {
    "login": False,
    "keys": [],
    "devices": [],
    "ssh": 0,
    "certificates": 0,
    "services": 0,
    "groups": [],
    "inline": [],
    "attached": [],
}


def furnish(cloud, name="alice", *, group="readers", login=True):
    """Give a user one of everything that people register by hand, and two keys."""
    iam = cloud.iam
    if login:
        iam.create_login_profile(UserName=name, Password="Chosen-by-alice-1")
    cloud.key(name)
    cloud.key(name)
    enrol(cloud, name)
    iam.upload_ssh_public_key(UserName=name, SSHPublicKeyBody="ssh-rsa AAAA")
    iam.upload_signing_certificate(UserName=name, CertificateBody="-----BEGIN CERTIFICATE-----")
    iam.create_service_specific_credential(UserName=name, ServiceName="codecommit.amazonaws.com")
    iam.add_user_to_group(GroupName=group, UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(allow("s3:*")))
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


def enrol(cloud, name):
    """Register an MFA device whose name begins with the user's."""
    device = cloud.iam.create_virtual_mfa_device(VirtualMFADeviceName=f"{name}-phone")["VirtualMFADevice"]
    first, second = Authenticator(cloud.endpoint, device["Base32StringSeed"]).two_codes()
    cloud.iam.enable_mfa_device(
        UserName=name,
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1=first,
        AuthenticationCode2=second,
    )


def everything(cloud, name="alice"):
    """List what is attached to a user, except its boundary."""
    iam = cloud.iam
    return {
        "login": has_login(cloud, name),
        "keys": [key["Status"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]],
        "devices": [device["SerialNumber"] for device in iam.list_mfa_devices(UserName=name)["MFADevices"]],
        "ssh": len(iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"]),
        "certificates": len(iam.list_signing_certificates(UserName=name)["Certificates"]),
        "services": len(iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"]),
        "groups": [group["GroupName"] for group in iam.list_groups_for_user(UserName=name)["Groups"]],
        "inline": iam.list_user_policies(UserName=name)["PolicyNames"],
        "attached": [
            each["PolicyArn"] for each in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
        ],
    }


def has_login(cloud, name="alice"):
    try:
        cloud.iam.get_login_profile(UserName=name)
    except cloud.iam.exceptions.NoSuchEntityException:
        return False
    return True
