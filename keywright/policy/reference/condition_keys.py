"""AWS's global condition keys, and whether a condition key exists at all.

Source: "AWS global condition context keys", IAM User Guide; Service Authorization Reference.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from keywright.policy.reference import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAGS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
_LISTED_AT = {"saml": "sts"}
"""Prefixes of keys that the reference lists at another service."""


@cache
def global_keys() -> Mapping[str, str]:
    """Give the type of each global key, such as `bool`, by its name; keys of tags are not among them."""
    tables = json.loads(Path(__file__).with_name("global_condition_keys.json").read_bytes())["keys"]
    return MappingProxyType({name: kind for kind, names in tables.items() for name in names})


@cache
def _global_in_lower_case() -> frozenset[str]:
    return frozenset(map(str.lower, global_keys()))


def is_known(key: str) -> bool:
    """Tell whether AWS lists a condition key; the claims of a token issuer (`gitlab.com:sub`) are not AWS's to list."""
    service, _, _ = key.lower().partition(":")
    if "." in service:
        return True
    if service == "aws":
        return key.lower() in _global_in_lower_case() or key.lower().startswith(_TAGS)
    listed_at = _LISTED_AT.get(service, service)
    return catalogue.key_type(listed_at, key) is not None or key.lower().startswith(_variable_keys(listed_at))


@cache
def _variable_keys(service: str) -> tuple[str, ...]:
    """Give how the keys begin whose end varies, such as `kms:EncryptionContext:`."""
    heads = (
        re.split(r"[$<]", key, maxsplit=1)[0] for key in catalogue.keys_of(service) if set("$<") & set(key)
    )
    return tuple(head.lower() for head in heads if head.partition(":")[2])


def known_keys(service: str) -> tuple[str, ...]:
    """List the condition keys of a service, or the global ones for `aws`; none for an unknown service."""
    if service.lower() == "aws":
        return (*global_keys(), "aws:PrincipalTag/…", "aws:RequestTag/…", "aws:ResourceTag/…")
    prefix = f"{service.lower()}:"
    listed = catalogue.keys_of(_LISTED_AT.get(service.lower(), service))
    return tuple(key for key in listed if key.lower().startswith(prefix))
