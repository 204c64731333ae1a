"""Names by the path they stand under, so that who comes and goes under it needs no new bootstrap."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.deployer.needs import Need

EXACT = frozenset(
    {
        "iam:AddUserToGroup",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:PassRole",
        "iam:UpdateAccessKey",
        "iam:UpdateLoginProfile",
        "secretsmanager:GetSecretValue",
    }
)
"""What stays on the declared names: no boundary is asked for, and what comes under the path later may lead anywhere."""
_POLICY = re.compile(r"arn:[^:]*:iam::[^:]*:policy/.*")
BY_PATH = "all names under the path, as was asked for"


def widened_to_path(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Widen each place whose name has a path to all names under that path; others stay as they are."""
    return tuple(dict.fromkeys(map(_widened, needs)))


def _widened(need: Need) -> Need:
    if need.action in EXACT or _POLICY.fullmatch(need.place):
        return need
    place = under_path(need.place)
    return need if place == need.place else replace(need, place=place, widened=need.widened or BY_PATH)


def under_path(place: str) -> str:
    """Give the pattern of everything under a place's path: `role/access/*` for `role/access/deployer`.

    A kind that only separates itself by `/`, such as `role/deployer` or a bucket's name, is no path.
    """
    fields = place.split(":", 5)
    if len(fields) < 6:  # noqa: PLR2004 - an ARN's
        return place
    head, _, _name = fields[5].rpartition("/")
    is_path = "/" in head or (bool(head) and ":" in head)
    return ":".join((*fields[:5], f"{head}/*")) if is_path and fields[2] != "s3" else place
