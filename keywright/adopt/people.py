"""People and applications told apart: by their credentials, and where these decide nothing, by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from keywright.reporting.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from keywright.account.entities import AccessKey, User
    from keywright.account.snapshot import AccountSnapshot

REVIEW = timedelta(days=90)
"""How soon somebody reviews an adopted application: as long as CIS lets a key live."""
UNKNOWN_DOMAIN = "address.invalid"
"""The domain of addresses that the account does not know; no mail is ever delivered there (RFC 2606)."""
_SOFTWARE = re.compile(
    r"(?i)(^|[^a-z])(app|api|aws|automation|backup|batch|bot|ci|cd|cron|deploy(er|ment)?|etl|exporter|gitlab|github|jenkins|job|"
    r"lambda|logs?|mailer|monitor(ing)?|pipeline|prod|reader|robot|s3|sa|scanner|script|sender|server|service|ses|smtp|svc|sync|"
    r"system|terraform|uploader|writer|worker)([^a-z]|$)"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EMAIL_TAGS = ("email", "e-mail", "mail", "emailaddress")


@dataclass(frozen=True)
class Kind:
    """Whether a user is a person or an application, the evidence, and each doubt about it."""

    is_person: bool
    evidence: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def kind_of(user: User, snapshot: AccountSnapshot, *, known: bool | None = None) -> Kind:
    """Tell what a user is; of one that Keywright deployed, `known` tells whether it is a person."""
    if known is not None:
        what = "a person" if known else "an application"
        return Kind(is_person=known, evidence=(f"deployed by Keywright as {what}",))
    password, devices = snapshot.login_profile_of(user.name), snapshot.mfa_devices_of(user.name)
    keys = snapshot.access_keys_of(user.name)
    evidence = tuple(_evidence(user, snapshot))
    read = {
        part: snapshot.has(part, f"user/{user.name}")
        for part in ("LoginProfiles", "MFADevices", "AccessKeys")
    }
    if password or devices or snapshot.password_last_used(user.name):
        return Kind(is_person=True, evidence=evidence, doubts=tuple(_doubts_of_person(user, snapshot)))
    named = _SOFTWARE.search(user.name) is not None
    if keys:
        doubts = [] if read["LoginProfiles"] else ["whether it has a console password is unknown"]
        if not any(each.is_active for each in keys):
            doubts.append("all of its access keys are inactive: perhaps nothing uses it")
        if _looks_like_person(user.name) and not named:
            doubts.append("its name looks like a person's, but only its access keys can be used")
        return Kind(is_person=False, evidence=evidence, doubts=tuple(doubts))
    missing = [part for part, known in read.items() if not known]
    why = (
        f"the snapshot lacks {', '.join(missing)}" if missing else "it has no password, no MFA device, no key"
    )
    is_person = not named and (_looks_like_person(user.name) or bool(_email(user)))
    says = "a person" if is_person else "an application"
    return Kind(
        is_person=is_person, evidence=evidence, doubts=(f"{why}; its name alone says that it is {says}",)
    )


def email_of(user: User, domain: str) -> tuple[str, bool]:
    """Give a person's address, and whether the account knows it."""
    known = _email(user)
    local = re.sub(r"[^A-Za-z0-9._+-]", "-", user.name.partition("@")[0]) or "somebody"
    return (known, True) if known else (f"{local}@{domain or UNKNOWN_DOMAIN}", bool(domain))


def declared_keys(keys: Iterable[AccessKey], serials: Mapping[str, int]) -> list[dict[str, Any]]:
    """Declare the access keys that Keywright's stacks own, by id with their serials."""
    return sorted(
        (
            {
                "serial": serials[key.id],
                "issued": key.created.date(),
                **({} if key.is_active else {"status": "inactive"}),
            }
            for key in keys
            if key.id in serials and key.created
        ),
        key=lambda each: int(each["serial"]),
    )


def application(kind: Kind, today: date) -> dict[str, Any]:
    """Declare an application; a reviewer replaces the reason."""
    because = f"adopted from the account: {'; '.join(kind.evidence) or 'nothing tells that a person uses it'}"
    return {"because": because[:500], "review": today + REVIEW}


def _email(user: User) -> str:
    tags = {key.lower(): value for key, value in user.tags.items()}
    candidates = (user.name, *(tags.get(each, "") for each in _EMAIL_TAGS))
    return next((each for each in candidates if _EMAIL.fullmatch(each)), "")


def _looks_like_person(name: str) -> bool:
    return re.fullmatch(r"[A-Z]?[a-z]+([._-]?[A-Z]?[a-z]+)?(@.+)?", name) is not None


def _evidence(user: User, snapshot: AccountSnapshot) -> Iterator[str]:
    if snapshot.login_profile_of(user.name):
        used = snapshot.password_last_used(user.name)
        yield f"console password, {f'last used {_day(used)}' if used else 'no use recorded'}"
    elif snapshot.password_last_used(user.name):
        yield "a console password was used"
    devices = snapshot.mfa_devices_of(user.name)
    if devices:
        yield counted(len(devices), "MFA device")
    keys = snapshot.access_keys_of(user.name)
    if keys:
        yield f"{counted(len(keys), 'access key')} ({'; '.join(map(_key, keys))})"
    others = snapshot.other_credentials_of(user.name)
    if others:
        yield f"other credentials: {', '.join(sorted({each.kind for each in others}))}"


def _doubts_of_person(user: User, snapshot: AccountSnapshot) -> Iterator[str]:
    keys = [each for each in snapshot.access_keys_of(user.name) if each.is_active]
    if keys:
        used = [each.last_used for each in keys if each.last_used]
        last = f"last used {_day(max(used))}" if used else "never used"
        yield f"also has {counted(len(keys), 'active access key')}, {last}: perhaps software uses it too"
    if _SOFTWARE.search(user.name):
        yield "its name looks like software's, but it has a password or an MFA device"
    if snapshot.has("MFADevices", f"user/{user.name}") and not snapshot.mfa_devices_of(user.name):
        yield "no MFA device"


def _key(key: AccessKey) -> str:
    state = "active" if key.is_active else "inactive"
    made = f", of {_day(key.created)}" if key.created else ""
    used = f"last used {_day(key.last_used)}" if key.last_used else "no use recorded"
    by = f" for {key.last_used_service}" if key.last_used_service else ""
    return f"{state}{made}, {used}{by}"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
