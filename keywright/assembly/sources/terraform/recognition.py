"""Telling a plan or a state of Terraform from other JSON, before and after it is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.sources.source import Node

LARGEST = 64 << 20
"""Bytes. A plan has each resource up to four times: before, after, as a change and as configuration."""
MOST_NODES = 4_000_000

ACCEPTED = "the output of `terraform show -json FILE`"
_BEGINNINGS = (
    *("format_version", "terraform_version", "applyable", "checks", "complete", "configuration", "errored"),
    *("deferred_changes", "output_changes", "planned_values", "prior_state", "version"),
)
"""The keys with which a plan or a state may begin, as Terraform or a program that sorts keys writes it."""


def may_begin(content: str) -> bool:
    """Tell whether a text begins like a plan or a state, without parsing it."""
    return content.lstrip("{ \t\r\n").startswith(tuple(f'"{each}"' for each in _BEGINNINGS))


def is_terraform(tree: Node) -> bool:
    """Tell whether a document is a plan or a state."""
    return isinstance(tree, dict) and "Resources" not in tree and (_is_shown(tree) or is_state_file(tree))


def _is_shown(tree: Mapping[str, Node]) -> bool:
    return "format_version" in tree and ("terraform_version" in tree or "values" in tree or is_plan(tree))


def is_plan(tree: Mapping[str, Node]) -> bool:
    """Tell whether a document is a plan, which has two sides."""
    return "planned_values" in tree or "resource_changes" in tree


def is_state_file(tree: Mapping[str, Node]) -> bool:
    """Tell whether a document is a state as Terraform stores it."""
    return "terraform_version" in tree and "serial" in tree and "version" in tree
