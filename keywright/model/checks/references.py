"""Every name that is used is declared, and is of the kind that is meant.

This reads the data and not the types, so that a thing with another mistake in it still has its names looked up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keywright.model.fields.nearest import nearest
from keywright.model.holders import GRANTING
from keywright.model.source.places import SINGULAR
from keywright.model.trusts.issuers.registry import WITH_PROVIDER
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.model.draft import Draft
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding


RESERVED_GROUPS = ("mfa-guard", "command-line", "session-token")
"""Groups of ours that every person, and everybody with `cli`, is put into."""
RESERVED_BUCKETS = ("access-logs",)
"""The bucket that keeps the access logs of the others."""
_TWIN = re.compile(r".*\.until-\d{4}-\d{2}-\d{2}", re.IGNORECASE | re.ASCII)
_ENDED = re.compile(r".*\.\d{4}-\d{2}-\d{2}", re.ASCII)
_OF_AWS = re.compile(r"AWSServiceRoleFor.*|AWSReservedSSO_.*", re.IGNORECASE)


def _is_ours(name: str) -> bool:
    return name.lower().startswith("keywright-")


def check_names(draft: Draft) -> Iterator[Finding]:
    """Refuse names that IAM takes for the same, that are reserved, or that no secret can have."""
    for section in ("groups", "users", "roles", "policies"):
        yield from _alike(draft, section)
    yield from _reserved(draft)
    yield from _reserved_tags(draft)
    for name, user in draft.declared.users.items():
        if "," in name and (user.console or user.access_keys):
            message = f"user `{name}` has a secret and a comma in its name, which Secrets Manager refuses"
            yield draft.finding(message, f"`{name}`", "letters, digits and `+=.@_-`", at=("users", name))


def _alike(draft: Draft, section: str) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in draft.names.get(section, ()):
        first = seen.setdefault(name.lower(), name)
        if first != name:
            there = draft.places.key(section, first)
            yield draft.finding(
                f"{SINGULAR[section]} `{name}` differs from `{first}` only by case, which IAM does not see",
                f"`{first}` at {there}",
                "names that differ by more",
                at=(section, name),
                see=(there,),
            )


def _reserved(draft: Draft) -> Iterator[Finding]:
    for section, is_reserved, whose in (
        ("groups", lambda name: name.lower() in RESERVED_GROUPS, "every person's guard and sign-in"),
        ("groups", _TWIN.fullmatch, "members of a group until that day"),
        ("buckets", lambda name: name in RESERVED_BUCKETS, "the access logs of the other buckets"),
        ("roles", _OF_AWS.fullmatch, "AWS itself"),
        ("roles", _is_ours, "the identity keeper"),
        ("users", _is_ours, "Keywright itself"),
        ("permission_sets", _ENDED.fullmatch, "assignments of a permission set until that day"),
    ):
        for name in draft.names.get(section, ()):
            if is_reserved(name):
                message = f"{SINGULAR[section]} `{name}` has a name that is kept for {whose}"
                yield draft.finding(message, f"`{name}`", "another name", at=(section, name))


def _reserved_tags(draft: Draft) -> Iterator[Finding]:
    """Keep the tags of ours, by which the boundary knows who hands over, from being declared or brought along."""
    for section in ("users", "roles", "workloads", "buckets"):
        for name, thing in getattr(draft.declared, section).items():
            for key in filter(_is_ours, thing.tags):
                whose = f"{SINGULAR[section]} `{name}`"
                yield _reserved_tag(draft, whose, key, (section, name, "tags", key))
    for key in filter(_is_ours, draft.account.tags if draft.account else ()):
        yield _reserved_tag(draft, "the account", key, ("account", "tags", key))
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            for at, key in enumerate(getattr(trust, "session_tags", ())):
                if _is_ours(key):
                    place = ("roles", name, "trusts", index, "session_tags", at)
                    yield _reserved_tag(draft, f"role `{name}`", key, place)


def _reserved_tag(draft: Draft, whose: str, key: str, at: Path) -> Finding:
    return draft.finding(
        f"{whose} has a tag that is kept for Keywright itself", f"`{key}`", "another key", at=at
    )


ANY = "*"
_PROVIDERS = "identity_providers"
_BY_KIND = {
    "user": "users",
    "group": "groups",
    "role": "roles",
    "workload": "workloads",
    "policy": "policies",
    "bucket": "buckets",
    "provider": "identity_providers",
    "permissionset": "permission_sets",
}
"""The kind of a reference such as `role/vendor` to the section that declares it."""

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
)
"""Where a plain name stands, and the section that must declare it."""

_KINDED: tuple[Path, ...] = (
    ("account", "break_glass"),
    ("account", "deny", "outside_networks", "except", ANY),
    ("exceptions", ANY, "on"),
    ("users", ANY, "application", "readers", ANY),
    ("delegations", ANY, "to", ANY),
    *(
        (section, ANY, key, *several)
        for section in ("never", "always")
        for key in ("who", "except", "on")
        for several in ((), (ANY,))
    ),
)
"""Where a kind and a name stand, such as `role/vendor`."""

TWIN = re.compile(r"\.until-\d{4}-\d{2}-\d{2}$", re.ASCII)
"""Ends the name of a group's copy for memberships that end: a finding on it is accepted by itself."""
_TWINS = {"group": TWIN, "permissionset": re.compile(r"\.\d{4}-\d{2}-\d{2}$", re.ASCII)}

_OURS = frozenset(
    {*(f"group/{name}" for name in RESERVED_GROUPS), *(f"bucket/{name}" for name in RESERVED_BUCKETS)}
)
"""What nobody declares and everybody has: exceptions and invariants may be about it."""


def check_references(draft: Draft) -> Iterator[Finding]:
    """Refuse each name that nothing is declared under, with the nearest names."""
    for pattern, section in _PLAIN:
        for path, name in texts(draft.data, pattern):
            yield from _known(draft, section, name, path)
    for pattern in _KINDED:
        for path, reference in texts(draft.data, pattern):
            kind, slash, name = reference.partition("/")
            if slash and kind in _BY_KIND and reference not in _OURS:
                meant = _TWINS[kind].sub("", name) if kind in _TWINS and path[0] == "exceptions" else name
                yield from _known(draft, _BY_KIND[kind], meant, path, prefix=f"{kind}/")
    for kind in ("saml", "oidc"):
        for path, name in texts(draft.data, ("roles", ANY, "trusts", ANY, kind)):
            yield from _provider(draft, kind, name, path)
    for path, anchor in texts(draft.data, ("roles", ANY, "trusts", ANY, "trust_anchor")):
        if ":" not in anchor:  # else it is an ARN
            yield from _known(draft, "trust_anchors", anchor, path)
    yield from _issuers(draft)


def texts(data: Any, pattern: Path, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Give each text that a pattern leads to, with its path; a list's items are numbered."""
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


def _known(draft: Draft, section: str, name: str, path: Path, prefix: str = "") -> Iterator[Finding]:
    names = draft.names.get(section, ())
    if name not in names:
        near = listed(f"{prefix}{each}" for each in nearest(name, names))
        yield draft.finding(
            f"{SINGULAR[section]} {quoted(name)} is not declared",
            quoted(f"{prefix}{name}"),
            near or f"a name under `{section}`",
            at=path,
        )


def _provider(draft: Draft, kind: str, name: str, path: Path) -> Iterator[Finding]:
    yield from _known(draft, "identity_providers", name, path)
    providers = draft.declared.identity_providers
    if name in providers and getattr(providers[name], kind) is None:
        others = [each for each, other in providers.items() if getattr(other, kind) is not None]
        yield draft.finding(
            f"identity provider `{name}` is not of the kind {kind.upper()}",
            f"`{name}`",
            listed(nearest(name, others)) or f"a provider with `{kind}`",
            at=path,
        )


def _issuers(draft: Draft) -> Iterator[Finding]:
    """Refuse a trust in a CI whose provider is not declared, or not told apart from another one."""
    for kind in WITH_PROVIDER:
        named = [path for path, issuer in texts(draft.data, (_PROVIDERS, ANY, "oidc")) if issuer == kind]
        for path, project in texts(draft.data, ("roles", ANY, "trusts", ANY, kind)):
            own = next(texts(draft.data, (*path[:-1], "provider")), None)
            if own is not None:
                yield from _provider(draft, "oidc", own[1], own[0])
            elif len(named) != 1:
                yield _unknown_provider(draft, kind, project, [str(each[1]) for each in named], path)


def _unknown_provider(draft: Draft, kind: str, project: str, several: list[str], path: Path) -> Finding:
    if several:
        return draft.finding(
            f"several identity providers are of the kind {kind}",
            listed(several),
            "`provider` beside it, with the one that is meant",
            at=path,
        )
    issuer = WITH_PROVIDER[kind]
    more = "".join(f", {key.name}: …" for key in issuer.provider_keys)
    return draft.finding(
        f"no identity provider of {issuer.name} is declared",
        quoted(f"{kind}: {project}"),
        f"`{kind}: {{oidc: {kind}{more}}}` under `identity_providers`, with `existing: true` if the account has it",
        at=path,
    )
