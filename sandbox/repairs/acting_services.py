"""A service of AWS assumes a role, for whom it says that it acts.

AWS: "AWS services that work with IAM" and "The confused deputy problem", IAM User Guide: `aws:SourceAccount` and
`aws:SourceArn` are what the service sends of the resource that it acts for; session tags need their own permission in the
trust. The emulator has its services act with the root's power. What a service really sends is not known here: whoever asks
says it.
"""

from __future__ import annotations

from typing import Any

from sandbox.control import ControlRefused
from sandbox.repairs.assume_role import HOUR, find_role, role_session
from sandbox.repairs.emulator import request_scope
from sandbox.repairs.pass_role import trusts_service
from sandbox.repairs.seams import home_account, home_region


def act(question: dict[str, Any]) -> dict[str, Any]:
    """Give a service's session with a role.

    Raises:
        ControlRefused: No such role, or its trust policy refuses.
    """
    service, tags = str(question["service"]), dict(question["tags"])
    keys = {str(key).lower(): str(value) for key, value in dict(question["says"]).items()}
    keys |= {f"aws:requesttag/{key.lower()}": str(value) for key, value in tags.items()}
    actions = ("sts:AssumeRole", "sts:TagSession") if tags else ("sts:AssumeRole",)
    with request_scope(home_account(), home_region()):
        role = find_role(str(question["role"]))
        if role is None or not all(trusts_service(role, service, action, keys) for action in actions):
            message = (
                f"{service} is not authorized to perform: sts:AssumeRole on resource: {question['role']}"
            )
            raise ControlRefused("AccessDenied", message)
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        session = role_session(role, service.partition(".")[0], HOUR, SessionTags=pairs)
    credentials = session["Credentials"]
    return {**credentials, "Expiration": credentials["Expiration"].isoformat()}
