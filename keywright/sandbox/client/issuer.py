"""A token issuer for tests: its own RSA key, registered with the sandbox, and tokens signed with it."""

from __future__ import annotations

import secrets
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from keywright.sandbox.client.control import ask

_BITS = 2_048
_EXPONENT = 65_537


class Issuer:
    """An OpenID Connect issuer; no request is ever sent to its URL."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key_id = secrets.token_hex(8)
        self._key = rsa.generate_private_key(_EXPONENT, _BITS)

    def register(self, endpoint: str) -> None:
        """Register the issuer's key with the sandbox; AWS would fetch it from the issuer."""
        key = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        ask(endpoint, "issuer", issuer=self.address, key=key | {"kid": self.key_id})

    def token(self, *, lifetime: int = 600, **claims: Any) -> str:
        """Sign a token that expires in `lifetime` seconds; claims can be overridden, including `iss` and `exp`."""
        issued = int(time.time())
        # Claims come last, so that a test can sign a wrong issuer or date.
        content = {"iss": self.address, "iat": issued, "exp": issued + lifetime, **claims}
        return jwt.encode(content, self._key, algorithm="RS256", headers={"kid": self.key_id})
