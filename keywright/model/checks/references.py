"""Every name that is used is declared, and is of the kind that is meant.

This reads the data and not the types, so that a thing with another mistake in it still has its names looked up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keywright.model.checks.names import RESERVED_BUCKETS, RESERVED_GROUPS
from keywright.model.holders import GRANTING
from keywright.model.issuer import NEEDED, PRESETS
from keywright.model.nearest import nearest
from keywright.model.subject import SINGULAR
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.model.draft import Draft
    from keywright.model.subject import Path
    from keywright.reporting.finding import Finding

ANY = "*"
_PROVIDERS = "identity_providers"
_SPELLED = {
    "github": "GitHub",
    "gitlab": "GitLab",
    "terraform": "HCP Terraform",
    "buildkite": "Buildkite",
    "circleci": "CircleCI",
    "bitbucket": "Bitbucket",
}
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


def check(draft: Draft) -> Iterator[Finding]:
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
    providers = draft.identity_providers
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
    for kind in PRESETS:
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
    more = "".join(f", {key}: …" for key in NEEDED.get(kind, ()))
    return draft.finding(
        f"no identity provider of {_SPELLED[kind]} is declared",
        quoted(f"{kind}: {project}"),
        f"`{kind}: {{oidc: {kind}{more}}}` under `identity_providers`, with `existing: true` if the account has it",
        at=path,
    )
