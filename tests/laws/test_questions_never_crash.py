"""Questions about access to any template are answered or undecided; they never crash."""

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.queries.question import Question
from keywright.assembly.templates.reader import read_assembly
from keywright.reasoning.escalation.paths import find_escalations
from keywright.reasoning.evaluation.verdict import Allowed, ExplicitlyDenied, ImplicitlyDenied, Undecided
from tests.unit.cli.access import ACCOUNT

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(
        ["*", "", "arn:aws:iam::aws:policy/AdministratorAccess", "iam:*", "${aws:username}", "a:b:c", "<x>"]
    ),
    st.text(max_size=8),
    st.sampled_from(
        [{"Ref": "Alice"}, {"Fn::GetAtt": ["Admin", "Arn"]}, {"Ref": "Nothing"}, {"Fn::If": ["c", 1, 2]}]
    ),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["Effect", "Action", "Statement", "Principal", "AWS", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=6,
)


def places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


PLACES = [path for path in places(ACCOUNT) if len(path) > 1]


def changed(path, value):
    template = copy.deepcopy(ACCOUNT)
    node = template
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return template


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_question_is_answered(tmp_path, path, value):
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": changed(path, value)}))
    assembly = read_assembly(file)
    people = principals_of(assembly)
    assert len(find_escalations(people.account)) == len(people.account.actors)
    question = Question(assembly, people, "s3:GetObject", "arn:aws:s3:::acme-reports/*")
    for answer in question.answers():
        assert isinstance(answer.verdict, Allowed | ExplicitlyDenied | ImplicitlyDenied | Undecided)
        assert all(each.place for each in answer.deciding)
        assert all(len(route.roles) == len(route.assumptions) for route in question.role_paths(answer.actor))
