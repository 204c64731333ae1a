"""How the identity keeper, and what it hands over, are called: by these names the fence knows them."""

from __future__ import annotations

from access_constructs.logical_id import logical_id

FUNCTION_NAME = "keywright-identity-keeper"
SECRET_PREFIX = "keywright/"  # noqa: S105 - a name, no secret
FIRST_PASSWORD = "first-password/"  # noqa: S105 - a name, no secret
ACCESS_KEY = "access-key/"
KEEPER_LOG = logical_id("LogGroup", FUNCTION_NAME)
"""Part of the name that CloudFormation gives the log group, by which the boundary knows it."""
