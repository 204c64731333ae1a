"""Trust policies recognised as trusts: each statement must be exactly what a declared trust becomes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from keywright.adopt.atoms import Atom, Tests, atoms_of, split_end, tests_of
from keywright.adopt.grants import as_read, duration
from keywright.adopt.providers import google_trusts, token_trusts
from keywright.model.declarations import Declarations
from keywright.model.fields.dates import seconds
from keywright.model.roles import AnywhereTrust, GroupTrust, Role, RoleTrust, WorkloadTrust
from keywright.model.trusts.issuers.google import HOST as GOOGLE
from keywright.policy.reference.services import DOMAIN, SERVICES
from keywright.policy.statement import Effect, Statement
from keywright.reporting.text import quoted
from keywright.statements.conditions import expire_statements
from keywright.statements.declared.trusts import trust_statements
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.trusts.roles_anywhere import anywhere_trust
from keywright.statements.trusts.same_account import group_trust, role_trust, workload_trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from keywright.adopt.providers import Providers
    from keywright.model.account.settings import Account
    from keywright.model.roles import Trust
    from keywright.policy.statement import Conditions

Canonical = tuple[Any, ...]
_LITERAL_FORM = {"StringLike": "StringEquals", "ArnLike": "ArnEquals"}


@dataclass(frozen=True)
class Trusts:
    """What a trust policy declares; `refused` says which of its statements no trust can express."""

    trusts: tuple[dict[str, Any], ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Holders:
    """Who may assume roles by their own policies: what a trust in a group, role or workload grants besides."""

    groups: Mapping[str, frozenset[Atom]]
    members: Mapping[str, tuple[str, ...]]
    """The members of each group, as `group_trust` takes them."""
    roles: Mapping[str, frozenset[Atom]]
    role_arns: Mapping[str, str]
    workloads: Mapping[str, frozenset[Atom]]
    kept_workloads: Mapping[str, tuple[str, str]]
    """The path and the role's name of workloads whose roles keep theirs."""
    other_user_paths: tuple[str, ...]
    """The paths of users that are not the account's."""


@dataclass
class TrustReader:
    """Recognises the trusts of one account's roles."""

    account: Account
    partition: str
    providers: Providers
    holders: Holders
    _declared: Declarations = field(init=False)

    def __post_init__(self) -> None:
        self._declared = Declarations(account=self.account, identity_providers=self.providers.models())

    def read(self, arn: str, statements: Sequence[Statement], until: date | None) -> Trusts:
        """Recognise the trusts of a role, whose last day is `until`."""
        single = {_canonical(each): each for statement in statements for each in _single(statement)}
        unexplained = dict(single)
        found: list[dict[str, Any]] = []
        for key, statement in single.items():
            if key not in unexplained:
                continue
            for candidate in self._candidates(statement, arn, until, [*single.values()]):
                means = next(
                    (
                        each
                        for each in self._meanings(candidate, until)
                        if key in each and each <= single.keys()
                    ),
                    None,
                )
                if means is None:
                    continue
                if candidate not in found:
                    found.append(candidate)
                for each in means:
                    unexplained.pop(each, None)
                # Several groups with the same members become one statement; of other trusts the first explains it.
                if "group" not in candidate:
                    break
        return Trusts(tuple(found), tuple(map(_in_words, unexplained.values())))

    def _meanings(self, candidate: dict[str, Any], until: date | None) -> Iterator[frozenset[Canonical]]:
        """Give the statements that a trust can become; none if the language refuses it."""
        try:
            (trust,) = Role.model_validate({"trusts": (as_read(candidate),)}).trusts
            several = tuple(map(tuple, self._statements(trust)))
        except (ValueError, KeyError):
            return
        for statements in several:
            expired = statements if until is None else expire_statements(statements, until)
            yield frozenset(_canonical(each) for statement in expired for each in _single(statement))

    def _statements(self, trust: Trust) -> Iterator[Iterable[Statement]]:
        here = {"partition": self.partition, "account": self.account.id}
        match trust:
            case GroupTrust():
                within, path = seconds(trust.mfa.within), self.account.path
                members = self.holders.members.get(trust.group, ())
                # All users are trusted where the members do not fit the quota.
                for named in (members, None):
                    yield (
                        group_trust(
                            path=path,
                            mfa_within_seconds=within,
                            members=named,
                            other_paths=self.holders.other_user_paths,
                            **here,
                        ),
                    )
            case AnywhereTrust():
                yield (anywhere_trust(trust_anchor_arn=trust.trust_anchor, common_name=trust.common_name),)
            case RoleTrust():
                yield (role_trust(role_arns=(self.holders.role_arns[trust.role],), **here),)
            case WorkloadTrust():
                path, role = self.holders.kept_workloads.get(trust.workload, (self.account.path, None))
                yield (workload_trust(workload=trust.workload, path=path, role=role, **here),)
            case _:
                yield trust_statements(trust, self._declared)

    def _candidates(
        self, statement: Statement, arn: str, until: date | None, others: list[Statement]
    ) -> Iterator[dict[str, Any]]:
        if statement.effect is Effect.DENY or statement.not_principals or len(statement.principals) != 1:
            return
        ((kind, (principal, *_)),) = statement.principals.items()
        plain, end = split_end(statement)
        tests = {key: values for _, key, values in tests_of(plain.conditions)}
        if kind == "Service":
            yield from self._of_service(principal, tests)
        elif kind == "Federated":
            yield from self._of_federated(principal, tests, others)
        elif kind == "AWS":
            owner = _root_of(principal)
            if owner == self.account.id:
                yield from self._of_this_account(tests, arn, until)
            elif owner:
                yield from self._of_account(owner, tests, end if end != until else None)

    def _of_service(self, principal: str, tests: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, Any]]:
        name = principal.removesuffix(DOMAIN)
        sources = tests.get("aws:sourcearn", ())
        if name == "rolesanywhere" and len(sources) == 1:
            names = tests.get("aws:principaltag/x509subject/cn", ())
            yield {"trust_anchor": sources[0], "common_name": names[0] if names else ""}
        elif name == "pods.eks" and sources:
            space = tests.get("aws:requesttag/kubernetes-namespace", ("",))
            user = tests.get("aws:requesttag/kubernetes-service-account", ("",))
            cluster = sources[0].rpartition("cluster/")[2]
            yield {"eks": {"cluster": cluster, "namespace": space[0], "service_account": user[0]}}
        elif name in SERVICES:
            yield {"service": name}
            for kind, forms in SERVICES[name].resources.items():
                for source in sources:
                    yield {"service": name, kind: _name_in(forms[0], source)}
        else:
            yield {
                "service": principal,
                "because": "the role trusted this service before it was declared",
            }

    def _of_federated(
        self, arn: str, tests: Mapping[str, tuple[str, ...]], others: list[Statement]
    ) -> Iterator[dict[str, Any]]:
        if arn == GOOGLE:
            yield from google_trusts({key: values[0] for key, values in tests.items()})
            return
        provider = self.providers.by_arn.get(arn)
        if provider is None or provider.reason:
            return
        if "saml" in provider.declared:
            yield from _of_saml(provider.name, arn, others)
            return
        same = [each for each in self.providers.by_arn.values() if each.issuer == provider.issuer]
        for subject in tests.get(f"{provider.url}:sub".lower(), ()):
            yield from token_trusts(provider, subject, len(same) > 1)

    def _of_account(
        self, owner: str, tests: Mapping[str, tuple[str, ...]], end: date | None
    ) -> Iterator[dict[str, Any]]:
        trust: dict[str, Any] = {"account": owner}
        age = tests.get("aws:multifactorauthage", ("",))[0]
        if "sts:externalid" in tests:
            trust["external_id"] = tests["sts:externalid"][0]
        if age.isdecimal():
            trust["people"] = {"mfa": {"within": duration(int(age))}}
        if "aws:principalarn" in tests:
            prefix = f"arn:{self.partition}:iam::{owner}:role{self.account.path}"
            trust["roles"] = [each.removeprefix(prefix) for each in tests["aws:principalarn"]]
        if "aws:principalorgid" in tests:
            trust["organization"] = tests["aws:principalorgid"][0]
        if "aws:principalorgpaths" in tests:
            trust["units"] = [
                each.removesuffix("/*").rpartition("/")[2] for each in tests["aws:principalorgpaths"]
            ]
        if "aws:sourceip" in tests:
            trust["networks"] = list(tests["aws:sourceip"])
        if "aws:currenttime" in tests:
            trust["since"] = tests["aws:currenttime"][0].removesuffix("T00:00:00Z")
        if end is not None:
            trust["until"] = end.isoformat()
        yield trust

    def _of_this_account(
        self, tests: Mapping[str, tuple[str, ...]], arn: str, until: date | None
    ) -> Iterator[dict[str, Any]]:
        age = tests.get("aws:multifactorauthage", ("",))[0]
        if age.isdecimal():
            for group in self._allowed(self.holders.groups, arn, int(age), until):
                yield {"group": group, "mfa": {"within": duration(int(age))}}
            return
        for role in self._allowed(self.holders.roles, arn, None, until):
            yield {"role": role}
        for workload in self._allowed(self.holders.workloads, arn, None, until):
            yield {"workload": workload}

    def _allowed(
        self, holders: Mapping[str, frozenset[Atom]], arn: str, within: int | None, until: date | None
    ) -> Iterator[str]:
        """Name those whose own policies allow assuming the role, as a trust in them would."""
        try:
            wanted = atoms_of(assume_statement(role_arn=arn, mfa_within_seconds=within, until=until))
        except ValueError:
            return
        yield from (name for name, atoms in holders.items() if wanted <= atoms)


def _of_saml(name: str, arn: str, others: list[Statement]) -> Iterator[dict[str, Any]]:
    """Give the trust that all statements about one SAML provider together can mean."""
    trust: dict[str, Any] = {"saml": name}
    for each in others:
        if each.principals.get("Federated") != (arn,):
            continue
        actions = {action.lower() for action in each.actions}
        keys = [values for _, key, values in tests_of(each.conditions) if key == "aws:tagkeys"]
        if "sts:tagsession" in actions and keys:
            trust["session_tags"] = sorted(value for values in keys for value in values if value != "false")
        if "sts:setsourceidentity" in actions:
            trust["source_identity"] = True
    yield trust


def _single(statement: Statement) -> Iterator[Statement]:
    """Give a statement for each principal and for each alternative subject: together they allow the same."""
    if statement.effect is Effect.DENY or not statement.principals:
        yield statement
        return
    for kind, values in statement.principals.items():
        for value, conditions in product(values, _alternatives(statement.conditions)):
            yield replace(statement, principals={kind: (value,)}, conditions=conditions)


def _alternatives(conditions: Conditions) -> list[Conditions]:
    for operator in ("StringEquals", "StringLike"):
        for key, values in conditions.get(operator, {}).items():
            if key.lower().endswith(":sub") and len(values) > 1:
                return [{**conditions, operator: {**conditions[operator], key: (each,)}} for each in values]
    return [conditions]


def canonical_document(statements: Iterable[Statement]) -> frozenset[Canonical]:
    """Give a trust policy's meaning as a value: equal values mean the same, whatever their form."""
    return frozenset(_canonical(each) for statement in statements for each in _single(statement))


def _canonical(statement: Statement) -> Canonical:
    return (
        statement.effect,
        tuple(sorted({each.lower() for each in statement.actions})),
        statement.not_actions,
        tuple(
            sorted((kind, tuple(map(_principal, values))) for kind, values in statement.principals.items())
        ),
        tuple(sorted((kind, values) for kind, values in statement.not_principals.items())),
        _canonical_tests(tests_of(statement.conditions)),
    )


def _principal(value: str) -> str:
    owner = _root_of(value)
    return owner or value


def _canonical_tests(tests: Tests) -> Tests:
    return tuple(sorted((_literal(operator, values), key, values) for operator, key, values in tests))


def _literal(operator: str, values: tuple[str, ...]) -> str:
    """Give the operator that compares literally where no value is a pattern."""
    is_pattern = any({"*", "?", "$"} & set(each) for each in values)
    return operator if is_pattern else _LITERAL_FORM.get(operator, operator)


def _root_of(principal: str) -> str:
    """Give the account of a principal that is a whole account, else ""."""
    if len(principal) == 12 and principal.isdecimal():  # noqa: PLR2004 - digits of an account's number
        return principal
    parts = principal.split(":")
    return parts[4] if len(parts) == 6 and parts[2] == "iam" and parts[5] == "root" else ""  # noqa: PLR2004 - of an ARN


def _name_in(form: str, source: str) -> str:
    head = form.partition("{name}")[0].rpartition(":")[2].rpartition("/")[2]
    tail = source.split(":", 5)[-1]
    return tail.rpartition("/")[2] if not head or "/" in form else tail.rpartition(":")[2]


def _in_words(statement: Statement) -> str:
    who = ", ".join(value for values in statement.principals.values() for value in values)
    if statement.effect is Effect.DENY:
        return "a Deny in the trust policy"
    if not who:
        return "a trust in everybody but some (`NotPrincipal`)"
    keys = [key for _, key, _ in tests_of(statement.conditions)]
    by = (
        f" with a condition on {', '.join(quoted(each) for each in keys)}" if keys else " without a condition"
    )
    return f"a trust in {quoted(who)}{by}"
