"""What a rule looked at, as it is after a rewrite: the rule is asked again, and access is compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.source import Source
from keywright.assembly.templates.policy_documents import Policy, read_policy
from keywright.assembly.templates.value import ABSENT, Alternatives, possible_values, value_at
from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.subjects.kinds import PolicyStatement, ResourceSetting
from keywright.guardrails.subjects.policies import AnyPolicy, AnyStatement, ResourceStatement
from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.policy.statement import Kind

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node, Span, Step
    from keywright.assembly.templates.template import Resource
    from keywright.guardrails.fixes.rewrite import Rewrite
    from keywright.reporting.finding import Location


class _Rewritten(Source):
    """A source whose data is rewritten; its places are those of before."""

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
    """Return a subject as the rewrite makes it.

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
    """Find the statement that has the place of the one that was looked at."""
    (document,) = policy.documents if len(policy.documents) == 1 else (None,)
    found = (
        [each for each in document.statements if each.index == subject.statement.index] if document else []
    )
    if len(found) != 1:
        raise CannotRewriteError
    return found[0]
