"""Which ARN is meant by `workgroup/reports`: the ARN formats of a service's resource types, read backwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from access_constructs.refusal import refusal
from keywright.policy import catalogue

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_OFFERED = 3


def meant_by(
    resource: str, *, service: str, partition: str, region: str, account: str
) -> tuple[str, frozenset[str]]:
    """Find the ARN that is meant, and the resource types it may be of: those that say most of it literally.

    Raises:
        ValueError: The service has no resource of this form, or several that differ in their ARN.
    """
    candidates = [each for each in _forms(service) if each.fits(resource)]
    if not candidates:
        raise refusal(
            f"`{service}` has no such kind of resource",
            found=f"`{resource}`",
            accepted=forms_near(service, resource),
        )
    most = max(each.literal for each in candidates)
    nearest = [each for each in candidates if each.literal == most]
    arns = sorted({each.arn(resource, partition, region, account) for each in nearest})
    if len(arns) > 1:
        raise refusal(
            f"`{service}` has several kinds of resource of this form",
            found=f"`{resource}`",
            accepted=", ".join(f"`{each}`" for each in arns[:_OFFERED]),
        )
    return arns[0], frozenset(each.name for each in nearest)


def forms_near(service: str, resource: str = "") -> str:
    """List at most three forms of a service's resources, those like `resource` first."""
    forms = sorted({each.form for each in _forms(service)})
    nearest = get_close_matches(resource, forms, _OFFERED, 0.3) or forms[:_OFFERED]
    return ", ".join(f"`{each}`" for each in nearest) or "none, this service has no resources"


@dataclass(frozen=True)
class _Form:
    """A resource type by its ARN format; `literal` counts the characters of the relative part that are fixed."""

    name: str
    vendor: str
    region: str
    account: str
    form: str
    relative: re.Pattern[str]
    literal: int

    def fits(self, resource: str) -> bool:
        """Tell whether a relative resource, or a whole ARN, may be of this type."""
        if not resource.startswith("arn:"):
            return self.relative.fullmatch(resource) is not None
        _, _, vendor, region, account, relative = [*resource.split(":", 5), *[""] * 5][:6]
        return (
            vendor == self.vendor
            and bool(region) == bool(self.region)
            and bool(account) == bool(self.account)
            and self.relative.fullmatch(relative) is not None
        )

    def arn(self, resource: str, partition: str, region: str, account: str) -> str:
        """Put the fields in front that a relative resource lacks."""
        if resource.startswith("arn:"):
            return resource
        place = region if self.region.startswith("${") else self.region
        owner = account if self.account.startswith("${") else self.account
        return f"arn:{partition}:{self.vendor}:{place}:{owner}:{resource}"


@cache
def _forms(service: str) -> tuple[_Form, ...]:
    return tuple(_form(each) for each in catalogue.resource_types_of(service))


def _form(kind: catalogue.ResourceType) -> _Form:
    _, _, vendor, region, account, rest = kind.arn_format.split(":", 5)
    literals = _PLACEHOLDER.sub("\0", rest).split("\0")
    return _Form(
        name=kind.name,
        vendor=vendor,
        region=region,
        account=account,
        form=_PLACEHOLDER.sub(r"<\1>", rest),
        relative=re.compile(".+".join(map(re.escape, literals))),
        literal=sum(map(len, literals)),
    )
