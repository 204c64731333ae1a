"""Until when an X.509 certificate is valid: the one thing that is asked of it ("4.1. Basic Certificate Fields", RFC 5280)."""

from __future__ import annotations

import base64
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class NoCertificateError(ValueError):
    """The text is no certificate."""


def valid_until(text: str) -> datetime:
    """Read the end of validity from a certificate in base64, as SAML metadata carries it.

    Raises:
        NoCertificateError: It is no base64, or no certificate.
    """
    from cryptography import x509  # noqa: PLC0415 - only declarations with SAML pay for it

    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        with warnings.catch_warnings(action="ignore"):  # oddities that say nothing about the validity
            return x509.load_der_x509_certificate(der).not_valid_after_utc
    except (ValueError, x509.InvalidVersion) as error:
        raise NoCertificateError("no X.509 certificate") from error
