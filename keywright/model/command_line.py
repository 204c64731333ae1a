"""`cli:` - how a person comes to credentials for programs."""

from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, SerializerFunctionWrapHandler, WrapSerializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from keywright.model.argued import Argued
from keywright.model.shape import SHAPE
from keywright.model.strict import Strict


class CommandLine(Strict):
    """`aws login`; and, for a reason, a long-term key beside it that is good for `get-session-token` alone."""

    session_token: Argued | None = None
    """A key of one's own, for where no browser can sign in: it opens a session with an authenticator's code."""


def _spelled(value: Any) -> Any:
    if value is True:
        return {}
    if value is None or value is False:
        return None
    if isinstance(value, dict | CommandLine):
        return value
    words = {"what": "a way to sign in", "accepted": "`true`, `false`, or `{session_token: {because: …}}`"}
    raise PydanticCustomError(SHAPE, "is not {what}; accepted: {accepted}", words)


def _written(value: CommandLine | None, handler: SerializerFunctionWrapHandler) -> Any:
    """Write it as it is read: `true` and `false` where there is nothing beside."""
    return value is not None if value is None or value == CommandLine() else handler(value)


class _OrTruth:
    """Tells the JSON Schema that `true` or `false` will do."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "boolean"}, handler(schema)]}


Cli = Annotated[CommandLine | None, BeforeValidator(_spelled), WrapSerializer(_written), _OrTruth()]
"""`true` for `aws login`, or what comes beside it."""
