"""A rule's subject after a rewrite, and the proof that a rewrite adds no access."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.source import Source
from keywright.assembly.templates.policy_documents import Policy, read_policy
from keywright.assembly.templates.value import ABSENT, Alternatives, possible_values, value_at
from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.kinds import PolicyStatement, ResourceSetting
from keywright.guardrails.subjects.policies import AnyPolicy, AnyStatement, ResourceStatement
from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.policy.statement import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.assembly.sources.source import Node, Span, Step
    from keywright.assembly.templates.policy_documents import TemplateDocument
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.guardrails.fixes.rewrite import Rewrite
    from keywright.reporting.finding import Location


class _Rewritten(Source):
    """A source with rewritten data; its locations are those of the original."""

    def __init__(self, source: Source, tree: Node) -> None:
        self._source = source
        self.file, self.size, self.characters, self.tree = source.file, source.size, source.characters, tree

    def locate(self, *path: Step) -> Location:
        return self._source.locate(*path)

    def span(self, *path: Step) -> Span | None:
        return self._source.span(*path)


@dataclass(frozen=True)
class RereadSubject:
    """A subject before and after a rewrite, and its policy where it has one."""

    subject: Any
    before: Policy | None = None
    policy: Policy | None = None
    kind: Kind = Kind.IDENTITY


def reread_subject(subject: Any, rewrite: Rewrite) -> RereadSubject:
    """Return a subject after a rewrite.

    Raises:
        UnfitError: It is not known how to read it again, or reading it again does not give what was read at first.
    """
    tree = rewrite.tree
    match subject:
        case ResourceSetting():
            return RereadSubject(replace(subject, resource=_resource(subject.resource, tree)))
        case AnyPolicy():
            policy = _policy(subject.policy, tree)
            return RereadSubject(replace(subject, policy=policy), subject.policy, policy, subject.kind)
        case AnyStatement():
            policy = _policy(subject.within.policy, tree)
            found = AnyStatement(replace(subject.within, policy=policy), _statement(policy, subject))
            return RereadSubject(found, subject.within.policy, policy, subject.within.kind)
        case TrustStatement() | PolicyStatement() | ResourceStatement():
            policy = _policy(subject.policy, tree)
            changed = replace(subject, policy=policy, statement=_statement(policy, subject))
            return RereadSubject(changed, subject.policy, policy, _KINDS[type(subject)])
    raise CannotRewriteError


_KINDS = {TrustStatement: Kind.TRUST, PolicyStatement: Kind.IDENTITY, ResourceStatement: Kind.RESOURCE}


def _resource(resource: Resource, tree: Node) -> Resource:
    template = replace(resource.template, source=_Rewritten(resource.template.source, tree))
    raw = template.section("Resources")[resource.logical_id]
    return replace(resource, raw=raw if isinstance(raw, dict) else {}, template=template)


def _policy(policy: Policy, tree: Node) -> Policy:
    # Only a policy that reads back the same from the unchanged template can be compared after the rewrite.
    if _read(policy, policy.holder).documents != policy.documents:
        raise CannotRewriteError
    return _read(policy, _resource(policy.holder, tree))


def _read(policy: Policy, holder: Resource) -> Policy:
    section, *path = policy.path
    if section != "Properties" or not path:
        raise CannotRewriteError
    name, *rest = path
    found = tuple(value_at(each, *rest) for each in possible_values(holder.properties.get(str(name), ABSENT)))
    return read_policy(policy.name, holder, policy.path, found[0] if len(found) == 1 else Alternatives(found))


def _statement(policy: Policy, subject: Any) -> Any:
    """Find the statement at the place of the original one."""
    (document,) = policy.documents if len(policy.documents) == 1 else (None,)
    found = (
        [each for each in document.statements if each.index == subject.statement.index] if document else []
    )
    if len(found) != 1:
        raise CannotRewriteError
    return found[0]


_Where = tuple[str, str, "tuple[Step, ...]", "Kind", bool]


def adds_no_access(before: Assembly, after: Assembly) -> bool:
    """Return whether every policy of `after` is proved to allow no more than it did in `before`."""
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
    """Return whether each document is proved to allow no more than its predecessor; undecided counts as no proof."""
    from keywright.reasoning.comparison.compare import NoNewAccess, compare  # noqa: PLC0415 - few templates have a rewrite

    if len(before) != len(after):
        return False
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    documents = ([replace(each.as_document(), kind=kind) for each in pair] for pair in changed)
    return all(isinstance(compare(*pair), NoNewAccess) for pair in documents)
