"""Evaluation as AWS documents it; each table names its page."""

import pytest

from keywright.policy.matching.context import Context
from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.evaluation.evaluate import Policies, evaluate
from keywright.reasoning.evaluation.request import Request
from tests.unit.reasoning.policies import (
    ACCOUNT,
    ACTION,
    FEDERATED,
    NOTHING_HERE,
    OTHER_ACCOUNT,
    RESOURCE,
    ROLE,
    ROOT,
    SESSION,
    USER,
    allow,
    deny,
    document,
    shared_with,
    statement,
)

ALLOWED, EXPLICIT, IMPLICIT, UNDECIDED = "allowed", "explicitly-denied", "implicitly-denied", "undecided"
EVERYTHING = (allow(),)
NOTHING = ()


def decide(who, *, action=ACTION, arn=RESOURCE, owner="", context=None, **policies):
    request = Request(who, action, arn, Context.of(context or {}), owner)
    return evaluate(request, Policies(**policies))


@pytest.mark.parametrize("who", [USER, ROLE, SESSION])
@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        pytest.param({}, IMPLICIT, id="no policy"),
        pytest.param({"identity": EVERYTHING}, ALLOWED, id="identity-based policy allows"),
        pytest.param({"identity": (NOTHING_HERE, allow())}, ALLOWED, id="one of several allows"),
        pytest.param({"identity": (allow(), deny())}, EXPLICIT, id="one of several denies"),
        pytest.param({"resource": shared_with("*")}, ALLOWED, id="resource-based policy allows"),
        pytest.param(
            {"identity": EVERYTHING, "resource": shared_with("*", effect="Deny")},
            EXPLICIT,
            id="resource-based policy denies",
        ),
        pytest.param(
            {"identity": EVERYTHING, "boundary": NOTHING_HERE}, IMPLICIT, id="boundary does not allow"
        ),
        pytest.param({"identity": EVERYTHING, "boundary": allow("sqs:*")}, ALLOWED, id="boundary allows"),
        pytest.param({"identity": EVERYTHING, "boundary": deny()}, EXPLICIT, id="boundary denies"),
        pytest.param({"boundary": allow()}, IMPLICIT, id="a boundary grants nothing"),
        pytest.param(
            {"identity": EVERYTHING, "session": (NOTHING_HERE,)}, IMPLICIT, id="session does not allow"
        ),
        pytest.param(
            {"identity": EVERYTHING, "session": (NOTHING_HERE, allow())},
            ALLOWED,
            id="a session policy allows",
        ),
        pytest.param({"identity": EVERYTHING, "session": (deny(),)}, EXPLICIT, id="session denies"),
        pytest.param({"session": EVERYTHING}, IMPLICIT, id="a session policy grants nothing"),
        pytest.param(
            {"identity": EVERYTHING, "service_control": ((allow(),),)}, ALLOWED, id="control policy allows"
        ),
        pytest.param(
            {"identity": EVERYTHING, "service_control": ((deny(),),)}, EXPLICIT, id="control policy denies"
        ),
        pytest.param({"service_control": ((allow(),),)}, IMPLICIT, id="a control policy grants nothing"),
    ],
)
def test_within_one_account(who, policies, expected):
    """Source: "Policy evaluation for requests within a single account"."""
    assert decide(who, **policies).name == expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        pytest.param(((allow(),), (allow(),), (allow(),)), ALLOWED, id="each level allows"),
        pytest.param(((allow(),), (NOTHING_HERE,), (allow(),)), IMPLICIT, id="one level does not"),
        pytest.param(
            ((allow(),), (NOTHING_HERE, allow("sqs:*")), (allow(),)), ALLOWED, id="one of a level allows"
        ),
        pytest.param(
            ((allow(),), (allow(), deny("sqs:*")), (allow(),)), EXPLICIT, id="one of a level denies"
        ),
        pytest.param(((allow(),), (deny("s3:*"),)), IMPLICIT, id="a level of denies allows nothing"),
        pytest.param(((),), IMPLICIT, id="a level without policies"),
    ],
)
@pytest.mark.parametrize("who", [USER, SESSION, ROOT])
def test_service_control_policies_by_level(who, levels, expected):
    """Source: "SCP evaluation"."""
    assert decide(who, identity=EVERYTHING, service_control=levels).name == expected


FULL = shared_with("*")


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        pytest.param(((FULL,), (FULL,)), ALLOWED, id="RCPFullAWSAccess everywhere"),
        pytest.param(((FULL, shared_with("*", effect="Deny")),), EXPLICIT, id="a policy denies"),
        pytest.param(
            ((FULL,), (FULL, shared_with("*", "s3:*", effect="Deny"))), ALLOWED, id="denies something else"
        ),
        pytest.param(
            ((shared_with("*", "s3:*", effect="Deny"),),), ALLOWED, id="RCPFullAWSAccess can't be detached"
        ),
        pytest.param(((shared_with("*", "s3:*"),),), IMPLICIT, id="allows something else"),
    ],
)
@pytest.mark.parametrize("who", [USER, SESSION, ROOT])
def test_resource_control_policies_by_level(who, levels, expected):
    """Source: "RCP evaluation"."""
    assert decide(who, identity=EVERYTHING, resource_control=levels).name == expected


def test_resource_control_policies_reach_everyone():
    """Source: "Resource control policies (RCPs)"."""
    denying = ((FULL, shared_with("*", effect="Deny")),)
    for who in ("*", "s3.amazonaws.com", f"arn:aws:iam::{OTHER_ACCOUNT}:user/eve"):
        assert decide(who, resource=FULL, resource_control=denying).name == EXPLICIT


def test_a_service_that_may_not_take_part_leaves_the_answer_open():
    """Source: "Resource control policies (RCPs)", list of services that support RCPs."""
    found = decide(
        USER,
        action="quantum:Teleport",
        identity=EVERYTHING,
        resource_control=((shared_with("*", effect="Deny"),),),
    )
    assert found.name == UNDECIDED
    assert found.because == "whether resource control policies apply to `quantum` is unknown"


LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
LINKED_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForECS/ecs"


@pytest.mark.parametrize(
    ("who", "context", "expected"),
    [
        pytest.param(LINKED, {}, ALLOWED, id="role"),
        pytest.param(
            LINKED_SESSION, {"aws:PrincipalArn": (LINKED,)}, ALLOWED, id="session with its role's ARN"
        ),
        pytest.param(LINKED_SESSION, {}, UNDECIDED, id="session without"),
        pytest.param(ROLE, {}, EXPLICIT, id="other role"),
    ],
)
def test_service_linked_roles_are_not_restricted(who, context, expected):
    """Source: "Service control policies (SCPs)", tasks and entities not restricted by SCPs."""
    policies = {"service_control": ((deny(),),), "resource_control": ((shared_with("*", effect="Deny"),),)}
    assert decide(who, identity=EVERYTHING, context=context, **policies).name == expected


IMPLICIT_DENIES = {
    "identity": {"identity": (NOTHING_HERE,)},
    "boundary": {"identity": (NOTHING_HERE,), "boundary": NOTHING_HERE},
    "session": {"identity": (NOTHING_HERE,), "session": (NOTHING_HERE,)},
}


@pytest.mark.parametrize(
    ("who", "named", "overridden"),
    [
        pytest.param(USER, USER, {"identity", "boundary"}, id="user by user"),
        pytest.param(USER, ROOT, set(), id="user by account"),
        pytest.param(SESSION, ROLE, {"identity"}, id="session by role"),
        pytest.param(SESSION, SESSION, {"identity", "boundary", "session"}, id="session by session"),
        pytest.param(SESSION, ROOT, set(), id="session by account"),
        pytest.param(
            FEDERATED, FEDERATED, {"identity", "boundary", "session"}, id="federated user by itself"
        ),
        pytest.param(SESSION, "*", {"identity", "boundary", "session"}, id="session by everyone"),
        pytest.param(USER, "*", {"identity", "boundary"}, id="user by everyone"),
    ],
)
@pytest.mark.parametrize("layer", IMPLICIT_DENIES)
def test_which_implicit_denies_a_resource_based_policy_overrides(who, named, overridden, layer):
    """Source: "Policy evaluation logic", resource-based policies and implicit denies in other policy types."""
    if who == USER and layer == "session":
        return  # a user without a session has no session policies
    found = decide(who, resource=shared_with({"AWS": named}), **IMPLICIT_DENIES[layer])
    assert found.name == (ALLOWED if layer in overridden else IMPLICIT)


def test_everyone_limited_by_principal_arn_is_not_limited_by_the_boundary():
    """Source: "AWS JSON policy elements: Principal", IAM role principals."""
    shared = shared_with("*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}})
    assert decide(SESSION, resource=shared, boundary=NOTHING_HERE, session=(NOTHING_HERE,)).name == ALLOWED
    assert decide(USER, resource=shared).name == IMPLICIT
    assert decide(SESSION, resource=shared, boundary=deny()).name == EXPLICIT


@pytest.mark.parametrize(
    ("identity", "shared", "expected"),
    [
        pytest.param(EVERYTHING, USER, ALLOWED, id="both, by user"),
        pytest.param(EVERYTHING, ROOT, ALLOWED, id="both, by account"),
        pytest.param(EVERYTHING, "*", ALLOWED, id="both, by everyone"),
        pytest.param(NOTHING, USER, IMPLICIT, id="resource's side alone"),
        pytest.param(EVERYTHING, None, IMPLICIT, id="principal's side alone"),
        pytest.param(
            EVERYTHING, f"arn:aws:iam::{OTHER_ACCOUNT}:root", IMPLICIT, id="resource's own account named"
        ),
        pytest.param((allow(), deny()), USER, EXPLICIT, id="principal's side denies"),
    ],
)
def test_across_accounts_both_sides_allow(identity, shared, expected):
    """Source: "Cross-account policy evaluation logic"."""
    resource = shared_with({"AWS": shared}) if shared else None
    assert decide(USER, owner=OTHER_ACCOUNT, identity=identity, resource=resource).name == expected


@pytest.mark.parametrize("limit", [{"boundary": NOTHING_HERE}, {"session": (NOTHING_HERE,)}])
def test_across_accounts_naming_a_session_overrides_no_limit(limit):
    """Source: "Cross-account policy evaluation logic"."""
    shared = shared_with({"AWS": SESSION})
    assert decide(SESSION, owner=OTHER_ACCOUNT, identity=EVERYTHING, resource=shared).name == ALLOWED
    assert (
        decide(SESSION, owner=OTHER_ACCOUNT, identity=EVERYTHING, resource=shared, **limit).name == IMPLICIT
    )


def test_the_account_follows_from_the_resource():
    """Source: "Amazon Resource Names (ARNs)"."""
    theirs = RESOURCE.replace(ACCOUNT, OTHER_ACCOUNT)
    assert decide(USER, identity=EVERYTHING).name == ALLOWED
    assert decide(USER, arn=theirs, identity=EVERYTHING).name == IMPLICIT
    assert decide(USER, arn="arn:aws:s3:::b", identity=EVERYTHING).name == ALLOWED


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        pytest.param({}, ALLOWED, id="nothing"),
        pytest.param({"boundary": NOTHING_HERE}, ALLOWED, id="a boundary is not for root"),
        pytest.param(
            {"resource": shared_with({"AWS": ROOT}, effect="Deny")}, EXPLICIT, id="the resource denies"
        ),
        pytest.param(
            {"service_control": ((allow("s3:*"),),)}, IMPLICIT, id="a control policy does not allow"
        ),
    ],
)
def test_the_root_user_has_full_access_within_control_policies(policies, expected):
    """Source: "How AWS enforcement code logic evaluates requests to allow or deny access"."""
    assert decide(ROOT, **policies).name == expected
    assert decide(ACCOUNT, **policies).name == expected


@pytest.mark.parametrize(
    ("who", "shared", "expected"),
    [
        pytest.param("*", "*", ALLOWED, id="anonymous by everyone"),
        pytest.param("*", {"AWS": "*"}, ALLOWED, id="anonymous by everyone in AWS"),
        pytest.param("*", {"AWS": ROOT}, IMPLICIT, id="anonymous by an account"),
        pytest.param("s3.amazonaws.com", {"Service": "s3.amazonaws.com"}, ALLOWED, id="service"),
        pytest.param("s3.amazonaws.com", {"Service": "sns.amazonaws.com"}, IMPLICIT, id="other service"),
        pytest.param("s3.amazonaws.com", {"AWS": ROOT}, IMPLICIT, id="service by an account"),
    ],
)
def test_a_principal_without_policies_needs_the_resource_policy(who, shared, expected):
    """Source: "AWS JSON policy elements: Principal"."""
    assert decide(who, owner=ACCOUNT, resource=shared_with(shared), identity=EVERYTHING).name == expected


def test_a_service_condition_protects_from_the_confused_deputy():
    """Source: "The confused deputy problem"."""
    shared = shared_with(
        {"Service": "s3.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    )
    source = {"aws:SourceAccount": (ACCOUNT,)}
    assert decide("s3.amazonaws.com", resource=shared, context=source).name == ALLOWED
    assert decide("s3.amazonaws.com", resource=shared).name == IMPLICIT


def test_a_federated_user_has_no_more_than_its_session_policies():
    """Source: "Permissions for GetFederationToken"."""
    assert decide(FEDERATED, identity=EVERYTHING, session=EVERYTHING).name == ALLOWED
    assert decide(FEDERATED, identity=EVERYTHING).name == IMPLICIT
    assert decide(FEDERATED, session=EVERYTHING).name == IMPLICIT


def test_a_user_named_may_be_who_federated():
    """Source: "Policy evaluation logic", IAM federated user sessions."""
    shared = shared_with({"AWS": USER})
    assert decide(FEDERATED, resource=shared, session=EVERYTHING).name == UNDECIDED
    assert decide(FEDERATED, resource=shared).name == IMPLICIT


@pytest.mark.parametrize(
    ("key", "value", "who", "expected"),
    [
        pytest.param("aws:PrincipalArn", USER, USER, ALLOWED, id="user's ARN"),
        pytest.param("aws:PrincipalArn", ROLE, SESSION, ALLOWED, id="a session's ARN is its role's"),
        pytest.param("aws:PrincipalArn", SESSION, SESSION, IMPLICIT, id="not the session's own"),
        pytest.param("aws:PrincipalArn", ROOT, ACCOUNT, ALLOWED, id="root's ARN"),
        pytest.param("aws:PrincipalAccount", ACCOUNT, SESSION, ALLOWED, id="account"),
        pytest.param("aws:PrincipalType", "User", USER, ALLOWED, id="user's type"),
        pytest.param("aws:PrincipalType", "AssumedRole", SESSION, ALLOWED, id="session's type"),
        pytest.param("aws:PrincipalType", "FederatedUser", FEDERATED, ALLOWED, id="federated user's type"),
        pytest.param("aws:PrincipalType", "Account", ROOT, ALLOWED, id="root's type"),
        pytest.param("aws:PrincipalType", "Anonymous", "*", ALLOWED, id="anonymous type"),
        pytest.param("aws:username", "bob", USER, ALLOWED, id="user name"),
        pytest.param("aws:username", "deploy", SESSION, IMPLICIT, id="a session has no user name"),
        pytest.param("aws:userid", f"{ACCOUNT}:eve", FEDERATED, ALLOWED, id="federated user's id"),
        pytest.param("aws:userid", ACCOUNT, ROOT, ALLOWED, id="root's id"),
        pytest.param("aws:userid", "anonymous", "*", ALLOWED, id="anonymous id"),
        pytest.param("aws:ResourceAccount", ACCOUNT, USER, ALLOWED, id="resource's account"),
        pytest.param("aws:PrincipalIsAWSService", "false", USER, ALLOWED, id="no service"),
        pytest.param("aws:PrincipalIsAWSService", "true", "s3.amazonaws.com", ALLOWED, id="service"),
        pytest.param(
            "aws:PrincipalServiceName", "s3.amazonaws.com", "s3.amazonaws.com", ALLOWED, id="service's name"
        ),
        pytest.param("aws:ViaAWSService", "false", USER, ALLOWED, id="not through a service"),
    ],
)
def test_keys_that_follow_from_principal_and_resource(key, value, who, expected):
    """Source: "AWS global condition context keys"."""
    shared = shared_with("*", Condition={"StringEquals": {key: value}})
    assert decide(who, resource=shared).name == (ALLOWED if who in (ROOT, ACCOUNT) else expected)
    denying = shared_with("*", effect="Deny", Condition={"StringEquals": {key: value}})
    assert (decide(who, resource=denying).name == EXPLICIT) is (expected == ALLOWED)


def test_given_context_takes_precedence():
    with_path = ROLE.replace("role/", "role/team/")
    policies = {"identity": (allow(Condition={"ArnEquals": {"aws:PrincipalArn": with_path}}),)}
    assert decide(SESSION, **policies).name == IMPLICIT
    assert decide(SESSION, context={"aws:PrincipalArn": (with_path,)}, **policies).name == ALLOWED


def test_a_key_that_is_not_given_is_absent():
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    assert decide(USER, identity=(allow(), deny(Condition=mfa))).name == ALLOWED
    if_exists = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    assert decide(USER, identity=(allow(), deny(Condition=if_exists))).name == EXPLICIT


def test_all_conditions_of_a_statement_hold_together():
    """Source: "Conditions with multiple context keys or values"."""
    both = {
        "StringEquals": {"aws:PrincipalTag/a": "1", "aws:PrincipalTag/b": "2"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    context = {"aws:PrincipalTag/A": ("1",), "aws:PrincipalTag/b": ("2",), "aws:SecureTransport": ("true",)}
    assert decide(USER, identity=(allow(Condition=both),), context=context).name == ALLOWED
    for key in context:
        fewer = {name: values for name, values in context.items() if name != key}
        assert decide(USER, identity=(allow(Condition=both),), context=fewer).name == IMPLICIT


def test_not_action_and_not_resource_cover_the_rest():
    """Source: "IAM JSON policy elements: NotAction", "IAM JSON policy elements: NotResource"."""
    all_but = document({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::*"})
    assert decide(USER, identity=(all_but,)).name == ALLOWED
    assert decide(USER, action="iam:GetUser", arn=USER, identity=(all_but,)).name == IMPLICIT
    assert decide(USER, action="s3:GetObject", arn="arn:aws:s3:::b/k", identity=(all_but,)).name == IMPLICIT


def test_not_principal_denies_all_but_the_listed():
    """Source: "AWS JSON policy elements: NotPrincipal"."""
    made = {"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": [USER, ROOT]}}
    shared = document(made, kind=Kind.RESOURCE)
    assert decide(USER, identity=EVERYTHING, resource=shared).name == ALLOWED
    assert decide(SESSION, identity=EVERYTHING, resource=shared).name == EXPLICIT
    assert decide(USER, identity=EVERYTHING, resource=shared, boundary=allow()).name == EXPLICIT


def test_a_group_is_never_a_principal():
    found = decide(f"arn:aws:iam::{ACCOUNT}:group/people", identity=EVERYTHING)
    assert found.because == f"`arn:aws:iam::{ACCOUNT}:group/people` is not a principal of a known form"


def test_an_unreadable_part_leaves_the_answer_undecided():
    unclear, _ = parse_document({"Version": "2012-10-17", "Statement": [statement("Deni")]}, file="x")
    found = decide(USER, identity=(allow(), unclear))
    assert found.name == UNDECIDED
    assert found.because == (
        "identity-based policy 2 could not be read: `/Statement/0/Effect` is neither `Allow` nor `Deny`"
    )
    assert decide(USER, identity=(unclear, deny())).name == EXPLICIT


def test_an_unknown_operator_matters_only_where_it_decides():
    def read(effect):
        odd = statement(effect, Condition={"StringResembles": {"aws:username": "bob"}})
        return parse_document({"Version": "2012-10-17", "Statement": [odd]}, file="x")[0]

    assert decide(USER, identity=(read("Allow"),)).name == UNDECIDED
    assert decide(USER, identity=(read("Allow"), allow())).name == ALLOWED
    assert decide(USER, identity=(read("Deny"), allow())).name == UNDECIDED
    denied_anyway = decide(USER, identity=(read("Deny"),))
    assert denied_anyway.name == UNDECIDED
    assert denied_anyway.is_denied


@pytest.mark.parametrize(
    ("policies", "because"),
    [
        pytest.param(
            {"identity": EVERYTHING, "boundary": allow("sqs:*")},
            "identity-based policy 1 /Statement/0 allows and permissions boundary /Statement/0 allows",
            id="allowed within a boundary",
        ),
        pytest.param(
            {"resource": shared_with({"AWS": USER}, Sid="Bob")},
            "resource-based policy /Statement/0 `Bob` allows",
            id="allowed by the resource",
        ),
        pytest.param(
            {"identity": (allow(), deny(Sid="No")), "boundary": deny()},
            "identity-based policy 2 /Statement/0 `No` denies and permissions boundary /Statement/0 denies",
            id="denied twice",
        ),
        pytest.param(
            {"identity": EVERYTHING, "service_control": ((allow(),), (allow(), deny(Sid="No")))},
            "service control policy 3 /Statement/0 `No` denies",
            id="control policies are numbered through",
        ),
        pytest.param(
            {}, "no identity-based policy and no resource-based policy allows the action", id="nothing"
        ),
        pytest.param(
            {"identity": EVERYTHING, "session": (NOTHING_HERE,)},
            "no session policy allows the action",
            id="session",
        ),
        pytest.param(
            {"identity": EVERYTHING, "service_control": ((allow(),), (NOTHING_HERE,))},
            "no service control policy at level 2 allows the action",
            id="level",
        ),
        pytest.param(
            {"identity": EVERYTHING, "owner": OTHER_ACCOUNT},
            "no resource-based policy allows the action, which cross-account access requires",
            id="resource's side",
        ),
        pytest.param(
            {"resource": shared_with({"AWS": USER}), "owner": OTHER_ACCOUNT},
            "no identity-based policy allows the action, which cross-account access requires",
            id="principal's side",
        ),
    ],
)
def test_a_verdict_says_what_decided(policies, because):
    assert decide(USER, **policies).because == because


def test_what_an_anonymous_principal_lacks_is_reported():
    assert decide("*", resource=shared_with({"AWS": ROOT})).because == (
        "no statement of the resource-based policy allows an anonymous principal"
    )
