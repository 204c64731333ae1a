"""RES003: no resource setting allows public access.

What it checks
    `AccessControl` of an AWS::S3::Bucket is none of `PublicRead`, `PublicReadWrite` and `AuthenticatedRead`; its
    `PublicAccessBlockConfiguration` turns nothing off (a warning, unless it allows both public policies and their
    use); `AuthType` of a function URL is not `NONE`.

Why it matters
    Such a setting opens a resource as much as a public policy does, and no policy shows it.

Refused
    Reports:
      Type: AWS::S3::Bucket
      Properties: {AccessControl: PublicRead}
    ---
    Reports:
      Type: AWS::S3::Bucket
      Properties: {PublicAccessBlockConfiguration: {BlockPublicPolicy: false, RestrictPublicBuckets: false}}
    ---
    Address:
      Type: AWS::Lambda::Url
      Properties: {TargetFunctionArn: convert, AuthType: NONE}

Accepted
    Reports:
      Type: AWS::S3::Bucket
      Properties:
        PublicAccessBlockConfiguration:
          {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
    ---
    Address:
      Type: AWS::Lambda::Url
      Properties: {TargetFunctionArn: convert, AuthType: AWS_IAM}

Blind to
    What is blocked for the whole account, ACL grants, and a function that authenticates its callers itself: then
    declare an exception.

See
    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage"; AWS Lambda Developer Guide, "Control access
    to Lambda function URLs".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import ABSENT, Value, as_text, possible_values, value_at
from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.policy.matching.context import Truth
from keywright.reporting.finding import Finding, Severity

CODE = "RES003"
SEVERITY = Severity.ERROR

_PUBLIC = frozenset({"PublicRead", "PublicReadWrite", "AuthenticatedRead"})
_BLOCK_SETTINGS = "PublicAccessBlockConfiguration"
_POLICY_SETTINGS = ("BlockPublicPolicy", "RestrictPublicBuckets")
_ALL_SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", *_POLICY_SETTINGS)


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report each setting that allows public access."""
    if setting.resource.type == "AWS::S3::Bucket":
        yield from _bucket(setting)
    if setting.resource.type == "AWS::Lambda::Url":
        yield from _check_value(setting, ("AuthType",), frozenset({"NONE"}), "`AWS_IAM`")


def _bucket(setting: ResourceSetting) -> Iterator[Finding]:
    yield from _check_value(
        setting, ("AccessControl",), _PUBLIC, "no `AccessControl`, and a policy that names principals"
    )
    for block in possible_values(setting.resource.properties.get(_BLOCK_SETTINGS, ABSENT)):
        off = [name for name in _ALL_SETTINGS if as_text(value_at(block, name)).literal == "false"]
        if off:
            yield setting.place.below("Properties", _BLOCK_SETTINGS).fault(
                CODE,
                f"`{setting.resource.label}` does not block public access",
                found=", ".join(f"{name} `false`" for name in off),
                accepted=f"`true` for {', '.join(_ALL_SETTINGS)}",
                severity=SEVERITY if set(off) >= set(_POLICY_SETTINGS) else Severity.WARNING,
            )


def _check_value(
    setting: ResourceSetting, path: tuple[str, ...], public_values: frozenset[str], accepted: str
) -> Iterator[Finding]:
    for value in _values(setting, path):
        text = as_text(value)
        yield from setting.place.below("Properties", *path).answer(
            Truth.YES if text.literal in public_values else Truth.NO,
            CODE,
            f"`{setting.resource.label}` allows public access",
            found=f"{path[-1]} `{text}`",
            accepted=accepted,
        )


def _values(setting: ResourceSetting, path: tuple[str, ...]) -> Iterator[Value]:
    head, *rest = path
    for each in possible_values(setting.resource.properties.get(head, ABSENT)):
        yield value_at(each, *rest)
