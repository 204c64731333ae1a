"""The sheet that is handed to a newcomer: where to sign in, as whom, and what to do first. It holds no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.command_line_sheet import command_line_sheet
from keywright.model.session_sheet import session_sheet
from keywright.model.wording import access_in_words, readers_in_words, roles_of_group, sign_in_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations
    from keywright.model.user import User


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
