"""What was deployed from declarations is adopted as these declarations again."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from keywright.adopt.adoption import Options
from keywright.adopt.run import Adopted, adopt_account
from keywright.model.declarations import Declarations
from keywright.model.grants import grant as grants
from keywright.model.reading import read
from keywright.statements.declared.grants import statements_of_grant
from tests.laws import random_declarations as rd
from tests.laws.deployed_account import ACCOUNT, REGION, deployed

if TYPE_CHECKING:
    from collections.abc import Iterable

TODAY = date(2026, 12, 3)
people = st.fixed_dictionaries(
    {"person": st.just({"email": "a@example.com"}), "groups": rd.memberships},
    optional={"until": st.just(rd.UNTIL), "tags": st.just({"team": "a"})},
).flatmap(lambda person: rd.sign_ins.map(lambda sign_in: {**person, **sign_in}))
BECAUSE = {"because": "the machine cannot assume a role", "review": "2027-05-01"}
KEYS = (
    {"serial": 3, "issued": "2026-11-01", "status": "inactive"},
    {"serial": 4, "issued": "2026-11-01"},
)
applications = st.fixed_dictionaries(
    {"application": st.just(BECAUSE), "grants": st.sampled_from([(), (rd.GRANT,), (rd.EXACT, rd.NEVER)])},
    optional={"access_keys": st.sampled_from([KEYS, KEYS[1:]])},
)
declared = st.fixed_dictionaries(
    {
        "account": st.fixed_dictionaries(
            {"id": st.just(ACCOUNT), "region": st.just(REGION), "handover": st.just("on-call")},
            optional={"break_glass": st.just(rd.BREAK_GLASS[0])},
        ),
        "policies": st.just({"shared": {"grants": (rd.GRANT,)}}),
        "buckets": st.just(
            {
                "reports": {"access_points": {"analysts": {"vpc": "vpc-0123abcd"}}},
                "vault": {"key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
            }
        ),
        "identity_providers": st.just(rd.ISSUERS),
        "groups": st.fixed_dictionaries(
            {
                "readers": rd.of_groups,
                "writers": rd.of_groups.map(lambda group: group | {"policies": (rd.SHARED,)}),
                "on-call": rd.of_groups,
            }
        ),
        "users": st.dictionaries(
            st.sampled_from(rd.NAMES), st.one_of(people, applications), min_size=2, max_size=5
        ),
        "roles": st.dictionaries(st.sampled_from(rd.ROLES), rd.roles, min_size=1).map(
            lambda roles: {name: rd.of_its_own(name, role) for name, role in roles.items()}
        ),
        "workloads": st.just({"web": {"ec2": {"launch": "none"}, "sessions": True}}).flatmap(
            lambda both: rd.workloads.map(
                lambda workload: both | {"batch": workload | {"ec2": {"launch": "none"}}}
            )
        ),
    }
)


def with_break_glass(document: dict[str, Any]) -> dict[str, Any]:
    """Declare the break-glass role, if the account has one, and somebody who can assume it."""
    if "break_glass" in document["account"]:
        person = {"person": {"email": "a@example.com"}, "groups": (rd.GROUPS[0],), "console": True}
        document = {**document, "users": document["users"] | {"alice": person}}
    return rd.with_break_glass(document)


KEPT = {"boundary": "none", "because": "nobody has tried it with a boundary", "until": "2027-03-01"}
kept = st.sampled_from([None, {"path": "/team/"}, {"path": "/", **KEPT}])
kept_people = st.one_of(kept, st.just({"path": "/", "mfa": "later", **KEPT}))


@st.composite
def partly_adopted(draw: st.DrawFn) -> dict[str, Any]:
    """Draw declarations of which some things were adopted."""
    document = with_break_glass(draw(declared))
    for section, keeps in {"groups": kept, "users": kept_people, "roles": kept, "policies": kept}.items():
        document[section] = {
            name: {**thing, **_adopted(section, name, draw(keeps), thing)}
            for name, thing in document[section].items()
        }
    name = {"role": "batch-role", "profile": "batch"}
    workload = draw(st.sampled_from([{}, {"adopted": {"path": "/", **name, **KEPT}}]))
    return {
        **document,
        "workloads": {**document["workloads"], "batch": document["workloads"]["batch"] | workload},
    }


def _adopted(section: str, name: str, keeps: dict[str, Any] | None, thing: dict[str, Any]) -> dict[str, Any]:
    if keeps is None or name == rd.RESCUE:
        return {}
    if section in {"groups", "policies"}:
        return {"adopted": {"path": keeps["path"]}}
    without_mfa = {key: value for key, value in keeps.items() if key != "mfa"}
    return {"adopted": keeps if "person" in thing else without_mfa}


def is_accepted(document: dict[str, Any]) -> bool:
    """Tell whether `validate` accepts a document."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "all.yaml").write_text(json.dumps(document), encoding="utf-8")
        return read(Path(folder), TODAY, locked=False).declarations is not None


@settings(
    max_examples=int(os.environ.get("KEYWRIGHT_ADOPTIONS", "4")),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(document=declared.map(with_break_glass).filter(is_accepted))
def test_what_was_deployed_is_adopted_as_it_was_declared(
    document: dict[str, Any], tmp_path_factory: Any
) -> None:
    snapshot = deployed(rd.templates(document, tmp_path_factory.mktemp("deployed")))
    found = adopt_account(snapshot, Options(TODAY, REGION), "account.json")
    assert found.adoption.left == {}
    again = read_again(found)
    assert normal(again) == normal(Declarations.model_validate(rd.with_dates(document)))


@settings(
    max_examples=int(os.environ.get("KEYWRIGHT_ADOPTIONS", "2")),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(document=partly_adopted().filter(is_accepted))
def test_what_was_adopted_is_adopted_again(document: dict[str, Any], tmp_path_factory: Any) -> None:
    snapshot = deployed(rd.templates(document, tmp_path_factory.mktemp("deployed")))
    found = adopt_account(snapshot, Options(TODAY, REGION), "account.json")
    assert found.adoption.left == {}
    again, before = read_again(found), Declarations.model_validate(rd.with_dates(document))
    assert keeping(again) == keeping(before)
    assert normal(again) == normal(before)


def keeping(declared: Declarations) -> dict[str, Any]:
    """Give what is declared, with what it keeps."""
    return {
        f"{section}/{name}": _kept(thing)
        for section in ("groups", "users", "roles", "policies", "workloads")
        for name, thing in getattr(declared, section).items()
    }


def _kept(thing: Any) -> Any:
    adopted = thing.adopted
    return adopted and adopted.model_dump(exclude={"because", "until"}, exclude_none=True)


def read_again(found: Adopted) -> Declarations:
    with TemporaryDirectory() as folder:
        for file, text in found.files.items():
            (Path(folder) / file).write_text(text, encoding="utf-8")
        reading = read(Path(folder), TODAY)
    assert reading.declarations is not None, reading.findings
    return reading.declarations


def normal(declared: Declarations) -> dict[str, Any]:
    """Give declarations without what no account knows: reasons, addresses, names of buckets and providers, grouping of grants."""
    return {
        "account": declared.account.model_dump(include={"id", "region", "path", "handover", "break_glass"}),
        "groups": {
            name: (
                _grants(each.grants, declared),
                _managed(each.policies),
                each.self_service is not None,
            )
            for name, each in declared.groups.items()
        },
        "users": {
            name: (
                each.person is None,
                {(group.name, group.until) for group in each.groups},
                _grants(each.grants, declared),
                each.console,
                each.cli and (each.cli.session_token is not None),
                each.until,
                each.tags,
                each.access_keys,
            )
            for name, each in declared.users.items()
        },
        "policies": {name: _grants(each.grants, declared) for name, each in declared.policies.items()},
        "roles": {
            name: (
                {repr(_trust(each, role.until, declared)) for each in role.trusts},
                role.session,
                _grants(role.grants, declared),
                _managed(role.policies),
                role.until,
                role.tags,
            )
            for name, role in declared.roles.items()
        },
        "workloads": {
            name: (each.sessions, _grants(each.grants, declared), each.until, each.tags)
            for name, each in declared.workloads.items()
        },
    }


def _grants(some: Iterable[grants.Grant], declared: Declarations) -> set[str]:
    """Give grants level by level, with the names that AWS has."""
    return {
        json.dumps(statement.to_json(), sort_keys=True)
        for grant in some
        for single in _single(grant)
        for statement in statements_of_grant(single, declared, None)
    }


def _single(grant: grants.Grant) -> Iterable[grants.Grant]:
    if isinstance(grant, grants.S3Grant):
        halves = {grants.S3Level.WRITE: ("put", "delete")}
        return [
            grant.model_copy(update={"s3": (grants.S3Level(half),)})
            for level in grant.s3
            for half in halves.get(grants.S3Level(level), (level,))
        ]
    return [grant]


def _managed(some: Iterable[grants.ManagedPolicyGrant]) -> set[str]:
    return {each.managed for each in some}


def _trust(trust: Any, until: date | None, declared: Declarations) -> dict[str, Any]:
    found: dict[str, Any] = trust.model_dump(exclude_none=True, exclude={"because", "at_most"})
    if "oidc" in found:
        found["oidc"] = declared.identity_providers[found["oidc"]].url
    if found.get("until") == until:
        found.pop("until", None)  # It ends with the role anyway.
    return {key: sorted(value) if key == "roles" else value for key, value in found.items()}
