"""`buckets:` — where the data is that access is about."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from keywright.model.strict import Strict

BucketName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]


class Bucket(Strict):
    """A private, encrypted, versioned, logged bucket of ours, or one that exists already."""

    name: BucketName | None = None
    existing: BucketName | None = None
