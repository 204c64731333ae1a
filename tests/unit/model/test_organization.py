"""The organization's levels and their documents: every mistake at its place, in the declaration or in the document."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read

ACCOUNT = 'account: {id: "111111111111", region: eu-central-1}\n'
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def findings(tmp_path, monkeypatch, levels, *statements):
    monkeypatch.chdir(tmp_path)
    Path("access/organization").mkdir(parents=True)
    document = {"Version": "2012-10-17", "Statement": list(statements or (DENY,))}
    Path("access/organization/deny.json").write_text(json.dumps(document, indent=1))
    Path("access/all.yaml").write_text(f"{ACCOUNT}organization:\n  levels:\n{levels}")
    return [str(each) for each in read(Path("access"), date(2026, 11, 24)).findings]


def test_accepts_levels_with_their_documents(tmp_path, monkeypatch):
    levels = (
        "    - {level: root, service_control: [FullAWSAccess]}\n"
        "    - {level: account, service_control: [FullAWSAccess, organization/deny.json]}\n"
    )
    assert findings(tmp_path, monkeypatch, levels) == []


@pytest.mark.parametrize(
    ("levels", "line"),
    [
        pytest.param(
            "    - {level: root, service_control: [organization/denny.json]}\n",
            (
                "access/all.yaml:4:39: service control policy `organization/denny.json` cannot be read; "
                "found `organization/denny.json`: no such file or directory; accepted: a file next to "
                "the declarations"
            ),
            id="no such file",
        ),
        pytest.param(
            "    - {level: root, service_control: [FullAWSAccess]}\n    - {level: account}\n",
            (
                "access/all.yaml:5:7: level `account` of the organization has no service control policy, "
                "though others have; found no `service_control`; accepted: `[FullAWSAccess]`, which AWS "
                "attaches by default, or the policies attached instead"
            ),
            id="a level without actions",
        ),
        pytest.param(
            "    - {level: root}\n    - {level: root}\n",
            (
                "access/all.yaml:5:15: two levels of the organization have the same name; found `root`; "
                "accepted: each once"
            ),
            id="one name twice",
        ),
        pytest.param(
            "    - {level: root, service_control: [organization/deny.json, organization/deny.json]}\n",
            (
                "access/all.yaml:4:63: `service_control` of the organization lists an item twice; found "
                "`organization/deny.json`; accepted: each once"
            ),
            id="one document twice",
        ),
        pytest.param(
            "    - {level: root, service_control: [../deny.json]}\n",
            (
                "access/all.yaml:4:39: item 1 of `service_control` of the organization is not a control "
                "policy; found `../deny.json`; accepted: its JSON file next to the declarations, such as "
                "`organization/regions.json`, or `FullAWSAccess`"
            ),
            id="a file elsewhere",
        ),
        pytest.param(
            "    - {level: root, resource_control: [organization/deny.json]}\n",
            "access/organization/deny.json:4:3: a resource control policy has no `Principal`; "
            'found neither; accepted: `"Principal": "*"`',
            id="a document of the other format",
        ),
    ],
)
def test_refuses(tmp_path, monkeypatch, levels, line):
    assert findings(tmp_path, monkeypatch, levels) == [line]
