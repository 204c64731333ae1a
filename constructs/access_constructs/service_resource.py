"""Which ARN is meant by `workgroup/reports` in an account and region."""

from __future__ import annotations

from difflib import get_close_matches

from access_constructs.refusal import refusal
from keywright.policy.reference.catalogue import forms_of, is_clear
from keywright.policy.reference.catalogue import meant_by as forms_meant_by

_OFFERED = 3


def meant_by(
    resource: str, *, service: str, partition: str, region: str, account: str
) -> tuple[str, frozenset[str]]:
    """Find the ARN that is meant, and the resource types it may be of: those that say most of it literally.

    Raises:
        ValueError: The service has no resource of this form, or several that differ in their ARN.
    """
    nearest = forms_meant_by(service, resource)
    if not nearest:
        raise refusal(
            f"`{service}` has no such kind of resource",
            found=f"`{resource}`",
            accepted=forms_near(service, resource),
        )
    if not is_clear(nearest, resource):
        arns = sorted({each.arn(resource, partition, region, account) for each in nearest})
        raise refusal(
            f"`{service}` has several kinds of resource of this form",
            found=f"`{resource}`",
            accepted=", ".join(f"`{each}`" for each in arns[:_OFFERED]),
        )
    arn = nearest[0].arn(resource, partition, region, account)
    return arn, frozenset(each.name for each in nearest)


def forms_near(service: str, resource: str = "") -> str:
    """List at most three forms of a service's resources, those like `resource` first."""
    forms = sorted({each.form for each in forms_of(service)})
    nearest = get_close_matches(resource, forms, _OFFERED, 0.3) or forms[:_OFFERED]
    return ", ".join(f"`{each}`" for each in nearest) or "none, this service has no resources"
