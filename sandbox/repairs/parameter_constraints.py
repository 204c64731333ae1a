"""ValidationError for parameters that break the length or the pattern an API Reference gives.

AWS: the IAM API Reference and the AWS STS API Reference, of each parameter ("Length Constraints", "Pattern");
botocore's service models carry them. Clients do not check them, the emulator does not either.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sandbox.repairs.seams import IAM, Api, Parameters, Refused, guard, text


def register() -> None:
    """Check every action of IAM; token_service asks for STS's."""
    for action in IAM.handlers:
        if action in IAM.model.operation_names:
            guard(action, lambda parameters, action=action: check(IAM, action, parameters))  # type: ignore[misc]


def check(api: Api, action: str, parameters: Parameters) -> None:
    """Hold an action's text parameters against their constraints.

    Raises:
        Refused: ValidationError, naming the first one that breaks one.
    """
    shape = api.model.operation_model(action).input_shape
    for name, member in shape.members.items() if shape else ():
        value = text(parameters, name)
        if value and member.type_name == "string" and (broken := _broken(member.metadata, value)):
            shown = "" if member.metadata.get("sensitive") else f"Value '{value[:100]}' "
            message = (
                f"1 validation error detected: {shown}at '{name}' failed to satisfy constraint: {broken}"
            )
            raise Refused(400, "ValidationError", message)


def _broken(constraints: dict[str, Any], value: str) -> str:
    if len(value) < constraints.get("min", 0):
        return f"Member must have length greater than or equal to {constraints['min']}"
    if len(value) > constraints.get("max", len(value)):
        return f"Member must have length less than or equal to {constraints['max']}"
    if "pattern" in constraints and not _pattern(constraints["pattern"]).fullmatch(value):
        return f"Member must satisfy regular expression pattern: {constraints['pattern']}"
    return ""


@cache
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(written, re.ASCII)
