"""A SAML provider's metadata lies beside the declarations and can vouch for somebody today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.certificate import NoCertificateError, valid_until
from keywright.model.day import NOTICE
from keywright.model.file_beside import UnfitFileError, content_beside
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from keywright.model.draft import Draft

SIZES = range(1_000, 10_000_001)
"""Characters of a metadata document ("CreateSAMLProvider", IAM API Reference)."""
_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse metadata that is not there or is none, and warn of certificates that expire."""
    if draft.folder is None:
        return
    for name, provider in draft.identity_providers.items():
        if provider.saml and not provider.existing:
            yield from _provider(draft, draft.folder, name, provider.saml)


def _provider(draft: Draft, folder: Path, name: str, file: str) -> Iterator[Finding]:
    at = ("identity_providers", name, "saml")
    try:
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
            "holds a private key", quoted(file), "the public metadata; and a new key, as this one is known"
        )
    try:
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
            "describes no provider", quoted(root.tag), "an `EntityDescriptor` with its `entityID`"
        )
    if root.find(f"{_METADATA}IDPSSODescriptor") is None:
        raise UnfitFileError(
            "describes no identity provider", "no `IDPSSODescriptor`", "the provider's own metadata"
        )
    keys = root.iterfind(f"{_METADATA}IDPSSODescriptor/{_METADATA}KeyDescriptor")
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
            "has a certificate that can't be read", "no X.509 in base64", "the provider's own"
        ) from error
