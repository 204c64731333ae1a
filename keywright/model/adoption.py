"""`adopted:` - what a user, group, role, workload or policy that existed before keeps, because a change would replace or interrupt it.

CloudFormation replaces a role or a policy whose path changes, and the ARN of a user or a group would change
("AWS::IAM::Role", "AWS::IAM::User", CloudFormation Template Reference), so the path stays for good. A missing permissions boundary and the wait for MFA are exceptions with a reason
and a last day: the guardrails report them as accepted until then.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from keywright.model.fields.dates import Day
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import Reason, Shape

ExistingPath = Annotated[
    str,
    Shape(
        "the IAM path of something that exists",
        "`/`, or such as `/team/`: a slash at both ends, at most 512 characters",
        # Without `*`, `?` and `$`, which have a meaning in the ARNs of policies.
        pattern=r"^/([A-Za-z0-9_.,+@=-]+/)*$",
        longest=512,
    ),
]
Description = Annotated[
    str,
    Shape(
        "a description",
        "the text that IAM shows, 1 to 1000 characters",
        pattern=r"^[\x20-\x7e\xa1-\xff\t\n\r]+$",
        longest=1000,
    ),
]
"""A description of a role or a managed policy ("CreateRole", "CreatePolicy", IAM API Reference)."""
BoundaryArn = Annotated[
    str,
    Shape(
        "what an adopted identity has as its permissions boundary",
        "`none`, or the ARN of a managed policy",
        pattern=r"^(none|arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,128})$",
        longest=700,
    ),
]
NONE = "none"
ADOPTING = ("users", "roles", "workloads")
"""The sections of what has a permissions boundary, or can lack one."""
RoleName = Annotated[
    str,
    Shape("a role's name", "1 to 64 letters, digits and `+=,.@_-`", pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$"),
]
ProfileName = Annotated[
    str,
    Shape(
        "an instance profile's name",
        "1 to 128 letters, digits and `+=,.@_-`",
        pattern=r"^[A-Za-z0-9+=,.@_-]{1,128}$",
    ),
]


class Adopted(Strict):
    """Something that existed before it was declared, and keeps its name and its path."""

    path: ExistingPath
    """Its IAM path, such as `/`; a change would replace it or change its ARN, so it stays."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report a path of AWS's own."""
        if self.path.startswith("/aws-"):
            yield Mistake(
                "{owner} is managed by AWS and can't be adopted",
                f"`{self.path}`",
                "no declaration: AWS creates and changes it",
                "path",
            )


class AdoptedPolicy(Adopted):
    """A managed policy that existed before it was declared."""

    description: Description | None = None
    """Its description, which can't be changed; without it, it has none."""


class AdoptedHolder(Adopted):
    """A user, role or workload that existed before, with what it keeps of its permissions boundary."""

    boundary: BoundaryArn | None = None
    """`none` if it has no permissions boundary and stays so, or the ARN of the one it keeps; without it, it gets
    the account's."""
    because: Reason | None = None
    """Why it has no boundary yet, or waits for MFA; a sentence for the reviewer."""
    until: Day | None = None
    """The last day on which the guardrails accept this; afterwards they report it. What is adopted does not end."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report an exception without a reason or a last day, and a reason for nothing."""
        yield from super().mistakes()
        kept = self.kept_back()
        for key in ("because", "until"):
            if kept and getattr(self, key) is None:
                yield Mistake(
                    f"`{kept[0]}` of {{owner}} needs a reason and a last day",
                    f"no `{key}`",
                    "`because` with the reason and `until` with the last day",
                    kept[0],
                )
                break
            if not kept and getattr(self, key) is not None:
                yield Mistake(
                    f"`{key}` of {{owner}} has nothing to explain", f"no {self._KEPT}", f"no `{key}`", key
                )

    _KEPT = "`boundary: none`"

    def kept_back(self) -> list[str]:
        """List the keys that make an exception."""
        return ["boundary"] if self.boundary == NONE else []


class AdoptedRole(AdoptedHolder):
    """A role that existed before it was declared."""

    description: Description | None = None
    """Its description; without it, it has none."""


class AdoptedWorkload(AdoptedRole):
    """The role and the instance profile that a workload had before it was declared."""

    role: RoleName
    """The name of its role."""
    profile: ProfileName | None = None
    """The name of its instance profile; without it, the role's name, as the console makes it."""
    profile_path: ExistingPath | None = None
    """The path of its instance profile; without it, the role's path."""


class AdoptedUser(AdoptedHolder):
    """A user that existed before it was declared."""

    mfa: Literal["required", "later"] = "required"
    """`later` for a person who is not in the group of the MFA guard yet, because without a device it would lock out."""
    access_keys: Annotated[int, Field(ge=0, le=2)] = 0
    """How many access keys it has from before; they can't be declared one by one, and stay until somebody deletes them."""

    _KEPT = "`boundary: none`, no `mfa: later`"

    def kept_back(self) -> list[str]:
        """List the keys that make an exception."""
        return [*super().kept_back(), *(["mfa"] if self.mfa == "later" else [])]
