"""What launches an instance asks for sessions at the metadata service: `HttpTokens: required`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.fixes.changes import CannotRewriteError
from keywright.guardrails.fixes.proposal import Proposal, path_of, rewrite_at, value_of
from keywright.guardrails.subjects.instance_launches import metadata_path

if TYPE_CHECKING:
    from keywright.guardrails.subjects.kinds import ResourceSetting
    from keywright.reporting.finding import Finding

CODES = ("INS001",)

_TOKENS, _REQUIRED = "HttpTokens", "required"


def fix(setting: ResourceSetting, _finding: Finding) -> Proposal:
    """Change the option, or add it, or add all of `MetadataOptions`."""
    *above, options = metadata_path(setting.resource)
    around = setting.place.below(*above)
    rewrite, given = rewrite_at(around), value_of(around)
    if not isinstance(given, dict):
        raise CannotRewriteError
    if options not in given:
        rewrite = rewrite.with_member(path_of(around), options, {_TOKENS: _REQUIRED})
    else:
        held = given[options]
        path = path_of(around.below(options))
        if not isinstance(held, dict):
            raise CannotRewriteError
        rewrite = (
            rewrite.with_text((*path, _TOKENS), _REQUIRED)
            if _TOKENS in held
            else rewrite.with_member(path, _TOKENS, _REQUIRED)
        )
    return Proposal(f"`{_TOKENS}` becomes `{_REQUIRED}`", rewrite)
