"""A SAML provider's metadata lies beside the declarations and can vouch for somebody today."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from keywright.finding import Finding, Severity
from keywright.model.certificate import NoCertificateError, valid_until
from keywright.model.day import NOTICE
from keywright.model.quoting import quoted

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


class _UnfitError(Exception):
    """What is wrong with a file, what was found, what is accepted."""


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
    except _UnfitError as error:
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
    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # noqa: PLC0415
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # noqa: PLC0415

    content = _content(folder, file)
    if b"PRIVATE KEY" in content:
        raise _UnfitError(
            "holds a private key", quoted(file), "the public metadata; and a new key, as this one is known"
        )
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise _UnfitError(
            "is not well-formed XML", f"line {line}, column {column + 1} of {quoted(file)}", "XML"
        ) from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise _UnfitError("declares a document type or entities", quoted(file), "XML without them") from error
    return root


def _content(folder: Path, file: str) -> bytes:
    path = folder / file
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise _UnfitError("lies outside the folder", quoted(file), f"a file inside `{folder.as_posix()}`")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _UnfitError("is no plain file", quoted(file), "a file")
        if status.st_size not in SIZES:
            size = f"{status.st_size:,} bytes"
            raise _UnfitError(
                "has a size that IAM refuses", size, f"{SIZES.start:,} to {SIZES.stop - 1:,} characters"
            )
        return path.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL, or a circle of links
        wrong = getattr(error, "strerror", None) or "not a path"
        raise _UnfitError(
            "cannot be read", f"{quoted(file)}: {wrong.lower()}", "a file beside the declarations"
        ) from error


def _certificates(root: Element) -> list[date]:
    """Give the last day of each signing certificate."""
    if root.tag != f"{_METADATA}EntityDescriptor" or not root.get("entityID"):
        raise _UnfitError(
            "describes no provider", quoted(root.tag), "an `EntityDescriptor` with its `entityID`"
        )
    if root.find(f"{_METADATA}IDPSSODescriptor") is None:
        raise _UnfitError(
            "describes no identity provider", "no `IDPSSODescriptor`", "the provider's own metadata"
        )
    keys = root.iterfind(f"{_METADATA}IDPSSODescriptor/{_METADATA}KeyDescriptor")
    signing = [key for key in keys if key.get("use", "signing") == "signing"]
    texts = [each.text or "" for key in signing for each in key.iter(f"{_SIGNATURE}X509Certificate")]
    if not texts:
        raise _UnfitError(
            "has no signing certificate", f"{len(signing)} signing keys", "an `X509Certificate`"
        )
    try:
        return [valid_until(text).date() for text in texts]
    except NoCertificateError as error:
        raise _UnfitError(
            "has a certificate that can't be read", "no X.509 in base64", "the provider's own"
        ) from error
