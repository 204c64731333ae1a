"""The sign-in sheet for new users: console, command line, shells, roles and access. It contains no secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.fields.dates import seconds
from keywright.model.grants.grant import AssumeGrant
from keywright.model.grants.sessions import SessionGrant
from keywright.model.identity_arns import identity_arn, path_of
from keywright.model.people.access_keys import OLDEST
from keywright.model.queries import granted_to, makes_own_keys, reason_of_own_keys
from keywright.model.roles import GroupTrust
from keywright.model.sheets.wording import access_in_words, readers_in_words, roles_of_group, sign_in_address
from keywright.model.workloads import WORKLOAD_TAG
from keywright.policy.matching.arn import partition_of
from keywright.policy.quotas import CHAINED_SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.adoption import AdoptedUser
    from keywright.model.declarations import Declarations
    from keywright.model.people.users import User


_KEY = "key"
"""The AWS CLI profile of a personal access key."""


def command_line_sheet(name: str, user: User, declarations: Declarations) -> Iterator[str]:
    """Write the sections about the command line; nothing for users who can't use it."""
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
    yield "You sign in with MFA in the browser; the credentials last up to 12 hours."
    yield from _profiles(user, declarations, "source_profile = default")


def _session_token(name: str, user: User, declarations: Declarations) -> Iterator[str]:
    device = f"{_iam(declarations)}:mfa/{name}"
    yield ""
    yield "## Command line without a browser"
    yield f"With a personal access key, because: {reason_of_own_keys(user, declarations.groups)}"
    yield ""
    yield f"1. Register an authenticator app, called `{name}`: a passkey has no code that you could type here."
    yield "2. Signed in with it, create an access key under *Security credentials*, and store it in the AWS CLI only:"
    yield ""
    yield f"       aws configure --profile {_KEY}"
    yield ""
    yield "3. The key can only start a session, with the code that the authenticator shows:"
    yield ""
    yield f"       aws sts get-session-token --profile {_KEY} --serial-number {device} --token-code 123456"
    yield ""
    yield "   The answer has `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` for 12 hours."
    yield f"4. Before the key is {OLDEST} days old, create another one and delete it."
    yield from _profiles(user, declarations, f"source_profile = {_KEY}", f"mfa_serial = {device}")


@dataclass(frozen=True)
class _Profile:
    """A role that the user can assume, and how recent MFA must be."""

    name: str
    arn: str
    within: str
    seconds: int = CHAINED_SESSION
    """How long a session lasts; not known for roles of other accounts."""


def _profiles(user: User, declarations: Declarations, *sources: str) -> Iterator[str]:
    """Write an AWS CLI profile for each role that the user can assume, in this and other accounts."""
    # A role that several groups can assume needs one profile.
    profiles = {
        each.name: each for each in (*_roles_here(user, declarations), *_roles_elsewhere(user, declarations))
    }
    if not profiles:
        return
    yield ""
    yield f"To use a role, as in `aws --profile {next(iter(profiles))} …`, add this to `~/.aws/config`:"
    for each in profiles.values():
        yield ""
        yield f"       [profile {each.name}]"
        yield f"       role_arn = {each.arn}"
        # The AWS CLI asks for sessions of an hour unless told otherwise.
        if each.seconds > CHAINED_SESSION:
            yield f"       duration_seconds = {each.seconds}"
        yield from (f"       {source}" for source in sources)
        yield f"       region = {declarations.account.region}"
    ages = ", ".join(dict.fromkeys(f"{each.within} (`{each.name}`)" for each in profiles.values()))
    yield ""
    yield f"Roles require MFA within the last {ages}; if one refuses, sign in again."


def _roles_here(user: User, declarations: Declarations) -> Iterator[_Profile]:
    groups = {each.name for each in user.groups}
    for name in sorted({role for each in groups for role in roles_of_group(each, declarations)}):
        role = declarations.roles[name]
        trusting = [each for each in role.trusts if isinstance(each, GroupTrust) and each.group in groups]
        arn = identity_arn(declarations, f"role/{name}")
        for trust in trusting:
            yield _Profile(name, arn, trust.mfa.within, seconds(role.session))


def _roles_elsewhere(user: User, declarations: Declarations) -> Iterator[_Profile]:
    account = declarations.account
    for grant in granted_to(user, declarations):
        if isinstance(grant, AssumeGrant) and grant.mfa is not None:
            arn = grant.arn(partition_of(account.region), account.path)
            # Roles of different accounts can have the same name.
            yield _Profile(f"{arn.rpartition('/')[2]}-{grant.owner}", arn, grant.mfa.within)


def _iam(declarations: Declarations) -> str:
    return f"arn:{partition_of(declarations.account.region)}:iam::{declarations.account.id}"


def session_sheet(user: User, declarations: Declarations) -> Iterator[str]:
    """Write the section about shells on instances; nothing for users without such a grant."""
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
        yield f"- `{workload}`: find its instances, and open a shell on one. There you have the access of the role of `{workload}`."
        yield ""
        yield f"       aws ssm describe-instance-information --filters {tagged} --query InstanceInformationList[].InstanceId"
        yield "       aws ssm start-session --target INSTANCE"


def sign_in_sheet(name: str, declarations: Declarations) -> str:
    """Write the sheet of one declared user in Markdown, for mail or print.

    Raises:
        KeyError: The user is not declared, or is `existing`.
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
        yield f"Your access ends after {user.until}, UTC; then you can still sign in, but do nothing."
    yield from _retiring(user)
    if user.console and user.adopted is not None:
        yield from _as_before(user.adopted, declarations)
    elif user.console:
        yield from _console(name, declarations)
    yield from command_line_sheet(name, user, declarations)
    yield from session_sheet(user, declarations)
    yield from _roles(user, declarations)
    yield from _access(user, declarations)


def _retiring(user: User) -> Iterator[str]:
    if user.retiring is not None:
        yield ""
        yield f"Everything is denied since {user.retiring.since}, because the user is retiring: {user.retiring.because}"


def _as_before(adopted: AdoptedUser, declarations: Declarations) -> Iterator[str]:
    yield ""
    yield "## Sign-in"
    yield f"Your password and MFA devices stay as they are: {sign_in_address(declarations)}."
    if adopted.mfa == "later":
        yield "Register an MFA device under *Security credentials*: a passkey or an authenticator app. It will be required."
    else:
        yield "Without MFA, only the registration of an MFA device is allowed, under *Security credentials*."


def _console(name: str, declarations: Declarations) -> Iterator[str]:
    policy = declarations.account.password_policy
    length = f", at least {policy.minimum_length} characters" if policy else ""
    handover = declarations.account.handover
    giver = f"a member of `{handover}`" if handover else "an administrator"
    yield ""
    yield "## First sign-in"
    yield f"1. Open {sign_in_address(declarations)} and sign in with your user name and the first password."
    yield f"   {giver[0].upper()}{giver[1:]} gives it to you, separately from this sheet. It is in the secret"
    yield f"   `keywright/first-password/{name}`:"
    yield ""
    yield f"       aws secretsmanager get-secret-value --secret-id keywright/first-password/{name} --query SecretString"
    yield ""
    yield f"2. Choose your own password{length}. The first one is then invalid."
    yield "3. Under *Security credentials*, register an MFA device: a passkey or an authenticator app."
    yield f"   Name an authenticator app `{name}`, and a further one `{name},` followed by a word: other names are denied."
    yield "   Register two, of up to eight, so that you keep access if you lose one."
    yield "4. Sign out, and sign in again with MFA. Until then, nothing else is allowed."


def _roles(user: User, declarations: Declarations) -> Iterator[str]:
    names = [role for each in user.groups for role in roles_of_group(each.name, declarations)]
    if not names:
        return
    yield ""
    yield "## Roles you can switch to"
    for role in names:
        path = path_of(declarations, "role", role).removeprefix("/")
        yield f"- `{role}`: account `{declarations.account.id}`, role `{path}{role}`, under *Switch role* in the console"


def _application(name: str, user: User, declarations: Declarations) -> Iterator[str]:
    yield f"# Keys of application `{name}` in AWS account {declarations.account.id}"
    yield from _retiring(user)
    yield ""
    for key in user.access_keys:
        yield f"- key {key.serial}, {key.status}, issued {key.issued.isoformat()}: secret `keywright/access-key/{name}/{key.serial}`"
    yield ""
    yield f"Readable by {readers_in_words(user, declarations.account.handover)} only. Store it only where the application runs."
    yield from _access(user, declarations)


def _access(user: User, declarations: Declarations) -> Iterator[str]:
    yield ""
    yield "## What you can do" if user.person else "## What it can do"
    lines = list(access_in_words(user, declarations))
    yield from (f"- {line}" for line in lines or ["nothing yet"])
