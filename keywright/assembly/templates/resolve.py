"""Resolve a template's intrinsic functions as far as the template decides them; the rest is unknown, with the reason.

Source: "Intrinsic function reference", "Pseudo parameters reference" and "CloudFormation template Parameters syntax",
CloudFormation User Guide. A parameter has its default value. Conditions are decided only by what cannot change at
deployment, so that a parameter's default never hides a branch.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.templates.deployed_names import name_in
from keywright.assembly.templates.functions import FUNCTIONS
from keywright.assembly.templates.physical_names import PHYSICAL_NAMES, PhysicalName
from keywright.assembly.templates.value import (
    ABSENT,
    Absent,
    Text,
    Unknown,
    Value,
    as_text,
    literal_text,
    text,
)
from keywright.policy.matching.arn import partition_of
from keywright.policy.matching.memoize import memoized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.raw_template import RawResource, RawTemplate


def pseudo_parameter(name: str, template: RawTemplate) -> Value:
    """Give a pseudo parameter; unknown if the stack's environment is."""
    if name == "AWS::NoValue":
        return ABSENT
    known = _known(name, template)
    if known:
        return _fixed(known)
    # The account and region are the same in all stacks of an environment; the stack's name and id are its
    # own.
    stack = template.id if name.startswith("AWS::Stack") else ""
    return Unknown(f"`{name}` is known only at deployment", name, stack, is_identifier=True)


@memoized
def _fixed(known: str) -> Text:
    return Text((known,))


def _known(name: str, template: RawTemplate) -> str:
    match name:
        case "AWS::AccountId":
            return template.account
        case "AWS::Region":
            return template.region
        case "AWS::Partition":
            return template.partition
        case "AWS::URLSuffix":
            return _url_suffix(template.region) if template.region else ""
        case "AWS::StackName":
            return template.stack
        case _:
            return ""


def _url_suffix(region: str) -> str:
    return "amazonaws.com.cn" if partition_of(region) == "aws-cn" else "amazonaws.com"


def is_custom(resource: RawResource) -> bool:
    """Tell whether custom code decides a resource's attributes."""
    return not resource.type.startswith("AWS::") or resource.type.startswith("AWS::CloudFormation::")


def generated_name(resource: RawResource) -> Text:
    """Give the unknown name that CloudFormation generates."""
    return Text(
        (
            Unknown(
                "its name is generated at deployment",
                resource.logical_id,
                resource.template.id,
                is_identifier=not is_custom(resource),
            ),
        )
    )


def _deployed_as(resource: RawResource) -> str:
    """Give the physical id of a resource, where a deployment is known; else ""."""
    template = resource.template
    return template.links.deployed.physical_id(template.region, template.stack, resource.logical_id)


def without_scheme(url: Text) -> Text:
    """Give a provider's address as its ARN has it."""
    return text(
        *(part.removeprefix("https://") if isinstance(part, str) else part for part in url.parts[:1]),
        *url.parts[1:],
    )


def is_no_echo(declared: Mapping[str, Node]) -> bool:
    """Tell whether a parameter's value is masked (`NoEcho`)."""
    return str(declared.get("NoEcho", "")).lower() == "true"


def as_list(value: Value, kind: str) -> Value:
    """Convert a parameter's value to a list if its type is one."""
    if not (kind == "CommaDelimitedList" or kind.startswith("List<")) or not isinstance(value, Text):
        return value
    if value.literal is None:
        return value.unknowns[0]
    return tuple(literal_text(piece.strip()) for piece in value.literal.split(","))


MOST_READINGS = 64
"""Possible values of one property; with more of them it is unknown."""

MOST_STEPS = 20_000
"""Values visited for one reading of one property."""

MOST_STEPS_OF_ALL = 1_000_000
"""Values visited for a whole assembly; takes some seconds."""

LONGEST_TRAIL = 40
"""References in a chain; longer chains are unknown."""

UNRESOLVED_EXPORT = "an export of another stack is known only at deployment"
_IDENTIFYING = ("Arn", "Id", "Name")
"""Suffixes of attributes that AWS generates; others (a parameter's `Value`) may be any text."""

_PSEUDO = {"partition": "AWS::Partition", "account": "AWS::AccountId", "region": "AWS::Region"}
"""The pseudo parameters for the fields of an ARN."""

_TOO_LONG = Unknown("it takes too many steps to resolve")
Atom = tuple[str, str]


def resolve(node: Node, template: RawTemplate, *, when: Node = None) -> tuple[Value, ...]:
    """Give every possible value of a node, for all combinations of the template's conditions.

    `when` is the condition of the resource with the value: only cases in which it holds count.
    """
    if not isinstance(when, str):
        plain = _as_it_stands(node)
        if plain is not None:
            return (plain,)
    found: list[Value] = []
    pending: list[dict[Atom, bool]] = [{}]
    # Conditions multiply, so a property that depends on many of them is unknown instead of expensive.
    for _ in range(MOST_READINGS):
        if not pending:
            break
        evaluation = Evaluation(pending.pop())
        if not isinstance(when, str) or evaluation.holds(when, template):
            value = evaluation.whole(node, template)
            if value not in found:
                found.append(value)
        pending.extend(evaluation.otherwise())
    if pending:
        found.append(Unknown("it depends on too many conditions"))
    return tuple(found)


def _as_it_stands(node: Node) -> Value | None:
    """Give a literal string or list of strings, which no condition affects; None for anything else."""
    if isinstance(node, str):
        return literal_text(node)
    if isinstance(node, list):
        texts = [literal_text(item) for item in node if isinstance(item, str)]
        return tuple(texts) if len(texts) == len(node) else None
    return None


def first_literal(node: Node, template: RawTemplate) -> str | None:
    """Give a text that the template alone decides; None for any other."""
    found = resolve(node, template)
    return as_text(found[0]).literal if len(found) == 1 else None


class Evaluation:
    """One path through a template: each condition that matters is assumed to hold or not to hold."""

    def __init__(self, assumed: Mapping[Atom, bool]) -> None:
        self._assumed = dict(assumed)
        self._met: list[Atom] = []
        self._trail: list[tuple[str, ...]] = []
        self._steps = 0
        self._trusts_defaults = True

    def otherwise(self) -> list[dict[Atom, bool]]:
        """Give the paths that differ in one of the conditions met on this path."""
        before = {atom: held for atom, held in self._assumed.items() if atom not in self._met}
        paths = []
        for atom in self._met:
            paths.append({**before, atom: False})
            before = {**before, atom: True}
        return paths

    def whole(self, node: Node, template: RawTemplate) -> Value:
        """Evaluate one value; one that is nested too deeply for Python's stack is unknown."""
        try:
            return self.value(node, template)
        except RecursionError:
            return _TOO_LONG

    def value(self, node: Node, template: RawTemplate) -> Value:
        """Work out one value."""
        # References can double the work at each level (`Fn::Sub` of a `Fn::Sub`); the limits bound hostile templates.
        self._steps += 1
        template.links.steps += 1
        if self._steps > MOST_STEPS or template.links.steps > MOST_STEPS_OF_ALL:
            return _TOO_LONG
        if isinstance(node, str):
            return literal_text(node)
        if isinstance(node, dict):
            return self._mapping(node, template)
        if isinstance(node, list):
            items = (self.value(item, template) for item in node)
            return tuple(item for item in items if not isinstance(item, Absent))
        return ABSENT if node is None else Text(("true" if node else "false",))

    def _mapping(self, node: dict[str, Node], template: RawTemplate) -> Value:
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Ref":
                return self._ref(argument, template)
            if name.startswith("Fn::"):
                function = _FUNCTIONS.get(name)
                if function is None:
                    return Unknown(f"`{name}` is evaluated only at deployment", name)
                return function(self, argument, template)
        elif any(key.startswith(("Fn::Transform", "Fn::ForEach")) for key in node):
            # Macros and loops may add members to a mapping that has others beside them.
            return Unknown("it is transformed at deployment")
        members = {key: self.value(item, template) for key, item in node.items()}
        return {key: item for key, item in members.items() if not isinstance(item, Absent)}

    # Conditions

    def holds(self, name: str, template: RawTemplate) -> bool:
        """Tell whether a named condition holds on this path."""
        return self._holds(template.section("Conditions").get(name), template, name)

    def _holds(self, expression: Node, template: RawTemplate, name: str = "") -> bool:
        if isinstance(expression, dict) and len(expression) == 1:
            ((operator, argument),) = expression.items()
            operands = argument if isinstance(argument, list) else [argument]
            if operator == "Condition" and isinstance(argument, str):
                return self._named(argument, template)
            if operator == "Fn::Not" and len(operands) == 1:
                return not self._holds(operands[0], template)
            # All operands are evaluated, so that each undecided condition is met and tried both ways.
            if operator in ("Fn::And", "Fn::Or"):
                held = [self._holds(operand, template) for operand in operands]
                return all(held) if operator == "Fn::And" else any(held)
            if operator == "Fn::Equals" and len(operands) == 2:  # noqa: PLR2004 - Equals compares two
                decided = self._equals(operands[0], operands[1], template)
                if decided is not None:
                    return decided
        return self._assume(
            (template.id, json.dumps(expression, sort_keys=True) if expression else name), template
        )

    def _named(self, name: str, template: RawTemplate) -> bool:
        key = ("condition", template.id, name)
        if key in self._trail or len(self._trail) >= LONGEST_TRAIL:
            return self._assume((template.id, name), template)
        self._trail.append(key)
        held = self.holds(name, template)
        self._trail.pop()
        return held

    def _equals(self, left: Node, right: Node, template: RawTemplate) -> bool | None:
        # A default decides no condition: whoever deploys may pass another value, and then the other branch counts.
        trusts_defaults, self._trusts_defaults = self._trusts_defaults, False
        one, other = (as_text(self.value(each, template)).literal for each in (left, right))
        self._trusts_defaults = trusts_defaults
        return None if one is None or other is None else one == other

    def by_defaults(self, expression: object, template: RawTemplate) -> bool | None:
        """Compare two values with every parameter at its default."""
        operands = expression.get("Fn::Equals") if isinstance(expression, dict) else None
        if not isinstance(operands, list) or len(operands) != 2:  # noqa: PLR2004 - Equals compares two
            return None
        one, other = (as_text(self.whole(each, template)).literal for each in operands)
        return None if one is None or other is None else one == other

    def _assume(self, atom: Atom, template: RawTemplate) -> bool:
        assumed = template.links.assumed.get(atom)
        if assumed is not None:
            return assumed
        # Recorded so that the cases can be tried one by one afterwards.
        template.links.undecided[atom] = None
        if atom not in self._assumed:
            self._assumed[atom] = True
            self._met.append(atom)
        return self._assumed[atom]

    # References

    def _ref(self, argument: Node, template: RawTemplate) -> Value:
        if not isinstance(argument, str):
            return Unknown("`Ref` takes a name")
        if argument.startswith("AWS::"):
            return pseudo_parameter(argument, template)
        if argument in template.parameters:
            return self._parameter(argument, template)
        resource = template.resources.get(argument)
        if resource is None:
            return Unknown(f"`{argument}` is not declared in the template", argument, template.id)
        return self._physical_id(resource)

    def _physical_id(self, resource: RawResource) -> Text:
        """Give what `Ref` of a resource is: for most types the name, for some the ARN or another id."""
        known = PHYSICAL_NAMES.get(resource.type)
        if known is not None and known.ref_is_arn:
            return self.arn(resource, known)
        if known is None or known.ref_is_name:
            return self.name(resource)
        physical = _deployed_as(resource)
        return Text((physical,)) if physical else generated_name(resource)

    def _parameter(self, name: str, template: RawTemplate) -> Value:
        declared = template.parameters[name]
        kind = str(declared.get("Type") or "String")
        unknown = Unknown(f"parameter `{name}` is known only at deployment", name, template.id)
        if name in template.parameter_values:
            node, parent = template.parameter_values[name]
            return as_list(self._along(("parameter", template.id, name), node, parent, unknown), kind)
        # An SSM parameter type's default is the name of a parameter that CloudFormation reads at deployment
        # ("SSM parameter types", CloudFormation User Guide); a NoEcho value must not show up in findings.
        if not self._trusts_defaults or kind.startswith("AWS::SSM::Parameter::Value") or is_no_echo(declared):
            return unknown
        default = declared.get("Default")
        return unknown if default is None else as_list(self.value(default, template), kind)

    def _along(self, key: tuple[str, ...], node: Node, template: RawTemplate, instead: Value) -> Value:
        """Follow a reference, unless it is circular or the chain is too long."""
        if key in self._trail or len(self._trail) >= LONGEST_TRAIL:
            return instead
        self._trail.append(key)
        value = self.value(node, template)
        self._trail.pop()
        return value

    def name(self, resource: RawResource) -> Text:
        """Give a resource's physical name; unknown if CloudFormation generates it and no deployment is known."""
        known = PHYSICAL_NAMES.get(resource.type)
        found = self._property("name", resource, known.name, ABSENT) if known else None
        if found is None or found.literal is None:
            physical = _deployed_as(resource)
            if physical:
                return Text((name_in(physical, known),))
        return found or generated_name(resource)

    def _property(self, kind: str, resource: RawResource, name: str, instead: Value) -> Text | None:
        """Give a property as text, `instead` if it refers to itself; None if it is absent."""
        properties = resource.raw.get("Properties")
        node = properties.get(name) if isinstance(properties, dict) else None
        if isinstance(node, str):
            return literal_text(node)
        if node is None:
            return None
        try:
            key = (kind, resource.template.id, resource.logical_id)
            value = self._along(key, node, resource.template, instead)
        except RecursionError:
            value = instead
        return None if isinstance(value, Absent) else as_text(value)

    def arn(self, resource: RawResource, known: PhysicalName) -> Text:
        """Give a resource's ARN; what the template does not decide stays unknown within it."""
        return text(
            *(
                self._field(piece, resource, known) if index % 2 else piece
                for index, piece in enumerate(known.pieces)
            )
        )

    def _field(self, field: str, resource: RawResource, known: PhysicalName) -> Text:
        if field in _PSEUDO:
            return as_text(pseudo_parameter(_PSEUDO[field], resource.template))
        if field == "path":
            return self._iam_path(resource)
        name = self.name(resource)
        return without_scheme(name) if known.name == "Url" else name

    def _iam_path(self, resource: RawResource) -> Text:
        unknown = Unknown("its path refers to itself", f"{resource.logical_id}.Path", resource.template.id)
        return self._property("path", resource, "Path", unknown) or Text(("/",))

    def _get_att(self, argument: Node, template: RawTemplate) -> Value:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) < 2 or not all(isinstance(each, str) for each in parts):  # noqa: PLR2004 - a name and an attribute
            return Unknown("`Fn::GetAtt` takes a resource and an attribute")
        logical_id, attribute = str(parts[0]), ".".join(str(each) for each in parts[1:])
        resource = template.resources.get(logical_id)
        unknown = Unknown(
            "an attribute is known only at deployment", f"{logical_id}.{attribute}", template.id
        )
        if resource is None:
            return unknown
        # What AWS generates has no wildcards; an attribute that custom code returns may be any string.
        if attribute.endswith(_IDENTIFYING) and not is_custom(resource):
            unknown = replace(unknown, is_identifier=True)
        if resource.type == "AWS::CloudFormation::Stack":
            return self._nested_output(resource, attribute, unknown)
        known = PHYSICAL_NAMES.get(resource.type)
        if known is not None and attribute in {known.arn_attribute, "Arn"} - {""}:
            return self.arn(resource, known)
        return unknown

    def _nested_output(self, stack: RawResource, attribute: str, unknown: Unknown) -> Value:
        nested = stack.template.links.nested.get((stack.template.id, stack.logical_id))
        output = nested.outputs.get(attribute.removeprefix("Outputs.")) if nested else None
        if output is None:
            return unknown
        return self._along(
            ("output", output.template.id, output.name), output.value, output.template, unknown
        )

    def _import_value(self, argument: Node, template: RawTemplate) -> Value:
        name = as_text(self.value(argument, template))
        unknown = Unknown(UNRESOLVED_EXPORT, str(name))
        if name.literal is None:
            return unknown
        output = template.links.exports.get((template.account, template.region, name.literal))
        if output is None:
            return unknown
        return self._along(
            ("output", output.template.id, output.name), output.value, output.template, unknown
        )

    def _if(self, argument: Node, template: RawTemplate) -> Value:
        if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):  # noqa: PLR2004 - a condition and two values
            return Unknown("`Fn::If` takes a condition and two values")
        return self.value(argument[1 if self._named(argument[0], template) else 2], template)

    def referred(self, name: str, template: RawTemplate) -> Value:
        """Work out what a placeholder names: a parameter, a resource, or with a dot an attribute."""
        return self._get_att(name, template) if "." in name else self._ref(name, template)


_FUNCTIONS: Mapping[str, Callable[[Evaluation, Node, RawTemplate], Value]] = {
    **FUNCTIONS,
    "Fn::GetAtt": Evaluation._get_att,  # noqa: SLF001 - the table of this class's own methods
    "Fn::If": Evaluation._if,  # noqa: SLF001
    "Fn::ImportValue": Evaluation._import_value,  # noqa: SLF001
}
