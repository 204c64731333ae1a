"""One template's file, JSON or YAML, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources.json_source import JsonSource
from keywright.assembly.sources.source import LARGEST_YAML, Source, UnreadableError, read_text, too_large

if TYPE_CHECKING:
    from pathlib import Path


def read_source(path: Path, file: str) -> Source:
    """Read one template's file, JSON or YAML.

    Raises:
        UnreadableError: The file cannot be used; the finding says where and why.
    """
    return source_of(read_text(path, file), path.suffix, file)


def source_of(content: str, suffix: str, file: str) -> Source:
    """Read one template's text, JSON or YAML. If it is neither, the file's suffix decides which error is reported.

    Raises:
        UnreadableError: The text cannot be used; the finding says where and why.
    """
    # JSON is also YAML, but the YAML reader is far slower.
    if content.lstrip()[:1] in ("{", "["):
        try:
            return JsonSource.of(content, file)
        except UnreadableError:
            if suffix.lower() not in (".yaml", ".yml"):
                raise
    if len(content) > LARGEST_YAML:
        raise too_large(file, len(content), LARGEST_YAML)
    from keywright.assembly.sources.yaml_source import YamlSource  # noqa: PLC0415 - most assemblies are JSON alone

    return YamlSource.of(content, file)
