"""From a path of the declarations to the type that is declared there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Tag

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from keywright.model.subject import Path


def annotation_at(annotation: Any, path: Path) -> Any:
    """Follow a path, with the tags of kinds in it, through the types; none where they end."""
    for part in path:
        annotation = _step(_bare(annotation), part)
    return _bare(annotation)


def fields_of(annotation: Any) -> dict[str, FieldInfo]:
    """Give the fields of a type of declared things by their keys in YAML."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {field.alias or name: field for name, field in annotation.model_fields.items()}
    return {}


def kinds_of(annotation: Any) -> dict[str, Any]:
    """Give tag to type for things of several kinds."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    members = [get_args(member) for member in get_args(annotation) if get_origin(member) is Annotated]
    return {each.tag: member[0] for member in members for each in member[1:] if isinstance(each, Tag)}


def _bare(annotation: Any) -> Any:
    """Take away what only qualifies a type: metadata, and that it may be absent."""
    while get_origin(annotation) is Annotated and not kinds_of(annotation):
        annotation = get_args(annotation)[0]
    alternatives = [each for each in get_args(annotation) if each is not type(None)]
    if type(None) in get_args(annotation) and len(alternatives) == 1:
        return _bare(alternatives[0])
    return annotation


def _step(annotation: Any, part: str | int) -> Any:
    fields = fields_of(annotation)
    if fields:
        return fields[str(part)].annotation if part in fields else None
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0]
    return kinds_of(annotation).get(str(part))
