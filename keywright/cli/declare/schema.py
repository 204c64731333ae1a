"""`keywright schema`: what an editor needs to complete and check declarations while they are typed."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Write to this file."),
    ] = None,
) -> int:
    """Write the JSON Schema of the declarations, for editors.

    A first line `# yaml-language-server: $schema=…` in a YAML file makes editors use it.
    """
    import json

    from keywright.model.schema import json_schema

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        print(text, end="")
        return 0
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"{output.as_posix()}: cannot be written; found {(error.strerror or 'unwritable').lower()}")
        return 2
    return 0
