"""Reads X.509 certificates: when they expire, and whether they can issue others (RFC 5280)."""

from __future__ import annotations

import base64
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from cryptography.x509 import Certificate, CertificateRevocationList

_RSA_BITS, _EC_BITS = 2048, 256
_NO_LIST = "no list of revoked certificates in PEM"
_BROKEN = frozenset({"md5", "sha1"})


class NoCertificateError(ValueError):
    """The text is not a certificate."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate of an authority; `unfit` is the reason why IAM Roles Anywhere refuses certificates that it issued."""

    subject: str
    until: date
    unfit: str


def valid_until(text: str) -> datetime:
    """Read the end of validity from a certificate in base64, as SAML metadata carries it.

    Raises:
        NoCertificateError: It is not base64, or not a certificate.
    """
    from cryptography import x509  # noqa: PLC0415 - only declarations with SAML pay for it

    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        with warnings.catch_warnings(action="ignore"):  # oddities that say nothing about the validity
            return x509.load_der_x509_certificate(der).not_valid_after_utc
    except (ValueError, x509.InvalidVersion) as error:
        raise NoCertificateError("no X.509 certificate") from error


def authorities(content: bytes) -> list[Authority]:
    """Read the certificates of a bundle in PEM.

    Raises:
        NoCertificateError: It contains no certificate, or an unreadable one.
    """
    with _reading("no X.509 certificate in PEM"):
        return [
            Authority(
                _line(each.subject.rfc4514_string()), each.not_valid_after_utc.date(), _reason_to_refuse(each)
            )
            for each in _certificates(content)
        ]


def certificates_in(content: bytes) -> list[tuple[str, str]]:
    """Read the subject and the SHA-256 fingerprint of each certificate in a bundle.

    Raises:
        NoCertificateError: It contains no certificate, or an unreadable one.
    """
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    with _reading("no X.509 certificate in PEM"):
        return [
            (_line(each.subject.rfc4514_string()), each.fingerprint(SHA256()).hex())
            for each in _certificates(content)
        ]


def revoked_in(content: bytes) -> frozenset[str]:
    """List the certificates that a revocation list in PEM contains, by issuer and serial number.

    Raises:
        NoCertificateError: It is not a revocation list.
    """
    from cryptography import x509  # noqa: PLC0415 - only templates with trust anchors pay for it

    with _reading(_NO_LIST):
        revoked = x509.load_pem_x509_crl(content)
        issuer = revoked.issuer.rfc4514_string()
        return frozenset(f"{issuer} {each.serial_number}" for each in revoked)


def last_day_of_list(content: bytes, bundle: bytes | None) -> date | None:
    """Read when a revocation list in PEM announces its next update, if it does.

    Raises:
        NoCertificateError: It is not a revocation list, or no authority of the bundle signed it.
    """
    from cryptography import x509  # noqa: PLC0415 - only declarations with trust anchors pay for it

    with _reading(_NO_LIST):
        revoked = x509.load_pem_x509_crl(content)
        successor = revoked.next_update_utc.date() if revoked.next_update_utc else None
    if bundle is not None and not any(_signed(revoked, each) for each in _certificates(bundle)):
        raise NoCertificateError("signed by none of the authorities")
    return successor


def _certificates(content: bytes) -> list[Certificate]:
    from cryptography import x509  # noqa: PLC0415 - only declarations with trust anchors pay for it

    with _reading("no X.509 certificate in PEM"):
        return x509.load_pem_x509_certificates(content)


@contextmanager
def _reading(failure: str) -> Iterator[None]:
    """Raise one error for everything unreadable; `cryptography` parses parts of a certificate only when they are read."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.x509 import InvalidVersion  # noqa: PLC0415

    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except NoCertificateError:
        raise
    except (ValueError, TypeError, InvalidVersion, UnsupportedAlgorithm) as error:
        raise NoCertificateError(failure) from error


def _signed(revoked: CertificateRevocationList, authority: Certificate) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415

    try:
        return revoked.issuer == authority.subject and revoked.is_signature_valid(authority.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False


def _reason_to_refuse(certificate: Certificate) -> str:
    """Give the reason why IAM Roles Anywhere refuses certificates that it issued ("Signature verification"); empty for none."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415

    try:
        extensions = certificate.extensions
        if not _extension(extensions, x509.BasicConstraints, "ca"):
            return "is not an authority's: it cannot issue others"
        if not _extension(extensions, x509.KeyUsage, "key_cert_sign"):
            return "has no key usage for signing certificates"
        return _weakness(certificate)
    except (ValueError, UnsupportedAlgorithm):
        return "cannot be read"


def _extension(extensions: object, kind: type, flag: str) -> bool:
    from cryptography import x509  # noqa: PLC0415

    try:
        return bool(getattr(extensions.get_extension_for_class(kind).value, flag))  # type: ignore[attr-defined]
    except x509.ExtensionNotFound:
        return False


def _weakness(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

    key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
        return "has a key that is neither RSA nor ECDSA"
    least = _RSA_BITS if isinstance(key, RSAPublicKey) else _EC_BITS
    if key.key_size < least:
        return f"has a key of {key.key_size} bits, fewer than {least}"
    if digest is None or digest.name in _BROKEN:
        return f"is signed with {digest.name.upper() if digest else 'no digest'}, which is broken"
    return ""


def _line(text: str) -> str:
    return " ".join(text.split())
