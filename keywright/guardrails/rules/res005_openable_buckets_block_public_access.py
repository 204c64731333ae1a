"""RES005: buckets that a policy or an ACL may open block public access.

What it checks
    A bucket without `PublicAccessBlockConfiguration` has no bucket policy that may allow everyone, depending on what only
    the deployment knows, and no access control lists (`ObjectWriter` or `BucketOwnerPreferred` as `ObjectOwnership`, or an
    `AccessControl` other than `Private`).

Why it matters
    Amazon S3 blocks public access to new buckets by default since April 2023. An older bucket of the same template has no
    such block, and whoever can set an ACL on an object can publish it.

Refused
    Uploads:
      Type: AWS::S3::Bucket
      DeletionPolicy: Retain
      UpdateReplacePolicy: Retain
      Properties: {OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}}

Accepted
    Uploads:
      Type: AWS::S3::Bucket
      DeletionPolicy: Retain
      UpdateReplacePolicy: Retain
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
        PublicAccessBlockConfiguration:
          {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
    ---
    Reports:
      Type: AWS::S3::Bucket
      DeletionPolicy: Retain
      UpdateReplacePolicy: Retain

Blind to
    What is blocked for the whole account, and policies of other templates. A policy that certainly allows everyone is
    reported by RES001, and an ACL that does by RES003.

See
    Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage" and "Controlling ownership of objects and
    disabling ACLs for your bucket".
"""

from collections.abc import Iterator, Mapping

from keywright.assembly.templates.template import Resource
from keywright.assembly.templates.value import ABSENT, Absent, Text, as_text, possible_values, value_at
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.confused_deputy import restricts_callers
from keywright.guardrails.subjects.policies import ResourceStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "RES005"
SEVERITY = Severity.WARNING

_BLOCK = "PublicAccessBlockConfiguration"
_PUBLIC = frozenset({"PublicRead", "PublicReadWrite", "AuthenticatedRead"})


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report each such bucket."""
    buckets = list(view.assembly.of_type("AWS::S3::Bucket"))
    opened = _may_be_opened(view) if buckets else {}
    for bucket in buckets:
        blocks = possible_values(bucket.properties.get(_BLOCK, ABSENT))
        if not all(isinstance(each, Absent) for each in blocks):
            continue
        found = _access_lists(bucket) or opened.get(bucket.name, "")
        if found:
            yield Place(bucket).fault(
                CODE,
                f"`{bucket.label}` may become public and does not block public access",
                found=f"{found}, no `{_BLOCK}`",
                accepted=f"`{_BLOCK}` with `true` for all four settings",
            )


def _may_be_opened(view: AssemblyView) -> Mapping[Text, str]:
    """Return the buckets (as policies name them) of policies that may allow everyone, with the policy."""
    found: dict[Text, str] = {}
    for policy in view.resource_policies:
        if policy.holder.type != "AWS::S3::BucketPolicy":
            continue
        if any(_may_allow_everyone(ResourceStatement(policy, each)) for each in policy.statements):
            found |= dict.fromkeys(policy.holder.texts("Bucket"), f"bucket policy `{policy.holder.label}`")
    return found


def _may_allow_everyone(statement: ResourceStatement) -> bool:
    return any(
        min(each.is_allowed, each.names_everyone, negation(restricts_callers(each))) is Truth.MAYBE
        for each in statement.allowed_principals()
    )


def _access_lists(bucket: Resource) -> str:
    """Return the setting by which objects have access control lists; "" for none."""
    for value in possible_values(bucket.properties.get("AccessControl", ABSENT)):
        control = as_text(value).literal
        if control and control != "Private" and control not in _PUBLIC:
            return f"AccessControl `{control}`"
    for controls in possible_values(bucket.properties.get("OwnershipControls", ABSENT)):
        for rules in possible_values(value_at(controls, "Rules")):
            for rule in rules if isinstance(rules, tuple) else ():
                owner = as_text(value_at(rule, "ObjectOwnership")).literal
                if owner in ("ObjectWriter", "BucketOwnerPreferred"):
                    return f"ObjectOwnership `{owner}`"
    return ""
