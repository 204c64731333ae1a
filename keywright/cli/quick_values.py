"""Converts values of the command line without pydantic, which typer imports for the first value of any kind.

The result is the same: only values that follow from their text are converted here. All others, and all refusals, are
left to typer.
"""

from __future__ import annotations

import os
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperCommand, TyperOption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from typer.models import ParameterInfo

    Parameter = TyperOption | TyperArgument

_ASK_TYPER = object()
_DIGITS = 9
"""Of a number that is converted here; a longer one is left to typer."""


class QuickCommand(TyperCommand):
    """A command whose parameters are converted without pydantic."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give the parameters, wrapped by `quick`."""
        return quick(super().get_params(ctx))


def quick(parameters: Iterable[Any]) -> list[Any]:
    """Give the same parameters, converted without pydantic where the result is the same."""
    return [
        _QuickOption(each) if isinstance(each, TyperOption) else _QuickArgument(each) for each in parameters
    ]


class _QuickOption(TyperOption):
    def __init__(self, made: TyperOption) -> None:
        vars(self).update(vars(made))

    def process_value(self, ctx: Any, value: Any) -> Any:
        return _processed(self, ctx, value, super().process_value)


class _QuickArgument(TyperArgument):
    def __init__(self, made: TyperArgument) -> None:
        vars(self).update(vars(made))

    def process_value(self, ctx: Any, value: Any) -> Any:
        return _processed(self, ctx, value, super().process_value)


def _processed(parameter: Parameter, ctx: Any, value: Any, typers: Callable[[Any, Any], Any]) -> Any:
    plain = _plain(parameter, value)
    if plain is _ASK_TYPER:
        return typers(ctx, value)
    return parameter.callback(ctx, parameter, plain) if parameter.callback else plain


def _plain(parameter: Parameter, value: Any) -> Any:
    described = parameter.type_descriptor
    info = described.parameter_info
    several = parameter.multiple or parameter.nargs == -1
    if value is None:
        return _ASK_TYPER if parameter.required else () if several else None
    if info.parser is not None:
        return _ASK_TYPER
    if not described.is_list:
        return _ASK_TYPER if several else _one(described.annotation, described.choices, info, value)
    if not value or not isinstance(value, list | tuple):
        return _ASK_TYPER
    kind = described.annotation.__args__[0]
    made = [_one(kind, described.choices, info, each) for each in value]
    return _ASK_TYPER if _ASK_TYPER in made else made


def _one(kind: Any, choices: Sequence[Any] | None, info: ParameterInfo, value: Any) -> Any:
    if choices is not None:
        return _choice(choices, info, value)
    if kind is str:
        return value if type(value) is str else _ASK_TYPER
    if kind is Path:
        return _path(info, value)
    if kind is int:
        return _number(info, value)
    if kind is datetime:
        return _time(info, value)
    return _ASK_TYPER


def _choice(choices: Sequence[Any], info: ParameterInfo, value: Any) -> Any:
    if isinstance(value, Enum) or not info.case_sensitive:
        return value if value in choices and isinstance(value, Enum) else _ASK_TYPER
    by_text = {str(each.value if isinstance(each, Enum) else each): each for each in choices}
    return by_text.get(value, _ASK_TYPER) if isinstance(value, str) else _ASK_TYPER


def _path(info: ParameterInfo, value: Any) -> Any:
    special = info.exists or info.writable or info.resolve_path or info.allow_dash or info.path_type
    if special or not (info.file_okay and info.dir_okay):
        return _ASK_TYPER
    try:
        path = Path(value)
        # A path with a zero byte raises ValueError here, and typer words that refusal.
        path.stat()
    except OSError:
        return path
    except (TypeError, ValueError):
        return _ASK_TYPER
    return path if not info.readable or os.access(path, os.R_OK) else _ASK_TYPER


def _number(info: ParameterInfo, value: Any) -> Any:
    # `int` also reads spaces, underscores and the digits of other scripts, which pydantic reads by its own
    # rules.
    if not (isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _DIGITS):
        return _ASK_TYPER
    number = int(value)
    least, most = info.min, info.max
    out = (least is not None and number < least) or (most is not None and number > most)
    return _ASK_TYPER if out else number


def _time(info: ParameterInfo, value: Any) -> Any:
    for form in info.formats or ():
        try:
            return datetime.strptime(value, form)  # noqa: DTZ007 - as typer reads it, and the day is in UTC
        except (TypeError, ValueError):
            continue
    return _ASK_TYPER
