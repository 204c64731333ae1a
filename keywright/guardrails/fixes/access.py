"""Whether nobody may do more in an assembly than in the one before it, policy by policy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.guardrails.subjects.assembly_view import AssemblyView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.assembly.sources.source import Step
    from keywright.assembly.templates.policy_documents import TemplateDocument
    from keywright.assembly.templates.template import Assembly
    from keywright.guardrails.subjects.policies import AnyPolicy
    from keywright.policy.statement import Kind

_Where = tuple[str, str, "tuple[Step, ...]", "Kind", bool]


def adds_no_access(before: Assembly, after: Assembly) -> bool:
    """Return whether every policy of `after` is proved to permit nothing that its own did not permit in `before`."""
    old, new = (_by_place(AssemblyView(each).policies) for each in (before, after))
    if old.keys() != new.keys():
        return False
    return all(is_proved_to_add_no_access(old[where], new[where], where[3]) for where in old)


def _by_place(policies: Sequence[AnyPolicy]) -> Mapping[_Where, tuple[TemplateDocument, ...]]:
    found: dict[_Where, tuple[TemplateDocument, ...]] = {}
    for each in policies:
        holder = each.policy.holder
        where = (holder.template.id, holder.logical_id, each.policy.path, each.kind, each.is_boundary_only)
        found[where] = (*found.get(where, ()), *each.policy.documents)
    return found


def is_proved_to_add_no_access(
    before: Sequence[TemplateDocument], after: Sequence[TemplateDocument], kind: Kind
) -> bool:
    """Return whether each document is proved to permit no more than its predecessor; what is undecided is not."""
    from keywright.reasoning.comparison.compare import NoNewAccess, compare  # noqa: PLC0415 - few templates have a rewrite

    if len(before) != len(after):
        return False
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    documents = ([replace(each.as_document(), kind=kind) for each in pair] for pair in changed)
    return all(isinstance(compare(*pair), NoNewAccess) for pair in documents)
