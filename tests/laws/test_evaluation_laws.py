"""Laws of policy evaluation, over random small policies."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.reasoning.evaluation.batch import CaseReader
from keywright.reasoning.evaluation.evaluate import evaluate
from tests.laws import naive_evaluator
from tests.laws.random_policies import cases, documents, statements

LAW = settings(max_examples=50, deadline=None)


def decide(case):
    """Decide a case as the batch command does."""
    read = CaseReader().read(json.dumps(case), "cases.jsonl", 1)
    assert read.findings == ()
    return evaluate(read.request, read.policies)


@settings(max_examples=300, deadline=None)
@given(cases())
def test_an_independent_evaluator_agrees(case):
    assert decide(case).name == naive_evaluator.verdict(case)


def policies_of(case):
    """Give every list of statements in a case."""
    found = [
        *case["identity_policies"],
        *case["session_policies"],
        case["resource_policy"],
        case["permissions_boundary"],
    ]
    found += [each for level in case["service_control_policies"] for each in level]
    return [each for each in found if each is not None]


@LAW
@given(cases(), statements(effects=("Deny",)))
def test_a_further_deny_never_widens(case, denying):
    before = decide(case)
    case["identity_policies"].append({"Version": "2012-10-17", "Statement": denying})
    after = decide(case)
    assert after.name in (before.name, "explicitly-denied")


@LAW
@given(cases(), statements(effects=("Allow",)))
def test_a_further_allow_never_narrows(case, allowing):
    before = decide(case)
    case["identity_policies"].append({"Version": "2012-10-17", "Statement": allowing})
    assert before.name == "implicitly-denied" or decide(case).name == before.name


@LAW
@given(cases(), documents())
def test_a_boundary_never_widens(case, boundary):
    case["permissions_boundary"] = None
    before = decide(case)
    case["permissions_boundary"] = boundary
    assert before.name == decide(case).name or decide(case).name != "allowed"


@LAW
@given(cases(), st.randoms())
def test_order_does_not_matter(case, random):
    before = decide(case)
    for policy in policies_of(case):
        if isinstance(policy["Statement"], list):
            random.shuffle(policy["Statement"])
    for several in (case["identity_policies"], case["session_policies"], case["service_control_policies"]):
        random.shuffle(several)
    assert decide(case).name == before.name


@LAW
@given(cases())
def test_splitting_does_not_matter(case):
    before = decide(case)
    for policy in policies_of(case):
        policy["Statement"] = [part for each in listed(policy["Statement"]) for part in split(each)]
    case["identity_policies"] = [
        policy | {"Statement": [each]} for policy in case["identity_policies"] for each in policy["Statement"]
    ]
    assert decide(case).name == before.name


def listed(value):
    return value if isinstance(value, list) else [value]


def split(statement):
    """Write a statement as several with one action and one resource each."""
    parts = [statement]
    for element in ("Action", "Resource"):
        if element in statement:
            parts = [part | {element: value} for part in parts for value in listed(statement[element])]
    return parts


@LAW
@given(cases())
def test_case_of_actions_and_keys_does_not_matter(case):
    before = decide(case)
    case["action"] = case["action"].swapcase()
    case["context"] = {key.swapcase(): value for key, value in case["context"].items()}
    for policy in policies_of(case):
        for each in listed(policy["Statement"]):
            for element in {"Action", "NotAction"} & set(each):
                each[element] = [action.swapcase() for action in listed(each[element])]
            for operator, keys in each.get("Condition", {}).items():
                each["Condition"][operator] = {key.swapcase(): values for key, values in keys.items()}
    assert decide(case).name == before.name


@LAW
@given(cases())
def test_every_verdict_says_why(case):
    assert decide(case).because


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["*", "Allow", "2012-10-17", "${aws:username}", "arn:aws:s3:::b/*", "111111111111"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value, here=()):
    """List where something stands in a case."""
    yield here
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from places(each, (*here, key))


def put(value, place, other):
    """Give a case with something else in one place."""
    if not place:
        return other
    key, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = put(copy[key], rest, other)
    return copy


@settings(max_examples=100, deadline=None)
@given(cases(), st.data())
def test_any_case_is_answered_or_reported(case, data):
    spoilt = put(case, data.draw(st.sampled_from(list(places(case)))), data.draw(JSON))
    read = CaseReader().read(json.dumps(spoilt), "cases.jsonl", 1)
    if read.request is None:
        assert all(str(finding).startswith("cases.jsonl:1:") for finding in read.findings)
        assert read.findings
    else:
        assert evaluate(read.request, read.policies).because
