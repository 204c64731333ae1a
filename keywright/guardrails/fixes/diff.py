"""What fixes change, as a unified diff that `patch` and `git apply` take."""

from __future__ import annotations

from difflib import unified_diff


def unified(file: str, before: str, after: str) -> str:
    """Write the difference; "" where there is none."""
    lines = unified_diff(_lines(before), _lines(after), f"a/{file}", f"b/{file}")
    return "".join(
        each if each.endswith("\n") else f"{each}\n\\ No newline at end of file\n" for each in lines
    )


def _lines(text: str) -> list[str]:
    """Part a text at its line feeds alone, as these tools do."""
    parts = text.split("\n")
    return [f"{each}\n" for each in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
