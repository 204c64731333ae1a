"""The excerpt of an account's assembly that a question about several accounts needs.

Users and roles are left out, with all that is attached to them alone, if they cannot be part of the answer: no policy
may allow them what is asked, they can assume no role, and nothing that remains names them. The answer from the excerpts
of all accounts is then the answer from their assemblies; the texts of the templates keep every line and column.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.identities.unresolved_attachments import all_principals
from keywright.assembly.queries.candidates import CandidatePrincipals
from keywright.assembly.queries.lookup import UnusableNameError, find_resource, is_called
from keywright.assembly.queries.question import Question
from keywright.assembly.sources.json_source import JsonSource
from keywright.assembly.templates.left_out import left_out_with
from keywright.assembly.templates.reader import read_assembly, read_folders
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.policy.principals import is_everyone
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.trust import ASSUME_ROLE
from keywright.reasoning.escalation.sessions import START_SESSION
from keywright.reasoning.sets.languages import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.accounts import AccountFolder, Accounts
    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.templates.template import Assembly, Template
    from keywright.reasoning.account.actors import Actor

_INSTANCES = ("ec2:instance",)
_ANY_INSTANCE = "arn:aws:ec2:*:*:instance/*"


@dataclass(frozen=True)
class Sought:
    """What a question is about: an action on a resource, as it was typed, by one principal or by any.

    Without an action: who can assume which role.
    """

    action: str = ""
    resource: str = ""
    principal: str = ""


@dataclass(frozen=True)
class Excerpt:
    """The shortened texts of an account's templates, by file, and the names, by ARN, of who is not in them.

    A file that is needed whole is absent.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


WHOLE = Excerpt()


def excerpt_of(account: AccountFolder, sought: Sought) -> Excerpt:
    """Give the excerpt of one account."""
    assembly = read_assembly(account.path)
    if not _can_be_shortened(assembly):
        return WHOLE
    principals = all_principals(assembly, Spelling())
    # A policy for an identity whose name is unknown may be anybody's.
    if principals is not principals_of(assembly):
        return WHOLE
    wanted = _wanted(assembly, principals, sought)
    if wanted is None:
        return WHOLE
    unwanted = {
        each: principals.resources[each.arn]
        for each in _people(principals)
        if each.arn not in wanted and each.arn in principals.resources
    }
    left = left_out_with(assembly, unwanted.values(), (sought.resource,))
    texts = {each.file: text for each in assembly.templates if (text := _without(each, left))}
    gone = (actor for actor, each in unwanted.items() if (each.template.id, each.logical_id) in left)
    return Excerpt(texts, {each.arn: each.name for each in gone})


def read_excerpts(accounts: Accounts, excerpts: Iterable[Excerpt]) -> Assembly:
    """Read several accounts as one assembly, by their excerpts."""
    several = list(excerpts)
    texts = {file: text for each in several for file, text in each.texts.items()}
    left_out = {arn: name for each in several for arn, name in each.left_out.items()}
    return replace(read_folders(accounts, texts), left_out=left_out)


def _without(template: Template, left: frozenset[tuple[str, str]]) -> str:
    names = {name for where, name in left if where == template.id}
    source = template.source
    return source.text_without("Resources", names) if names and isinstance(source, JsonSource) else ""


def _can_be_shortened(assembly: Assembly) -> bool:
    """Tell whether every template is plain JSON of a known account and region, used once, with nothing unread."""
    files = [each.file for each in assembly.templates]
    return (
        not assembly.findings
        and len(set(files)) == len(files)
        and all(
            each.account
            and each.region
            and type(each.source) is JsonSource
            and not each.source.account
            and each.parent is None
            and not each.section("Conditions")
            and not (isinstance(each.source.tree, dict) and "Transform" in each.source.tree)
            for each in assembly.templates
        )
    )


def _people(principals: AccountPrincipals) -> tuple[Actor, ...]:
    kinds = {ActorKind.USER, ActorKind.ROLE}
    return tuple(each for each in principals.account.actors if each.kind in kinds)


def _wanted(assembly: Assembly, principals: AccountPrincipals, sought: Sought) -> frozenset[str] | None:
    """Give the ARNs of the users and roles that may be part of the answer; None if anybody may be."""
    people = _people(principals)
    trusts = [each.trust for each in people if each.trust is not None]
    statements = [statement for each in trusts for statement in each.statements]
    # Such a trust policy needs no permission of its own account's principals.
    if any(each.unread for each in trusts) or any(
        each.not_principals or is_everyone(each.principals) for each in statements
    ):
        return None
    found = {text for each in statements for text in each.principals.get("AWS", ())}
    found.update(_able(people, ASSUME_ROLE))
    if sought.principal:
        found.update(each.arn for each in people if is_called(sought.principal, each, principals))
    if not sought.action:
        # A permission to assume a role names it, whoever the role trusts.
        found.update(each.arn for each in people if each.kind is ActorKind.ROLE)
        return frozenset(found)
    named = _concerned(assembly, principals, sought)
    if named is None:
        return None
    if principals.account.credential_sources_of(_INSTANCES):
        shells = Question(assembly, principals, START_SESSION, _ANY_INSTANCE)
        found.update(each.arn for each in shells.concerned())
    return frozenset(found | named)


def _able(people: tuple[Actor, ...], action: str) -> Iterator[str]:
    """Give those whose policies may allow an action on something."""
    yield from (each.arn for each in CandidatePrincipals(people, action.lower()).on(EVERYTHING))


def _concerned(assembly: Assembly, principals: AccountPrincipals, sought: Sought) -> set[str] | None:
    """Give those who may be allowed the action by their policies or by the resource's."""
    try:
        resource = find_resource(sought.resource, sought.action, assembly, Spelling()).arn
    except UnusableNameError:
        # A name of another account's resource: by the policies here, whatever its ARN is.
        return set(_able(_people(principals), sought.action))
    if ":iam:" in resource:
        return None
    question = Question(assembly, principals, sought.action, resource)
    return {each.arn for each in question.concerned()}
