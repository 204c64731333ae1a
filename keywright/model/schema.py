"""The JSON Schema of a file of declarations, for editors. `read` checks more than a schema can express."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from keywright.model.declarations import Declarations
from keywright.model.fields.strict import Strict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Give the schema of one file: every section may be in another file, so none is required here."""
    schema = _tidy(Declarations.model_json_schema(by_alias=True))
    types = {kind.__name__: kind for kind in _types(Strict)}
    for name, definition in schema["$defs"].items():
        if name in types:
            _describe(definition, types[name])
    _describe(schema, Declarations)
    schema.pop("required")
    return {"$schema": DIALECT, "title": "Keywright declarations", **schema, "minProperties": 1}


def _types(base: type[BaseModel]) -> list[type[BaseModel]]:
    return [each for kind in base.__subclasses__() for each in (kind, *_types(kind))]


def _describe(definition: dict[str, Any], kind: type[BaseModel]) -> None:
    for name, words in _field_docstrings(kind).items():
        key = kind.model_fields[name].alias or name
        written = definition["properties"][key]
        definition["properties"][key] = {**written, "description": _joined(words, written.get("description"))}


def _joined(words: str, form: str | None) -> str:
    return f"{words} {form}." if form else words


@cache
def _field_docstrings(kind: type[BaseModel]) -> dict[str, str]:
    """Read the docstring of each field from the source code: pydantic would do so at every start, which is slow."""
    inherited = (
        _field_docstrings(base) for base in kind.__bases__ if issubclass(base, Strict) and base is not Strict
    )
    docstrings = {name: words for each in inherited for name, words in each.items()}
    docstrings |= kind.__dict__.get("texts_of_keys", {})
    defined = _classes(kind.__module__).get(kind.__name__)
    # A field's docstring is the expression that follows it.
    for field, text in pairwise(defined.body if defined else ()):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
        ):
            assert isinstance(text.value, ast.Constant)
            docstrings[field.target.id] = " ".join(str(text.value.value).split())
    return docstrings


@cache
def _classes(module: str) -> Mapping[str, ast.ClassDef]:
    """Parse a module once for all its classes."""
    body = ast.parse(inspect.getsource(sys.modules[module])).body
    return {each.name: each for each in body if isinstance(each, ast.ClassDef)}


def _tidy(schema: Any) -> Any:
    """Drop titles of fields, nulls that `read` refuses, and empty defaults."""
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    alternatives = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if "anyOf" in schema and len(alternatives) == 1:
        schema = {**alternatives[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
    kept = {key: _tidy(value) for key, value in schema.items() if not _is_noise(key, value)}
    # pydantic describes the accepted names by a pattern, but does not exclude the others.
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    return kept


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, [], {}))
