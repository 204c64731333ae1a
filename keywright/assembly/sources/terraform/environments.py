"""The account and Region of each instance: what its provider says, and what the ARNs of its resources show.

Source: "AWS Provider" (Terraform AWS provider): `region`, `assume_role`, `allowed_account_ids`, and the argument `region` that
resources have since version 6.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.sources.terraform.configuration import dict_of
from keywright.assembly.sources.terraform.instances import DATA, MANAGED, below
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.sources.terraform.configuration import Configuration
    from keywright.assembly.sources.terraform.instances import Instance

_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):[a-z0-9-]+:(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12})?:.*", re.DOTALL
)
_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):role/.*")
_ACCOUNT = re.compile(r"[0-9]{12}")
_DECIDING = (
    "profile",
    "assume_role",
    "assume_role_with_web_identity",
    "access_key",
    "shared_credentials_files",
)
"""The settings that decide in which account a provider works."""


@dataclass(frozen=True, order=True)
class Environment:
    """An account and a Region; "" where not known. `unknown` names a provider of which the account is not known."""

    account: str = ""
    region: str = ""
    unknown: str = ""


@dataclass(frozen=True)
class Environments:
    """Where the instances of a file are."""

    accounts: Mapping[str, str]
    regions: Mapping[str, str]
    main: Environment
    partition: str
    apart: frozenset[str]
    """The providers that may work in another account than the main one, and do not say in which."""

    def of(self, instance: Instance) -> Environment:
        """Give the environment of one instance."""
        account, region = _own(instance)
        key = instance.provider_key
        if not account and not self.accounts.get(key) and key in self.apart:
            return Environment(unknown=key)
        return Environment(
            account or self.accounts.get(key) or self.main.account,
            region or self.regions.get(key) or self.main.region,
        )


def environments(instances: Iterable[Instance], configuration: Configuration) -> Environments:
    """Find the account and Region of each provider, and those of most instances."""
    several = [each for each in instances if each.provider in ("aws", "awscc")]
    providers = dict(configuration.providers)
    accounts = _most(each for instance in several for each in _accounts(instance))
    regions = _most((each.provider_key, _own(each)[1]) for each in several if each.mode == MANAGED)
    accounts |= {key: found for key, each in providers.items() if (found := _account_of(each, configuration))}
    regions |= {key: found for key, each in providers.items() if (found := _region_of(each, configuration))}
    used = Counter(each.provider_key for each in several if each.mode == MANAGED)
    first = "aws" if "aws" in used else next(iter(sorted(used)), "")
    main = Environment(accounts.get(first) or _only(accounts.values()), regions.get(first, ""))
    return Environments(
        accounts, regions, main, _partition(several, main), _apart(providers, accounts, first, used)
    )


def _only(accounts: Iterable[str]) -> str:
    found = set(accounts)
    return found.pop() if len(found) == 1 else ""


def _apart(
    providers: Mapping[str, Mapping[str, Node]], accounts: Mapping[str, str], first: str, used: Iterable[str]
) -> frozenset[str]:
    deciding = {key: _settings(each) for key, each in providers.items()}
    return frozenset(
        key for key in used if key not in accounts and deciding.get(key, {}) != deciding.get(first, {})
    )


def _settings(provider: Mapping[str, Node]) -> dict[str, Node]:
    expressions = dict_of(provider.get("expressions"))
    return {name: expressions[name] for name in _DECIDING if name in expressions}


def _accounts(instance: Instance) -> Iterator[tuple[str, str]]:
    if instance.mode == DATA and instance.type == "aws_caller_identity":
        yield instance.provider_key, instance.text("account_id")
    if instance.mode == MANAGED:
        yield instance.provider_key, _own(instance)[0]


def _most(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give the most frequent value of each provider."""
    counted: dict[str, Counter[str]] = {}
    for key, value in found:
        if value:
            counted.setdefault(key, Counter())[value] += 1
    return {key: max(sorted(several), key=several.__getitem__) for key, several in counted.items()}


def _own(instance: Instance) -> tuple[str, str]:
    """Give the account and Region in the ARN of a resource, and the Region that it states."""
    found = _ARN.fullmatch(instance.text("arn"))
    account = (found["account"] or "") if found else ""
    stated = instance.text("region")
    return account, (found["region"] if found else "") or stated


def _partition(instances: Iterable[Instance], main: Environment) -> str:
    found = Counter(arn["partition"] for each in instances if (arn := _ARN.fullmatch(each.text("arn"))))
    return (
        max(sorted(found), key=found.__getitem__)
        if found
        else partition_of(main.region)
        if main.region
        else ""
    )


def _account_of(provider: Mapping[str, Node], configuration: Configuration) -> str:
    expressions = dict_of(provider.get("expressions"))
    allowed = configuration.constant(expressions.get("allowed_account_ids"))
    if isinstance(allowed, list) and len(allowed) == 1 and _ACCOUNT.fullmatch(str(allowed[0])):
        return str(allowed[0])
    assumed = expressions.get("assume_role")
    first = below(assumed, 0) if isinstance(assumed, list) else assumed
    role = _ROLE.fullmatch(str(configuration.constant(below(first, "role_arn")) or ""))
    return role[1] if role else ""


def _region_of(provider: Mapping[str, Node], configuration: Configuration) -> str:
    found = configuration.constant(dict_of(provider.get("expressions")).get("region"))
    return found if isinstance(found, str) else ""
