"""Completes names of principals and resources in a shell, where reading the assembly is quick."""

from pathlib import Path

import typer

_MOST_BYTES = 4 * 1024 * 1024
"""Of templates; the user waits for the answer while typing."""


def principals(context: typer.Context, incomplete: str) -> list[str]:
    """Give the users, roles and groups whose names begin like this."""
    return _names(context, incomplete, ("AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::Group"))


def resources(context: typer.Context, incomplete: str) -> list[str]:
    """Give the resources whose names begin like this."""
    return _names(context, incomplete, ())


def _names(context: typer.Context, incomplete: str, types: tuple[str, ...]) -> list[str]:
    given = context.params.get("assemblies") or context.params.get("assembly") or ["cdk.out"]
    paths = [Path(each) for each in (given if isinstance(given, list | tuple) else [given])]
    if not all(each.exists() for each in paths) or sum(map(_size, paths)) > _MOST_BYTES:
        return []
    from keywright.assembly.queries.lookup import resource_names

    names = {name for path in paths for name in resource_names(path, types)}
    return sorted(name for name in names if name.startswith(incomplete))


def _size(path: Path) -> int:
    files = [path] if path.is_file() else path.glob("*.json")
    return sum(each.stat().st_size for each in files)
