"""LIF003: buckets, keys and logs outlive their stack.

What it checks
    `DeletionPolicy` and `UpdateReplacePolicy` of AWS::S3::Bucket, AWS::KMS::Key and AWS::Logs::LogGroup are `Retain`
    (`RetainExceptOnCreate` for the first, too).

Why it matters
    A stack that is deleted, or a property that replaces the resource, takes the data along; a key that is gone takes
    everything it encrypted. It is our convention: a warning on templates of others.

Refused
    Reports:
      Type: AWS::S3::Bucket
      DeletionPolicy: Retain
    ---
    Key:
      Type: AWS::KMS::Key
      DeletionPolicy: Delete
      UpdateReplacePolicy: Delete

Accepted
    Reports:
      Type: AWS::S3::Bucket
      DeletionPolicy: RetainExceptOnCreate
      UpdateReplacePolicy: Retain

Blind to
    Code that empties a bucket before it is deleted, and versions that expire.

See
    CloudFormation User Guide, "DeletionPolicy attribute" and "UpdateReplacePolicy attribute".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.kinds import Setting
from keywright.reporting.finding import Finding, Severity

CODE = "LIF003"
TITLE = "buckets, keys and logs outlive their stack"
SEVERITY = Severity.WARNING
CONVENTION = True

TYPES = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup")
_KEPT = {"DeletionPolicy": ("Retain", "RetainExceptOnCreate"), "UpdateReplacePolicy": ("Retain",)}


def check(setting: Setting) -> Iterator[Finding]:
    """Warn of data that goes with its stack, or with its replacement."""
    resource = setting.resource
    if resource.type not in TYPES:
        return
    lacking = {
        name: resource.raw.get(name) for name, kept in _KEPT.items() if resource.raw.get(name) not in kept
    }
    if lacking:
        yield setting.place.fault(
            CODE,
            f"`{resource.label}` and its data go with its stack",
            found=", ".join(
                f"{name} `{value}`" if value else f"no `{name}`" for name, value in lacking.items()
            ),
            accepted="`Retain` for both",
        )
