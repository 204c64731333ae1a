"""One template's file, JSON or YAML, or the details of an account, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.sources import account_details
from keywright.assembly.sources.account_details import is_account_details
from keywright.assembly.sources.json_source import JsonSource
from keywright.assembly.sources.source import (
    LARGEST_FILE,
    LARGEST_YAML,
    MOST_NODES,
    Source,
    UnreadableError,
    read_text,
    too_large,
)

if TYPE_CHECKING:
    from pathlib import Path


def read_source(path: Path, file: str) -> Source:
    """Read one template's file, JSON or YAML, or the details of an account.

    Raises:
        UnreadableError: The file cannot be used; the finding says where and why.
    """
    largest = account_details.LARGEST if path.suffix == ".json" else LARGEST_FILE
    return source_of(read_text(path, file, largest=largest), path.suffix, file)


def source_of(content: str, suffix: str, file: str) -> Source:
    """Read one text, JSON or YAML. If it is neither, the file's suffix decides which error is reported.

    Raises:
        UnreadableError: The text cannot be used; the finding says where and why.
    """
    # An account is larger than any template; its first key shows what it is before the whole text is parsed.
    is_account = account_details.may_begin(content)
    if len(content) > LARGEST_FILE and not is_account:
        raise too_large(file, len(content), LARGEST_FILE)
    # JSON is also YAML, but the YAML reader is far slower.
    if content.lstrip()[:1] in ("{", "["):
        try:
            source = JsonSource.of(content, file, account_details.MOST_NODES if is_account else MOST_NODES)
            return account_details.AccountDetails(source) if is_account_details(source.tree) else source
        except UnreadableError:
            if suffix.lower() not in (".yaml", ".yml"):
                raise
    if len(content) > LARGEST_YAML:
        raise too_large(file, len(content), LARGEST_YAML)
    from keywright.assembly.sources.yaml_source import YamlSource  # noqa: PLC0415 - most assemblies are JSON alone

    return YamlSource.of(content, file)
