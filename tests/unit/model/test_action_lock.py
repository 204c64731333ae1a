"""The lock file is written and read back unchanged, and a malformed one is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keywright.model.action_lock import ActionLock, Entry
from keywright.model.grants.access_levels import AccessLevel, actions_at
from keywright.model.source.lock_file import read_lock
from keywright.policy.reference import catalogue

HERE = Path("access")
FILE = HERE / "actions.lock"
HEAD = "version: 1\nactions:\n"
WAY_ON = "a file that `keywright lock` wrote, such as the last committed one"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    HERE.mkdir()


SERVICES = st.sampled_from(catalogue.services())


@st.composite
def entries(draw):
    service = draw(SERVICES)
    kinds = ["", *(each.name for each in catalogue.resource_types_of(service))]
    return Entry(
        service, draw(st.sampled_from(kinds)), draw(st.sampled_from(AccessLevel)), draw(st.booleans())
    )


locks = st.sets(entries(), max_size=6).map(
    lambda some: ActionLock({each: actions_at(*each[:3], by_tag=each.by_tag) for each in some})
)


HYPHEN = Entry("vpc-lattice", "", AccessLevel.PERMISSIONS_MANAGEMENT)


@given(locks)
@example(ActionLock({HYPHEN: ("AssociateViaAWSService-EventsAndStates",)}))
def test_a_written_lock_is_read_back(lock):
    FILE.write_text(lock.to_text())
    reading = read_lock(HERE)
    assert reading.findings == []
    assert {each: set(actions) for each, actions in reading.lock.entries.items()} == {
        each: set(actions) for each, actions in lock.entries.items()
    }
    assert reading.lock.to_text() == ActionLock(dict(reversed(reading.lock.entries.items()))).to_text()


def test_writes_one_action_on_each_line():
    entry = Entry("sqs", "queue", AccessLevel.READ)
    assert ActionLock({entry: ("GetQueueUrl", "ReceiveMessage")}).to_text().splitlines()[1:] == [
        "version: 1",
        "actions:",
        "  sqs:",
        "    queue:",
        "      read:",
        "        - GetQueueUrl",
        "        - ReceiveMessage",
    ]


def test_writes_actions_that_a_tag_restricts_beside_their_level():
    entry = Entry("sqs", "queue", AccessLevel.READ)
    pinned = {entry: ("GetQueueUrl",), entry._replace(by_tag=True): ("ReceiveMessage",)}
    assert ActionLock(pinned).to_text().splitlines()[1:] == [
        "version: 2",
        "actions:",
        "  sqs:",
        "    queue:",
        "      read:",
        "        - GetQueueUrl",
        "      read by tag:",
        "        - ReceiveMessage",
    ]


def test_reads_actions_restricted_to_tags_from_an_older_format():
    entry = Entry("secretsmanager", "Secret", AccessLevel.READ)
    lock = ActionLock({entry: ("GetSecretValue", "GetEverything")})
    assert lock.actions(entry) == ("GetSecretValue", "GetEverything")
    assert lock.actions(entry._replace(by_tag=True)) == ("GetSecretValue",)
    assert lock.actions(Entry("secretsmanager", "Secret", AccessLevel.WRITE, by_tag=True)) is None


def test_without_a_file_nothing_is_locked():
    assert read_lock(HERE).lock is None


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("", [f"1:1: is not a lock file; found nothing; accepted: {WAY_ON}"], id="nothing"),
        pytest.param(
            "version: 3\nactions: {}\n",
            [
                (
                    "1:10: the lock file has another format; found `3`; accepted: `version: 1`, "
                    "`version: 2`, or the version of Keywright that wrote it"
                )
            ],
            id="a later format",
        ),
        pytest.param(
            "actions: {}\nmore: {}\n",
            [
                (
                    "1:1: the lock file has another format; found no `version`; accepted: `version: 1`, "
                    "`version: 2`, or the version of Keywright that wrote it"
                ),
                "2:1: unknown key in the lock file; found `more`; accepted: `version`, `actions`",
            ],
            id="no version, and other mistakes",
        ),
        pytest.param(
            f"{HEAD}  sqs:\n    queue:\n      read:\n        - Get*\n        - sqs:SendMessage\n",
            [
                (
                    "6:11: `sqs`, read on `queue` has an invalid action name; found `Get*`; accepted: a "
                    "name without `*`"
                ),
                (
                    "7:11: `sqs`, read on `queue` has an invalid action name; found `sqs:SendMessage`; "
                    "accepted: a name without `*`"
                ),
            ],
            id="wildcards and whole names",
        ),
        pytest.param(
            f"{HEAD}  sqs:\n    queue:\n      reed: []\n      write: all\n  kms: none\n",
            [
                (
                    "5:7: there is no such access level; found `reed`; accepted: `list`, `read`, "
                    "`write`, `tagging`, `permissions management`, each also followed by ` by tag`"
                ),
                f"6:14: `sqs`, write on `queue` has no list of actions; found `all`; accepted: {WAY_ON}",
                f"7:8: `kms` has no resource types; found `none`; accepted: {WAY_ON}",
            ],
            id="no level, no list, no kinds",
        ),
        pytest.param(
            f"{HEAD}  sqs: {{}}\n  sqs: {{}}\n",
            [f"4:3: the lock file has a key twice; found `sqs`; accepted: {WAY_ON}"],
            id="a service twice",
        ),
        pytest.param(
            "<<<<<<< ours\nversion: 1\n",
            None,
            id="an unfinished merge",
        ),
    ],
)
def test_refuses_a_malformed_lock_file(text, lines):
    FILE.write_text(text)
    reading = read_lock(HERE)
    assert reading.lock is None
    assert reading.findings
    if lines is not None:
        assert [str(each).removeprefix("access/actions.lock:") for each in reading.findings] == lines


@given(
    st.binary(max_size=60) | st.text(st.sampled_from(":-[]{}&*!|>'\"\n #aA1"), max_size=40).map(str.encode)
)
def test_findings_on_any_content_point_inside_the_file(content):
    FILE.write_bytes(content)
    reading = read_lock(HERE)
    assert (reading.lock is None) == bool(reading.findings)


def test_refuses_a_lock_file_outside_of_the_folder():
    Path("elsewhere.lock").write_text(f"{HEAD.strip()} {{}}\n")
    FILE.symlink_to("../elsewhere.lock")
    assert [each.message for each in read_lock(HERE).findings] == ["points outside the folder"]
    FILE.unlink()
    os.mkfifo(FILE)
    assert [each.message for each in read_lock(HERE).findings] == ["is not a regular file"]
