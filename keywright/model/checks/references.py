"""Names: each one used is declared, none is reserved, none differs from another only by case.

References are looked up in the YAML data, not in the types, so that a malformed thing has its references checked too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from keywright.model.fields.nearest import nearest
from keywright.model.queries import GRANTING, SECTIONS
from keywright.model.source.places import SECTION_OF_KIND, SINGULAR
from keywright.model.trusts.issuers.registry import WITH_PROVIDER
from keywright.reporting.text import joined, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.model.draft import Draft
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding


RESERVED_GROUPS = ("mfa-guard", "command-line", "session-token")
"""Keywright's own groups: of every person, of everybody with `cli`, and of everybody with `session_token`."""
RESERVED_BUCKETS = ("access-logs",)
"""Keywright's own bucket, for the access logs of the others."""
_COPY = re.compile(r".*\.until-\d{4}-\d{2}-\d{2}", re.IGNORECASE | re.ASCII)
_ENDED_SET = re.compile(r".*\.\d{4}-\d{2}-\d{2}", re.ASCII)
# AWS creates such roles itself: service-linked roles, and those of permission sets.
_OF_AWS = re.compile(r"AWSServiceRoleFor.*|AWSReservedSSO_.*", re.IGNORECASE)


def _is_reserved(name: str) -> bool:
    return name.lower().startswith("keywright-")


def check_names(draft: Draft) -> Iterator[Finding]:
    """Refuse names that differ only by case, reserved names, and names that a secret cannot have."""
    for section in ("groups", "users", "roles", "policies"):
        yield from _same_but_case(draft, section)
    yield from _reserved(draft)
    yield from _reserved_tags(draft)
    for name, user in draft.declared.users.items():
        if "," in name and (user.console or user.access_keys):
            message = f"user `{name}` needs a secret, whose name can't have a comma"
            yield draft.finding(message, f"`{name}`", "letters, digits and `+=.@_-`", at=("users", name))


def _same_but_case(draft: Draft, section: str) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in draft.names.get(section, ()):
        first = seen.setdefault(name.lower(), name)
        if first != name:
            there = draft.places.key(section, first)
            yield draft.finding(
                f"{SINGULAR[section]} `{name}` differs from `{first}` only by case, which IAM ignores",
                f"`{first}` at {there}",
                "names that differ in more than case",
                at=(section, name),
                see=(there,),
            )


def _reserved(draft: Draft) -> Iterator[Finding]:
    for section, is_reserved, whose in (
        ("groups", lambda name: name.lower() in RESERVED_GROUPS, "Keywright's MFA and sign-in policies"),
        ("groups", _COPY.fullmatch, "memberships that end on that day"),
        ("buckets", lambda name: name in RESERVED_BUCKETS, "the access logs of other buckets"),
        ("roles", _OF_AWS.fullmatch, "AWS"),
        ("roles", _is_reserved, "the identity keeper"),
        ("users", _is_reserved, "Keywright"),
        ("permission_sets", _ENDED_SET.fullmatch, "assignments that end on that day"),
    ):
        for name in draft.names.get(section, ()):
            if is_reserved(name):
                message = f"{SINGULAR[section]} `{name}` has a name that is reserved for {whose}"
                yield draft.finding(message, f"`{name}`", "another name", at=(section, name))


def _reserved_tags(draft: Draft) -> Iterator[Finding]:
    """Refuse `keywright-` tags in declarations and sessions: the boundary allows the handover of passwords by one of them."""
    for section in ("users", "roles", "workloads", "buckets"):
        for name, thing in getattr(draft.declared, section).items():
            for key in filter(_is_reserved, thing.tags):
                whose = f"{SINGULAR[section]} `{name}`"
                yield _reserved_tag(draft, whose, key, (section, name, "tags", key))
    for key in filter(_is_reserved, draft.account.tags if draft.account else ()):
        yield _reserved_tag(draft, "the account", key, ("account", "tags", key))
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            for at, key in enumerate(getattr(trust, "session_tags", ())):
                if _is_reserved(key):
                    place = ("roles", name, "trusts", index, "session_tags", at)
                    yield _reserved_tag(draft, f"role `{name}`", key, place)


def _reserved_tag(draft: Draft, whose: str, key: str, at: Path) -> Finding:
    return draft.finding(
        f"{whose} has a tag key that is reserved for Keywright", f"`{key}`", "another key", at=at
    )


ANY = "*"
_PROVIDERS = "identity_providers"

_PLAIN: tuple[tuple[Path, str], ...] = (
    (("users", ANY, "groups", ANY), "groups"),
    (("users", ANY, "groups", ANY, "name"), "groups"),
    *(((section, ANY, "grants", ANY, "bucket"), "buckets") for section in GRANTING),
    *(((section, ANY, "grants", ANY, "session_on"), "workloads") for section in GRANTING),
    (("roles", ANY, "trusts", ANY, "group"), "groups"),
    (("roles", ANY, "trusts", ANY, "workload"), "workloads"),
    (("roles", ANY, "trusts", ANY, "role"), "roles"),
    (("account", "handover"), "groups"),
    (("assignments", ANY, "permission_set"), "permission_sets"),
    (("roles", ANY, "trusts", ANY, "saml"), "identity_providers"),
    (("roles", ANY, "trusts", ANY, "oidc"), "identity_providers"),
    (("roles", ANY, "trusts", ANY, "provider"), "identity_providers"),
)
"""Paths of plain names, and the section that must declare them."""

_KINDED: tuple[Path, ...] = (
    ("account", "break_glass"),
    ("account", "break_glass", "role"),
    ("account", "deny", "outside_networks", "except", ANY),
    ("exceptions", ANY, "on"),
    ("users", ANY, "application", "readers", ANY),
    ("delegations", ANY, "to", ANY),
    *((section, ANY, "policies", ANY, "managed") for section in SECTIONS),
    ("permission_sets", ANY, "boundary", "managed"),
    ("roles", ANY, "trusts", ANY, "at_most", ANY),
    *(
        (section, ANY, key, *several)
        for section in ("never", "always")
        for key in ("who", "except", "on")
        for several in ((), (ANY,))
    ),
)
"""Paths of references by kind and name, such as `role/vendor`."""

COPY = re.compile(r"\.until-\d{4}-\d{2}-\d{2}$", re.ASCII)
"""The end of the name of a group's copy for memberships that end. An exception to a finding on it may name the copy."""
_COPIES = {"group": COPY, "permissionset": re.compile(r"\.\d{4}-\d{2}-\d{2}$", re.ASCII)}

_SHOWN = 3
"""Places and names that a message shows; `see` has all places."""
_OWN = frozenset(
    {*(f"group/{name}" for name in RESERVED_GROUPS), *(f"bucket/{name}" for name in RESERVED_BUCKETS)}
)
"""Keywright's own things, which exceptions and invariants may name without a declaration."""


class NameUse(NamedTuple):
    """The use of a name: the section that must declare it, and the text before the name, such as `role/`."""

    section: str
    name: str
    path: Path
    prefix: str = ""


def check_references(draft: Draft) -> Iterator[Finding]:
    """Refuse each name that is not declared, once, with the nearest declared names and all its places."""
    undeclared: dict[tuple[str, str], list[NameUse]] = {}
    for use in uses_of_names(draft):
        if use.name not in draft.names.get(use.section, ()):
            undeclared.setdefault((use.section, use.name), []).append(use)
    for section in dict.fromkeys(section for section, _ in undeclared):
        several = [uses for (its, _), uses in undeclared.items() if its == section]
        # Without the section, the names are not misspelled: what is missing is the section.
        if len(several) > 1 and not draft.names.get(section):
            yield _missing_section(draft, section, several)
        else:
            yield from (_undeclared(draft, uses) for uses in several)
    for kind in ("saml", "oidc"):
        for path, name in texts(draft.data, ("roles", ANY, "trusts", ANY, kind)):
            yield from _other_kind(draft, kind, name, path)
    yield from _issuers(draft)


def uses_of_names(draft: Draft) -> Iterator[NameUse]:
    """Give each use of a declared name, outside of its own declaration."""
    for pattern, section in _PLAIN:
        for path, name in texts(draft.data, pattern):
            yield NameUse(section, name, path)
    for pattern in _KINDED:
        for path, reference in texts(draft.data, pattern):
            # Texts without a known kind are ARNs or words such as `everyone`, whose form is validated
            # elsewhere.
            kind, slash, name = reference.partition("/")
            if slash and kind in SECTION_OF_KIND and reference not in _OWN:
                declared_name = (
                    _COPIES[kind].sub("", name) if kind in _COPIES and path[0] == "exceptions" else name
                )
                yield NameUse(SECTION_OF_KIND[kind], declared_name, path, f"{kind}/")
    for path, anchor in texts(draft.data, ("roles", ANY, "trusts", ANY, "trust_anchor")):
        if ":" not in anchor:  # not an ARN
            yield NameUse("trust_anchors", anchor, path)


def _undeclared(draft: Draft, uses: list[NameUse]) -> Finding:
    first = uses[0]
    names = draft.names.get(first.section, ())
    near = listed(f"{first.prefix}{each}" for each in nearest(first.name, names))
    elsewhere = tuple(draft.places.at(*each.path) for each in uses[1:])
    more = f", also at {joined(map(str, elsewhere), most=_SHOWN)}" if elsewhere else ""
    return draft.finding(
        f"{SINGULAR[first.section]} {quoted(first.name)} is not declared",
        f"{quoted(f'{first.prefix}{first.name}')}{more}",
        near or f"a name under `{first.section}`",
        at=first.path,
        is_as_written=True,
        see=elsewhere,
    )


def _missing_section(draft: Draft, section: str, several: list[list[NameUse]]) -> Finding:
    first, *others = [use for uses in several for use in uses]
    names = [uses[0].name for uses in several]
    return draft.finding(
        f"section `{section}` is missing, although names are used that it would declare",
        listed(names, most=_SHOWN),
        f"`{section}` with these names",
        at=first.path,
        is_as_written=True,
        see=tuple(draft.places.at(*each.path) for each in others),
    )


def texts(data: Any, pattern: Path, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Give each text at the paths that match a pattern; `ANY` matches any key or index."""
    if not pattern:
        if isinstance(data, str):
            yield path, data
        return
    step, rest = pattern[0], pattern[1:]
    for key, value in _entries(data):
        if step in (ANY, key):
            yield from texts(value, rest, (*path, key))


def _entries(data: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(data, Mapping):
        return data.items()
    return enumerate(data) if isinstance(data, tuple) else ()


def _other_kind(draft: Draft, kind: str, name: str, path: Path) -> Iterator[Finding]:
    providers = draft.declared.identity_providers
    if name in providers and getattr(providers[name], kind) is None:
        others = [each for each, other in providers.items() if getattr(other, kind) is not None]
        yield draft.finding(
            f"identity provider `{name}` is not a {kind.upper()} provider",
            f"`{name}`",
            listed(nearest(name, others)) or f"a provider with `{kind}`",
            at=path,
        )


def _issuers(draft: Draft) -> Iterator[Finding]:
    """Refuse a trust in a CI whose provider is not declared or is ambiguous."""
    for kind in WITH_PROVIDER:
        named = [path for path, issuer in texts(draft.data, (_PROVIDERS, ANY, "oidc")) if issuer == kind]
        for path, project in texts(draft.data, ("roles", ANY, "trusts", ANY, kind)):
            own = next(texts(draft.data, (*path[:-1], "provider")), None)
            if own is not None:
                yield from _other_kind(draft, "oidc", own[1], own[0])
            elif len(named) != 1:
                yield _unknown_provider(draft, kind, project, [str(each[1]) for each in named], path)


def _unknown_provider(draft: Draft, kind: str, project: str, several: list[str], path: Path) -> Finding:
    if several:
        return draft.finding(
            f"several identity providers have `oidc: {kind}`",
            listed(several),
            "`provider` with the name of one of them",
            at=path,
        )
    issuer = WITH_PROVIDER[kind]
    more = "".join(f", {key.name}: …" for key in issuer.provider_keys)
    return draft.finding(
        f"no identity provider for {issuer.name} is declared",
        quoted(f"{kind}: {project}"),
        f"`{kind}: {{oidc: {kind}{more}}}` under `identity_providers`, with `existing: true` if the account has it",
        at=path,
        causes=((_PROVIDERS,),),
    )
