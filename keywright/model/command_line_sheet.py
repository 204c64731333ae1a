"""The part of a newcomer's sheet that is about programs: how to come to credentials, and the profiles to write down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.access_key import OLDEST
from keywright.model.duration import seconds
from keywright.model.grant import AssumeGrant
from keywright.model.granted import granted_to
from keywright.model.own_keys import makes_own_keys, reason_of_own_keys
from keywright.model.role import GroupTrust
from keywright.model.trust import CHAINED
from keywright.model.wording import roles_of_group
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.user import User

_KEY = "key"
"""The profile of a key of one's own."""


def command_line_sheet(name: str, user: User, declarations: Declarations) -> Iterator[str]:
    """Write the sections in Markdown; nothing for somebody who has no way to credentials for programs."""
    if user.cli is not None:
        yield from _login(user, declarations)
    if makes_own_keys(user, declarations.groups):
        yield from _session_token(name, user, declarations)


def _login(user: User, declarations: Declarations) -> Iterator[str]:
    yield ""
    yield "## Command line"
    yield "No key is needed. With AWS CLI 2.32 or newer:"
    yield ""
    yield f"       aws configure set region {declarations.account.region}"
    yield "       aws login"
    yield ""
    yield "The browser signs you in, second factor included; the credentials end within 12 hours."
    yield from _profiles(user, declarations, "source_profile = default")


def _session_token(name: str, user: User, declarations: Declarations) -> Iterator[str]:
    device = f"{_iam(declarations)}:mfa/{name}"
    yield ""
    yield "## Command line where no browser can sign in"
    yield f"By a key of your own, because: {reason_of_own_keys(user, declarations.groups)}"
    yield ""
    yield f"1. Register an authenticator app, called `{name}`: a passkey shows no code that could be typed here."
    yield "2. Signed in with it, make an access key under *Security credentials*, and hand it to the AWS CLI alone:"
    yield ""
    yield f"       aws configure --profile {_KEY}"
    yield ""
    yield "3. The key opens nothing but a session, with the code that the authenticator shows:"
    yield ""
    yield f"       aws sts get-session-token --profile {_KEY} --serial-number {device} --token-code 123456"
    yield ""
    yield "   The answer holds `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` for 12 hours."
    yield f"4. Before the key is {OLDEST} days old, make another and delete it."
    yield from _profiles(user, declarations, f"source_profile = {_KEY}", f"mfa_serial = {device}")


@dataclass(frozen=True)
class _Profile:
    """A role that somebody may assume, and how young the second factor must be for it."""

    name: str
    arn: str
    within: str
    seconds: int = CHAINED
    """How long a session may last; of another account's role it is not known here."""


def _profiles(user: User, declarations: Declarations, *sources: str) -> Iterator[str]:
    """Write a profile for each role that the person may assume by groups or by itself, here and in other accounts."""
    profiles = {each.name: each for each in (*_here(user, declarations), *_elsewhere(user, declarations))}
    if not profiles:
        return
    yield ""
    yield f"To act as a role, such as `aws --profile {next(iter(profiles))} …`, write into `~/.aws/config`:"
    for each in profiles.values():
        yield ""
        yield f"       [profile {each.name}]"
        yield f"       role_arn = {each.arn}"
        if each.seconds > CHAINED:
            yield f"       duration_seconds = {each.seconds}"
        yield from (f"       {source}" for source in sources)
        yield f"       region = {declarations.account.region}"
    ages = ", ".join(dict.fromkeys(f"{each.within} (`{each.name}`)" for each in profiles.values()))
    yield ""
    yield f"Roles ask for a second factor used within {ages}; when one refuses, sign in once more."


def _here(user: User, declarations: Declarations) -> Iterator[_Profile]:
    groups = {each.name for each in user.groups}
    for name in sorted({role for each in groups for role in roles_of_group(each, declarations)}):
        role = declarations.roles[name]
        trusting = [each for each in role.trusts if isinstance(each, GroupTrust) and each.group in groups]
        arn = declarations.account.identity_arn(f"role/{name}")
        for trust in trusting:
            yield _Profile(name, arn, trust.mfa.within, seconds(role.session))


def _elsewhere(user: User, declarations: Declarations) -> Iterator[_Profile]:
    account = declarations.account
    for grant in granted_to(user, declarations):
        if isinstance(grant, AssumeGrant) and grant.mfa is not None:
            arn = grant.arn(partition_of(account.region), account.path)
            yield _Profile(f"{arn.rpartition('/')[2]}-{grant.owner}", arn, grant.mfa.within)


def _iam(declarations: Declarations) -> str:
    return f"arn:{partition_of(declarations.account.region)}:iam::{declarations.account.id}"
