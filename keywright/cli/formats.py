"""The output formats of the commands."""

from enum import StrEnum


class ReportFormat(StrEnum):
    """For people, or one JSON document."""

    TEXT = "text"
    JSON = "json"


class CheckFormat(StrEnum):
    """For people, for programs, or for a CI system."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


class Profile(StrEnum):
    """Which rules apply to templates that are not ours."""

    DEFAULT = "default"
    STRICT = "strict"


class ReviewFormat(StrEnum):
    """For a pull request, for a terminal, for programs, for code scanning, or as a page with the access map."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"


class ComplianceFormat(StrEnum):
    """For people, for an auditor's file, or for programs."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class RetireFormat(StrEnum):
    """For people, for an issue, or for programs."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class DeployerFormat(StrEnum):
    """A report for people, or the template itself."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


class DriftFormat(StrEnum):
    """For a terminal, for an issue or a summary, for programs, or for code scanning."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"


class UsersFormat(StrEnum):
    """For people, for an issue or a page, or for programs."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
