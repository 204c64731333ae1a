"""LIF003: buckets, keys and log groups are retained when their stack is deleted.

What it checks
    `DeletionPolicy` and `UpdateReplacePolicy` of AWS::S3::Bucket, AWS::KMS::Key and AWS::Logs::LogGroup are `Retain`
    (`DeletionPolicy` may be `RetainExceptOnCreate`).

Why it matters
    Deleting the stack, or a property change that replaces the resource, deletes the data; deleting a key makes
    everything encrypted with it unreadable. It is a convention of this project: a warning of `--profile strict` on
    other templates.

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
    Code that empties a bucket before it is deleted, and object versions that expire.

See
    CloudFormation User Guide, "DeletionPolicy attribute" and "UpdateReplacePolicy attribute".
"""

from collections.abc import Iterator

from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.reporting.finding import Finding, Severity

CODE = "LIF003"
SEVERITY = Severity.WARNING
CONVENTION = True

TYPES = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup")
_RETAINED = {"DeletionPolicy": ("Retain", "RetainExceptOnCreate"), "UpdateReplacePolicy": ("Retain",)}


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report data that is deleted with its stack or when it is replaced."""
    resource = setting.resource
    if resource.type not in TYPES or not resource.template.source.is_stack:
        return
    wrong = {
        name: resource.raw.get(name) for name, kept in _RETAINED.items() if resource.raw.get(name) not in kept
    }
    if wrong:
        yield setting.place.fault(
            CODE,
            f"`{resource.label}` and its data are deleted with the stack",
            found=", ".join(
                f"{name} `{value}`" if value else f"no `{name}`" for name, value in wrong.items()
            ),
            accepted="`Retain` for both",
        )
