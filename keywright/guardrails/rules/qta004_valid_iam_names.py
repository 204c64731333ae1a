"""QTA004: IAM names and paths are valid.

What it checks
    Names of users and roles have at most 64 characters, of groups, instance profiles, policies and providers 128:
    letters, digits and `+=,.@_-`. A path begins and ends with a slash and has at most 512 characters.

Why it matters
    IAM refuses the name in the middle of a deployment, which rolls back.

Refused
    Alice: {Type: AWS::IAM::User, Properties: {UserName: alice smith}}
    ---
    Reader: {Type: AWS::IAM::Role, Properties: {RoleName: reader, Path: access}}

Accepted
    Alice: {Type: AWS::IAM::User, Properties: {UserName: alice.smith@example.com, Path: /access/}}

Blind to
    Parts that are known only at deployment: each counts as one character. A parameter with an empty value counts as
    not given.

See
    IAM User Guide, "IAM and AWS STS quotas": IAM name requirements.
"""

import re
from collections.abc import Iterator

from keywright.assembly.templates.value import ABSENT, Absent, Text, as_text, possible_values
from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.guardrails.subjects.policy_sizes import size_of_text
from keywright.policy.matching.context import Truth
from keywright.policy.quotas import LONGEST_PATH, NAMES
from keywright.reporting.finding import Finding, Severity

CODE = "QTA004"
SEVERITY = Severity.ERROR

_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]*")
_PATH = re.compile(r"/|/[\x21-\x7e]*/")


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report names and paths that are too long or contain invalid characters."""
    if setting.resource.type not in NAMES:
        return
    name, longest = NAMES[setting.resource.type]
    for value in _texts(setting, name):
        parts = [part for part in value.parts if isinstance(part, str)]
        yield from _too_long(setting, name, value, longest)
        if not all(_NAME.fullmatch(part) for part in parts) or _is_empty(setting, name):
            yield _refused(setting, name, value, "letters, digits and `+=,.@_-`")
    for value in _texts(setting, "Path"):
        yield from _too_long(setting, "Path", value, LONGEST_PATH)
        literal = value.literal
        if literal is not None and not _PATH.fullmatch(literal):
            yield _refused(setting, "Path", value, "a path such as `/access/`")


def _is_empty(setting: ResourceSetting, name: str) -> bool:
    """Return whether an empty name is written in the template, rather than the value of an optional parameter."""
    properties = setting.resource.raw.get("Properties")
    return isinstance(properties, dict) and properties.get(name) == ""


def _texts(setting: ResourceSetting, name: str) -> Iterator[Text]:
    for value in possible_values(setting.resource.properties.get(name, ABSENT)):
        if not isinstance(value, Absent):
            yield as_text(value)


def _too_long(setting: ResourceSetting, name: str, value: Text, longest: int) -> Iterator[Finding]:
    literal = value.literal
    if literal is not None and len(literal) <= longest:
        return
    if size_of_text(value).exceeds(longest) is Truth.YES:
        yield setting.place.below("Properties", name).fault(
            CODE,
            f"`{name}` of `{setting.resource.label}` is too long",
            found=f"{size_of_text(value).least} characters",
            accepted=f"at most {longest}",
        )


def _refused(setting: ResourceSetting, name: str, value: Text, accepted: str) -> Finding:
    return setting.place.below("Properties", name).fault(
        CODE,
        f"`{name}` of `{setting.resource.label}` is not a valid IAM name",
        found=f"`{value}`",
        accepted=accepted,
    )
