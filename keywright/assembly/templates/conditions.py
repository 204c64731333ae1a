"""Whether a resource is deployed at all, by the template's conditions.

Source: "Condition functions" and "Conditions", CloudFormation User Guide.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING

from keywright.assembly.templates.resolve import Evaluation, resolve
from keywright.assembly.templates.template import Assembly, Links
from keywright.assembly.templates.value import as_text
from keywright.policy.matching.context import MAYBE, NO, YES, Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from keywright.assembly.templates.resolve import Atom
    from keywright.assembly.templates.template import Resource, Template


def exists(resource: Resource, beside: Resource | None = None) -> Truth:
    """Tell whether a resource is deployed (if `beside` is given: whenever that one is)."""
    condition = _condition(resource)
    # Conditions of equal names in two templates are different conditions.
    when = _condition(beside) if beside is not None and beside.template is resource.template else ""
    return YES if condition in {"", when} else _holds(condition, when, resource.template)


def _condition(resource: Resource) -> str:
    condition = resource.raw.get("Condition")
    return condition if isinstance(condition, str) else ""


# The same few conditions decide about many resources.
@lru_cache(maxsize=4096)
def _holds(condition: str, when: str, template: Template) -> Truth:
    found = resolve({"Fn::If": [condition, "yes", "no"]}, template, when=when or None)
    answers = {as_text(each).literal for each in found}
    return YES if answers <= {"yes"} else NO if answers == {"no"} else MAYBE


def assuming(assembly: Assembly, assumed: Mapping[Atom, bool]) -> Assembly:
    """Give the same assembly with some conditions decided."""
    return copy_assembly(assembly, lambda template: template, assumed)


def copy_assembly(
    assembly: Assembly,
    change: Callable[[Template], Template],
    assumed: Mapping[Atom, bool] = MappingProxyType({}),
) -> Assembly:
    """Copy an assembly with each template changed; the copies are linked as the originals are."""
    known = next((each.links for each in assembly.templates), Links())
    links = Links(assumed={**known.assumed, **assumed}, deployed=known.deployed)
    copies: dict[int, Template] = {}

    def copy(template: Template) -> Template:
        if id(template) not in copies:
            given = {name: (node, copy(parent)) for name, (node, parent) in template.parameter_values.items()}
            parent = copy(template.parent) if template.parent else None
            copies[id(template)] = replace(
                change(template), links=links, parameter_values=given, parent=parent
            )
        return copies[id(template)]

    links.templates.extend(map(copy, assembly.templates))
    for template in {id(each.links): each for each in assembly.templates}.values():
        links.nested.update({holder: copy(nested) for holder, nested in template.links.nested.items()})
    return Assembly(tuple(links.templates), assembly.findings, assembly.organization, assembly.organizations)


def undecided_conditions(assembly: Assembly) -> tuple[Atom, ...]:
    """Give what of the templates' conditions decided something that was read so far, and only the deployment knows."""
    return tuple(dict.fromkeys(atom for each in assembly.templates for atom in each.links.undecided))


def conditions_by_default(assembly: Assembly, atoms: Iterable[Atom]) -> dict[Atom, bool]:
    """Give the values of conditions with every parameter at its default; those still undecided are left out."""
    templates = {each.id: each for each in assembly.templates}
    found = {}
    for atom in atoms:
        template = templates.get(atom[0])
        held = Evaluation({}).by_defaults(expression_of(atom), template) if template else None
        if held is not None:
            found[atom] = held
    return found


def expression_of(atom: Atom) -> object:
    """Give a condition's expression, or its name if it has none."""
    try:
        return json.loads(atom[1])
    except ValueError:
        return atom[1]


def condition_cases(atoms: Iterable[Atom], most: int) -> list[dict[Atom, bool]]:
    """Give the possible combinations of conditions; none if there are more than `most`."""
    found: list[dict[Atom, bool]] = [{}]
    for atom in dict.fromkeys(atoms):
        found = [
            case for before in found for held in (True, False) if _is_possible(case := {**before, atom: held})
        ]
        if len(found) > most:
            return []
    return found


def _is_possible(case: Mapping[Atom, bool]) -> bool:
    """Tell whether a case is consistent: no value equals two different texts."""
    # Only equalities that hold can contradict each other: a value can differ from any number of texts.
    equal = [each for atom, held in case.items() if held for each in _compared(atom)]
    return not any(one[:2] == other[:2] and one[2] != other[2] for one, other in combinations(equal, 2))


def _compared(atom: Atom) -> Iterator[tuple[str, str, str]]:
    """Give the pairs of a value and the text that it is compared with."""
    expression = expression_of(atom)
    operands = expression.get("Fn::Equals") if isinstance(expression, dict) else None
    if isinstance(operands, list) and len(operands) == 2:  # noqa: PLR2004 - Equals compares two
        for one, other in (operands, operands[::-1]):
            if isinstance(other, str) and not isinstance(one, str):
                yield atom[0], json.dumps(one, sort_keys=True), other


def describe_case(case: Mapping[Atom, bool]) -> str:
    """Describe a case in words."""
    return "where " + " and ".join(_equation(atom, holds=holds) for atom, holds in case.items())


def _equation(atom: Atom, *, holds: bool) -> str:
    expression = expression_of(atom)
    operands = expression.get("Fn::Equals") if isinstance(expression, dict) else None
    if isinstance(operands, list) and len(operands) == 2:  # noqa: PLR2004 - Equals compares two
        one, other = map(_operand, operands)
        return f"{one} {'is' if holds else 'is not'} {other}"
    return f"{_operand(expression)} {'holds' if holds else 'does not hold'}"


def _operand(node: object) -> str:
    if isinstance(node, dict) and list(node) in (["Ref"], ["Condition"]):
        return f"`{next(iter(node.values()))}`"
    return f"`{node}`"
