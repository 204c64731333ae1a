"""A snapshot of one assembly for the review: identities with their policies, under names that are equal on both sides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from keywright.assembly.identities.collection import identities
from keywright.assembly.identities.identity_center import is_permission_set
from keywright.assembly.identities.principals import principals_of
from keywright.assembly.templates.policy_documents import TemplateDocument
from keywright.assembly.templates.symbolic_policies import Spelling, is_certain
from keywright.assembly.templates.value import as_texts
from keywright.policy.statement import Document, Kind
from keywright.reasoning.account.actors import ActorKind, PolicyKind
from keywright.review.comparison.fingerprint import ResourceFingerprints, fingerprint, is_literal
from keywright.review.comparison.symbols import PLACEHOLDER_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from keywright.assembly.identities.collection import Identity
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly, Resource, Template
    from keywright.assembly.templates.value import Text
    from keywright.policy.statement import Statement
    from keywright.reasoning.account.actors import Actor, Grant
    from keywright.reporting.finding import Location


Raw = TypeVar("Raw")
Made = TypeVar("Made")


class LazyMapping(Mapping[str, Made]):
    """A mapping that computes each value at first use."""

    def __init__(self, raw: Mapping[str, Raw], make: Callable[[Raw], Made]) -> None:
        self._raw = raw
        self._make: Callable[[Raw], Made] = make
        self._made: dict[str, Made] = {}

    def __getitem__(self, key: str) -> Made:
        if key not in self._made:
            self._made[key] = self._make(self._raw[key])
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


MANIFEST = "manifest.json"
Symbol = tuple[str, str]
"""A symbol, and the fingerprint of its meaning."""
PARTS = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True)
class ComparedPolicy:
    """A policy to compare: the most and the least that it may allow, its location, and how it is attached.

    Equal fingerprints mean equal policies. A policy is unresolved if part of it is known only at deployment; `symbolic` is then
    the policy with a symbol for each unknown value, if possible, and `symbols` are their meanings: policies whose symbols have
    equal meanings can be compared.
    """

    most: Document
    least: Document
    fingerprint: str
    policy: Policy | None = None
    way: str = ""
    group: str = ""
    is_unresolved: bool = False
    symbolic: Document | None = None
    symbols: frozenset[Symbol] = frozenset()

    def place(self, statement: Statement) -> Location | None:
        """Give the location of a statement; None for AWS managed policies."""
        if self.policy is None:
            return None
        index = statement.pointer.rpartition("/")[2]
        return (
            self.policy.holder.locate(*self.policy.path, "Statement", int(index))
            if index.isdigit()
            else self.policy.location
        )


@dataclass(frozen=True)
class IdentityAccess:
    """A user, role, group or unattached managed policy, with all policies that apply to it."""

    arn: str
    name: str
    kind: ActorKind
    grants: tuple[ComparedPolicy, ...] = ()
    boundary: ComparedPolicy | None = None
    boundary_arn: str = ""
    unresolved_boundary: str = ""
    trust: tuple[ComparedPolicy, ...] = ()
    groups: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    resource: Resource | None = None
    actor: Actor | None = field(default=None, compare=False)

    @cached_property
    def fingerprint(self) -> str:
        """Equal fingerprints mean equal access."""
        grants = sorted((each.way, each.group, each.fingerprint) for each in self.grants)
        boundary = self.boundary.fingerprint if self.boundary else ""
        return fingerprint(
            [
                grants,
                boundary,
                self.boundary_arn,
                self.unresolved_boundary,
                sorted(self.doubts),
                sorted(self.groups),
            ]
        )


class Snapshot:
    """One assembly as the review compares it. `root` is the common prefix of template names, removed from all names."""

    def __init__(self, assembly: Assembly, root: str = "", account: str = PLACEHOLDER_ACCOUNT) -> None:
        self.assembly = assembly
        self.found = identities(assembly)
        # With `compares`, unknown values are written as symbols that are the same on both sides.
        self.spelling = Spelling(account, compares=True)
        self.principals = principals_of(assembly, account, compares=True)
        self.fingerprints = ResourceFingerprints()
        self._symbols = re.compile(f"<{re.escape(_in_symbols(root))}[|]?") if root else None
        self._root = root
        self._cached_policies: dict[int, tuple[ComparedPolicy, ...]] = {}
        self._cached_grants: dict[tuple[int, PolicyKind, str], tuple[ComparedPolicy, ...]] = {}

    def for_assembly(self, whole: Assembly) -> Snapshot:
        """Give the snapshot of an assembly that this one is a part of."""
        return self if whole is self.assembly else Snapshot(whole, self._root, self.spelling.account)

    def text(self, text: Text) -> str:
        """Write a text with symbols for unknown parts."""
        return self.plain(self.spelling.text(text))

    def plain(self, text: str) -> str:
        """Remove the root from a text."""
        return self._symbols.sub("<", text) if self._symbols and "<" in text else text

    def texts(self, resource: Resource, *path: str) -> tuple[str, ...]:
        """Give the possible texts of a property, or of the items of its list."""
        values = resource.possible_values(*path)
        return tuple(dict.fromkeys(self.text(text) for each in values for text in as_texts(each)))

    def template_id(self, name: str) -> str:
        """Give a template's name without the root."""
        return name.removeprefix(self._root).removeprefix("/") if self._root else name

    def place(self, resource: Resource) -> tuple[str, str]:
        """Give the template and logical id, which identify the same resource on the other side."""
        return self.template_id(resource.template.id), resource.logical_id

    @cached_property
    def identities(self) -> Mapping[str, IdentityAccess]:
        """All identities by ARN: users, roles, groups, unattached managed policies, and identities declared elsewhere."""
        return LazyMapping(self.actors, self._identity_access)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names of all identities by ARN."""
        return {self.plain(each.arn): self.plain(each.name) for each in self.actors.values()}

    @cached_property
    def actors(self) -> Mapping[str, Actor]:
        """The actors of all identities, by the keys of `identities`."""
        account = self.principals.account
        found: dict[str, Actor] = {}
        for actor in dict.fromkeys((*account.actors, *account.groups)):
            key = self.plain(actor.arn)
            # Two stacks can declare the same name; only one can exist, but both are compared.
            while key in found:
                key += " (again)"
            found[key] = actor
        return found

    def resource(self, template: str, logical_id: str) -> Resource | None:
        """Find a resource by template and logical id."""
        found = self._templates.get(template)
        return found.resources.get(logical_id) if found else None

    @cached_property
    def _templates(self) -> Mapping[str, Template]:
        return {each.id: each for each in self.assembly.templates}

    def unattached_policy(self, arn: str, name: str) -> IdentityAccess | None:
        """Give a managed policy as an unattached one, to compare it with a side on which it is not attached."""
        document = self._managed.get(arn)
        if document is None:
            return None
        policies = (replace(each, way=str(PolicyKind.MANAGED)) for each in self._policies_of(document))
        return IdentityAccess(arn, name, ActorKind.POLICY, tuple(policies))

    def boundary_of(self, arn: str) -> ComparedPolicy | None:
        """Give a managed policy as a permissions boundary."""
        document = self._managed.get(arn)
        return self._whole_policy(document) if document else None

    @cached_property
    def _managed(self) -> Mapping[str, Document]:
        return {self.plain(arn): document for arn, document in self.principals.account.policies.items()}

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """The names of each group's users, by the group's ARN."""
        found: dict[str, list[str]] = {}
        for each in self.actors.values():
            for group in each.groups:
                found.setdefault(self.plain(group), []).append(self.plain(each.name))
        return {group: tuple(dict.fromkeys(names)) for group, names in found.items()}

    @cached_property
    def _identities(self) -> Mapping[int, Identity]:
        return {id(each.resource): each for each in self.found.all}

    def _identity_access(self, actor: Actor) -> IdentityAccess:
        resource = self.principals.resources.get(actor.arn)
        identity = self._identities.get(id(resource))
        is_unresolved = bool(identity and identity.boundaries and not actor.boundary_arn)
        return IdentityAccess(
            arn=self.plain(actor.arn),
            name=self.plain(actor.name),
            kind=actor.kind,
            grants=tuple(policy for each in actor.grants for policy in self.granted_policies(each)),
            boundary=self._whole_policy(actor.boundary) if actor.boundary else None,
            boundary_arn=self.plain(actor.boundary_arn),
            unresolved_boundary=self.fingerprints.of(resource) if is_unresolved and resource else "",
            trust=self._trust_policies(actor.trust) if actor.trust and not is_permission_set(actor) else (),
            groups=tuple(map(self.plain, actor.groups)),
            doubts=tuple(map(self.plain, actor.doubts)),
            resource=resource,
            actor=actor,
        )

    def granted_policies(self, grant: Grant) -> tuple[ComparedPolicy, ...]:
        """Give the policies of a grant; cached, because the members of a group share them."""
        key = id(grant.document), grant.kind, grant.group
        if key not in self._cached_grants:
            way, group = str(grant.kind), self.plain(grant.group)
            several = (replace(each, way=way, group=group) for each in self._policies_of(grant.document))
            self._cached_grants[key] = tuple(several)
        return self._cached_grants[key]

    def _trust_policies(self, document: Document) -> tuple[ComparedPolicy, ...]:
        return tuple(
            replace(
                each, most=replace(each.most, kind=Kind.TRUST), least=replace(each.least, kind=Kind.TRUST)
            )
            for each in self._policies_of(document)
        )

    def _whole_policy(self, document: Document) -> ComparedPolicy:
        policy, least = self._most_and_least(document)
        return self._compared_policy(document, least, policy)

    def _policies_of(self, document: Document) -> tuple[ComparedPolicy, ...]:
        if id(document) not in self._cached_policies:
            policy, least = self._most_and_least(document)
            self._cached_policies[id(document)] = self.split_policy(document, least, policy)
        return self._cached_policies[id(document)]

    def _most_and_least(self, document: Document) -> tuple[Policy | None, Document]:
        return self.principals.policies.get(id(document)), self.principals.least.get(id(document), document)

    def split_policy(
        self, most: Document, least: Document, policy: Policy | None
    ) -> tuple[ComparedPolicy, ...]:
        """Split a policy into its certain part, and one part for each statement that is known only at deployment."""
        if (
            policy is None
            or is_certain(policy, self.spelling)
            or len(policy.documents) > 1
            or policy.unreadable
        ):
            return (self._compared_policy(most, least, policy),)
        sure = {
            each.pointer
            for each in most.statements
            if each in least.statements
            and not any(one.pointer.startswith(each.pointer) for one in most.unread)
        }
        certain = replace(
            most, statements=tuple(each for each in most.statements if each.pointer in sure), unread=()
        )
        pointers = [each.pointer for each in (*most.statements, *least.statements)]
        return (
            ComparedPolicy(
                self.document(certain),
                self.document(certain),
                _fingerprint_of([self.document(certain)]),
                policy,
            ),
            *(
                self._compared_policy(
                    _single_statement(most, pointer), _single_statement(least, pointer), policy, pointer
                )
                for pointer in dict.fromkeys(pointers)
                if pointer not in sure
            ),
        )

    def _compared_policy(
        self, most: Document, least: Document, policy: Policy | None, pointer: str = ""
    ) -> ComparedPolicy:
        is_unresolved = policy is not None and not is_certain(policy, self.spelling)
        plain = self.document(most), self.document(least)
        if policy is None or not is_unresolved:
            return ComparedPolicy(*plain, _fingerprint_of(plain), policy)
        source = self.fingerprints.of(policy.holder, (*policy.path, pointer))
        symbolic, symbols = self._symbolic(policy, pointer)
        return ComparedPolicy(
            *plain,
            _fingerprint_of(plain, source),
            policy,
            is_unresolved=True,
            symbolic=symbolic,
            symbols=symbols,
        )

    def _symbolic(self, policy: Policy, pointer: str) -> tuple[Document | None, frozenset[Symbol]]:
        """Read a policy, or one of its statements, with symbols for unknown values."""
        index = pointer.rpartition("/")[2]
        statements = tuple(each for each in policy.statements if not pointer or str(each.index) == index)
        part = replace(policy, read=lambda: (TemplateDocument(statements),), node=None) if pointer else policy
        document = self.spelling.symbolic(part)
        unknowns = {one for each in statements for one in each.unknowns}
        symbols = {
            (self.plain(one.symbol), self.fingerprints.of_unknown(one, self._templates)) for one in unknowns
        }
        # A symbol without a fingerprint may mean something else on the other side.
        if document is None or any(not fingerprint for _, fingerprint in symbols):
            return None, frozenset()
        return self.document(document), frozenset(symbols)

    def document(self, document: Document) -> Document:
        """Remove the root from a document's symbols."""
        if self._symbols is None:
            return document
        return replace(document, statements=tuple(map(self._statement, document.statements)))

    def _statement(self, statement: Statement) -> Statement:
        return replace(
            statement,
            actions=self._texts(statement.actions),
            not_actions=self._texts(statement.not_actions),
            resources=self._texts(statement.resources),
            not_resources=self._texts(statement.not_resources),
            principals={kind: self._texts(each) for kind, each in statement.principals.items()},
            not_principals={kind: self._texts(each) for kind, each in statement.not_principals.items()},
            conditions={
                operator: {key: self._texts(values) for key, values in keys.items()}
                for operator, keys in statement.conditions.items()
            },
        )

    def _texts(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self.plain, texts))


def _fingerprint_of(documents: Iterable[Document], source: str = "") -> str:
    return fingerprint([source, *([each.to_json(), *map(is_literal, each.statements)] for each in documents)])


def _single_statement(document: Document, pointer: str) -> Document:
    """Keep one statement of a document."""
    return replace(
        document,
        statements=tuple(each for each in document.statements if each.pointer == pointer),
        unread=tuple(each for each in document.unread if each.pointer.startswith(pointer)),
    )


def _in_symbols(name: str) -> str:
    return name.replace("::", ".").replace(":", ".").replace("/", "|")
