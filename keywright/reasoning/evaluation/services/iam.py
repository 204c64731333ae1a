"""AWS Identity and Access Management.

Sources: "How AWS enforcement code logic evaluates requests to allow or deny access"; "Service-linked roles", "Service
control policies (SCPs)" (tasks and entities not restricted by SCPs), "Referencing permission sets in resource policies".
"""

from __future__ import annotations

from keywright.policy.matching.context import MAYBE, NO, YES, Truth

FOR_ROOT = "the account's root user needs no policy"
SERVICE_LINKED_PATH = "/aws-service-role/"
RESERVED_PATH = "/aws-reserved/"
_SERVICE_LINKED_NAME = "AWSServiceRoleFor"
_RESERVED_NAMES = (_SERVICE_LINKED_NAME, "AWSReservedSSO_")


def is_reserved_name(role_name: str) -> bool:
    """Return whether AWS reserves the name of a role, so that the ARNs of its sessions omit a path."""
    return role_name.startswith(_RESERVED_NAMES)


def is_service_linked(role_name: str, path: str) -> Truth:
    """Return whether a role is service-linked; the path is empty where it is not known."""
    if path:
        return YES if path.startswith(SERVICE_LINKED_PATH) else NO
    return MAYBE if role_name.startswith(_SERVICE_LINKED_NAME) else NO


def is_protected(path: str) -> bool:
    """Return whether only AWS can change a role: its policies and its trust policy cannot be edited."""
    return path.startswith((SERVICE_LINKED_PATH, RESERVED_PATH))
