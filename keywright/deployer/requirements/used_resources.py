"""Custom resources: CloudFormation calls a function, or tells a topic, and whatever happens then happens with its role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, as_text
from keywright.deployer.requirements.arns import here, pattern_of
from keywright.deployer.requirements.permissions import NOT_NAMED, RequiredPermission, not_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Resource
    from keywright.deployer.requirements.references import Surroundings
    from keywright.reporting.finding import Finding


CALLING = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish"}
"""How whoever serves a custom resource is called, by service: it changes nothing of the called itself."""
_SERVICE = re.compile(r"arn:[^:]*:(lambda|sns):[^*]*:[^*]+\*?")


def invoked(resource: Resource, around: Surroundings) -> RequiredPermission | Finding:
    """Give the need to call who serves a custom resource; undecided where the template does not tell who that is."""
    text = as_text(resource.properties.get("ServiceToken", ABSENT))
    referred = [
        place.pattern
        for unknown in text.unknowns
        if (served := resource.template.resources.get(unknown.reference))
        for place in around.own(served)
    ]
    pattern = min(referred, default=pattern_of(text), key=len)
    found = _SERVICE.fullmatch(pattern)
    if found is None:
        return not_known(
            resource,
            f"the provider of the custom resource `{resource.label}` is not known",
            found=f"`ServiceToken: {text}`",
            accepted="a function or topic of the assembly, or an ARN",
        )
    return RequiredPermission(CALLING[found[1]], pattern, resource)


_KEY = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/.+")
_ALIAS = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:alias/.+")
_NAMING = re.compile(r"kms|encryptionkey|keyarn", re.IGNORECASE)


def keys_used(
    action: str, resource: Resource, around: Surroundings, *, via_service: bool
) -> Iterator[RequiredPermission]:
    """Yield a need for each key that the resource names; without one, AWS's own key is used, which asks nobody.

    `via_service` says that the service that holds the resource, and it alone, uses the key.
    """
    region = resource.template.region
    service = f"{resource.type.split('::')[1].lower()}.{region or '*'}.amazonaws.com"
    asked = action != "kms:DescribeKey" and via_service
    conditions = (
        (("StringEquals" if region else "StringLike", "kms:ViaService", (service,)),) if asked else ()
    )
    for place in sorted(_keys(resource, around)):
        yield RequiredPermission(
            action, place, resource, conditions, NOT_NAMED if place.endswith("/*") else ""
        )


def _keys(resource: Resource, around: Surroundings) -> set[str]:
    if not _NAMING.search(str(resource.raw.get("Properties"))):
        return set()
    near = around.near(resource)
    aliases = [each.resource for each in near if each.resource and _ALIAS.fullmatch(each.pattern)]
    behind = [place for alias in aliases for place in around.near(alias)]
    found = {each.pattern for each in (*near, *behind) if _KEY.fullmatch(each.pattern)}
    return found or {f"{here('kms', resource.template)}:key/*"}
