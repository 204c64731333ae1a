"""Until when an X.509 certificate is valid: the one thing that is asked of it ("4.1. Basic Certificate Fields", RFC 5280)."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

_SEQUENCE, _INTEGER, _VERSION = 0x30, 0x02, 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_LONG = 0x80
_FORMS = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}


class NoCertificateError(ValueError):
    """The text is no certificate."""


def valid_until(text: str) -> datetime:
    """Read the end of validity from a certificate in base64, as SAML metadata carries it.

    Raises:
        NoCertificateError: It is no base64, or no certificate.
    """
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        return _end_of_validity(der)
    except (binascii.Error, ValueError, IndexError) as error:
        raise NoCertificateError("no X.509 certificate") from error


def _end_of_validity(der: bytes) -> datetime:
    certificate, _ = _field(der, _SEQUENCE)
    rest, _ = _field(certificate, _SEQUENCE)
    if rest[0] == _VERSION:
        _, rest = _field(rest, _VERSION)
    _, rest = _field(rest, _INTEGER)
    for _part in ("signature algorithm", "issuer"):
        _, rest = _field(rest, _SEQUENCE)
    validity, _ = _field(rest, _SEQUENCE)
    _, rest = _field(validity, validity[0])
    content, _ = _field(rest, rest[0])
    return datetime.strptime(content.decode("ascii"), _FORMS[rest[0]]).replace(tzinfo=UTC)


def _field(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """Give the content of the first field, which must have this tag, and what follows it."""
    if der[0] != tag:
        raise NoCertificateError("no X.509 certificate")
    start, length = 2, der[1]
    if length & _LONG:
        start += length - _LONG
        length = int.from_bytes(der[2:start], "big")
    if start + length > len(der):
        raise NoCertificateError("no X.509 certificate")
    return der[start : start + length], der[start + length :]
