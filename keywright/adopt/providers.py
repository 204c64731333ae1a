"""The identity providers of an account, each with the name under which it is declared, and what subjects of their tokens say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.adopt.grants import as_read
from keywright.model.trusts.identity_provider import IdentityProvider
from keywright.model.trusts.issuers.google import HOST as GOOGLE
from keywright.model.trusts.issuers.registry import WITH_PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.account.snapshot import AccountSnapshot
    from keywright.policy.statement import Statement

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_REF = r"(?:refs/heads/(?P<branch>[^:]+)|refs/tags/(?P<tag>[^:]+))"
_SUBJECTS: Mapping[str, str] = {
    "github": r"repo:(?P<owner>[^:/@]+)(?:@(?P<owner_id>\d+))?/(?P<name>[^:/@]+)(?:@(?P<name_id>\d+))?:"
    rf"(?:environment:(?P<environment>[^:]+)|ref:{_REF}|(?P<pull_request>pull_request)|job_workflow_ref:(?P<workflow>[^:]+))",
    "gitlab": r"project_path:(?P<gitlab>[^:]+):ref_type:(?P<kind>branch|tag):ref:(?P<ref>[^:]+)",
    "terraform": r"organization:(?P<terraform>[^:]+):project:(?P<project>[^:]+):workspace:(?P<workspace>[^:]+):run_phase:(?P<phase>plan|apply)",
    "buildkite": rf"organization:(?P<owner>[^:]+):pipeline:(?P<name>[^:]+):ref:{_REF}:commit:\*",
    "circleci": rf"org/{_UUID}/project/(?P<circleci>{_UUID})/user/\*",
    "bitbucket": rf"\{{(?P<bitbucket>{_UUID})\}}(?::\{{(?P<environment>{_UUID})\}})?:\*",
}
"""The subjects that trusts in registered issuers compare; their keys become the trust's keys."""


@dataclass
class Provider:
    """One provider of the account, and how it is declared."""

    name: str
    declared: dict[str, Any]
    issuer: str = ""
    """The key of a registered issuer."""
    url: str = ""
    """The address of an OIDC provider, without `https://`."""
    reason: str = ""
    """Why it can't be declared; then roles that trust it can't be either."""


@dataclass
class Providers:
    """The identity providers of one account, by ARN."""

    by_arn: dict[str, Provider] = field(default_factory=dict)

    def declarations(self) -> dict[str, dict[str, Any]]:
        """Give the section `identity_providers`: none of them is created, changed or deleted."""
        return {each.name: each.declared for each in self.by_arn.values() if not each.reason}

    def models(self) -> dict[str, IdentityProvider]:
        """Give the declared providers as the model reads them."""
        return {
            name: IdentityProvider.model_validate(as_read(declared))
            for name, declared in self.declarations().items()
        }


def providers_of(snapshot: AccountSnapshot, trusts: Iterable[Statement]) -> Providers:
    """Find the providers in a snapshot, or in what roles trust where the snapshot lacks them.

    An OIDC provider is declared with the audiences that the most roles require: each trust in it then requires these.
    """
    audiences: dict[str, Counter[tuple[str, ...]]] = {}
    arns: dict[str, None] = {
        **dict.fromkeys(str(each.arn) for each in snapshot.saml_providers),
        **dict.fromkeys(str(each.arn) for each in snapshot.oidc_providers),
    }
    for statement in trusts:
        for arn in statement.principals.get("Federated", ()):
            arns.setdefault(arn)
            found = {
                value
                for tests in statement.conditions.values()
                for key, values in tests.items()
                if key.lower().endswith(":aud") and not key.lower().startswith("saml:")
                for value in values
            }
            if found:
                audiences.setdefault(arn, Counter())[tuple(sorted(found))] += 1
    known = {str(each.arn): each.client_ids for each in snapshot.oidc_providers}
    providers = Providers()
    for arn in arns:
        kind, _, rest = arn.rpartition(":")[2].partition("/")
        if kind == "saml-provider":
            providers.by_arn[arn] = _saml(rest)
        elif kind == "oidc-provider":
            used = audiences.get(arn)
            wanted = used.most_common(1)[0][0] if used else known.get(arn, ())
            taken = {each.name for each in providers.by_arn.values()}
            providers.by_arn[arn] = _oidc(rest, wanted, taken)
    return providers


def _saml(name: str) -> Provider:
    if _NAME.fullmatch(name):
        return Provider(name, {"saml": True, "existing": True})
    return Provider(
        name,
        {},
        reason="its name has other characters than small letters, digits and hyphens, or more than 40",
    )


def _oidc(url: str, audiences: tuple[str, ...], taken: set[str]) -> Provider:
    for key, issuer in WITH_PROVIDER.items():
        address = _matched(issuer.address.removeprefix("https://"), url)
        if address is None:
            continue
        stated = address | ((_matched(issuer.audience, audiences[0]) or {}) if audiences else {})
        if {each.name for each in issuer.provider_keys} - stated.keys():
            continue
        declared: dict[str, Any] = {"oidc": key, **stated, "existing": True}
        if audiences and set(audiences) != {issuer.audience.format(**stated)}:
            declared["audiences"] = list(audiences)
        return Provider(_new_name(key, taken), declared, issuer=key, url=url)
    if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?", url):
        return Provider(url, {}, reason="its address can't be declared")
    declared = {"oidc": f"https://{url}", "existing": True}
    if audiences and audiences != ("sts.amazonaws.com",):
        declared["audiences"] = list(audiences)
    host = url.partition("/")[0]
    base = "eks" if ".eks." in f".{host}" else re.sub(r"[^a-z0-9]+", "-", host).strip("-")[:32]
    return Provider(_new_name(base if base[0].isalpha() else f"p-{base}", taken), declared, url=url)


def _matched(template: str, text: str) -> dict[str, str] | None:
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[A-Za-z0-9_-]+)", re.escape(template))
    found = re.fullmatch(pattern, text)
    return None if found is None else found.groupdict()


def _new_name(base: str, taken: set[str]) -> str:
    names = (base, *(f"{base}-{number}" for number in range(2, 1000)))
    return next(each for each in names if each not in taken)


def token_trusts(provider: Provider, subject: str, several: bool) -> Iterator[dict[str, Any]]:  # noqa: FBT001
    """Give the trusts that a subject of this provider's tokens can mean; `several` providers have the same issuer."""
    by_issuer = _SUBJECTS.get(provider.issuer)
    found = re.fullmatch(by_issuer, subject) if by_issuer else None
    if found is not None:
        trust = _of_issuer(provider.issuer, {key: value for key, value in found.groupdict().items() if value})
        yield {**trust, "provider": provider.name} if several and provider.issuer != "github" else trust
    pod = re.fullmatch(r"system:serviceaccount:([^:]+):([^:]+)", subject)
    if pod:
        yield {"oidc": provider.name, "namespace": pod[1], "service_account": pod[2]}
    yield {"oidc": provider.name, "subject": subject}


def _of_issuer(issuer: str, found: dict[str, Any]) -> dict[str, Any]:
    if issuer in {"github", "buildkite"}:
        trust: dict[str, Any] = {issuer: f"{found.pop('owner')}/{found.pop('name')}"}
        ids = {"owner": found.pop("owner_id", None), "repository": found.pop("name_id", None)}
        if all(ids.values()):
            trust["ids"] = {key: int(value) for key, value in ids.items() if value}
        escaped = {key: str(value).replace("%3A", ":") for key, value in found.items()}
        return trust | escaped | ({"pull_request": True} if "pull_request" in found else {})
    if issuer == "gitlab":
        return {"gitlab": found["gitlab"], found["kind"]: found["ref"]}
    return found


def google_trusts(tests: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Give the trust that the claims of a token of Google mean."""
    account, audience = tests.get(f"{GOOGLE}:sub"), tests.get(f"{GOOGLE}:oaud")
    if account and audience:
        yield {"google": account, "audience": audience}
