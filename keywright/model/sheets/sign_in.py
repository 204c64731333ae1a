"""The sheet that is handed to a newcomer: where to sign in, as whom, and what to do first. It holds no secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.fields.dates import seconds
from keywright.model.grants.grant import AssumeGrant
from keywright.model.grants.sessions import SessionGrant
from keywright.model.holders import granted_to
from keywright.model.people.access_keys import OLDEST, makes_own_keys, reason_of_own_keys
from keywright.model.roles import GroupTrust
from keywright.model.sheets.wording import access_in_words, readers_in_words, roles_of_group, sign_in_address
from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.matching.arn import partition_of
from keywright.policy.quotas import CHAINED_SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.people.users import User


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
    seconds: int = CHAINED_SESSION
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
        if each.seconds > CHAINED_SESSION:
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


def session_sheet(user: User, declarations: Declarations) -> Iterator[str]:
    """Write the section in Markdown; nothing for somebody who is granted no session."""
    grants = granted_to(user, declarations)
    granted = [each.session_on for each in grants if isinstance(each, SessionGrant)]
    if not granted:
        return
    yield ""
    yield "## Shells on instances"
    yield "No port is open and no SSH key is needed: the AWS CLI with its Session Manager plugin opens a shell."
    for workload in dict.fromkeys(granted):
        tagged = f"Key=tag:{WORKLOAD_TAG},Values={workload}"
        yield ""
        yield f"- `{workload}`: look its instances up, and go to one. There you act as the role of `{workload}`."
        yield ""
        yield f"       aws ssm describe-instance-information --filters {tagged} --query InstanceInformationList[].InstanceId"
        yield "       aws ssm start-session --target INSTANCE"


def sign_in_sheet(name: str, declarations: Declarations) -> str:
    """Write the sheet of one declared user in Markdown, for mail or print.

    Raises:
        KeyError: No such user is declared, or it exists already and is not ours to hand over.
    """
    user = declarations.users[name]
    if user.existing:
        raise KeyError(name)
    sections = _person(name, user, declarations) if user.person else _application(name, user, declarations)
    return "\n".join(sections) + "\n"


def _person(name: str, user: User, declarations: Declarations) -> Iterator[str]:
    yield f"# Your access to AWS account {declarations.account.id}"
    yield ""
    yield f"User name: `{name}`"
    if user.until is not None:
        yield ""
        yield f"Your access ends with {user.until}, by UTC; afterwards you can sign in, and nothing works."
    if user.console:
        yield from _console(name, declarations)
    yield from command_line_sheet(name, user, declarations)
    yield from session_sheet(user, declarations)
    yield from _roles(user, declarations)
    yield from _access(user, declarations)


def _console(name: str, declarations: Declarations) -> Iterator[str]:
    policy = declarations.account.password_policy
    length = f", at least {policy.minimum_length} characters" if policy else ""
    handover = declarations.account.handover
    keeper = f"a member of `{handover}`" if handover else "an administrator"
    yield ""
    yield "## First sign-in"
    yield f"1. Open {sign_in_address(declarations)} and sign in with your user name and the first password."
    yield f"   {keeper[0].upper()}{keeper[1:]} gives it to you, by another way than this sheet. It waits in the secret"
    yield f"   `keywright/first-password/{name}`:"
    yield ""
    yield f"       aws secretsmanager get-secret-value --secret-id keywright/first-password/{name} --query SecretString"
    yield ""
    yield f"2. Choose a password of your own{length}. The first one is worth nothing afterwards."
    yield "3. Under *Security credentials*, register a second factor: a passkey, or an authenticator app."
    yield f"   Call an authenticator's device `{name}`, a further one `{name},` and a word: no other name is let through."
    yield "   Register two, of up to eight: who has another one loses nothing with a device."
    yield "4. Sign out, and sign in again with the second factor. Until then nothing else works."


def _roles(user: User, declarations: Declarations) -> Iterator[str]:
    names = [role for each in user.groups for role in roles_of_group(each.name, declarations)]
    if not names:
        return
    yield ""
    yield "## Roles you may switch to"
    for role in names:
        path = declarations.account.path.removeprefix("/")
        yield f"- `{role}`: account `{declarations.account.id}`, role `{path}{role}`, under *Switch role* in the console"


def _application(name: str, user: User, declarations: Declarations) -> Iterator[str]:
    yield f"# Keys of application `{name}` in AWS account {declarations.account.id}"
    yield ""
    for key in user.access_keys:
        yield f"- key {key.serial}, {key.status}, issued {key.issued.isoformat()}: secret `keywright/access-key/{name}/{key.serial}`"
    yield ""
    yield f"Readable by {readers_in_words(user, declarations.account.handover)} alone. Store it where the application runs, nowhere else."
    yield from _access(user, declarations)


def _access(user: User, declarations: Declarations) -> Iterator[str]:
    yield ""
    yield "## What you may do" if user.person else "## What it may do"
    lines = list(access_in_words(user, declarations))
    yield from (f"- {line}" for line in lines or ["nothing yet"])
