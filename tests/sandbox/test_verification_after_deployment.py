"""After a deployment the account is compared again while something differs, because IAM may not show everything at once."""

from datetime import datetime

import pytest

from keywright.cli.operate import deploy_run
from keywright.reporting.exit_codes import FINDINGS

ACCESS = """\
account: {id: "111111111111", region: eu-central-1, path: /access/}
"""
TODAY = datetime(2026, 11, 24)  # noqa: DTZ001 - a day


@pytest.mark.parametrize("pauses", [deploy_run.SETTLING, ()])
def test_compares_again_while_something_differs(cloud, tmp_path, monkeypatch, capsys, pauses):
    (tmp_path / "account.yaml").write_text(ACCESS)
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    cloud.iam.create_user(UserName="stranger", Path="/access/")
    waited = []
    monkeypatch.setattr(deploy_run, "sleep", waited.append)
    assert deploy_run._verify(tmp_path, TODAY, cloud.endpoint, pauses=pauses) == FINDINGS
    assert waited == list(pauses)
    assert capsys.readouterr().out.count("stranger") == 1


def test_what_appears_meanwhile_is_no_difference(cloud, tmp_path, monkeypatch, capsys):
    (tmp_path / "account.yaml").write_text(ACCESS)
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    before = deploy_run._verify(tmp_path, TODAY, cloud.endpoint, pauses=())
    capsys.readouterr()
    cloud.iam.create_user(UserName="stranger", Path="/access/")
    monkeypatch.setattr(deploy_run, "sleep", lambda _: cloud.iam.delete_user(UserName="stranger"))
    assert deploy_run._verify(tmp_path, TODAY, cloud.endpoint, pauses=[1]) == before
    assert "stranger" not in capsys.readouterr().out
