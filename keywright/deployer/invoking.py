"""Custom resources: CloudFormation calls a function, or tells a topic, and whatever happens then happens with its role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import ABSENT, as_text
from keywright.deployer.needs import Need, not_known
from keywright.deployer.places import pattern_of

if TYPE_CHECKING:
    from keywright.assembly.templates.template import Resource
    from keywright.deployer.surroundings import Surroundings
    from keywright.reporting.finding import Finding

CALLING = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish"}
"""How whoever serves a custom resource is called, by service: it changes nothing of the called itself."""
_SERVICE = re.compile(r"arn:[^:]*:(lambda|sns):[^*]*:[^*]+\*?")


def invoked(resource: Resource, around: Surroundings) -> Need | Finding:
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
            f"who serves the custom resource `{resource.label}` is not known",
            found=f"`ServiceToken: {text}`",
            accepted="a function or topic of the assembly, or its ARN",
        )
    return Need(CALLING[found[1]], pattern, resource)
