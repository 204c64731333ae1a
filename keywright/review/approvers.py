"""Who has to approve which kind of change: a file of the base, never of the pull request that is reviewed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from keywright.model.yaml_text import parse
from keywright.model.yaml_tree import Mapping as YamlMapping
from keywright.model.yaml_tree import place, plain
from keywright.reporting.finding import Finding
from keywright.review.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEAREST = 3


def read_approvers(text: str, file: str) -> tuple[Mapping[str, str], list[Finding]]:
    """Read a mapping of kinds of change to teams, such as `permissions management: acme/security`."""
    document = parse(text, file)
    if document.findings or document.root is None:
        return {}, document.findings
    root = document.root
    if not isinstance(root, YamlMapping):
        return {}, [
            Finding(place(root), "the file holds no mapping", accepted="kinds of change with their teams")
        ]
    findings = [
        Finding(place(key), f"`{kind}` is no kind of change", accepted=_nearest(kind))
        for kind, key in root.keys.items()
        if kind not in KINDS
    ]
    teams = {kind: plain(node) for kind, node in root.values.items()}
    findings += [
        Finding(place(root.values[kind]), f"`{kind}` has no team", accepted="a name, such as `acme/security`")
        for kind, team in teams.items()
        if not isinstance(team, str) or not team.strip()
    ]
    return ({}, findings) if findings else (teams, [])


def _nearest(kind: str) -> str:
    near = get_close_matches(kind, KINDS, n=_NEAREST, cutoff=0.3) or KINDS
    return ", ".join(f"`{each}`" for each in near)
