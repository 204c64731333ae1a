"""Advice that many get is one line for people; every error stays a line of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from keywright.live.verification.advice import SharedAdvice, summarized
from keywright.reporting.finding import Finding, Location, Severity, with_severity

ACCOUNT = "111111111111"
REGISTER = "a passkey or an authenticator app"


def advice(name, of_many="users have no MFA device yet"):
    return SharedAdvice(
        Location("access/people.yaml", 7, 3),
        f"user `{name}` has no MFA device yet",
        "no MFA device",
        REGISTER,
        severity=Severity.ADVICE,
        name=name,
        of_many=of_many,
    )


def error(name):
    return Finding(Location(f"account {ACCOUNT}"), f"user `{name}` is declared but does not exist")


def lines(*findings):
    return [with_severity(each) for each in summarized(findings, ACCOUNT)]


def test_one_of_a_kind_keeps_its_line():
    assert lines(advice("alice")) == [
        (
            "access/people.yaml:7:3: advice: user `alice` has no MFA device yet; found no MFA device; "
            f"accepted: {REGISTER}"
        )
    ]


def test_a_few_are_all_named():
    assert lines(advice("bob"), advice("alice")) == [
        f"account {ACCOUNT}: advice: 2 users have no MFA device yet; found `alice`, `bob`; accepted: {REGISTER}"
    ]


def test_of_many_the_first_are_named():
    names = ["frank", "alice", "bob", "carol", "dora", "erin"]
    assert lines(*map(advice, names)) == [
        (
            f"account {ACCOUNT}: advice: 6 users have no MFA device yet; "
            f"found `alice`, `bob`, `carol` and 3 more (`--format json` lists all); accepted: {REGISTER}"
        )
    ]


@given(
    st.lists(
        st.builds(advice, st.text("abc", min_size=1), st.sampled_from(["a", "b"]))
        | st.builds(error, st.text("abc", min_size=1))
    )
)
def test_no_error_is_counted_and_every_advice_is(findings):
    written = summarized(findings, ACCOUNT)
    errors = [each for each in findings if each.severity is Severity.ERROR]
    assert [each for each in written if each.severity is Severity.ERROR] == errors
    rest = [each for each in written if each.severity is not Severity.ERROR]
    given_advice = [each for each in findings if isinstance(each, SharedAdvice)]
    assert len(rest) == len({each.of_many for each in given_advice})
    numbers = [1 if isinstance(each, SharedAdvice) else int(each.message.partition(" ")[0]) for each in rest]
    assert sum(numbers) == len(given_advice)
