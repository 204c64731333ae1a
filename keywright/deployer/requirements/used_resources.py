"""Permissions to invoke the providers of custom resources, and to use KMS keys for a resource."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, as_text
from keywright.deployer.requirements.arns import arn_prefix, pattern_of
from keywright.deployer.requirements.permissions import GENERATED_NAME, RequiredPermission, undecided_finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Resource
    from keywright.deployer.requirements.references import References
    from keywright.reporting.finding import Finding


INVOKE_ACTIONS = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish"}
"""The action that invokes the provider of a custom resource, by service; it does not change the provider."""
_SERVICE = re.compile(r"arn:[^:]*:(lambda|sns):[^*]*:[^*]+\*?")


def invocation_permission(resource: Resource, references: References) -> RequiredPermission | Finding:
    """Give the permission to invoke the provider of a custom resource; a finding if the provider is unknown."""
    text = as_text(resource.properties.get("ServiceToken", ABSENT))
    referred = [
        arn.pattern
        for unknown in text.unknowns
        if (served := resource.template.resources.get(unknown.reference))
        for arn in references.arns_of(served)
    ]
    # A function has an ARN with and without a version; the shortest is the function's own.
    pattern = min(referred, default=pattern_of(text), key=len)
    found = _SERVICE.fullmatch(pattern)
    if found is None:
        return undecided_finding(
            resource,
            f"the provider of the custom resource `{resource.label}` is not known",
            found=f"`ServiceToken: {text}`",
            accepted="a function or topic of the assembly, or an ARN",
        )
    return RequiredPermission(INVOKE_ACTIONS[found[1]], pattern, resource)


_KEY = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/.+")
_ALIAS = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:alias/.+")
_NAMING = re.compile(r"kms|encryptionkey|keyarn", re.IGNORECASE)


def key_permissions(
    action: str, resource: Resource, references: References, *, via_service: bool
) -> Iterator[RequiredPermission]:
    """Yield a permission for each KMS key that the resource names; an AWS owned key needs none.

    `via_service`: only the service of the resource uses the key.
    """
    region = resource.template.region
    service = f"{resource.type.split('::')[1].lower()}.{region or '*'}.amazonaws.com"
    asked = action != "kms:DescribeKey" and via_service
    conditions = (
        (("StringEquals" if region else "StringLike", "kms:ViaService", (service,)),) if asked else ()
    )
    for arn in sorted(_keys(resource, references)):
        yield RequiredPermission(
            action, arn, resource, conditions, GENERATED_NAME if arn.endswith("/*") else ""
        )


def _keys(resource: Resource, references: References) -> set[str]:
    if not _NAMING.search(str(resource.raw.get("Properties"))):
        return set()
    near = references.referenced_arns(resource)
    aliases = [each.resource for each in near if each.resource and _ALIAS.fullmatch(each.pattern)]
    behind = [arn for alias in aliases for arn in references.referenced_arns(alias)]
    found = {each.pattern for each in (*near, *behind) if _KEY.fullmatch(each.pattern)}
    # The resource names a key that the templates do not show, so the permission covers all keys of the
    # account.
    return found or {f"{arn_prefix('kms', resource.template)}:key/*"}
