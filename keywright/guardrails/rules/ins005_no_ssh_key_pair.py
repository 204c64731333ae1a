"""INS005: no key pair opens an instance.

What it checks
    No AWS::EC2::Instance, AWS::EC2::LaunchTemplate or AWS::AutoScaling::LaunchConfiguration names a key pair.

Why it matters
    Whoever has the private key is on the instance and acts as its role, without a second factor, without an end, and no
    log says who it was. Session Manager asks IAM, and writes down who came.

Refused
    Server:
      Type: AWS::EC2::Instance
      Properties: {MetadataOptions: {HttpTokens: required}, KeyName: ops}

Accepted
    Server:
      Type: AWS::EC2::Instance
      Properties: {MetadataOptions: {HttpTokens: required}}

Blind to
    Keys that user data or the image put there, and whether any network leads to the instance.

See
    Amazon EC2 User Guide, "Amazon EC2 key pairs and Amazon EC2 instances"; AWS Systems Manager User Guide, "AWS Systems Manager
    Session Manager".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Absent, as_text
from keywright.guardrails.subjects.instance_launches import key_path, launches
from keywright.guardrails.subjects.kinds import Setting  # noqa: TC001 - the engine reads what the rule is about
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "INS005"
TITLE = "no key pair opens an instance"
SEVERITY = Severity.WARNING


def check(setting: Setting) -> Iterator[Finding]:
    """Warn of a key pair, whatever its name."""
    resource = setting.resource
    if not launches(resource):
        return
    path = key_path(resource)
    named = [as_text(each) for each in resource.readings(*path) if not isinstance(each, Absent)]
    if named:
        yield setting.place.below("Properties", *path).fault(
            CODE,
            f"`{resource.label}` is opened by a key pair",
            found=f"`{named[0]}`",
            accepted="no `KeyName`, and sessions by Session Manager",
        )
