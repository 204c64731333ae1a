"""What AWS refuses to everyone: each entry, what it must leave alone, and that all engines agree about it."""

import json
import tempfile
from pathlib import Path

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.queries.question import Question
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.policy.matching.context import Context
from keywright.policy.reference import catalogue
from keywright.reasoning.account.resource_sets import refusal_of_all
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, compare, compare_access
from keywright.reasoning.evaluation.aws_refusals import REFUSALS
from keywright.reasoning.evaluation.evaluate import Policies, evaluate, evaluate_single
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.invariants.principals import PrincipalPolicies
from keywright.reasoning.invariants.proofs import Broken, Invariant, Proved, prove_always, prove_never
from tests.unit.reasoning.actors import allow as stated
from tests.unit.reasoning.actors import paths, user
from tests.unit.reasoning.policies import ACCOUNT, ROOT, USER, allow, deny, document, shared_with, trusting

AWS_POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OUR_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"
RESERVED = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123456789abcdef"
OUR_ROLE = f"arn:aws:iam::{ACCOUNT}:role/access/deploy"
AWS_ALIAS, OUR_ALIAS = (f"arn:aws:kms:eu-central-1:{ACCOUNT}:alias/{name}" for name in ("aws/s3", "awsome"))
REASON = "AWS refuses this for everyone: "


def verdict(who, action, arn, *identity):
    return evaluate(Request(who, action, arn, Context()), Policies(identity=identity or (allow(),)))


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("iam:CreatePolicyVersion", AWS_POLICY),
        ("IAM:deletepolicy", "arn:aws-cn:iam::aws:policy/job-function/Billing"),
        ("iam:SetDefaultPolicyVersion", AWS_POLICY),
        ("iam:PutRolePolicy", LINKED),
        ("iam:DeleteRole", LINKED),
        ("iam:UpdateAssumeRolePolicy", RESERVED),
        ("kms:DeleteAlias", AWS_ALIAS),
        ("kms:CreateAlias", AWS_ALIAS),
    ],
)
@pytest.mark.parametrize("who", [USER, ROOT])
def test_refuses(who, action, arn):
    found = verdict(who, action, arn)
    assert (found.name, found.because.startswith(REASON)) == ("implicitly-denied", True)


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("iam:CreatePolicyVersion", OUR_POLICY),
        ("iam:GetPolicyVersion", AWS_POLICY),
        ("iam:AttachUserPolicy", USER),
        ("iam:PutRolePolicy", OUR_ROLE),
        ("iam:UpdateRole", LINKED),  # its description can be changed ("Update a service-linked role")
        ("iam:TagRole", LINKED),  # "a regular role or a service-linked role" (TagRole)
        ("iam:PassRole", RESERVED),
        ("kms:UpdateAlias", OUR_ALIAS),
        ("kms:Decrypt", AWS_ALIAS),
    ],
)
def test_leaves_alone(action, arn):
    assert verdict(USER, action, arn).name == "allowed"


@pytest.mark.parametrize(
    ("actions", "resources", "is_refused"),
    [
        (["iam:CreatePolicyVersion", "iam:DeletePolicy"], ["arn:aws:iam::aws:policy/*"], True),
        (["iam:CreatePolicyVersion"], ["arn:aws:iam::aws:policy/*", "arn:aws:iam::*:policy/*"], False),
        (["iam:CreatePolicyVersion", "iam:GetPolicy"], [AWS_POLICY], False),
        (["iam:*"], [AWS_POLICY], False),
        (["kms:DeleteAlias"], [AWS_ALIAS], True),
    ],
)
def test_whole_statements(actions, resources, is_refused):
    assert refusal_of_all(actions, resources).startswith(REASON) is is_refused


def test_a_caller_without_credentials_assumes_no_role():
    """Source: "Compare AWS STS credentials"; in proofs `*` stands for everyone, so that they must not be told this."""
    request = Request("*", "sts:AssumeRole", OUR_ROLE)
    policies = Policies(resource=trusting("*"))
    assert evaluate(request, policies).name == "allowed"
    assert evaluate_single(request, policies).name == "implicitly-denied"
    reading = Request("*", "s3:GetObject", "arn:aws:s3:::acme/x")
    assert evaluate_single(reading, Policies(resource=shared_with("*"))).name == "allowed"


def test_a_denial_is_named_first():
    denied = evaluate(
        Request(USER, "iam:DeletePolicy", AWS_POLICY), Policies(identity=(allow(), deny("iam:*")))
    )
    assert denied.name == "explicitly-denied"


def test_services_change_what_is_theirs():
    """Its service-linked role writes the roles of permission sets (AWSSSOServiceRolePolicy)."""
    assert verdict(LINKED, "iam:PutRolePolicy", RESERVED).name == "allowed"
    assert isinstance(compare_of(LINKED, allow("s3:*"), allow("iam:PutRolePolicy", RESERVED)), NewAccess)


def compare_of(who, before, after):

    return compare_access(Policies(identity=(before,)), Policies(identity=(after,)), who)


def test_every_entry_names_actions_of_aws_and_its_sources():
    for each in REFUSALS:
        assert all(catalogue.action(action) is not None for action in each.actions)
        assert all(arn.startswith("arn:*:") for arn in each.resources)
        assert each.sources


def test_iam_documents_the_refusals_of_roles():
    """`UnmodifiableEntity` is an error of each of these calls: "service-linked roles are protected" ."""
    model = botocore.session.get_session().get_service_model("iam")
    on_roles = {action for each in REFUSALS for action in each.actions if "Role" in action}
    assert on_roles
    for action in on_roles:
        errors = {error.name for error in model.operation_model(action.removeprefix("iam:")).error_shapes}
        assert "UnmodifiableEntityException" in errors


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([stated("iam:CreatePolicyVersion", on="arn:aws:iam::aws:policy/*")], [], id="of AWS"),
        pytest.param([stated("iam:PutRolePolicy", "sts:AssumeRole", on=LINKED)], [], id="linked role"),
        pytest.param(
            [stated("iam:UpdateAssumeRolePolicy", "sts:AssumeRole", on=RESERVED)], [], id="reserved role"
        ),
    ],
)
def test_escalates_over_nothing_that_aws_refuses(statements, expected):
    found = [technique for technique, _ in paths(user("alice", *statements))]
    assert [each for each in found if "Policy" in each or "policy" in each or "trust" in each] == expected


ALICE = PrincipalPolicies(USER, (allow(),))


@pytest.mark.parametrize(
    ("action", "on", "never", "always"),
    [
        ("iam:CreatePolicyVersion", AWS_POLICY, Proved, Broken),
        ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/*", Proved, Broken),
        ("iam:CreatePolicyVersion", "*", Broken, Proved),
        ("iam:PutRolePolicy", LINKED, Proved, Broken),
        ("kms:CreateAlias", f"arn:aws:kms:eu-central-1:{ACCOUNT}:alias/aws/*", Proved, Broken),
        ("kms:CreateAlias", "*", Broken, Proved),
    ],
)
def test_proofs_know_it(action, on, never, always):
    """`always` is about what AWS leaves to policies, unless it refuses all that is asked."""
    invariant = Invariant(can=(action,), on=(on,))
    assert isinstance(prove_never(invariant, [ALICE]), never)
    assert isinstance(prove_always(invariant, [ALICE]), always)


ACTIONS = st.sampled_from(
    [
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:GetPolicy",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "kms:CreateAlias",
    ]
)
ARNS = st.sampled_from([AWS_POLICY, OUR_POLICY, LINKED, RESERVED, OUR_ROLE, AWS_ALIAS, OUR_ALIAS])
PATTERNS = st.sampled_from(
    ["*", "arn:aws:iam::aws:policy/*", "arn:aws:iam::*:policy/*", "arn:aws:iam::*:role/*"]
)


@given(
    ACTIONS,
    ARNS,
    st.lists(
        st.tuples(st.sampled_from(["*", "iam:*", "iam:*Policy*", "kms:*"]), PATTERNS | ARNS),
        min_size=1,
        max_size=3,
    ),
)
@settings(max_examples=60, deadline=None)
def test_questions_evaluation_and_comparison_agree(action, arn, granted):
    statements = [{"Effect": "Allow", "Action": each, "Resource": on} for each, on in granted]
    policy = {"Version": "2012-10-17", "Statement": statements}
    properties = {"UserName": "bob", "Policies": [{"PolicyName": "own", "PolicyDocument": policy}]}
    template = {"Resources": {"Bob": {"Type": "AWS::IAM::User", "Properties": properties}}}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file)
        file.flush()
        assembly = read_assembly(Path(file.name))
    people = principals_of(assembly, ACCOUNT)
    asked = Question(assembly, people, action, arn, {}, Spelling(ACCOUNT)).answer(people.account.actors[0])
    own = document(*statements)
    simulated = evaluate(Request(USER, action, arn), Policies(identity=(own,)))
    assert (asked.verdict.name, asked.verdict.because) == (simulated.name, simulated.because)
    compared = compare_of(USER, allow("s3:ListBucket"), within(own, action, arn))
    assert isinstance(compared, NewAccess) == (simulated.name == "allowed")


def within(own, action, arn):
    """Restrict a policy to one request, if it allows it."""
    allows = any(
        each.covers_action(action.lower()) and each.covers_resource(arn, Context()) for each in own.statements
    )
    return allow(action, arn) if allows else allow("s3:ListBucket")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(allow("s3:*"), allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/*"), NoNewAccess, id="of AWS"),
        pytest.param(allow("s3:*"), allow("iam:CreatePolicyVersion", "arn:aws:iam::*:policy/*"), NewAccess, id="of both"),
        pytest.param(
            allow("kms:*", OUR_ALIAS), allow(["kms:CreateAlias", "kms:DeleteAlias"], [OUR_ALIAS, AWS_ALIAS]), NoNewAccess, id="alias"
        ),
    ],
)  # fmt: skip
def test_a_comparison_leaves_it_out(before, after, expected):
    assert isinstance(compare(before, after), expected)
