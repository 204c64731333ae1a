"""`organization:` - the control policies that limit this account, level by level, as its organization attaches them.

They are deployed by whoever runs the organization; here they are read for evaluation and review.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import Shape
from keywright.model.source.folder import UnfitFileError, content_beside
from keywright.policy.parsing.control_policies import FULL_ACCESS, Control, full_access, read_control_policy
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright.policy.statement import Document
    from keywright.reporting.finding import Finding


ControlPolicy = Annotated[
    str,
    Shape(
        "a control policy",
        "its JSON file beside the declarations, such as `organization/regions.json`, or `FullAWSAccess`",
        pattern=r"^(FullAWSAccess|([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.json)$",
        longest=255,
    ),
]
ControlPolicies = Annotated[tuple[ControlPolicy, ...], Field(max_length=20)]
LevelName = Annotated[
    str, Shape("the name of a level", "1 to 128 characters", shortest=1, longest=128, strip=True)
]


class Level(Strict):
    """The root, an organizational unit, or the account itself."""

    level: LevelName
    """What it is called, such as `root`, `workloads`, `account`."""
    service_control: ControlPolicies = ()
    """The service control policies attached to it; what none of them allows, nobody of the account may."""
    resource_control: ControlPolicies = ()
    """The resource control policies attached to it; AWS's own, which allows everything, goes without saying."""


class Organization(Strict):
    """The levels from the organization's root down to the account."""

    management: bool = False
    """Whether this is the organization's management account, which no control policy limits."""
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=7)]
    """The root first, then each organizational unit, the account last."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say which level lets nobody do anything for lack of a policy, and what is named twice."""
        names = [each.level for each in self.levels]
        limited = any(each.service_control for each in self.levels)
        for index, each in enumerate(self.levels):
            at = ("levels", index)
            if each.level in names[:index]:
                yield Mistake(
                    "two levels of {owner} have one name", f"`{each.level}`", "each once", (*at, "level")
                )
            if limited and not each.service_control:
                yield Mistake(
                    f"level `{each.level}` of {{owner}} has no service control policy, though others have",
                    "no `service_control`",
                    "`[FullAWSAccess]`, which AWS attaches to each level, or what stands in its place",
                    at,
                )
            for key in ("service_control", "resource_control"):
                files = getattr(each, key)
                for place, file in enumerate(files):
                    if file in files[:place]:
                        yield Mistake(
                            f"`{key}` of {{owner}} names one twice",
                            f"`{file}`",
                            "each once",
                            (*at, key, place),
                        )


_SIZES = range(2, 200_001)
"""Bytes of a file: white space between the parts doesn't count for AWS."""
_KEYS = {"service_control": Control.SERVICE, "resource_control": Control.RESOURCE}


@dataclass(frozen=True, slots=True)
class ControlDocument:
    """One document of a level: what it says, or why it says nothing."""

    level: int
    key: str
    index: int
    file: str
    document: Document | None = None
    findings: tuple[Finding, ...] = ()
    unfit: UnfitFileError | None = None

    @property
    def control(self) -> Control:
        """What it limits."""
        return _KEYS[self.key]


def control_documents(organization: Organization, folder: Path) -> Iterator[ControlDocument]:
    """Read each document where it is named."""
    for number, level in enumerate(organization.levels):
        for key, control in _KEYS.items():
            for index, file in enumerate(getattr(level, key)):
                yield _read(ControlDocument(number, key, index, file), control, folder)


def _read(place: ControlDocument, control: Control, folder: Path) -> ControlDocument:
    where = (place.level, place.key, place.index, place.file)
    if place.file == FULL_ACCESS[Control.SERVICE]:
        return ControlDocument(*where, full_access(control))
    try:
        text = content_beside(folder, place.file, _SIZES).decode("utf-8")
    except UnfitFileError as error:
        return ControlDocument(*where, unfit=error)
    except UnicodeDecodeError:
        unfit = UnfitFileError("is not text", quoted(place.file), "JSON in UTF-8")
        return ControlDocument(*where, unfit=unfit)
    document, findings = read_control_policy(text, (folder / place.file).as_posix(), control)
    return ControlDocument(*where, document, tuple(findings))
