"""A proof is never wrong: invariants compared with evaluating every request of a small world."""

from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.policy.matching.context import Context
from keywright.policy.statement import Document, Effect, Kind, Statement
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.reasoning.invariants.principals import AttachedPolicy, PrincipalPolicies
from keywright.reasoning.invariants.proofs import AlwaysProof, Broken, Invariant, NeverProof, Proved

ACCOUNT, OTHER = "111111111111", "222222222222"
ALICE, ROLE = f"arn:aws:iam::{ACCOUNT}:user/alice", f"arn:aws:iam::{ACCOUNT}:role/worker"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
BUCKET = "arn:aws:s3:::reports"
OBJECTS = (f"{BUCKET}/a", f"{BUCKET}/b/c")
ACTIONS = ("s3:GetObject", "s3:DeleteObject", "s3:PutObject")
CONTEXTS = (
    {"aws:SecureTransport": ("true",)},
    {"aws:SecureTransport": ("false",), "aws:SourceVpc": ("vpc-1",)},
)

actions = st.sampled_from(["s3:*", "s3:GetObject", "s3:Delete*", "*", "s3:?utObject", "ec2:*"])
resources = st.sampled_from(["*", f"{BUCKET}/*", f"{BUCKET}/a", f"{BUCKET}/b/*", "arn:aws:s3:::other/*"])
conditions = st.sampled_from(
    [
        {},
        {},
        {"Bool": {"aws:SecureTransport": ("true",)}},
        {"StringEquals": {"aws:SourceVpc": ("vpc-1",)}},
        {"StringNotEquals": {"aws:SourceVpc": ("vpc-1",)}},
        {"ArnEquals": {"aws:PrincipalArn": (ALICE,)}},
        {"Null": {"aws:SourceVpc": ("true",)}},
    ]
)
principals = st.sampled_from(
    [
        {"*": ("*",)},
        {"AWS": (ACCOUNT,)},
        {"AWS": (ALICE,)},
        {"AWS": (ROLE,)},
        {"AWS": (f"arn:aws:iam::{OTHER}:root", ALICE)},
        {"AWS": (EVE,)},
    ]
)


@st.composite
def statements(draw, *, with_principals=False):
    found = Statement(
        draw(st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.DENY])), conditions=draw(conditions)
    )
    action, resource = (draw(actions),), (draw(resources),)
    parts = {"not_actions": action} if draw(st.integers(0, 5)) == 0 else {"actions": action}
    parts |= {"not_resources": resource} if draw(st.integers(0, 5)) == 0 else {"resources": resource}
    if with_principals:
        named = draw(principals)
        parts |= {"not_principals": named} if draw(st.integers(0, 7)) == 0 else {"principals": named}
    return Statement(found.effect, conditions=found.conditions, **parts)


def documents(**more):
    return st.lists(statements(**more), min_size=1, max_size=3).map(tuple)


@st.composite
def holders(draw, arn):
    identity = tuple(Document(each) for each in draw(st.lists(documents(), max_size=2)))
    boundary = draw(st.none() | documents().map(Document))
    return PrincipalPolicies(arn, identity, boundary)


worlds = st.tuples(holders(ALICE), holders(ROLE))
hanging = st.none() | documents(with_principals=True).map(lambda each: Document(each, kind=Kind.RESOURCE))
asked = st.builds(
    Invariant,
    can=st.lists(actions, min_size=1, max_size=2).map(tuple),
    on=st.sampled_from([("*",), (f"{BUCKET}/*",), (f"{BUCKET}/a",)]),
    when=st.sampled_from([{}, {"Bool": {"aws:SecureTransport": ("true",)}}]),
)


def verdicts(invariant, holder, policy):
    """Evaluate every request of the small world that an invariant is about."""
    for action, resource, context in product(ACTIONS, OBJECTS, CONTEXTS):
        request = Request(holder.arn, action, resource, Context.of(context))
        wanted = Policies(identity=(invariant.requests,))
        if isinstance(evaluate(request, wanted), Allowed):
            policies = Policies(holder.identity, policy, holder.boundary)
            yield request, isinstance(evaluate(request, policies), Allowed)


def on_bucket(policy):
    """Hang a policy on the bucket; its statements about anything else say nothing there."""
    return () if policy is None else (AttachedPolicy(policy, (BUCKET,)),)


@settings(max_examples=60, deadline=None)
@given(worlds, hanging, asked)
def test_what_is_proved_never_to_be_is_never_allowed(people, policy, invariant):
    proof = NeverProof(invariant, people, on_bucket(policy))
    for holder in people:
        outcome = proof.outcome(holder)
        if isinstance(outcome, Proved):
            assert [each for each, is_allowed in verdicts(invariant, holder, policy) if is_allowed] == []
        if isinstance(outcome, Broken):
            request = outcome.path[-1].request.request
            held = proof.at_most.evaluated(holder, request)
            assert isinstance(held, Allowed)


@settings(max_examples=60, deadline=None)
@given(worlds, hanging, asked)
def test_what_is_proved_always_to_be_is_always_allowed(people, policy, invariant):
    proof = AlwaysProof(invariant, people, on_bucket(policy))
    for holder in people:
        outcome = proof.outcome(holder)
        if isinstance(outcome, Proved):
            assert [each for each, is_allowed in verdicts(invariant, holder, policy) if not is_allowed] == []
        if isinstance(outcome, Broken):
            request = outcome.path[-1].request.request
            assert not isinstance(proof.at_least.evaluated(holder, request), Allowed)


calling = st.builds(
    Statement,
    st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.DENY]),
    actions=st.sampled_from([("sts:*",), ("sts:AssumeRole",), ("s3:GetObject",)]),
    resources=st.sampled_from([("*",), (ROLE,), (f"arn:aws:iam::{ACCOUNT}:role/other",)]),
    conditions=conditions,
)
callers = st.builds(
    PrincipalPolicies,
    st.just(ALICE),
    st.lists(calling, max_size=2).map(lambda each: (Document(tuple(each)),)),
    st.none() | st.lists(calling, min_size=1, max_size=2).map(lambda each: Document(tuple(each))),
)
trusts = st.lists(
    st.builds(
        Statement,
        st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.DENY]),
        actions=st.just(("sts:AssumeRole",)),
        principals=principals,
        conditions=conditions,
    ),
    min_size=1,
    max_size=2,
).map(lambda each: Document(tuple(each), kind=Kind.TRUST))


@settings(max_examples=60, deadline=None)
@given(callers, holders(ROLE), trusts, asked)
def test_a_proof_about_a_principal_covers_the_roles_that_it_can_assume(caller, worker, trust, invariant):
    role = replace(worker, trust=trust)
    proof = NeverProof(replace(invariant, who=frozenset({ALICE})), (caller, role))
    if isinstance(proof.outcome(caller), Proved):
        policies = Policies(caller.identity, trust, caller.boundary)
        requests = (Request(ALICE, "sts:AssumeRole", ROLE, Context.of(each)) for each in CONTEXTS)
        may_assume = any(isinstance(evaluate(each, policies), Allowed) for each in requests)
        may_do = [each for each, is_allowed in verdicts(invariant, role, None) if is_allowed]
        assert not may_assume or may_do == []
