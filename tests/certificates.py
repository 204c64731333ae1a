"""Certificates and lists of revoked ones, for whoever tests what is made of them."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
WEAK = rsa.generate_private_key(65537, 1024)
_SIGNS = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
_SIGNS_NOTHING = x509.KeyUsage(True, False, False, False, False, False, False, False, False)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def authority(
    common_name: str = "Factory CA",
    *,
    until: str = "2095-01-01",
    ca: bool | None = True,
    signs: bool = True,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = KEY,
) -> str:
    """Give a self-signed certificate in PEM."""
    name = _name(common_name)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(_day("2020-01-01"))
        .not_valid_after(_day(until))
        .add_extension(_SIGNS if signs else _SIGNS_NOTHING, critical=True)
    )
    if ca is not None:
        made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def revoked(
    *serials: int,
    common_name: str = "Factory CA",
    until: str = "2095-01-01",
    key: ec.EllipticCurvePrivateKey = KEY,
) -> str:
    """Give a list of revoked certificates in PEM."""
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(_name(common_name))
        .last_update(_day("2020-01-01"))
        .next_update(_day(until))
    )
    for serial in serials:
        one = (
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_day("2020-02-01")).build()
        )
        made = made.add_revoked_certificate(one)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def private_key() -> str:
    """Give a private key in PEM."""
    return KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
