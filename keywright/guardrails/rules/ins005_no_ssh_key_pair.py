"""INS005: instances use no SSH key pair.

What it checks
    No AWS::EC2::Instance, AWS::EC2::LaunchTemplate or AWS::AutoScaling::LaunchConfiguration names a key pair.

Why it matters
    Whoever has the private key gets onto the instance and acts with its role, without MFA and without expiry, and no
    log says who it was. Session Manager authorizes by IAM and records who started a session.

Refused
    Server:
      Type: AWS::EC2::Instance
      Properties: {MetadataOptions: {HttpTokens: required}, KeyName: ops}

Accepted
    Server:
      Type: AWS::EC2::Instance
      Properties: {MetadataOptions: {HttpTokens: required}}

Blind to
    Keys that user data or the image install, and whether any network path leads to the instance.

See
    Amazon EC2 User Guide, "Amazon EC2 key pairs and Amazon EC2 instances"; AWS Systems Manager User Guide, "AWS Systems Manager
    Session Manager".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import Absent, as_text
from keywright.guardrails.subjects.instance_launches import key_path, launches_instances
from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.reporting.finding import Finding, Severity

CODE = "INS005"
SEVERITY = Severity.WARNING


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report any key pair."""
    resource = setting.resource
    if not launches_instances(resource):
        return
    path = key_path(resource)
    named = [as_text(each) for each in resource.possible_values(*path) if not isinstance(each, Absent)]
    if named:
        yield setting.place.below("Properties", *path).fault(
            CODE,
            f"`{resource.label}` allows SSH with a key pair",
            found=f"`{named[0]}`",
            accepted="no `KeyName`; Session Manager instead",
        )
