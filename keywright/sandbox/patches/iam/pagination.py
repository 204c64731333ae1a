"""Lists are returned in pages of a hundred, and account details include permissions boundaries.

AWS: "MaxItems" and "IsTruncated" of every list in the IAM API Reference: 100 items unless asked otherwise, perhaps fewer;
"GetAccountAuthorizationDetails": a user's and a role's permissions boundary. The emulator returns everything at once, so
that code without paging would pass, and omits the boundaries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session

from keywright.sandbox.patches.emulator import roles, users
from keywright.sandbox.patches.hooks import IAM, Parameters, Refused, rewrite, text

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL = 100
LARGEST = 1_000
_IDENTITIES = {"UserDetailList": ("UserName", users), "RoleDetailList": ("RoleName", roles)}


def register() -> None:
    """Paginate every list of IAM."""
    loader = botocore.session.get_session().get_component("data_loader")
    # botocore knows which lists are paged, so none has to be listed here.
    for action, described in loader.load_service_model("iam", "paginators-1")["pagination"].items():
        if action in IAM.handlers:
            rewrite(action, _paginator(_as_list(described["result_key"])))


def _paginator(lists: list[str]) -> Any:
    """Give a function that reduces a response to the requested page; several lists in it count as one."""

    def cut(parameters: Parameters, answer: dict[str, Any]) -> dict[str, Any]:
        start, size = _requested_page(parameters)
        _add_boundaries(answer)
        end = start + size
        page = {**answer, "IsTruncated": sum(len(answer.get(name) or []) for name in lists) > end}
        for name, first in _offsets(answer, lists):
            page[name] = (answer.get(name) or [])[max(start - first, 0) : max(end - first, 0)]
        return {**page, "Marker": str(end)} if page["IsTruncated"] else page

    return cut


def _requested_page(parameters: Parameters) -> tuple[int, int]:
    size, marker = int(text(parameters, "MaxItems") or USUAL), text(parameters, "Marker") or "0"
    if not 1 <= size <= LARGEST or not marker.isdigit():
        raise Refused(400, "ValidationError", f"MaxItems is 1 to {LARGEST}, Marker is from the last page")
    return int(marker), size


def _offsets(answer: dict[str, Any], lists: list[str]) -> Iterator[tuple[str, int]]:
    offset = 0
    for name in lists:
        yield name, offset
        offset += len(answer.get(name) or [])


def _add_boundaries(answer: dict[str, Any]) -> None:
    for list_name, (key, kept) in _IDENTITIES.items():
        for detail in answer.get(list_name) or []:
            arn = (kept.get(detail[key]) or {}).get("PermissionsBoundary")
            if arn:
                detail["PermissionsBoundary"] = {
                    "PermissionsBoundaryType": "Policy",
                    "PermissionsBoundaryArn": arn,
                }


def _as_list(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
