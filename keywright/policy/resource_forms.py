"""Which resource is meant by `workgroup/reports`: the ARN formats of a service's resource types, read backwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from keywright.policy import catalogue

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_ARN_FIELDS = 6


@dataclass(frozen=True, slots=True)
class ResourceForm:
    """A resource type by its ARN format, such as `workgroup/<WorkGroupName>` after the five leading fields.

    `literal` counts the characters of the relative part that are fixed. A leading field with a placeholder holds that.
    """

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
        fields = resource.split(":", _ARN_FIELDS - 1)
        if len(fields) < _ARN_FIELDS:
            return False
        _, _, vendor, region, account, relative = fields
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

    @property
    def place(self) -> tuple[str, str, str]:
        """What stands before the relative part, each placeholder as one sign: two forms of one place make one ARN."""
        vendor, region, account = (
            _PLACEHOLDER.sub("$", part) for part in (self.vendor, self.region, self.account)
        )
        return vendor, region, account


def meant_by(service: str, resource: str) -> tuple[ResourceForm, ...]:
    """Give the forms that say most of a resource literally; none when none fits, several when it may be several."""
    fitting = [each for each in forms_of(service) if each.fits(resource)]
    most = max((each.literal for each in fitting), default=0)
    return tuple(each for each in fitting if each.literal == most)


def is_clear(forms: tuple[ResourceForm, ...], resource: str) -> bool:
    """Tell whether these forms, at least one, lead to the same ARN; a whole ARN is itself."""
    return resource.startswith("arn:") or len({each.place for each in forms}) == 1


@cache
def forms_of(service: str) -> tuple[ResourceForm, ...]:
    """List the forms of a service's resources; none for an unknown service."""
    return tuple(_form(each) for each in catalogue.resource_types_of(service))


def _form(kind: catalogue.ResourceType) -> ResourceForm:
    _, _, vendor, region, account, rest = kind.arn_format.split(":", _ARN_FIELDS - 1)
    literals = _PLACEHOLDER.sub("\0", rest).split("\0")
    return ResourceForm(
        name=kind.name,
        vendor=vendor,
        region=region,
        account=account,
        form=_PLACEHOLDER.sub(r"<\1>", rest),
        relative=re.compile(".+".join(map(re.escape, literals))),
        literal=sum(map(len, literals)),
    )
