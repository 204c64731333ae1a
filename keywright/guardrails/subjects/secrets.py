"""Secrets in templates: texts in the format of a secret, names of secrets, and references to secrets.

Sources: "Do not embed credentials in your templates" (Security best practices for CloudFormation) and "Using dynamic
references", CloudFormation User Guide; the issuers' documentation for the formats of their tokens.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.resolve import is_no_echo
from keywright.guardrails.reference.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.template import Template
    from keywright.guardrails.subjects.template_nodes import Path

SECRET_FORMATS = (
    ("a long-term access key", re.compile(r"(?<![A-Z0-9])AKIA[A-Z2-7]{16}(?![A-Z0-9])")),
    (
        "a secret access key",
        re.compile(
            r"(?i)(?:aws_?secret_?access_?key|secretaccesskey)\W{1,6}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
        ),
    ),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")),
    ("a token of GitHub", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})")),
    ("a token of GitLab", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("a token of Slack", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("a key of Stripe", re.compile(r"\b[rs]k_live_[A-Za-z0-9]{16,}")),
    ("a key of Google", re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b")),
    ("a token of npm", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    (
        "a password in an address",
        re.compile(
            r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'$]{1,64}:[^\s:/@\"'${<]{3,}@[a-z0-9]", re.IGNORECASE
        ),
    ),
)
_FORMAT_HINTS = (
    ("AKIA",),
    ("cret",),
    ("-----BEGIN ",),
    ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    ("glpat-",),
    ("xox",),
    ("k_live_",),
    ("AIza",),
    ("npm_",),
    ("://",),
)
"""For each format, texts of which a match contains at least one (in lower case where case does not matter)."""
_CREDENTIAL_WORDS = r"(?:password|passwd|pass|secret_?key|api_?key|auth_?token|access_?token)"
_LITERAL = r"[\"']?(?![\"'$<{(/*])[^\s\"'$<{;]{6,}"
_ASSIGNMENT = re.compile(
    rf"(?i)(?:^|[\s;\"'_-])(?:[a-z]{{0,30}}_){{0,5}}{_CREDENTIAL_WORDS}\"?[ \t]*[=:][ \t]*{_LITERAL}"
    rf"|(?:^|\s)--?(?:[a-z]{{1,30}}[_-]){{0,5}}{_CREDENTIAL_WORDS}[ \t]+(?!-){_LITERAL}"
    rf"|\bmysql(?:dump|admin)?[ \t][^\n;|]{{0,200}}?[ \t]-p{_LITERAL}"
)
"""How scripts assign a plaintext value to a secret."""

SECRET_PROPERTIES = frozenset(table("secret_properties"))
"""Properties of resources whose values are secrets, in lower case."""

_NAME = re.compile(
    r"(?i).*(?:password|passwd|passphrase|(?:secret|private|access|api)_?-?key"
    r"|(?:auth|access|api|bearer|oauth|github|gitlab|slack|npm|bot)_?-?token"
    r"|(?:client|jwt|session|signing|webhook|cookie|app|hmac|shared|consumer)_?-?secret|_(?:pass|pwd))"
)
_ENDS = ("password", "passwd", "passphrase", "key", "token", "secret", "_pass", "_pwd")
"""Endings of such names, in lower case."""
_SWITCH = re.compile(
    r"(?i)(?:allow|can|enable|disable|force|has|is|needs?|require|reset|rotate|use)[a-z]*[A-Z_].*"
)
"""Names of flags, such as `AllowUsersToChangePassword`."""
_HARMLESS_VALUE = re.compile(r"(?i)arn:.*|/.*|true|false|[0-9]{1,4}|<.*>|seconds|minutes|hours|days|")
_RESOLVED = re.compile(r"\{\{resolve:(?:secretsmanager|ssm-secure):")
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9]+)\}")


def secret_format(text: str) -> str:
    """Return the secret that a text contains by its format, such as `a private key`; "" for none."""
    return next((what for what, form in SECRET_FORMATS if form.search(text)), "")


def has_secret_format(text: str) -> bool:
    """Return whether a text has any secret format. Searching for short texts first is faster on long templates."""
    lowered = text.lower()
    return any(
        form.search(text)
        for (_, form), parts in zip(SECRET_FORMATS, _FORMAT_HINTS, strict=True)
        if any(each in text or each in lowered for each in parts)
    )


def secret_in_script(text: str) -> str:
    """Return the secret that a script contains, by its format or by an assignment to a secret's name."""
    return secret_format(text) or ("a password or key" if _ASSIGNMENT.search(text) else "")


def has_secret_name(name: str) -> bool:
    """Return whether the name of a parameter, output or variable is that of a secret, not of a reference to one."""
    may = name.casefold().endswith(_ENDS)
    return may and _NAME.fullmatch(name) is not None and _SWITCH.fullmatch(name) is None


def is_plaintext(node: Node) -> bool:
    """Return whether a node is a plaintext value: no reference, ARN, path, number, unit, boolean or placeholder."""
    if not isinstance(node, str) or "{{resolve:" in node:
        return False
    return _HARMLESS_VALUE.fullmatch(node) is None


def no_echo_parameters(template: Template) -> frozenset[str]:
    """Return the parameters with `NoEcho`."""
    return frozenset(name for name, declared in template.parameters.items() if is_no_echo(declared))


def referenced_parameter(node: Node, template: Template) -> str:
    """Return the parameter to which a value refers; "" for other values."""
    named = node.get("Ref") if isinstance(node, dict) and len(node) == 1 else None
    return named if isinstance(named, str) and named in template.parameters else ""


def disclosed_secret(node: Node, hidden: frozenset[str]) -> str:
    """Return the secret or `NoEcho` parameter that a value discloses; "" for none."""
    if isinstance(node, str):
        return "a secret by a dynamic reference" if _RESOLVED.search(node) else ""
    if not isinstance(node, dict) or len(node) != 1:
        return ""
    ((function, argument),) = node.items()
    if function == "Ref":
        return f"`{argument}`" if isinstance(argument, str) and argument in hidden else ""
    form = argument[0] if isinstance(argument, list) and argument else argument
    if function == "Fn::Sub" and isinstance(form, str):
        return next((f"`{name}`" for name in _PLACEHOLDER.findall(form) if name in hidden), "")
    return ""


def decoded(text: str) -> str:
    """Decode Base64; return other texts unchanged."""
    try:
        return base64.b64decode(text, validate=True).decode() if len(text) > 8 else text  # noqa: PLR2004 - shorter hides nothing
    except (binascii.Error, ValueError):
        return text


def is_user_data(path: Path) -> bool:
    """Return whether a path is in an instance's user data, which another rule checks."""
    return "UserData" in path


_RESOLVED_TYPES = ("SECRETS_MANAGER", "PARAMETER_STORE")


def environment_variables(node: Node) -> Iterator[tuple[str, Node, Path]]:
    """Yield the environment variables below a node of a function or container, each with its path.

    Variables that name a secret or parameter for AWS CodeBuild to read contain no value.
    """
    if isinstance(node, dict):
        given = node.get("Variables")
        yield from (
            ((name, value, ("Variables", name)) for name, value in given.items())
            if isinstance(given, dict)
            else ()
        )
    for index, item in enumerate(node if isinstance(node, list) else ()):
        if (
            isinstance(item, dict)
            and isinstance(item.get("Name"), str)
            and item.get("Type") not in _RESOLVED_TYPES
        ):
            yield str(item["Name"]), item.get("Value"), (index, "Value")
