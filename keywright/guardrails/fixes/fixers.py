"""The fixes: for the findings of some rules, the rewrite of the template that removes the finding.

`FIXERS` lists them by rule. A fixer raises `CannotRewriteError` where a person has to decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.proposal import Proposal, path_of, rewrite_at, texts_at, value_of
from keywright.guardrails.reference.action_names import is_known, nearest_actions
from keywright.guardrails.reference.applicability import actions_of, applies_to_any, resource_patterns
from keywright.guardrails.subjects.allowed_principals import MFA_AGE, MFA_PRESENT
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.instance_launches import metadata_path
from keywright.policy.conditions import SetOperator
from keywright.policy.statement import VERSION_WITH_VARIABLES, Effect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.value import Text
    from keywright.guardrails.fixes.changes import Path
    from keywright.guardrails.fixes.rewrite import Rewrite
    from keywright.guardrails.place import Place
    from keywright.guardrails.subjects.kinds import PolicyStatement, ResourceSetting
    from keywright.guardrails.subjects.policies import AnyPolicy, AnyStatement
    from keywright.guardrails.subjects.trusts import TrustStatement
    from keywright.policy.reference.catalogue import Action
    from keywright.reporting.finding import Finding


def require_keys(statement: PolicyStatement, finding: Finding) -> Proposal:
    """Add a `Null` test that requires the key which the finding names."""
    keys = [
        test.key_name
        for test in condition_tests(statement.statement)
        if f"`{test.operator_name}` on `{test.key_name}`" == finding.found
        and test.operator is not None
        and test.operator.quantifier is SetOperator.ALL
    ]
    if len(keys) != 1:
        raise CannotRewriteError
    place = statement.place.below("Condition")
    conditions, path, (key,) = value_of(place), path_of(place), keys
    if not isinstance(conditions, dict):
        raise CannotRewriteError
    rewrite = rewrite_at(place)
    if "Null" in conditions:
        rewrite = rewrite.with_member((*path, "Null"), key, "false")
    else:
        rewrite = rewrite.with_member(path, "Null", {key: "false"})
    return Proposal(f'`Null` requires `{key}` ("false")', rewrite)


MAXIMUM_DISTANCE = 2
"""Letters by which a misspelled action may differ from the known one."""


def correct_actions(statement: AnyStatement, finding: Finding) -> Proposal:
    """Replace every misspelled action of the element by the one action of its service with a similar name."""
    element = finding.found.partition(" ")[0]
    rewrite, messages = rewrite_at(statement.place), []
    for place, name in texts_at(statement.place.below(element)):
        if not is_known(name):
            new = nearest_action(name)
            rewrite = rewrite.with_text(path_of(place), new)
            messages.append(f"`{name}` becomes `{new}`")
    if not messages:
        raise CannotRewriteError
    return Proposal(", ".join(messages), rewrite)


def nearest_action(name: str) -> str:
    """Return the nearest action, if it is near enough and the only one at that distance.

    Raises:
        UnfitError: There is no such action.
    """
    # A pattern can be meant for several actions, so that a person has to choose.
    if set("*?$") & set(name):
        raise CannotRewriteError
    service = name.partition(":")[0].lower()
    near = sorted(
        (distance(name.lower(), each.lower()), each)
        for each in nearest_actions(name)
        if each.partition(":")[0].lower() == service and not each.endswith(":*")
    )
    if not near or near[0][0] > MAXIMUM_DISTANCE or (len(near) > 1 and near[1][0] == near[0][0]):
        raise CannotRewriteError
    return near[0][1]


def distance(one: str, other: str) -> int:
    """Return the Levenshtein distance of two texts."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        previous, row = row, [number]
        for index, wanted in enumerate(other):
            row.append(min(previous[index + 1] + 1, row[index] + 1, previous[index] + (letter != wanted)))
    return row[-1]


_SUFFIX = "ifexists"


def require_mfa(statement: TrustStatement | PolicyStatement, _finding: Finding) -> Proposal:
    """Require MFA: `BoolIfExists` becomes `Bool`. A Deny with `BoolIfExists` is correct as it is."""
    if statement.statement.effect is not Effect.ALLOW:
        raise CannotRewriteError
    place = statement.place.below("Condition")
    conditions = value_of(place)
    rewrite, messages = rewrite_at(place), []
    for operator, tests in conditions.items() if isinstance(conditions, dict) else ():
        keys = {key.lower() for key in tests} if isinstance(tests, dict) else set()
        if operator.lower().endswith(_SUFFIX) and keys and keys <= {MFA_PRESENT, MFA_AGE}:
            strict = operator[: -len(_SUFFIX)]
            rewrite = rewrite.with_key((*path_of(place), operator), strict)
            messages.append(f"`{operator}` becomes `{strict}`")
    if not messages:
        raise CannotRewriteError
    return Proposal(", ".join(messages), rewrite)


_TOKENS, _REQUIRED = "HttpTokens", "required"


def require_imdsv2(setting: ResourceSetting, _finding: Finding) -> Proposal:
    """Set `HttpTokens: required`, and add `MetadataOptions` where it is missing."""
    *above, options = metadata_path(setting.resource)
    around = setting.place.below(*above)
    rewrite, given = rewrite_at(around), value_of(around)
    if not isinstance(given, dict):
        raise CannotRewriteError
    if options not in given:
        rewrite = rewrite.with_member(path_of(around), options, {_TOKENS: _REQUIRED})
    else:
        present = given[options]
        path = path_of(around.below(options))
        if not isinstance(present, dict):
            raise CannotRewriteError
        rewrite = (
            rewrite.with_text((*path, _TOKENS), _REQUIRED)
            if _TOKENS in present
            else rewrite.with_member(path, _TOKENS, _REQUIRED)
        )
    return Proposal(f"`{_TOKENS}` becomes `{_REQUIRED}`", rewrite)


_OBJECTS = "/*"


def add_objects(statement: AnyStatement, _finding: Finding) -> Proposal:
    """Add the objects of each bucket as resources, if every action applies to objects only or to buckets only."""
    written = statement.statement
    buckets, objects = (
        resource_patterns(written.resources),
        [f"{each}{_OBJECTS}" for each in resource_patterns(written.resources)],
    )
    if not buckets or not all(map(_is_bucket, buckets)):
        raise CannotRewriteError
    of_objects = [_is_of_objects(each, buckets, objects) for each in written.actions]
    if not any(of_objects):
        raise CannotRewriteError
    rewrite, place = rewrite_at(statement.place), statement.place.below("Resource")
    if all(of_objects):
        return Proposal("the resource becomes the bucket's objects, `/*`", _instead(rewrite, place))
    return Proposal("the bucket's objects, `/*`, are added to the bucket", _beside(rewrite, place))


def _is_bucket(pattern: str) -> bool:
    """Return whether a pattern is for buckets of Amazon S3, and matches no object."""
    name = pattern.rpartition(":")[2]
    return (
        pattern.startswith("arn:")
        and ":s3:::" in pattern
        and not set("/?") & set(name)
        and not name.endswith("*")
    )


def _is_of_objects(action: Text, buckets: list[str], objects: list[str]) -> bool:
    """Return whether an action applies to objects and not to buckets; otherwise adding objects could add access."""
    known = actions_of(action)
    if not known or any(each.service != "s3" for each in known):
        raise CannotRewriteError
    on_buckets, on_objects = (
        any(applies_to_any(each, these) for each in known) for these in (buckets, objects)
    )
    if on_buckets and (on_objects or not _take_resources(known)):
        raise CannotRewriteError
    return on_objects


def _take_resources(actions: tuple[Action, ...]) -> bool:
    return all(each.resource_types for each in actions)


def _instead(rewrite: Rewrite, place: Place) -> Rewrite:
    value, path = value_of(place), path_of(place)
    if not isinstance(value, list):
        return _with_its_objects(rewrite, path, value)
    for index, each in enumerate(value):
        rewrite = _with_its_objects(rewrite, (*path, index), each)
    return rewrite


def _with_its_objects(rewrite: Rewrite, path: Path, resource: Node) -> Rewrite:
    objects = _with_objects(resource)
    if isinstance(resource, dict) and "Fn::GetAtt" in resource:
        return rewrite.with_value(path, objects)
    return rewrite.with_suffix(path, _OBJECTS)


def _beside(rewrite: Rewrite, place: Place) -> Rewrite:
    value, path = value_of(place), path_of(place)
    if not isinstance(value, list):
        return rewrite.with_another(path, _with_objects(value))
    for index in reversed(range(len(value))):
        rewrite = rewrite.with_item((*path, index), _with_objects(value[index]))
    return rewrite


def _with_objects(resource: Node) -> Node:
    match resource:
        case str():
            return f"{resource}{_OBJECTS}"
        case {"Fn::Sub": str() as template, **rest} if not rest:
            return {"Fn::Sub": f"{template}{_OBJECTS}"}
        case {"Fn::GetAtt": [str() as name, "Arn"], **rest} if not rest:
            return {"Fn::Sub": f"${{{name}.Arn}}{_OBJECTS}"}
        case _:
            raise CannotRewriteError


def remove_statement(policy: AnyPolicy, finding: Finding) -> Proposal:
    """Remove the redundant statement."""
    places = [each.place for each in policy.statements if each.place.location == finding.location]
    if len(places) != 1:
        raise CannotRewriteError
    return Proposal("the statement is removed", rewrite_at(places[0]).without_item(path_of(places[0])))


def set_version(statement: AnyStatement, _finding: Finding) -> Proposal:
    """Set the version that supports variables."""
    place = statement.within.place
    document, rewrite = value_of(place), rewrite_at(place)
    if not isinstance(document, dict):
        raise CannotRewriteError
    if any(key.lower() == "version" for key in document):
        rewrite = rewrite.with_text((*path_of(place), "Version"), VERSION_WITH_VARIABLES)
    else:
        rewrite = rewrite.with_first_member(path_of(place), "Version", VERSION_WITH_VARIABLES)
    return Proposal(f"`Version` becomes `{VERSION_WITH_VARIABLES}`", rewrite)


FIXERS: Mapping[str, tuple[Callable[[Any, Finding], Proposal], ...]] = {
    "INS001": (require_imdsv2,),
    "POL004": (require_keys, require_mfa),
    "POL007": (correct_actions,),
    "POL008": (add_objects,),
    "POL010": (set_version,),
    "POL011": (remove_statement,),
    "TRU002": (require_mfa,),
    "TRU007": (require_mfa,),
}
"""The fixers by the code of the rule whose findings they remove; the first that can is used."""
