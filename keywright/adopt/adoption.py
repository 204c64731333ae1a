"""The declarations of an account: what is adopted, and what is left alone with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from keywright.account.entities import Group, Role, User
from keywright.adopt.atoms import all_atoms, atoms_of
from keywright.adopt.buckets import Buckets
from keywright.adopt.grants import GrantReader, duration
from keywright.adopt.keeping import Keeper
from keywright.adopt.people import application, declared_keys, email_of, kind_of
from keywright.adopt.providers import providers_of
from keywright.adopt.settings import account_settings, handover_atoms
from keywright.adopt.trusts import Holders, TrustReader, Trusts
from keywright.adopt.world import (
    COMMAND_LINE,
    OWN,
    SECTIONS,
    SESSION_TOKEN,
    World,
    is_part,
    reference,
    twin_of,
)
from keywright.model.account.settings import Account
from keywright.model.fields.dates import seconds
from keywright.model.identity_arns import ANY_PATH
from keywright.policy.statement import Effect, Kind
from keywright.reporting.text import listed
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.grants.sessions import session_manager_statements
from keywright.statements.self_service import own_access_keys_statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from keywright.account.entities import Identity, ManagedPolicy
    from keywright.account.snapshot import AccountSnapshot
    from keywright.adopt.atoms import Atom
    from keywright.adopt.grants import Recognised
    from keywright.policy.statement import Statement

_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")
_AWS_PATHS = ("/aws-service-role/", "/aws-reserved/")
DEFAULT_PATH = "/access/"
_HOUR = 3600


@dataclass(frozen=True)
class Options:
    """How an account is adopted."""

    today: date
    region: str
    path: str = ""
    domain: str = ""
    only: tuple[str, ...] = ()

    def selects(self, name: str) -> bool:
        """Tell whether something such as `users/alice` is to be adopted."""
        return not self.only or any(fnmatchcase(name, each) for each in self.only)


@dataclass(frozen=True)
class Thing:
    """One declared thing, with the comments above it."""

    declared: dict[str, Any]
    comments: tuple[str, ...] = ()


@dataclass
class Adoption:
    """What is declared, by section and name; `left` says of everything else why it is left alone."""

    account: Thing
    sections: dict[str, dict[str, Thing]] = field(default_factory=dict)
    adopted: dict[str, Identity | ManagedPolicy] = field(default_factory=dict)
    """The identities that are declared and not merely referenced, by reference such as `users/alice`."""
    left: dict[str, list[str]] = field(default_factory=dict)
    of_aws: int = 0
    """Roles that AWS owns: service-linked ones, and those of IAM Identity Center."""
    not_selected: int = 0
    names: dict[str, str] = field(default_factory=dict)
    """The declared names of workloads by the reference of their role, such as `roles/web-role`."""

    def add(self, section: str, name: str, declared: dict[str, Any], *comments: str) -> None:
        """Declare a thing."""
        self.sections.setdefault(section, {})[name] = Thing(
            declared, tuple(each for each in comments if each)
        )


class Adopter:
    """Declares one account; `refused` things, found out later, are left alone too."""

    def __init__(self, snapshot: AccountSnapshot, options: Options) -> None:
        self.snapshot, self.options = snapshot, options
        self.world = World(snapshot)
        self.path = options.path or self.world.path or DEFAULT_PATH
        self._keeper = Keeper(self.world, self.path, options.today)
        self._buckets = Buckets(snapshot.account, options.region)
        self._buckets.learn_keys(
            statement for identity in self._identities() for statement in self.world.statements(identity)
        )
        self._buckets.learn_keys(
            statement
            for each in snapshot.policies
            for statement in self.world.document(each.document).statements
        )
        self._refused: Mapping[str, Sequence[str]] = {}
        self._workloads = self._names_of_workloads()
        self._grants = GrantReader(
            snapshot.partition,
            options.region,
            snapshot.account,
            self._buckets,
            frozenset(self._workloads.values()),
        )
        self._providers = providers_of(
            snapshot, (each for role in snapshot.roles for each in self._trust_policy(role))
        )

    def adopt(self, refused: Mapping[str, Sequence[str]]) -> Adoption:
        """Declare everything that is selected, but for what was refused before."""
        self._refused = refused
        self._buckets.used.clear()
        settings, comments = account_settings(
            self.world, region=self.options.region, path=self.path, refused=refused
        )
        result = Adoption(Thing(settings, comments))
        candidates = {
            reference(each): each for each in self._identities() if self._is_candidate(each, result)
        }
        trusts = self._trusts(candidates, result)
        implied = self._implied(trusts)
        policies = self._policies(result)
        for name, identity in candidates.items():
            if name in result.left:
                continue
            if isinstance(identity, Group):
                self._group(identity, result, policies, implied)
            elif isinstance(identity, User):
                self._user(identity, result, policies)
            elif isinstance(identity, Role) and name in trusts:
                self._role(identity, trusts[name], result, policies, implied)
        self._references(result, policies)
        self._settle_members(result)
        for key, section in (("handover", "groups"), ("break_glass", "roles")):
            named = result.account.declared.get(key)
            if named and f"{section}/{named.removeprefix('role/')}" not in result.adopted:
                del result.account.declared[key]
        self._buckets.use(
            grant
            for things in result.sections.values()
            for thing in things.values()
            for grant in thing.declared.get("grants", ())
        )
        for section, declared in (
            ("buckets", self._buckets.declarations()),
            ("identity_providers", self._providers_used(result)),
        ):
            for name, thing in declared.items():
                result.add(section, name, thing)
        return result

    def _identities(self) -> Iterator[Identity]:
        yield from (*self.snapshot.groups, *self.snapshot.users, *self.snapshot.roles)

    def _trust_policy(self, role: Role) -> tuple[Statement, ...]:
        return self.world.document(role.trust_policy, Kind.TRUST).statements

    def _is_candidate(self, identity: Identity, result: Adoption) -> bool:
        """Tell whether an identity may be adopted, and note why not."""
        name = reference(identity)
        if identity.path.startswith(_AWS_PATHS):
            result.of_aws += 1
            return False
        if self.world.is_own(identity):
            return False
        if not self.options.selects(name):
            result.not_selected += 1
            return False
        reasons = [*self._refused.get(name, ()), *self.world.unread(identity)]
        if not _NAME.fullmatch(identity.name):
            reasons.append("its name has more than 64 characters, or other ones than declarations can have")
        if reasons:
            result.left[name] = reasons
        return not reasons

    def _trusts(self, candidates: Mapping[str, Identity], result: Adoption) -> dict[str, Trusts]:
        """Recognise the trust policies of all roles that are not workloads."""
        world, roles = self.world, [each for each in candidates.values() if isinstance(each, Role)]
        workloads = world.atoms([each for each in roles if reference(each) in self._workloads])
        users = (each for each in candidates.values() if isinstance(each, User))
        others = {each.path for each in users} - {self.path}
        holders = Holders(
            groups=world.atoms([each for each in candidates.values() if isinstance(each, Group)]),
            members={
                name: tuple(sorted(world.user_in_trusts(each, self.path) for each in users))
                for name, users in world.members.items()
            },
            role_arns={each.name: str(each.arn) for each in roles},
            kept_workloads={
                self._workloads[reference(each)]: (each.path, each.name)
                for each in roles
                if reference(each) in self._workloads and not world.is_named_by_stack(each)
            },
            other_user_paths=tuple(sorted(others)) if len(others) <= len(ANY_PATH) else ANY_PATH,
            roles=world.atoms([each for each in roles if reference(each) not in self._workloads]),
            workloads={self._workloads[f"roles/{name}"]: atoms for name, atoms in workloads.items()},
        )
        account = Account(id=self.snapshot.account, region=self.options.region, path=self.path, tags={})
        reader = TrustReader(account, self.snapshot.partition, self._providers, holders)
        found: dict[str, Trusts] = {}
        for role in roles:
            name = reference(role)
            if name in self._workloads:
                found[name] = Trusts()
                result.names[name] = self._workloads[name]
                continue
            trusts = reader.read(str(role.arn), self._trust_policy(role), world.last_day(role))
            if trusts.refused or not trusts.trusts:
                result.left.setdefault(name, []).extend(
                    [f"no trust of the declarations is {each}" for each in trusts.refused]
                    or ["its trust policy allows nobody"]
                )
            else:
                found[name] = trusts
        return found

    def _implied(self, trusts: Mapping[str, Trusts]) -> Mapping[tuple[str, str], frozenset[Atom]]:
        """Give what groups, roles and workloads may do because declared roles trust them."""
        found: dict[tuple[str, str], set[Atom]] = {}
        for name, each in trusts.items():
            role = self.snapshot.role(name.partition("/")[2])
            for trust in each.trusts:
                kind = next((key for key in ("group", "role", "workload") if key in trust), "")
                if not kind or role is None:
                    continue
                statement = assume_statement(
                    role_arn=str(role.arn),
                    mfa_within_seconds=seconds(trust["mfa"]["within"]) if kind == "group" else None,
                    until=self.world.last_day(role),
                )
                found.setdefault((kind, trust[kind]), set()).update(atoms_of(statement))
        return {key: frozenset(atoms) for key, atoms in found.items()}

    def _names_of_workloads(self) -> dict[str, str]:
        """Name the workloads: roles for EC2 alone, with an instance profile."""
        found: dict[str, str] = {}
        for role in self.snapshot.roles:
            if not role.instance_profiles or role.path.startswith(_AWS_PATHS):
                continue
            (*statements,) = self._trust_policy(role)
            if len(statements) != 1 or not _is_for_ec2(statements[0]):
                continue
            name = self.world.declared_workload(role) or _declarable(role.name)
            if name not in found.values():
                found[reference(role)] = name
        return found

    def _policies(self, result: Adoption) -> Mapping[str, str]:
        """Declare the shared policies; give the declared name of each by ARN."""
        names: dict[str, str] = {}
        for policy in self.snapshot.policies:
            arn, name = str(policy.arn), f"policies/{policy.name}"
            if (
                self.world.path
                and policy.path == self.world.path
                and (policy.name.startswith(OWN) or is_part(policy.name))
            ):
                continue
            if not _NAME.fullmatch(policy.name) or policy.name in names.values():
                result.left[name] = [
                    "its name can't be declared, or another policy has it under another path"
                ]
                continue
            if policy.path.startswith(_AWS_PATHS):
                result.left[name] = ["AWS manages it"]
                continue
            names[arn] = policy.name
            self._policy(policy, result)
        return names

    def _policy(self, policy: ManagedPolicy, result: Adoption) -> None:
        name, arn = f"policies/{policy.name}", str(policy.arn)
        if not self.options.selects(name):
            result.not_selected += 1
            result.add("policies", policy.name, {"existing": arn})
            return
        document = self.world.document(policy.document)
        reasons = [*self._refused.get(name, ()), *(each.reason for each in document.unread)]
        kept = self._keeper.of_policy(policy)
        found = self._grants.read(
            document.statements, f"policy {policy.name}", apart=self.world.is_ours(policy)
        )
        reasons += found.refused
        if found.managed:
            reasons.append("it allows everything, which no grant does")
        if reasons:
            result.left[name] = reasons
            result.add("policies", policy.name, {"existing": arn}, *_left_comments(reasons))
            return
        result.adopted[name] = policy
        declared = {"grants": list(found.grants), **({"adopted": kept} if kept else {})}
        result.add("policies", policy.name, declared, *self._doubts(policy))

    def _doubts(self, thing: Identity | ManagedPolicy) -> Iterator[str]:
        stack = self.world.stack_of(thing)
        if stack:
            yield f"in doubt: stack `{stack}` owns it; retain and remove it there before it is imported"

    def _attached(
        self, identity: Identity, policies: Mapping[str, str], also: Iterable[str], reasons: list[str]
    ) -> list[dict[str, Any]]:
        """Declare the managed policies of an identity."""
        parts = {str(each.arn) for each in self.world.parts_of(identity)}
        found = []
        for arn in identity.attached_policies:
            if arn in parts:
                continue
            if arn in policies:
                found.append(f"policy/{policies[arn]}")
            elif arn.split(":")[4:5] == ["aws"]:
                found.append(arn.partition(":policy/")[2])
            else:
                reasons.append(f"policy `{arn}` is attached to it and can't be declared")
        found += [each for each in dict.fromkeys(also) if each not in found]
        because = f"attached in the account before it was declared: {_kind(identity)} {identity.name}"[:500]
        return [{"managed": each, "because": because} for each in found]

    def _group(
        self,
        group: Group,
        result: Adoption,
        policies: Mapping[str, str],
        implied: Mapping[tuple[str, str], frozenset[Atom]],
    ) -> None:
        kept, reasons = self._keeper.of_group(group), list[str]()
        means = implied.get(("group", group.name), frozenset())
        own_keys: frozenset[Atom] = frozenset()
        if self.world.is_ours(group):
            means |= handover_atoms(self.world, self.options.region)
            own_keys = atoms_of(
                own_access_keys_statement(
                    self.snapshot.partition,
                    self.snapshot.account,
                    self.path,
                    other_paths=sorted(
                        {*(each.path for each in self.snapshot.users), *ANY_PATH} - {self.path}
                    ),
                )
            )
            own_keys &= all_atoms(self.world.statements(group))
        found = self._read(group, means | own_keys)
        attached = self._attached(group, policies, found.managed, reasons)
        reasons += found.refused
        if reasons:
            result.left[reference(group)] = reasons
            return
        result.adopted[reference(group)] = group
        because = "the account let its members have such keys before it was declared"
        self_service = {"access_keys": {"because": because}} if own_keys else {}
        declared = {
            "grants": list(found.grants),
            "policies": attached,
            "self_service": self_service,
            "adopted": kept,
        }
        comments = self._doubts(group)
        result.add("groups", group.name, {key: value for key, value in declared.items() if value}, *comments)

    def _read(self, identity: Identity, implied: frozenset[Atom] = frozenset()) -> Recognised:
        source = f"the policies of {_kind(identity)} {identity.name}"
        statements = self.world.statements(identity)
        return self._grants.read(statements, source, apart=self.world.is_ours(identity), implied=implied)

    def _user(self, user: User, result: Adoption, policies: Mapping[str, str]) -> None:
        world, reasons = self.world, list[str]()
        kind = kind_of(user, self.snapshot, known=world.is_known_person(user))
        kept = self._keeper.of_user(user, is_person=kind.is_person)
        found = self._read(user)
        attached = self._attached(user, policies, found.managed, reasons)
        reasons += found.refused
        declared: dict[str, Any] = {}
        comments = (
            [f"{'a person' if kind.is_person else 'an application'}: {'; '.join(kind.evidence)}"]
            if kind.evidence
            else []
        )
        comments += [f"in doubt: {each}" for each in kind.doubts]
        comments += self._doubts(user)
        keys = self.snapshot.access_keys_of(user.name)
        if kind.is_person:
            address, is_known = email_of(user, self.options.domain)
            declared["person"] = {"email": address}
            if not is_known:
                comments.append("in doubt: the account has no e-mail address; replace it")
            declared["console"] = self.snapshot.login_profile_of(user.name) is not None
            declared["cli"] = world.is_in(user, COMMAND_LINE)
            if world.is_in(user, SESSION_TOKEN):
                declared["cli"] = {
                    "session_token": {"because": "they could create such a key before they were declared"}
                }
            if found.grants or attached:
                declared["because"] = "the account has them on the user itself, not on a group"
        else:
            declared["application"] = application(kind, self.options.today)
        serials = world.deployed_keys(user)
        declared["access_keys"] = declared_keys(keys, serials)
        if any(each.id not in serials for each in keys):
            comments.append(
                "its access keys are not declared: they stay as they are, whoever has their secrets"
            )
        others = self.snapshot.other_credentials_of(user.name)
        if others:
            kinds = sorted({each.kind for each in others})
            comments.append(f"not declared, and left as they are: {', '.join(kinds)}")
        until = self.world.last_day(user)
        declared |= {
            "groups": self._memberships(user),
            "grants": list(found.grants),
            "policies": attached,
            "tags": {key: value for key, value in user.tags.items() if not key.startswith(OWN)},
            **({"until": until} if until else {}),
            "adopted": kept,
        }
        if reasons:
            result.left[reference(user)] = reasons
            return
        result.adopted[reference(user)] = user
        result.add("users", user.name, {key: value for key, value in declared.items() if value}, *comments)

    def _memberships(self, user: User) -> list[Any]:
        found: list[Any] = []
        for group in user.groups:
            twin = twin_of(group) if group in self.world.own_groups else None
            if twin:
                found.append({"name": twin[0], "until": twin[1]})
            elif group not in self.world.own_groups:
                found.append(group)
        return found

    def _role(
        self,
        role: Role,
        trusts: Trusts,
        result: Adoption,
        policies: Mapping[str, str],
        implied: Mapping[tuple[str, str], frozenset[Atom]],
    ) -> None:
        is_rescue = result.account.declared.get("break_glass") == f"role/{role.name}"
        workload = self._workloads.get(reference(role))
        kept = {} if is_rescue else self._keeper.of_role(role, is_workload=bool(workload))
        reasons: list[str] = []
        means = implied.get(("workload", workload) if workload else ("role", role.name), frozenset())
        comments = [*self._doubts(role)]
        declared: dict[str, Any] = {}
        if workload:
            declared["ec2"] = {"launch": "none"}
            sessions = all_atoms(
                session_manager_statements(
                    self.snapshot.partition, self.options.region, self.snapshot.account
                )
            )
            if sessions <= all_atoms(self.world.statements(role)):
                declared["sessions"] = True
                means |= sessions
            if len(role.instance_profiles) > 1:
                reasons.append("it has several instance profiles, and a declared workload has one")
        else:
            declared["trusts"] = [dict(each) for each in trusts.trusts]
            if role.session_seconds not in {None, _HOUR}:
                declared["session"] = duration(role.session_seconds)
        found = self._read(role, means)
        attached = self._attached(role, policies, found.managed, reasons)
        reasons += found.refused
        until = self.world.last_day(role)
        declared |= {
            "grants": list(found.grants),
            "policies": attached,
            "tags": {key: value for key, value in role.tags.items() if not key.startswith(OWN)},
            **({"until": until} if until else {}),
            "adopted": kept,
        }
        if reasons:
            result.left[reference(role)] = reasons
            return
        result.adopted[reference(role)] = role
        section, name = ("workloads", workload) if workload else ("roles", role.name)
        result.add(section, name, {key: value for key, value in declared.items() if value}, *comments)

    def _references(self, result: Adoption, policies: Mapping[str, str]) -> None:
        """Declare as existing what is not adopted and can be referred to; leave out policies that nothing adopted has."""
        for identity in self._identities():
            section = SECTIONS[type(identity)]
            name = reference(identity)
            if (
                name in result.adopted
                or not _NAME.fullmatch(identity.name)
                # Groups are referenced by name, others with their path.
                or (identity.path != self.path and not isinstance(identity, Group))
                or self.world.is_own(identity)
            ):
                continue
            result.add(section, identity.name, {"existing": True}, *_left_comments(result.left.get(name, ())))
        attached = {
            each["managed"]
            for section in ("groups", "users", "roles", "workloads")
            for thing in result.sections.get(section, {}).values()
            for each in thing.declared.get("policies", ())
        }
        for name in policies.values():
            thing = result.sections.get("policies", {}).get(name)
            if thing and "existing" in thing.declared and f"policy/{name}" not in attached:
                del result.sections["policies"][name]

    def _settle_members(self, result: Adoption) -> None:
        """Leave alone whoever is in a group that is not declared."""
        groups = result.sections.get("groups", {})
        for name, thing in list(result.sections.get("users", {}).items()):
            missing = [
                each
                for membership in thing.declared.get("groups", ())
                if (each := membership["name"] if isinstance(membership, dict) else membership) not in groups
            ]
            if missing:
                result.left[f"users/{name}"] = [f"it is in {listed(missing, 'and')}, which is not declared"]
                result.adopted.pop(f"users/{name}", None)
                del result.sections["users"][name]

    def _providers_used(self, result: Adoption) -> dict[str, dict[str, Any]]:
        for arn, provider in self._providers.by_arn.items():
            provider.reason = (
                "; ".join(self._refused.get(f"identity_providers/{provider.name}", ())) or provider.reason
            )
            if provider.reason:
                result.left[f"identity_providers/{arn.rpartition(':')[2]}"] = [provider.reason]
        return self._providers.declarations()


def _is_for_ec2(statement: Statement) -> bool:
    return (
        statement.effect is Effect.ALLOW
        and statement.principals == {"Service": ("ec2.amazonaws.com",)}
        and tuple(each.lower() for each in statement.actions) == ("sts:assumerole",)
        and not statement.conditions
    )


def _declarable(name: str) -> str:
    """Give a name for a workload like that of its role."""
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    found = found if found[:1].isalpha() else f"w-{found}"
    return found[:40].rstrip("-")


def _kind(identity: Identity) -> str:
    return type(identity).__name__.lower()


def _left_comments(reasons: Iterable[str]) -> list[str]:
    return [f"left alone: {each}" for each in reasons]
