"""The buckets that an account's policies name, each with the name under which it is declared."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keywright.adopt.atoms import Atom
    from keywright.policy.statement import Statement

_BUCKET = re.compile(
    r"arn:[a-z-]+:s3:::(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<keys>.*))?", re.DOTALL
)
_POINT = re.compile(
    r"arn:[a-z-]+:s3:[a-z0-9-]+:[0-9]{12}:accesspoint/(?P<point>[a-z][a-z0-9-]{1,48}[a-z0-9])"
)
_LONGEST = 40
_CONTEXT = "kms:encryptioncontext:aws:s3:arn"


def bucket_and_keys(resource: str) -> tuple[str, str | None] | None:
    """Give the bucket of an ARN, and the pattern of its objects' keys if it is of objects."""
    found = _BUCKET.fullmatch(resource)
    return (found["bucket"], found["keys"]) if found else None


def access_point_of(value: str) -> str | None:
    """Give the name of an access point by its ARN."""
    found = _POINT.fullmatch(value)
    return found["point"] if found else None


@dataclass
class Buckets:
    """The buckets of one account by their names in S3; `used` are those that a recognised grant names."""

    account: str
    region: str
    keys: dict[str, str] = field(default_factory=dict)
    used: dict[str, set[str]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def learn_keys(self, statements: Iterable[Statement]) -> None:
        """Learn which KMS key a bucket has from statements that allow its use for this bucket alone."""
        for statement in statements:
            if len(statement.resources) != 1 or ":key/" not in statement.resources[0]:
                continue
            for tests in statement.conditions.values():
                for key, values in tests.items():
                    if key.lower() == _CONTEXT:
                        named = {found[0] for each in values if (found := bucket_and_keys(each))}
                        if len(named) == 1:
                            self.keys.setdefault(named.pop(), statement.resources[0])

    def declared(self, bucket: str) -> str:
        """Give the name under which a bucket is declared."""
        if bucket not in self._names:
            self._names[bucket] = self._new_name(bucket)
        return self._names[bucket]

    def use(self, grants: Iterable[Mapping[str, Any]]) -> None:
        """Note the buckets that declared grants name."""
        buckets = {name: bucket for bucket, name in self._names.items()}
        for grant in grants:
            if "bucket" in grant:
                points = self.used.setdefault(buckets[grant["bucket"]], set())
                points |= {grant["access_point"]} if "access_point" in grant else set()

    def declarations(self) -> dict[str, dict[str, Any]]:
        """Give the section `buckets`: none of them is created, changed or deleted."""
        return {
            self.declared(bucket): {
                "existing": bucket,
                **({"key": self.keys[bucket]} if bucket in self.keys else {}),
                **(
                    {"access_points": {each: {"existing": True} for each in sorted(points)}} if points else {}
                ),
            }
            for bucket, points in sorted(self.used.items(), key=lambda each: self.declared(each[0]))
        }

    def _new_name(self, bucket: str) -> str:
        short = bucket.removesuffix(f"-{self.account}-{self.region}-an").replace(".", "-")
        short = short if short[0].isalpha() else f"b-{short}"
        taken = set(self._names.values())
        if len(short) <= _LONGEST and short not in taken:
            return short
        mark = hashlib.sha256(bucket.encode()).hexdigest()[:6]
        return f"{short[: _LONGEST - len(mark) - 1].rstrip('-')}-{mark}"


@dataclass(frozen=True)
class Place:
    """A bucket, a folder in it ("" for all of it), and the access point that access is limited to."""

    bucket: str
    folder: str
    access_point: str = ""


def places_in(atoms: Iterable[Atom]) -> dict[Place, set[Any]]:
    """Give the folders that S3 statements are about, each with the last days of access to it."""
    found: dict[Place, set[Any]] = {}
    for atom in atoms:
        named = bucket_and_keys(atom.resource)
        if named is None or not atom.action.startswith("s3:"):
            continue
        bucket, keys = named
        tests = {key: values for _, key, values in atom.tests}
        point = tests.get("s3:dataaccesspointarn", ("",))[0]
        if keys is None:
            keys = tests.get("s3:prefix", ("*",))[0]
        if keys.endswith("*"):
            found.setdefault(Place(bucket, keys[:-1], point), set()).add(atom.until)
    return found
