"""Whether a resource is deployed at all, by the template's conditions.

Source: "Condition functions" and "Conditions", CloudFormation User Guide.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.assembly.resolve import every_reading
from keywright.assembly.value import as_text
from keywright.policy.truth import MAYBE, NO, YES, Truth

if TYPE_CHECKING:
    from keywright.assembly.template import Resource, Template


def exists(resource: Resource, beside: Resource | None = None) -> Truth:
    """Tell whether a resource is deployed wherever another one is, or anywhere."""
    condition = _condition(resource)
    when = _condition(beside) if beside is not None and beside.template is resource.template else ""
    return YES if condition in {"", when} else _holds(condition, when, resource.template)


def _condition(resource: Resource) -> str:
    condition = resource.raw.get("Condition")
    return condition if isinstance(condition, str) else ""


@lru_cache(maxsize=4096)
def _holds(condition: str, when: str, template: Template) -> Truth:
    found = every_reading({"Fn::If": [condition, "yes", "no"]}, template, when=when or None)
    answers = {as_text(each).literal for each in found}
    return YES if answers <= {"yes"} else NO if answers == {"no"} else MAYBE
