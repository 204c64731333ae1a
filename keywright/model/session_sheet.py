"""The part of a newcomer's sheet that is about shells on instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.granted import granted_to
from keywright.model.session_grant import SessionGrant
from keywright.model.workload_tag import WORKLOAD_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.user import User


def session_sheet(user: User, declarations: Declarations) -> Iterator[str]:
    """Write the section in Markdown; nothing for somebody who is granted no session."""
    grants = granted_to(user, declarations)
    granted = [each.session_on for each in grants if isinstance(each, SessionGrant)]
    if not granted:
        return
    yield ""
    yield "## Shells on instances"
    yield "No port is open and no SSH key is needed: the AWS CLI with its Session Manager plugin opens a shell."
    for workload in dict.fromkeys(granted):
        tagged = f"Key=tag:{WORKLOAD_TAG},Values={workload}"
        yield ""
        yield f"- `{workload}`: look its instances up, and go to one. There you act as the role of `{workload}`."
        yield ""
        yield f"       aws ssm describe-instance-information --filters {tagged} --query InstanceInformationList[].InstanceId"
        yield "       aws ssm start-session --target INSTANCE"
