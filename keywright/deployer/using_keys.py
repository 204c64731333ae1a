"""Use of a customer's key for somebody else's sake: a secret's, a function's, a bucket's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.deployer.needs import NOT_NAMED, Need
from keywright.deployer.places import here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Resource
    from keywright.deployer.surroundings import Surroundings

_KEY = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/.+")
_ALIAS = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:alias/.+")
_NAMING = re.compile(r"kms|encryptionkey|keyarn", re.IGNORECASE)


def keys_used(action: str, resource: Resource, around: Surroundings, *, via_service: bool) -> Iterator[Need]:
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
        yield Need(action, place, resource, conditions, NOT_NAMED if place.endswith("/*") else "")


def _keys(resource: Resource, around: Surroundings) -> set[str]:
    if not _NAMING.search(str(resource.raw.get("Properties"))):
        return set()
    near = around.near(resource)
    aliases = [each.resource for each in near if each.resource and _ALIAS.fullmatch(each.pattern)]
    behind = [place for alias in aliases for place in around.near(alias)]
    found = {each.pattern for each in (*near, *behind) if _KEY.fullmatch(each.pattern)}
    return found or {f"{here('kms', resource.template)}:key/*"}
