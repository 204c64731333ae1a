"""Permission sets and assignments of IAM Identity Center: what is refused, where, and what ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.in_force import in_force
from keywright.model.reading import read

GUID = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
OTHER = GUID.replace("4f50", "4f51")
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
EXISTING = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
HEAD = """\
account: {id: "111111111111", region: eu-central-1}
buckets: {reports: {}}
# whoever reads them
"""
CENTER = f"""\
identity_center:
  instance: {INSTANCE}
  identity_store: d-1234567890
  groups:
    analysts: {{id: {GUID}}}
"""
READS = "grants: [{s3: [read], bucket: reports}]"
SHARED = "policies: {shared: {grants: [{s3: [read], bucket: reports}]}}\n"
GIVEN = "assignments: [{permission_set: Analyst, groups: [analysts]}]\n"
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()


def reading_of(*parts, today=TODAY):
    Path("access/a.yaml").write_text("".join(parts))
    return read(Path("access"), today)


def messages(*parts, severities=("error", "warning")):
    found = reading_of(*parts).findings
    return [str(each).partition("access/a.yaml:")[2] for each in found if each.severity in severities]


def sets(text):
    return f"permission_sets:\n  Analyst: {text}\n"


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        pytest.param(
            (sets(f"{{{READS}}}"),),
            "4:1: `permission_sets` need an instance of IAM Identity Center; found no `identity_center`; "
            "accepted: `identity_center: {instance: arn:aws:sso:::instance/…, identity_store: d-…}`",
            id="no instance",
        ),
        pytest.param(
            (CENTER, sets("{}")),
            (
                "10:3: permission set `Analyst` grants nothing; found neither `grants` nor `policies`; "
                "accepted: one of them, or `existing`"
            ),
            id="nothing given",
        ),
        pytest.param(
            (CENTER, sets(f"{{{READS}, session: 13h}}")),
            "10:63: `session` of permission set `Analyst` is out of range; found `13h`; accepted: `1h` to `12h`",
            id="too long a session",
        ),
        pytest.param(
            (CENTER, sets(f"{{{READS}, tags: {{team: a b}}}}")),
            "10:67: a tag of permission set `Analyst` has characters that IAM Identity Center refuses; "
            "found `team: a b`; accepted: letters, digits and `+=,.@_-` in both",
            id="a tag that IAM would take",
        ),
        pytest.param(
            (CENTER, sets(f"{{existing: {EXISTING}, session: 2h}}")),
            "10:105: permission set `Analyst` exists already and is never changed; found `session`; "
            "accepted: `existing` without `session`",
            id="one that exists changed",
        ),
        pytest.param(
            (CENTER, sets(f"{{existing: {EXISTING.replace('cdef/', 'cdee/')}}}")),
            "10:23: permission set `Analyst` belongs to another instance than `identity_center`; "
            f"found `{EXISTING.replace('cdef/', 'cdee/')}`; accepted: a permission set of `ssoins-1234567890abcdef`",
            id="one of another instance",
        ),
        pytest.param(
            (CENTER, sets(f"{{existing: {EXISTING}}}"), f"  Other: {{existing: {EXISTING}}}\n"),
            f"11:21: permission sets `Analyst` and `Other` have the same ARN; found `{EXISTING}`, "
            "the first at access/a.yaml:10:3; accepted: one of them",
            id="one that exists, twice",
        ),
        pytest.param(
            (CENTER, sets("{grants: [{s3: [read], bucket: reports, prefix_by: {tag: team}}]}")),
            (
                "10:69: a session of permission set `Analyst` has no principal tag for a grant to test; "
                "found `team`; accepted: a prefix, or resources by name"
            ),
            id="a grant by a tag that no session has",
        ),
        pytest.param(
            (CENTER, f"permission_sets:\n  A.2027-01-31: {{{READS}}}\n"),
            (
                "10:3: permission set `A.2027-01-31` has a name that is reserved for assignments that "
                "end on that day; found `A.2027-01-31`; accepted: another name"
            ),
            id="the name of a group's copy",
        ),
        pytest.param(
            (CENTER, sets(f"{{{READS}}}"), "assignments: [{permission_set: Analyst, groups: [analyst]}]\n"),
            "11:50: group `analyst` of IAM Identity Center is not declared; found `analyst`; accepted: `analysts`",
            id="a misspelled group",
        ),
        pytest.param(
            (CENTER, sets(f"{{{READS}}}"), "assignments: [{permission_set: Analyst}]\n"),
            (
                "11:15: an assignment has no groups and no users; found no `groups`; accepted: at least "
                "one group"
            ),
            id="for nobody",
        ),
        pytest.param(
            (
                CENTER,
                sets(f"{{{READS}}}"),
                GIVEN.replace("]}]", "]}, {permission_set: Analyst, groups: [analysts], until: 2027-01-31}]"),
            ),
            "11:97: permission set `Analyst` is assigned twice in account `111111111111`; "
            "found `analysts`, the first at access/a.yaml:11:50; accepted: one of them",
            id="the same twice, once with an expiry",
        ),
        pytest.param(
            (CENTER, sets(f"{{{READS}}}"), GIVEN.replace("]}]", '], accounts: ["222222222222"]}]')),
            (
                "10:3: permission set `Analyst` is assigned in account `222222222222`, which may lack "
                "the boundary; found no `boundary`; accepted: `boundary: {ours: true}` if Keywright "
                "manages that account too, under the same path; `{managed: …, because: …}`; or `{none: "
                "{because: …}}`"
            ),
            id="elsewhere, without a condition on the boundary",
        ),
        pytest.param(
            (
                CENTER,
                sets(
                    "{policies: [{managed: policy/shared, because: several read these}], boundary: {ours: true}}"
                ),
                SHARED,
                GIVEN.replace("]}]", '], accounts: ["222222222222"]}]'),
            ),
            (
                "10:34: permission set `Analyst` is assigned in account `222222222222`, which may lack "
                "this policy; found `policy/shared`; accepted: `grants` of its own, or an AWS managed "
                "policy"
            ),
            id="elsewhere, with a policy of this account",
        ),
        pytest.param(
            (
                CENTER,
                sets(f"{{existing: {EXISTING}}}"),
                GIVEN.replace("]}]", "], until: 2027-01-31}]"),
            ),
            (
                "11:68: an assignment of existing permission set `Analyst` has an end, which needs a "
                "copy of it; found `until: 2027-01-31`; accepted: no `until`, or a permission set "
                "without `existing`"
            ),
            id="an expiry for an existing one",
        ),
        pytest.param(
            (
                CENTER,
                f"permission_sets:\n  SystemAdministrator-ops: {{{READS}}}\n",
                "assignments: [{permission_set: SystemAdministrator-ops, groups: [analysts], until: 2027-01-31}]\n",
            ),
            (
                "11:84: the name of permission set `SystemAdministrator-ops` is too long for an "
                "assignment with an end; found 23 characters, with `.2027-01-31` appended; accepted: a "
                "name of at most 21 characters, or `until` of the permission set itself"
            ),
            id="an expiry with a name too long",
        ),
        pytest.param(
            (CENTER.replace(f"id: {GUID}", "display_name: Analysts"),),
            (
                "8:30: a group of the identity center is created outside a directory without a reason; "
                "found no `because`; accepted: `because`, or the `id` of an existing group"
            ),
            id="a declared group without a reason",
        ),
        pytest.param(
            (CENTER, f"    others: {{id: {GUID}}}\n"),
            f"9:5: the identity center has a group twice; found `{GUID}`, as `analysts` and `others`; "
            "accepted: each once",
            id="one group twice",
        ),
        pytest.param(
            (CENTER.replace("arn:aws:", "arn:aws-cn:"),),
            "5:13: the instance of IAM Identity Center is in another partition than the account; "
            f"found `{INSTANCE.replace('arn:aws:', 'arn:aws-cn:')}`; accepted: `arn:aws:…`",
            id="another partition",
        ),
        pytest.param(
            (CENTER, sets(f"{{{READS}}}"), "never: [{who: permissionset/Analist, can: 's3:*', on: '*'}]\n"),
            "11:15: permission set `Analist` is not declared; found `permissionset/Analist`; "
            "accepted: `permissionset/Analyst`",
            id="an invariant on a misspelled one",
        ),
    ],
)
def test_reports_the_mistake_and_its_place(parts, line):
    assert messages(HEAD, *parts) == [line]


def test_warns_of_an_unknown_aws_managed_boundary():
    (warning,) = messages(
        HEAD, CENTER, sets(f"{{{READS}, boundary: {{managed: SecurtyAudit, because: it only reads}}}}")
    )
    assert warning.startswith("10:74: no AWS managed policy has this name")


@pytest.mark.parametrize(
    ("assignments", "warning"),
    [
        pytest.param(
            "",
            (
                "10:3: permission set `Analyst` is not assigned; found no assignment; accepted: "
                "`{permission_set: Analyst, groups: […]}` under `assignments`, or its removal"
            ),
            id="nobody",
        ),
        pytest.param(GIVEN, "", id="somebody"),
        pytest.param("assignments: [{permission_set: Analyst, groups: x}]\n", "", id="who knows"),
    ],
)
def test_warns_of_a_permission_set_without_assignments(assignments, warning):
    parts = HEAD, CENTER, sets(f"{{{READS}}}"), assignments
    assert "".join(messages(*parts, severities=("advice",))) == warning


def test_accepts():
    boundary = "boundary: {none: {because: an audit sees every service}}"
    text = (
        f"{{{READS}, session: 90m, {boundary}, relay_state: 'https://console.aws.amazon.com/athena/home', "
        "description: Reads the reports, until: 2027-01-31}"
    )
    made = f"    auditors: {{display_name: Auditors, because: they are in no directory of ours, members: {{eve: {OTHER}}}}}\n"
    person = f"people: [{{user: eve, id: {OTHER}, because: nobody else is an auditor}}]"
    given = f'assignments: [{{permission_set: Analyst, groups: [auditors], {person}, accounts: ["222222222222"]}}]\n'
    assert messages(HEAD, CENTER, made, sets(text), given) == []


@pytest.mark.parametrize(
    ("permission_set", "assignment"),
    [
        pytest.param(f"{{{READS}, until: 2026-11-23}}", GIVEN, id="the permission set"),
        pytest.param(f"{{{READS}}}", GIVEN.replace("]}]", "], until: 2026-11-23}]"), id="its assignment"),
    ],
)
def test_drops_expired_assignments(permission_set, assignment):
    reading = reading_of(HEAD, CENTER, sets(permission_set), assignment)
    assert reading.declarations is not None
    assert [each.severity for each in reading.findings] == ["warning"]
    assert in_force(reading.declarations, TODAY).declarations.assignments == ()
    assert in_force(reading.declarations, date(2026, 11, 23)).declarations.assignments != ()


def test_refuses_more_than_the_quota_of_a_stack():
    accounts = ", ".join(f'"{number:012}"' for number in range(481))
    parts = (
        sets(f"{{{READS}, boundary: {{ours: true}}}}"),
        GIVEN.replace("]}]", f"], accounts: [{accounts[: -16 * 100]}]}}]"),
    )
    half = messages(HEAD, CENTER, *parts)
    again = parts[1].replace("assignments: [", "").removesuffix("]\n").replace("Analyst", "Other")
    other = f"  Other: {{{READS}, boundary: {{ours: true}}}}\n"
    whole = messages(HEAD, CENTER, parts[0], other, parts[1].removesuffix("]\n"), f", {again}]\n")
    assert half == []
    assert [each.partition(": ")[2].partition(";")[0] for each in whole] == [
        "permission sets, assignments and groups exceed the quota for resources of a stack"
    ]
