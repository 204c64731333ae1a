"""What `keywright init` has to know: the account and its first person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, get_args

from keywright.model.account.settings import Alias
from keywright.model.fields.text import AccountId, IdentityName, Region, Shape
from keywright.model.people.users import Email
from keywright.model.source.yaml_writing import scalar
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True)
class Value:
    """One value: its option, the question on a terminal, and its form."""

    option: str
    question: str
    shape: Shape
    accepted: str = ""
    """What is accepted, where the shape's own words are those of a file."""

    def mistake(self, given: str, subject: str = "") -> str:
        """Say what is wrong with a value, which its option or another subject gives; empty if nothing is."""
        from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - the help of the command does not need it

        try:
            TypeAdapter(Annotated[str, self.shape]).validate_python(given)
        except ValidationError:
            return f"{subject or self.option} is not {self.shape.what}; found {quoted(given)}; accepted: {self.accepted or self.shape.accepted}"
        return ""


def _shape(of: Any) -> Shape:
    return next(each for each in get_args(of) if isinstance(each, Shape))


ACCOUNT = Value("--account", "AWS account id", _shape(AccountId), "twelve digits, such as `111111111111`")
REGION = Value("--region", "Region", _shape(Region))
NAME = Value("--name", "Your user name", _shape(IdentityName))
EMAIL = Value("--email", "Your e-mail address", _shape(Email))
ALIAS = Value("--alias", "Account alias", _shape(Alias))


@dataclass(frozen=True)
class Values:
    """The values that are written into the files."""

    account: str
    region: str
    name: str
    email: str
    alias: str
    today: date
    requirement: str
    """How pip is told to install Keywright."""

    def placeholders(self) -> Mapping[str, str]:
        """Give the text for each placeholder of the files, such as `__ACCOUNT_ID__`."""
        return {
            "ACCOUNT": self.account,
            "ACCOUNT_ID": json.dumps(self.account),
            "REGION": scalar(self.region),
            "ALIAS": _alias(self.alias),
            "NAME": scalar(self.name),
            "EMAIL": scalar(self.email),
            "TODAY": self.today.isoformat(),
            "IN_A_YEAR": (self.today + timedelta(days=365)).isoformat(),
            "REQUIREMENT": self.requirement,
        }


def _alias(alias: str) -> str:
    address = "the sign-in address: https://ALIAS.signin.aws.amazon.com/console"
    return f"alias: {scalar(alias)}  # {address}" if alias else f"#alias: my-company  # {address}"
