"""One template's file, JSON or YAML, the details of an account, or a plan or state of Terraform, whichever it is."""

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
    unreadable,
)
from keywright.assembly.sources.terraform import recognition
from keywright.reporting.finding import Location

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = max(account_details.LARGEST, recognition.LARGEST)
"""Bytes of the largest file of any kind."""


def read_source(path: Path, file: str) -> Source:
    """Read one file of any kind.

    Raises:
        UnreadableError: The file cannot be used; the finding says where and why.
    """
    if path.suffix == ".tf":
        message = "the file is Terraform's configuration, which only Terraform evaluates"
        raise unreadable(Location(file), message, accepted=recognition.ACCEPTED)
    largest = LARGEST if path.suffix in (".json", ".tfstate") else LARGEST_FILE
    return source_of(read_text(path, file, largest=largest), path.suffix, file)


def source_of(content: str, suffix: str, file: str) -> Source:
    """Read one text, JSON or YAML. If it is neither, the file's suffix decides which error is reported.

    Raises:
        UnreadableError: The text cannot be used; the finding says where and why.
    """
    # An account is larger than any template; its first key shows what it is before the whole text is parsed.
    is_large = account_details.may_begin(content) or recognition.may_begin(content)
    if len(content) > LARGEST_FILE and not is_large:
        raise too_large(file, len(content), LARGEST_FILE)
    # JSON is also YAML, but the YAML reader is far slower.
    if content.lstrip()[:1] in ("{", "["):
        try:
            return _read(JsonSource.of(content, file, account_details.MOST_NODES if is_large else MOST_NODES))
        except UnreadableError:
            if suffix.lower() not in (".yaml", ".yml"):
                raise
    if len(content) > LARGEST_YAML:
        raise too_large(file, len(content), LARGEST_YAML)
    from keywright.assembly.sources.yaml_source import YamlSource  # noqa: PLC0415 - most assemblies are JSON alone

    return YamlSource.of(content, file)


def _read(source: Source) -> Source:
    if is_account_details(source.tree):
        return account_details.AccountDetails(source)
    if recognition.is_terraform(source.tree):
        from keywright.assembly.sources.terraform.terraform_file import TerraformFile  # noqa: PLC0415 - most files are templates

        return TerraformFile(source)
    return source
