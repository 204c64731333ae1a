from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.reading import read


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()


def report(analyzer):
    text = f'account: {{id: "111111111111", region: eu-central-1,\n access_analyzer: {analyzer}}}\n'
    Path("access/a.yaml").write_text(text)
    return [str(finding) for finding in read(Path("access"), date(2026, 11, 24)).findings]


@pytest.mark.parametrize(
    "analyzer",
    [
        pytest.param("{}", id="for access from outside"),
        pytest.param("{existing: true}", id="there already"),
        pytest.param("{existing: true, unused_days: 90}", id="there already, and one for unused access"),
        pytest.param('{trusted_accounts: ["222222222222"], unused_days: 365}', id="all of it"),
        pytest.param("{regions: [us-east-1, eu-west-1]}", id="in further regions"),
        pytest.param(
            '{existing: true, regions: [us-east-1], trusted_accounts: ["222222222222"]}',
            id="there already in one region and not in another",
        ),
    ],
)
def test_accepts(analyzer):
    assert report(analyzer) == []


@pytest.mark.parametrize(
    ("analyzer", "line"),
    [
        pytest.param(
            '{existing: true, trusted_accounts: ["222222222222"]}',
            (
                "2:36: the access analyzer of the account exists already and is never changed; "
                "found `trusted_accounts`; accepted: no `trusted_accounts`, and an archive rule "
                "where the analyzer is declared"
            ),
            id="there already, with a setting",
        ),
        pytest.param(
            '{trusted_accounts: ["222222222222", "222222222222"]}',
            (
                "2:55: `trusted_accounts` of the account lists an item twice; found "
                "`222222222222`; accepted: each once"
            ),
            id="twice",
        ),
        pytest.param(
            '{trusted_accounts: ["111111111111"]}',
            (
                "2:39: `trusted_accounts` of the access analyzer lists the account itself; found "
                "`111111111111`; accepted: other accounts: access from within the account is no "
                "finding"
            ),
            id="itself",
        ),
        pytest.param(
            "{regions: [us-east-1, us-east-1]}",
            ("2:41: `regions` of the account lists an item twice; found `us-east-1`; accepted: each once"),
            id="item twice",
        ),
        pytest.param(
            "{regions: [eu-central-1]}",
            (
                "2:30: `regions` of the access analyzer lists the region of the account, which "
                "has an analyzer anyway; found `eu-central-1`; accepted: further regions only"
            ),
            id="the account's own region",
        ),
        pytest.param(
            "{unused_days: 366}",
            "2:33: `unused_days` of the account is out of range; found `366`; accepted: at most 365",
            id="longer than AWS looks back",
        ),
    ],
)
def test_refuses(analyzer, line):
    assert report(analyzer) == [f"access/a.yaml:{line}"]
