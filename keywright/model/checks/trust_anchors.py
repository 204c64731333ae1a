"""IAM Roles Anywhere takes a certificate by an anchor of the account and region, and an anchor by what it can verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.anywhere_trust import AnywhereTrust
from keywright.model.certificate import NoCertificateError, authorities, last_day_of_list
from keywright.model.day import NOTICE
from keywright.model.file_beside import UnfitFileError, content_beside
from keywright.policy.matching.arn import partition_of
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright.model.certificate import Authority
    from keywright.model.draft import Draft
    from keywright.model.role import Role
    from keywright.model.trust_anchor import TrustAnchor

BUNDLE_SIZES = range(1, 8_001)
"""Characters of a bundle ("SourceData", IAM Roles Anywhere API Reference)."""
LIST_SIZES = range(1, 300_001)
"""Characters of a list of revoked certificates ("ImportCrl", IAM Roles Anywhere API Reference)."""


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse anchors of elsewhere, bundles that can let nobody in, two ideas of what sessions may; announce what ends."""
    yield from _elsewhere(draft)
    for name, role in draft.roles.items():
        yield from _unlike(draft, name, role)
    used = _used(draft)
    for name, anchor in draft.trust_anchors.items():
        if draft.folder is not None and anchor.bundle is not None:
            yield from _bundle(draft, draft.folder, name, anchor.bundle)
        if draft.folder is not None and anchor.revoked is not None:
            yield from _revoked(draft, draft.folder, name, anchor)
        if anchor.existing is None and name not in used:
            yield draft.finding(
                f"trust anchor `{name}` is trusted by no role, and is not made",
                f"`{name}`",
                f"a role with `trusts: [{{trust_anchor: {name}, common_name: …}}]`",
                at=("trust_anchors", name),
                severity=Severity.ADVICE,
            )


def _used(draft: Draft) -> set[str]:
    trusts = (trust for role in draft.roles.values() for trust in role.trusts)
    return {trust.trust_anchor for trust in trusts if isinstance(trust, AnywhereTrust)}


def _elsewhere(draft: Draft) -> Iterator[Finding]:
    """Refuse an anchor or authority of another account or region: its certificates would let nobody in."""
    if draft.account is None:
        return
    region, account = draft.account.region, draft.account.id
    here = f"arn:{partition_of(region)}:rolesanywhere:{region}:{account}:trust-anchor/"
    for name, role in draft.roles.items():
        for index, trust in enumerate(role.trusts):
            if (
                isinstance(trust, AnywhereTrust)
                and not trust.declared
                and not trust.trust_anchor.startswith(here)
            ):
                yield draft.finding(
                    f"role `{name}` trusts an anchor of another account or region, which lets nobody in",
                    f"`{trust.trust_anchor}`",
                    f"`{here}…`",
                    at=("roles", name, "trusts", index, "trust_anchor"),
                )
    for name, anchor in draft.trust_anchors.items():
        if anchor.existing is not None and not anchor.existing.startswith(here):
            yield draft.finding(
                f"trust anchor `{name}` is of another account or region, and lets nobody in",
                f"`{anchor.existing}`",
                f"`{here}…`",
                at=("trust_anchors", name, "existing"),
            )
        authority = f"arn:{partition_of(region)}:acm-pca:{region}:"
        if anchor.authority is not None and not anchor.authority.startswith(authority):
            yield draft.finding(
                f"the authority of trust anchor `{name}` is of another region",
                f"`{anchor.authority}`",
                f"`{authority}…`",
                at=("trust_anchors", name, "authority"),
            )


def _bundle(draft: Draft, folder: Path, name: str, file: str) -> Iterator[Finding]:
    at = ("trust_anchors", name, "bundle")
    try:
        found = _authorities(folder, file)
    except UnfitFileError as error:
        what, shown, accepted = error.args
        yield draft.finding(f"the bundle of trust anchor `{name}` {what}", shown, accepted, at=at)
        return
    for authority in found:
        if authority.unfit:
            yield draft.finding(
                f"a certificate of trust anchor `{name}` {authority.unfit}",
                f"{quoted(authority.subject)} in `{file}`",
                "an authority's, with an RSA key of 2048 bits or an ECDSA key, signed with SHA-256 or better",
                at=at,
            )
        yield from _ending(draft, name, file, authority)


def _authorities(folder: Path, file: str) -> list[Authority]:
    content = _public(folder, file, BUNDLE_SIZES)
    try:
        return authorities(content)
    except NoCertificateError as error:
        raise UnfitFileError(
            "holds no certificate that can be read",
            quoted(file),
            "`-----BEGIN CERTIFICATE-----` and what follows",
        ) from error


def _public(folder: Path, file: str, sizes: range) -> bytes:
    content = content_beside(folder, file, sizes)
    if b"PRIVATE KEY" in content:
        raise UnfitFileError(
            "holds a private key",
            quoted(file),
            "certificates alone; and a new authority, as this key is known",
        )
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1} of {quoted(file)}"
        raise UnfitFileError("is no text in UTF-8", found, "PEM, and comments in UTF-8") from error
    return content


def _ending(draft: Draft, name: str, file: str, authority: Authority) -> Iterator[Finding]:
    left = (authority.until - draft.today).days
    if left <= NOTICE.days:
        when = f"expired on {authority.until}" if left < 0 else f"expires in {left} days"
        yield draft.finding(
            f"a certificate of trust anchor `{name}` {when}",
            f"{quoted(authority.subject)} in `{file}`, today is {draft.today}",
            "the authority's next one beside it, and without it once all machines have changed",
            at=("trust_anchors", name, "bundle"),
            severity=Severity.WARNING if left < 0 else Severity.ADVICE,
        )


def _readable(folder: Path, bundle: str | None) -> bytes | None:
    """Give a bundle that can be read; what is wrong with another one is told of it already."""
    try:
        if bundle is not None and _authorities(folder, bundle):
            return content_beside(folder, bundle, BUNDLE_SIZES)
    except UnfitFileError:
        return None
    return None


def _revoked(draft: Draft, folder: Path, name: str, anchor: TrustAnchor) -> Iterator[Finding]:
    at, file = ("trust_anchors", name, "revoked"), anchor.revoked or ""
    try:
        content = _public(folder, file, LIST_SIZES)
        bundle = _readable(folder, anchor.bundle)
        successor = last_day_of_list(content, bundle)
    except UnfitFileError as error:
        what, shown, accepted = error.args
        yield draft.finding(
            f"the list of revoked certificates of trust anchor `{name}` {what}", shown, accepted, at=at
        )
        return
    except NoCertificateError as error:
        yield draft.finding(
            f"the list of revoked certificates of trust anchor `{name}` is {error}",
            quoted(file),
            "`-----BEGIN X509 CRL-----` and what follows, signed by the anchor's authority",
            at=at,
        )
        return
    if successor is not None and successor < draft.today:
        yield draft.finding(
            f"the list of revoked certificates of trust anchor `{name}` should have had a successor on {successor}",
            f"`{file}`, today is {draft.today}",
            "the list that the authority publishes now",
            at=at,
            severity=Severity.ADVICE,
        )


def _unlike(draft: Draft, name: str, role: Role) -> Iterator[Finding]:
    """Refuse different limits: a machine says itself by which profile it comes, and nothing holds it to its own."""
    trusts = [(index, each) for index, each in enumerate(role.trusts) if isinstance(each, AnywhereTrust)]
    for index, trust in trusts[1:]:
        if set(trust.at_most) != set(trusts[0][1].at_most):
            at = ("roles", name, "trusts", index, "at_most" if trust.at_most else "trust_anchor")
            yield draft.finding(
                f"certificates of role `{name}` are held to different policies, of which each machine would choose",
                listed(trust.at_most) or "no `at_most`",
                f"{listed(trusts[0][1].at_most) or 'no `at_most`'}, as before it, or a role of its own",
                at=at,
            )
