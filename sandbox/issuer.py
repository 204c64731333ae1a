"""A token issuer for tests: an RSA key of its own, registered with the sandbox, and tokens signed with it."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import secrets
import time
from typing import Any

from sandbox.control import ask

_BITS = 1_024
"""Enough for a test, far too few for anything else."""
_EXPONENT = 65_537
_ROUNDS = 24


class Issuer:
    """An OpenID Connect issuer at an address that nobody ever asks."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key_id = secrets.token_hex(8)
        self._modulus, self._private = _new_key()

    def register(self, endpoint: str) -> None:
        """Have the sandbox know this issuer's key, as AWS learns it from the issuer."""
        key = {"kty": "RSA", "kid": self.key_id, "n": _text(self._modulus), "e": _text(_EXPONENT)}
        ask(endpoint, "issuer", issuer=self.address, key=key)

    def token(self, *, lifetime: int = 600, **claims: Any) -> str:
        """Sign a token that ends `lifetime` seconds from now; a claim may be overridden, `iss` and `exp` too."""
        issued = int(time.time())
        content = {"iss": self.address, "iat": issued, "exp": issued + lifetime, **claims}
        signed = f"{_part({'alg': 'RS256', 'kid': self.key_id, 'typ': 'JWT'})}.{_part(content)}"
        return f"{signed}.{_text(self._sign(signed), (_BITS + 7) // 8)}"

    def _sign(self, signed: str) -> int:
        digest = (
            bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(signed.encode()).digest()
        )
        padding = b"\xff" * ((_BITS + 7) // 8 - len(digest) - 3)
        return pow(int.from_bytes(b"\x00\x01" + padding + b"\x00" + digest), self._private, self._modulus)


def _new_key() -> tuple[int, int]:
    first, second = _prime(_BITS // 2), _prime(_BITS // 2)
    return first * second, pow(_EXPONENT, -1, math.lcm(first - 1, second - 1))


def _prime(bits: int) -> int:
    while True:
        candidate = secrets.randbits(bits) | 3 << bits - 2 | 1
        if math.gcd(candidate - 1, _EXPONENT) == 1 and _is_probably_prime(candidate):
            return candidate


def _is_probably_prime(candidate: int) -> bool:
    """Test by Miller and Rabin."""
    if any(candidate % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    twos = (candidate - 1 & 1 - candidate).bit_length() - 1
    odd = candidate - 1 >> twos
    return all(_passes(candidate, odd, twos) for _ in range(_ROUNDS))


def _passes(candidate: int, odd: int, twos: int) -> bool:
    power = pow(secrets.randbelow(candidate - 3) + 2, odd, candidate)
    if power in {1, candidate - 1}:
        return True
    return any((power := power * power % candidate) == candidate - 1 for _ in range(twos - 1))


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _text(number: int, length: int = 0) -> str:
    raw = number.to_bytes(length or (number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
