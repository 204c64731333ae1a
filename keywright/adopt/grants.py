"""Statements recognised as grants: those that mean exactly some grants, and all others as they are.

A statement is recognised only as a whole, so that a reader finds in the declaration what was in the account. Where a policy is one
that Keywright made by merging, its parts are recognised one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.adopt.atoms import Atom, all_atoms, atoms_of, restricted, split_end, tests_of
from keywright.adopt.buckets import Buckets, Place, access_point_of, places_in
from keywright.model.grants.access_levels import WITHOUT_RESOURCE, AccessLevel
from keywright.model.grants.grant import S3Level, StatementGrant
from keywright.policy.compaction import merge_statements
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import is_unambiguous, matching_forms
from keywright.policy.statement import Effect, Statement
from keywright.reporting.text import quoted
from keywright.statements.conditions import USER_NAME_VARIABLE, resource_tag_condition
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.grants.raw import raw_statement
from keywright.statements.grants.s3 import S3Grant
from keywright.statements.grants.services import ServiceGrant
from keywright.statements.grants.sessions import SessionGrant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    Atoms = frozenset[Atom]

ADMINISTRATOR = "AdministratorAccess"
_OWN_TAG = re.compile(r"(?P<prefix>.*)\$\{aws:PrincipalTag/(?P<tag>[^{}$]+)\}/", re.DOTALL)
_RESOURCE_TAG = "aws:resourcetag/"
_PRINCIPAL_TAG = re.compile(r"\$\{aws:PrincipalTag/([^{}$]+)\}")
_SERVICE = re.compile(r"[a-z0-9-]+")
_HALVES = {S3Level.PUT, S3Level.DELETE}


@dataclass(frozen=True)
class Unit:
    """One access level of one grant: what it allows, and how several units are written together."""

    atoms: Atoms
    together: tuple[Any, ...]
    level: str
    write: Callable[[list[str]], dict[str, Any]] = field(compare=False)


@dataclass(frozen=True)
class Recognised:
    """The grants of some statements; `refused` says what no grant can express, so that nothing was left out silently."""

    grants: tuple[dict[str, Any], ...] = ()
    managed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass
class GrantReader:
    """Recognises grants in the statements of one account."""

    partition: str
    region: str
    account: str
    buckets: Buckets
    workloads: frozenset[str] = frozenset()
    _known: dict[Any, Recognised] = field(default_factory=dict)

    def read(
        self,
        statements: Sequence[Statement],
        source: str,
        *,
        apart: bool = False,
        implied: Atoms = frozenset(),
    ) -> Recognised:
        """Recognise the grants of one identity or policy.

        `source` names where the statements are in the account, for the reasons of exact statements. With `apart`, a statement
        may be a merger of several grants and of exact statements. `implied` is what other declarations grant anyway.
        """
        key = (tuple(map(identifying, statements)), source, apart, implied)
        if key not in self._known:
            self._known[key] = self._read(statements, source, apart=apart, implied=implied)
        return self._known[key]

    def _read(
        self, statements: Sequence[Statement], source: str, *, apart: bool, implied: Atoms
    ) -> Recognised:
        everything = all_atoms(statements) - implied
        units = [each for each in self._units(everything) if each.atoms <= everything]
        covered = frozenset(atom for each in units for atom in each.atoms)
        whole: set[Atom] = set()
        exact: list[Statement] = []
        for statement in statements:
            atoms = atoms_of(statement) - implied
            if not atoms and atoms_of(statement):
                continue
            if atoms and (atoms <= covered or apart):
                whole |= atoms & covered
                exact += restricted(statement, atoms - covered)
            elif atoms and implied:
                exact += restricted(statement, atoms)
            else:
                exact.append(statement)
        # What an exact statement allows anyway needs no grant beside it.
        needed = frozenset(whole)
        chosen = _fewest([each for each in units if each.atoms & needed], needed)
        merged = merge_statements(exact) if apart else exact
        raw, managed, refused = self._exact(merged, source)
        grants = (*_written(chosen), *raw)
        return Recognised(grants, tuple(managed), tuple(refused))

    def _units(self, atoms: Atoms) -> Iterator[Unit]:
        yield from self._of_buckets(atoms)
        yield from self._of_services(atoms)
        yield from self._of_roles(atoms)
        yield from self._of_sessions(atoms)

    def _of_buckets(self, atoms: Atoms) -> Iterator[Unit]:
        for place, ends in places_in(atoms).items():
            for until in ends:
                for versions in (True, False):
                    for level in S3Level:
                        # `write` is made of its halves, which are also recognised alone.
                        if level is not S3Level.WRITE:
                            yield from self._of_bucket(place, until, level, versions=versions)

    def _of_bucket(
        self, place: Place, until: date | None, level: S3Level, *, versions: bool
    ) -> Iterator[Unit]:
        prefix, tag, own = _folder(place.folder)
        try:
            grant = S3Grant(
                bucket_arn=f"arn:{self.partition}:s3:::{place.bucket}",
                levels=(level,),
                prefix=prefix,
                key_arn=self.buckets.keys.get(place.bucket),
                access_point_arn=place.access_point or None,
                versions=versions,
                until=until,
                prefix_tag=tag,
                prefix_user_name=own,
            )
            statements = grant.statements()
        except ValueError:
            return
        point = access_point_of(place.access_point) or ""
        by = {"tag": tag} if tag else {"user_name": True} if own else None

        def write(levels: list[str]) -> dict[str, Any]:
            return _without_empty(
                {
                    "s3": _s3_levels(levels, versions=versions),
                    "bucket": self.buckets.declared(place.bucket),
                    "prefix": prefix,
                    "prefix_by": by,
                    "access_point": point,
                    "versions": versions,
                    "until": until,
                }
            )

        together = ("s3", place.bucket, point, place.folder, versions, until)
        yield Unit(all_atoms(statements), together, str(level), write)

    def _of_services(self, atoms: Atoms) -> Iterator[Unit]:
        seen: dict[tuple[Any, ...], None] = {}
        for atom in atoms:
            service = atom.action.partition(":")[0]
            # Grants on buckets have levels of their own.
            is_other = service != "s3" or atom.resource == "*"
            if is_other and _SERVICE.fullmatch(service) and service in catalogue.services():
                seen.setdefault((service, atom.resource, atom.tests, atom.until))
        for service, resource, tests, until in seen:
            tag = _tag_of(tests)
            if tests and tag is None:
                continue
            shown = self._short(service, resource)
            if shown is None:
                continue
            for level in AccessLevel:
                if resource == "*" and level not in WITHOUT_RESOURCE:
                    continue
                yield from self._of_service(service, level, shown, tag, until)

    def _of_service(
        self, service: str, level: AccessLevel, shown: str, tag: dict[str, Any] | None, until: date | None
    ) -> Iterator[Unit]:
        tagged = resource_tag_condition(tag["resource_tag"], tag.get("value")) if tag else {}
        resources = (shown,) if shown else ()
        try:
            statements = ServiceGrant(
                service=service,
                levels=(level,),
                resources=resources,
                partition=self.partition,
                region=self.region,
                account=self.account,
                until=until,
                tagged=tagged,
            ).statements()
        except ValueError:
            return

        def write(levels: list[str]) -> dict[str, Any]:
            order = list(AccessLevel)
            return _without_empty(
                {
                    "allow": _without_empty(
                        {
                            "service": service,
                            "levels": sorted(levels, key=lambda each: order.index(AccessLevel(each))),
                            "resources": list(resources),
                            "where": tag,
                        }
                    ),
                    "until": until,
                }
            )

        where = tuple(sorted(tag.items())) if tag else ()
        yield Unit(all_atoms(statements), ("allow", service, shown, where, until), str(level), write)

    def _short(self, service: str, resource: str) -> str | None:
        """Write a resource as a grant does: "" for no resource, its short form where that means the same; None for none."""
        if resource == "*":
            return ""
        parts = resource.split(":", 5)
        for text in (parts[-1], resource):
            forms = matching_forms(service, text)
            if forms and is_unambiguous(forms, text):
                arn = forms[0].arn(text, self.partition, self.region, self.account)
                if arn == resource:
                    return text
        return None

    def _of_roles(self, atoms: Atoms) -> Iterator[Unit]:
        for atom in atoms:
            parts = atom.resource.split(":", 5)
            if atom.action != "sts:assumerole" or len(parts) != 6 or parts[4] in {self.account, ""}:  # noqa: PLR2004 - of an ARN
                continue
            tests = {key: values[0] for _, key, values in atom.tests if len(values) == 1}
            age, external = tests.get("aws:multifactorauthage", ""), tests.get("sts:externalid")
            if age and not age.isdecimal():
                continue
            yield from self._of_role(atom, int(age) if age else None, external)

    def _of_role(self, atom: Atom, within: int | None, external: str | None) -> Iterator[Unit]:
        try:
            statement = assume_statement(
                role_arn=atom.resource, mfa_within_seconds=within, external_id=external, until=atom.until
            )
        except ValueError:
            return
        mfa = {"within": duration(within)} if within else None

        def write(_: list[str]) -> dict[str, Any]:
            return _without_empty(
                {"assume": atom.resource, "mfa": mfa, "external_id": external, "until": atom.until}
            )

        yield Unit(atoms_of(statement), ("assume", atom), "", write)

    def _of_sessions(self, atoms: Atoms) -> Iterator[Unit]:
        ends = {each.until for each in atoms if each.action == "ssm:startsession"}
        for workload in self.workloads if ends else ():
            for until in ends:
                grant = SessionGrant(
                    workload=workload,
                    partition=self.partition,
                    region=self.region,
                    account=self.account,
                    until=until,
                )

                def write(
                    _: list[str], workload: str = workload, until: date | None = until
                ) -> dict[str, Any]:
                    because = "they had sessions on these instances before they were declared"
                    return _without_empty({"session_on": workload, "because": because, "until": until})

                yield Unit(all_atoms(grant.statements()), ("session_on", workload, until), "", write)

    def _exact(
        self, statements: Iterable[Statement], source: str
    ) -> tuple[list[dict[str, Any]], list[str], list[str]]:
        grants: list[dict[str, Any]] = []
        managed: list[str] = []
        refused: list[str] = []
        for statement in statements:
            if _is_administrator(statement):
                managed.append(ADMINISTRATOR)
                continue
            grant, reason = exact_grant(statement, source)
            if reason:
                refused.append(reason)
            elif grant not in grants:
                grants.append(grant)
        return grants, managed, refused


def exact_grant(statement: Statement, source: str) -> tuple[dict[str, Any], str]:
    """Write a statement as it is; or say why the declarations can't express it."""
    where = f"{source}{f', statement {quoted(statement.sid)}' if statement.sid else ''}"
    if not statement.knows_variables and "${" in str(statement):
        return (
            {},
            f"{where}: a document of version 2008-10-17 with `${{`, which a newer one would read as a variable",
        )
    plain, until = split_end(statement) if statement.effect is Effect.ALLOW else (statement, None)
    written = _without_empty(
        {
            "effect": str(statement.effect).lower(),
            "actions": list(plain.actions),
            "not_actions": list(plain.not_actions),
            "resources": list(plain.resources),
            "not_resources": list(plain.not_resources),
            "conditions": {
                operator: {key: list(values) for key, values in tests.items()}
                for operator, tests in plain.conditions.items()
            },
        }
    )
    grant: dict[str, Any] = {"statement": written, "because": because_of(source)}
    allows = statement.effect is Effect.ALLOW
    if allows and any({"*", "?"} & set(each) for each in (*plain.actions, *plain.resources)):
        grant["wildcards"] = f"the wildcards stand in {source} of the account"[:500]
    if until is not None:
        grant["until"] = until
    reason = _mistake(grant, plain)
    return grant, f"{where}: {reason}" if reason else ""


def because_of(source: str) -> str:
    """Give the reason of an exact statement; a reviewer replaces it with the real one."""
    return f"adopted from {source} as it was; no access level means exactly this"[:500]


def _mistake(grant: dict[str, Any], statement: Statement) -> str:
    from pydantic import ValidationError  # noqa: PLC0415 - slow to import

    try:
        StatementGrant.model_validate(as_read(grant))
        raw_statement(
            effect=statement.effect,
            actions=statement.actions,
            not_actions=statement.not_actions,
            resources=statement.resources,
            not_resources=statement.not_resources,
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return _in_words(first)
    except ValueError as error:
        return str(error).partition("; accepted")[0]
    return ""


def _in_words(error: Any) -> str:
    shape = error.get("ctx", {})
    at = ".".join(str(each) for each in error["loc"] if not isinstance(each, int))
    if "what" in shape and isinstance(error["input"], str):
        return f"`{at}` is not {shape['what']}; found {quoted(error['input'])}"
    message = str(error["msg"]).removeprefix("Value error, ").replace("{owner}", "the identity")
    message = message.partition("; found")[0]
    return f"`{at}`: {message}" if at else message


def _is_administrator(statement: Statement) -> bool:
    return (
        statement.effect is Effect.ALLOW
        and statement.actions == ("*",)
        and statement.resources == ("*",)
        and not statement.conditions
    )


def identifying(statement: Statement) -> tuple[Any, ...]:
    """Give all of a statement that a grant may depend on, as a value."""
    return (
        statement.effect,
        statement.sid,
        statement.actions,
        statement.not_actions,
        statement.resources,
        statement.not_resources,
        tests_of(statement.conditions),
        statement.knows_variables,
    )


def _fewest(units: list[Unit], needed: Atoms) -> list[Unit]:
    """Leave out each unit whose needed atoms the others have, the smallest first."""
    units = sorted(dict.fromkeys(units), key=lambda each: (len(each.atoms), str(each.together), each.level))
    times: dict[Atom, int] = {}
    for each in units:
        for atom in each.atoms:
            times[atom] = times.get(atom, 0) + 1
    chosen: list[Unit] = []
    for each in units:
        if all(times[atom] > 1 for atom in each.atoms & needed):
            for atom in each.atoms:
                times[atom] -= 1
        else:
            chosen.append(each)
    return chosen


def _written(units: Iterable[Unit]) -> Iterator[dict[str, Any]]:
    """Write units: those of one place together, and resources of one service with the same levels in one grant."""
    by_place: dict[Any, list[Unit]] = {}
    for each in units:
        by_place.setdefault(each.together, []).append(each)
    grants = [several[0].write([each.level for each in several]) for several in by_place.values()]
    merged: dict[str, dict[str, Any]] = {}
    for grant in sorted(grants, key=repr):
        access = grant.get("allow")
        if access is None or "resources" not in access:
            merged[repr(grant)] = grant
            continue
        key = repr({**grant, "allow": {**access, "resources": None}})
        if key in merged:
            merged[key]["allow"]["resources"] += access["resources"]
        else:
            merged[key] = grant
    yield from merged.values()


def _folder(folder: str) -> tuple[str | None, str | None, bool]:
    """Give the prefix of a folder, the tag that names its last part, and whether the user's name does."""
    own = f"{USER_NAME_VARIABLE}/"
    if folder.endswith(own):
        return folder.removesuffix(own) or None, None, True
    found = _OWN_TAG.fullmatch(folder)
    if found:
        return found["prefix"] or None, found["tag"], False
    return folder or None, None, False


def _s3_levels(levels: list[str], *, versions: bool) -> list[str]:
    found = {S3Level(each) for each in levels}
    if found >= _HALVES and not versions:
        found = found - _HALVES | {S3Level.WRITE}
    return [str(each) for each in S3Level if each in found]


def _tag_of(tests: tuple[tuple[str, str, tuple[str, ...]], ...]) -> dict[str, Any] | None:
    """Give the tag condition of a grant, if these are exactly its tests."""
    if len(tests) != 1:
        return None
    ((operator, key, values),) = tests
    if operator != "StringEquals" or not key.startswith(_RESOURCE_TAG) or len(values) != 1:
        return None
    name = key.removeprefix(_RESOURCE_TAG)
    by_principal = _PRINCIPAL_TAG.fullmatch(values[0])
    if by_principal and by_principal[1].lower() == name:
        return {"resource_tag": by_principal[1], "equals": "principal_tag"}
    return {"resource_tag": name, "value": values[0]} if not {"$", "*", "?"} & set(values[0]) else None


def duration(seconds: int) -> str:
    """Write seconds as a declaration does."""
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def as_read(value: Any) -> Any:
    """Give a declaration as YAML is read: lists are tuples."""
    if isinstance(value, dict):
        return {key: as_read(each) for key, each in value.items()}
    return tuple(map(as_read, value)) if isinstance(value, list) else value


def _without_empty(thing: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in thing.items() if value not in (None, "", [], {}, False)}
