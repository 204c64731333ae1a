"""The metadata of SAML providers, and the certificates of trust anchors: files beside the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.fields.dates import NOTICE
from keywright.model.source.folder import UnfitFileError, content_beside
from keywright.model.trusts.anywhere import AnywhereTrust
from keywright.model.trusts.certificates import NoCertificateError, authorities, last_day_of_list, valid_until
from keywright.policy.matching.arn import partition_of
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from keywright.model.draft import Draft
    from keywright.model.roles import Role
    from keywright.model.trusts.anywhere import TrustAnchor
    from keywright.model.trusts.certificates import Authority


SIZES = range(1_000, 10_000_001)
"""Characters of a metadata document ("CreateSAMLProvider", IAM API Reference)."""
_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"


def check_saml_metadata(draft: Draft) -> Iterator[Finding]:
    """Refuse missing or invalid SAML metadata, and warn of certificates that expire."""
    if draft.folder is None:
        return
    for name, provider in draft.declared.identity_providers.items():
        if provider.saml and not provider.existing:
            yield from _provider(draft, draft.folder, name, provider.saml)


def _provider(draft: Draft, folder: Path, name: str, file: str) -> Iterator[Finding]:
    at = ("identity_providers", name, "saml")
    try:
        # Before a change of certificates a provider publishes the old and the new one, so the later end
        # counts.
        end = max(_certificates(_document(folder, file)))
    except UnfitFileError as error:
        what, found, accepted = error.args
        yield draft.finding(f"metadata of identity provider `{name}` {what}", found, accepted, at=at)
        return
    left = (end - draft.today).days
    if left <= NOTICE.days:
        when = f"expired on {end}" if left < 0 else f"expires in {left} days"
        yield draft.finding(
            f"the signing certificate of identity provider `{name}` {when}",
            f"`{file}`, today is {draft.today}",
            "the metadata that the provider publishes now",
            at=at,
            severity=Severity.WARNING if left < 0 else Severity.ADVICE,
        )


def _document(folder: Path, file: str) -> Element:
    # Imported here because most declarations have no SAML provider and every start would pay for it.
    from xml.etree.ElementTree import ParseError  # noqa: PLC0415

    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # noqa: PLC0415
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # noqa: PLC0415

    content = content_beside(folder, file, SIZES)
    if b"PRIVATE KEY" in content:
        raise UnfitFileError(
            "contains a private key", quoted(file), "the public metadata, and a new key: this one is exposed"
        )
    try:
        # The file is untrusted, and XML entities can expand without limit or read other files.
        root: Element = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise UnfitFileError(
            "is not well-formed XML", f"line {line}, column {column + 1} of {quoted(file)}", "XML"
        ) from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise UnfitFileError(
            "declares a document type or entities", quoted(file), "XML without them"
        ) from error
    return root


def _certificates(root: Element) -> list[date]:
    """Give the last day of each signing certificate."""
    if root.tag != f"{_METADATA}EntityDescriptor" or not root.get("entityID"):
        raise UnfitFileError(
            "doesn't describe an entity", quoted(root.tag), "an `EntityDescriptor` with its `entityID`"
        )
    if root.find(f"{_METADATA}IDPSSODescriptor") is None:
        raise UnfitFileError(
            "doesn't describe an identity provider", "no `IDPSSODescriptor`", "the provider's own metadata"
        )
    keys = root.iterfind(f"{_METADATA}IDPSSODescriptor/{_METADATA}KeyDescriptor")
    # A key without `use` serves for signing too (SAML 2.0 Metadata, 2.4.1.1).
    signing = [key for key in keys if key.get("use", "signing") == "signing"]
    texts = [each.text or "" for key in signing for each in key.iter(f"{_SIGNATURE}X509Certificate")]
    if not texts:
        raise UnfitFileError(
            "has no signing certificate", f"{len(signing)} signing keys", "an `X509Certificate`"
        )
    try:
        return [valid_until(text).date() for text in texts]
    except NoCertificateError as error:
        raise UnfitFileError(
            "has a certificate that can't be read", "no X.509 in base64", "the provider's certificate"
        ) from error


BUNDLE_SIZES = range(1, 8_001)
"""Characters of a bundle ("SourceData", IAM Roles Anywhere API Reference)."""
LIST_SIZES = range(1, 300_001)
"""Characters of a list of revoked certificates ("ImportCrl", IAM Roles Anywhere API Reference)."""


def check_trust_anchors(draft: Draft) -> Iterator[Finding]:
    """Refuse trust anchors of other accounts and regions, invalid bundles, and contradicting session policies."""
    yield from _of_other_accounts(draft)
    for name, role in draft.declared.roles.items():
        yield from _different_session_policies(draft, name, role)
    used = _used(draft)
    for name, anchor in draft.declared.trust_anchors.items():
        if draft.folder is not None and anchor.bundle is not None:
            yield from _bundle(draft, draft.folder, name, anchor.bundle)
        if draft.folder is not None and anchor.revoked is not None:
            yield from _revoked(draft, draft.folder, name, anchor)
        if anchor.existing is None and name not in used:
            yield draft.finding(
                f"trust anchor `{name}` is not trusted by a role, so that it is not created",
                f"`{name}`",
                f"a role with `trusts: [{{trust_anchor: {name}, common_name: …}}]`",
                at=("trust_anchors", name),
                severity=Severity.ADVICE,
            )


def _used(draft: Draft) -> set[str]:
    trusts = (trust for role in draft.declared.roles.values() for trust in role.trusts)
    return {trust.trust_anchor for trust in trusts if isinstance(trust, AnywhereTrust)}


def _of_other_accounts(draft: Draft) -> Iterator[Finding]:
    """Refuse an anchor or authority of another account or region: IAM Roles Anywhere doesn't accept its certificates."""
    if draft.account is None:
        return
    region, account = draft.account.region, draft.account.id
    here = f"arn:{partition_of(region)}:rolesanywhere:{region}:{account}:trust-anchor/"
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if (
                isinstance(trust, AnywhereTrust)
                and not trust.declared
                and not trust.trust_anchor.startswith(here)
            ):
                yield draft.finding(
                    f"role `{name}` trusts a trust anchor of another account or region",
                    f"`{trust.trust_anchor}`",
                    f"`{here}…`",
                    at=("roles", name, "trusts", index, "trust_anchor"),
                )
    for name, anchor in draft.declared.trust_anchors.items():
        if anchor.existing is not None and not anchor.existing.startswith(here):
            yield draft.finding(
                f"trust anchor `{name}` is in another account or region",
                f"`{anchor.existing}`",
                f"`{here}…`",
                at=("trust_anchors", name, "existing"),
            )
        authority = f"arn:{partition_of(region)}:acm-pca:{region}:"
        if anchor.authority is not None and not anchor.authority.startswith(authority):
            yield draft.finding(
                f"the authority of trust anchor `{name}` is in another region",
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
                "a CA certificate with an RSA key of 2048 bits or an ECDSA key, signed with SHA-256 or better",
                at=at,
            )
        yield from _expiring(draft, name, file, authority)


def _authorities(folder: Path, file: str) -> list[Authority]:
    content = _without_private_key(folder, file, BUNDLE_SIZES)
    try:
        return authorities(content)
    except NoCertificateError as error:
        raise UnfitFileError(
            "has no readable certificate",
            quoted(file),
            "`-----BEGIN CERTIFICATE-----` and what follows",
        ) from error


def _without_private_key(folder: Path, file: str, sizes: range) -> bytes:
    content = content_beside(folder, file, sizes)
    if b"PRIVATE KEY" in content:
        raise UnfitFileError(
            "contains a private key",
            quoted(file),
            "certificates only, and a new authority: this key is exposed",
        )
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1} of {quoted(file)}"
        raise UnfitFileError("is not text in UTF-8", found, "PEM, and comments in UTF-8") from error
    return content


def _expiring(draft: Draft, name: str, file: str, authority: Authority) -> Iterator[Finding]:
    left = (authority.until - draft.today).days
    if left <= NOTICE.days:
        when = f"expired on {authority.until}" if left < 0 else f"expires in {left} days"
        yield draft.finding(
            f"a certificate of trust anchor `{name}` {when}",
            f"{quoted(authority.subject)} in `{file}`, today is {draft.today}",
            "the authority's next certificate too, until all machines have changed",
            at=("trust_anchors", name, "bundle"),
            severity=Severity.WARNING if left < 0 else Severity.ADVICE,
        )


def _readable_bundle(folder: Path, bundle: str | None) -> bytes | None:
    """Give a readable bundle; an unreadable one is reported elsewhere."""
    try:
        if bundle is not None and _authorities(folder, bundle):
            return content_beside(folder, bundle, BUNDLE_SIZES)
    except UnfitFileError:
        return None
    return None


def _revoked(draft: Draft, folder: Path, name: str, anchor: TrustAnchor) -> Iterator[Finding]:
    at, file = ("trust_anchors", name, "revoked"), anchor.revoked or ""
    try:
        content = _without_private_key(folder, file, LIST_SIZES)
        bundle = _readable_bundle(folder, anchor.bundle)
        next_update = last_day_of_list(content, bundle)
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
    if next_update is not None and next_update < draft.today:
        yield draft.finding(
            f"the list of revoked certificates of trust anchor `{name}` expired on {next_update}",
            f"`{file}`, today is {draft.today}",
            "the list that the authority publishes now",
            at=at,
            severity=Severity.ADVICE,
        )


def _different_session_policies(draft: Draft, name: str, role: Role) -> Iterator[Finding]:
    """Refuse different session policies: a machine chooses its profile itself, so that any of them could apply."""
    trusts = [(index, each) for index, each in enumerate(role.trusts) if isinstance(each, AnywhereTrust)]
    for index, trust in trusts[1:]:
        if set(trust.at_most) != set(trusts[0][1].at_most):
            at = ("roles", name, "trusts", index, "at_most" if trust.at_most else "trust_anchor")
            yield draft.finding(
                f"certificates of role `{name}` have different session policies, and each machine could choose one",
                listed(trust.at_most) or "no `at_most`",
                f"{listed(trusts[0][1].at_most) or 'no `at_most`'}, as in the trust before, or another role",
                at=at,
            )
