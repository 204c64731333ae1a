"""Policies built to take forever get an answer in time, even if it is undecided."""

import pytest

from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, UndecidedComparison, compare
from keywright.reasoning.sets.memo import LARGEST_WEIGHT, Memo

LETTERS = "abcdefghijklmnopqrstuvwxyz"
STARS = "*".join(["", *"abcabcabcabcabcabcabcabc", ""])


def document(statements, kind=Kind.IDENTITY):
    return parse_document({"Version": "2012-10-17", "Statement": statements}, file="hostile", kind=kind)[0]


def allow(action="s3:*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def tag(n, *values):
    return {"StringLike": {f"aws:PrincipalTag/{n}": list(values)}}


def wild(count):
    return [f"arn:aws:s3:::*{one}*{other}*" for one in LETTERS for other in LETTERS][:count]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([allow(resource=f"arn:aws:s3:::{STARS}x")], [allow(resource=f"arn:aws:s3:::{STARS}")], id="many stars"),
        pytest.param([allow(resource=wild(300))], [allow(resource=wild(301))], id="many patterns with stars"),
        pytest.param([allow(resource=wild(400)[1:])], [allow(resource=wild(400)[:-1])], id="two lists of patterns"),
        pytest.param(
            [allow(resource="arn:aws:s3:::" + "?" * 60 + "a" + "?" * 60)], [allow(resource="arn:aws:s3:::*a*")], id="many question marks"
        ),
        pytest.param([allow(f"s3:*{letter}*") for letter in LETTERS], [allow(f"s3:*{letter}*{letter}") for letter in LETTERS], id="overlapping actions"),
        pytest.param([allow(Condition=tag(n, "a*", "*b")) for n in range(40)], [allow(Condition=tag(n, "*a", "b*")) for n in range(40)], id="many keys"),
        pytest.param(
            [allow(), *({**allow(Condition=tag(n, f"*{n}*")), "Effect": "Deny"} for n in range(200))],
            [allow(), *({**allow(Condition=tag(n, f"*{n}")), "Effect": "Deny"} for n in range(200))],
            id="many denials",
        ),
        pytest.param(
            [allow(Condition={"StringEquals": {"aws:PrincipalTag/a": f"{n}", "aws:PrincipalTag/b": f"{n}"}}) for n in range(60)],
            [allow(Condition={"StringEquals": {"aws:PrincipalTag/a": [f"{n}" for n in range(60)], "aws:PrincipalTag/b": [f"{n}" for n in range(60)]}})],
            id="a diagonal",
        ),
        pytest.param(
            [allow(f"service{n}:Action{n}", f"arn:aws:x:::{n}") for n in range(10_000)],
            [allow(f"service{n}:Action{n}", f"arn:aws:x:::{n}*") for n in range(10_000)],
            id="ten thousand statements",
        ),
        pytest.param([allow([f"s3:A{n}" for n in range(10_000)])], [allow([f"s3:B{n}*" for n in range(1_500)])], id="ten thousand actions"),
        pytest.param(
            [allow(), *({"Effect": "Deny", "NotAction": f"s3:G{n}", "NotResource": f"arn:aws:s3:::{n}*"} for n in range(2_000))],
            [allow("*", "*"), allow("s3:*")],
            id="thousands of denials with exceptions",
        ),
        pytest.param([allow(f"s3:G*{n}") for n in range(900)], [allow(f"s3:G{n}*") for n in range(900)], id="hundreds of overlapping actions"),
        pytest.param(
            [allow(Condition={"IpAddress": {"aws:SourceIp": [f"10.{n >> 8}.{n & 255}.0/28" for n in range(10_000)]}})],
            [allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/12"}})],
            id="ten thousand networks",
        ),
        pytest.param([allow(resource="arn:aws:s3:::" + "a*" * 3000)], [allow(resource="arn:aws:s3:::" + "a*" * 3001)], id="long patterns"),
        pytest.param([allow(resource="arn:aws:s3:::${aws:username}" * 300)], [allow(resource="arn:aws:s3:::*" + "${aws:username}" * 299)], id="many variables"),
        pytest.param([allow(resource="arn:aws:s3:::" + "".join(f"${{aws:PrincipalTag/{n}}}" for n in range(30)))], [allow(resource="arn:aws:s3:::x")], id="many different variables"),
    ],
)  # fmt: skip
def test_is_answered(before, after):
    found = compare(document(before), document(after))
    assert isinstance(found, (NoNewAccess, NewAccess, UndecidedComparison))


def test_many_principals_are_answered():
    accounts = [f"{n:012}" for n in range(1, 400)]

    def shared(some):
        made = {"Effect": "Allow", "Principal": {"AWS": some}, "Action": "s3:GetObject", "Resource": "*"}
        return document([made], Kind.RESOURCE)

    assert isinstance(compare(shared(accounts), shared(accounts[1:])), NoNewAccess)
    assert isinstance(compare(shared(accounts[1:]), shared(accounts)), NewAccess)


def test_too_many_principals_are_undecided():
    def shared(element, effect):
        names = [f"arn:aws:iam::{n:012}:role/r" for n in range(2_500)]
        made = {"Effect": effect, element: {"AWS": names}, "Action": "*", "Resource": "*"}
        return document([made], Kind.RESOURCE)

    found = compare(shared("NotPrincipal", "Deny"), shared("Principal", "Allow"))
    assert found == UndecidedComparison("the policies name too many principals")


def test_a_pattern_of_sixty_thousand_characters_is_answered():
    huge = "arn:aws:s3:::" + "x" * 60_000
    assert isinstance(
        compare(document([allow(resource=huge)]), document([allow(resource=f"{huge}*")])), NewAccess
    )
    assert isinstance(
        compare(document([allow(resource=f"{huge}*")]), document([allow(resource=huge)])), NoNewAccess
    )


def test_caches_are_cleared_when_they_become_too_large():
    memory = Memo()
    asked = []

    @memory.memoize
    def answer(question):
        asked.append(question)
        memory.weight += 1
        return question

    assert [answer("a"), answer("a")] == ["a", "a"]
    memory.clear_if_large()
    answer("a")
    memory.weight = LARGEST_WEIGHT + 1
    memory.clear_if_large()
    answer("a")
    assert (asked, memory.weight) == (["a", "a"], 1)
