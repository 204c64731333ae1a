"""Whatever a delegate does or creates, nobody gets more than the delegation's boundary.

Moves are judged by policy evaluation and made where they are allowed: a role is created, given policies,
opened, given another boundary, assumed. Moves that AWS may not allow are not made.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.assembly.identities.principals import principals_of
from keywright.policy.matching.context import Context
from keywright.policy.statement import Document, Statement
from keywright.reasoning.escalation.paths import NoEscalation, find_escalations
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed
from tests.laws.insiders import ACCOUNT, assembly_of

if TYPE_CHECKING:
    from typing import Any

    from keywright.reasoning.account.actors import Account

IAM = f"arn:aws:iam::{ACCOUNT}"
TEAM = f"{IAM}:role/access/team-a/"
OURS, CEILING = f"{IAM}:policy/access/keywright-boundary", f"{IAM}:policy/access/keywright-delegated-team-a"
WORLD = f"""\
account: {{id: "{ACCOUNT}", region: eu-central-1, handover: helpers, break_glass: role/break-glass}}
groups:
  helpers: {{}}
  repairers: {{}}
  leads: {{grants: [{{s3: [list], bucket: reports}}]}}
users:
  tina: {{person: {{email: t@acme.example}}, console: true, groups: [leads]}}
  hander: {{person: {{email: h@acme.example}}, console: true, groups: [helpers]}}
  repairer: {{person: {{email: r@acme.example}}, console: true, groups: [repairers]}}
buckets: {{reports: {{}}, others: {{}}}}
roles:
  maker:
    trusts: [{{group: leads}}]
  break-glass:
    trusts: [{{group: repairers, mfa: {{within: 15m}}}}]
    policies: [{{managed: AdministratorAccess, because: somebody must be able to repair the account}}]
delegations:
  team-a:
    to: [group/leads, role/maker]
    grants: [{{s3: [read, write], bucket: reports, prefix: team-a/}}]
    policies: [{{managed: AWSXRayDaemonWriteAccess, because: traces of the team's own services}}]
  team-b:
    to: [role/maker]
    grants: [{{s3: [read], bucket: others, prefix: team-b/}}]
"""
EVERYTHING = Document((Statement(actions=("*",), resources=("*",)),))
BOUNDARIES = (CEILING, CEILING.replace("team-a", "team-b"), OURS, f"{OURS}-any-service", "")
ROLES = (
    *(
        f"{TEAM}one",
        f"{TEAM}two",
        TEAM.replace("team-a", "team-a2") + "x",
        TEAM.replace("team-a", "team-b") + "x",
    ),
    *(f"{IAM}:role/access/maker", f"{IAM}:role/access/break-glass", f"{IAM}:role/x"),
    f"{IAM}:role/access/keywright-identity-keeper",
)
BEYOND = (
    ("s3:GetObject", "arn:aws:s3:::reports/daily/x"),
    ("s3:GetObject", "arn:aws:s3:::others/team-b/x"),
    ("iam:CreateUser", f"{IAM}:user/access/x"),
    ("iam:CreateRole", f"{IAM}:role/x"),
    ("sts:AssumeRole", f"{IAM}:role/access/break-glass"),
    (
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:keywright/first-password/tina-AbCdEf",
    ),
    ("cloudformation:UpdateStack", f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/access-account/0-0"),
    ("ec2:RunInstances", "*"),
)
"""What the ceiling of the first team does not hold."""
MOVES = (
    *("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"),
    *("iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:PassRole", "iam:TagRole"),
    *("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:AddUserToGroup", "iam:PutGroupPolicy"),
)
WRITTEN = {
    "iam:CreatePolicyVersion": BOUNDARIES[:4],
    "iam:SetDefaultPolicyVersion": BOUNDARIES[:4],
    "iam:AddUserToGroup": (f"{IAM}:group/access/repairers", f"{IAM}:group/access/leads"),
    "iam:PutGroupPolicy": (f"{IAM}:group/access/leads", f"{IAM}:group/access/mfa-guard"),
}
POLICY_ARNS = (
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
    CEILING,
)
MFA = {"aws:multifactorauthpresent": ("true",), "aws:multifactorauthage": ("10",)}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    return principals_of(assembly_of(WORLD, tmp_path_factory.mktemp("delegation")), ACCOUNT).account


@dataclass(frozen=True)
class Somebody:
    """Who acts: an ARN, what its policies say, and its boundary."""

    arn: str
    policies: tuple[Document, ...]
    boundary: str


@dataclass
class Game:
    """An account while it is played with: roles by ARN, those made among them."""

    account: Any
    made: dict[str, Somebody] = field(default_factory=dict)

    def documents(self, boundary: str) -> Document | None:
        found = self.account.policies.get(boundary)
        return found if boundary in self.account.policies else (EVERYTHING if boundary else None)

    def boundary_of(self, arn: str) -> str:
        known = self.made.get(arn)
        declared = self.account.actor(arn)
        return known.boundary if known else declared.boundary_arn if declared else ""

    def may(self, who: Somebody, action: str, resource: str, **more: tuple[str, ...]) -> bool:
        """Tell whether a request is let through: for certain, or for all that is known."""
        is_user = ":user/" in who.arn
        given = {key.replace("_", ":", 1).lower(): value for key, value in more.items()} | (
            MFA if is_user else {}
        )
        given |= {"aws:username": (who.arn.rpartition("/")[2],)} if is_user else {}
        absent = frozenset() if is_user else frozenset(MFA)
        policies = Policies(identity=who.policies, boundary=self.documents(who.boundary))
        request = Request(who.arn, action, resource, Context.of(given, absent=absent))
        return isinstance(evaluate(request, policies), Allowed)

    def play(self, who: Somebody, action: str, role: str, boundary: str, policy: str) -> None:
        """Make a move if it is let through, and see that it is none that must not be."""
        if action in WRITTEN:
            assert not any(self.may(who, action, each) for each in WRITTEN[action]), (who.arn, action)
            return
        asks = action in {"iam:CreateRole", "iam:PutRolePermissionsBoundary"}
        there = boundary if asks else self.boundary_of(role)
        keys = {"iam_PermissionsBoundary": (there,)} if there else {}
        keys |= {"iam_PolicyARN": (policy,)} if action == "iam:AttachRolePolicy" else {}
        keys |= {"iam_PassedToService": ("ec2.amazonaws.com",)} if action == "iam:PassRole" else {}
        if not self.may(who, action, role, **keys):
            return
        assert role.startswith((TEAM, TEAM.replace("team-a", "team-b"))), (who.arn, action, role)
        assert action not in {"iam:DeleteRolePermissionsBoundary", "iam:PassRole", "iam:TagRole"}
        self._change(action, role, boundary)

    def _change(self, action: str, role: str, boundary: str) -> None:
        now = self.made.get(role)
        if action == "iam:CreateRole":
            self.made.setdefault(role, Somebody(role, (), boundary))
        elif now is not None and action in {"iam:PutRolePolicy", "iam:AttachRolePolicy"}:
            self.made[role] = replace(now, policies=(EVERYTHING,))
        elif now is not None and action == "iam:PutRolePermissionsBoundary":
            self.made[role] = replace(now, boundary=boundary)


def delegate(account: Account, name: str) -> Somebody:
    (found,) = [each for each in account.actors if each.name == name]
    return Somebody(found.arn, tuple(found.documents), found.boundary_arn)


moves = st.tuples(
    st.integers(0, 9),
    st.sampled_from((*MOVES, *(("iam:CreateRole", "iam:PutRolePolicy") * 3))),
    st.sampled_from((*ROLES, *([f"{TEAM}one"] * 5))),
    st.sampled_from((*BOUNDARIES, *([CEILING] * 5))),
    st.sampled_from(POLICY_ARNS),
)


@settings(max_examples=60, deadline=None)
@given(start=st.sampled_from(["user/tina", "role/maker"]), played=st.lists(moves, min_size=5, max_size=25))
def test_nothing_beyond_the_boundary_is_gained(account: Account, start: str, played: list[Any]) -> None:
    game, first = Game(account), delegate(account, start)
    for number, *move in played:
        acting = [first, *game.made.values()]
        game.play(acting[number % len(acting)], *move)
    for role in game.made.values():
        team = "team-a" if role.arn.startswith(TEAM) else "team-b"
        assert role.boundary == CEILING.replace("team-a", team)
        for action, resource in BEYOND if team == "team-a" else ():
            assert not game.may(replace(role, policies=(EVERYTHING,)), action, resource), (role, action)


def test_a_delegate_can_do_something(account: Account) -> None:
    """Else the law above would be empty."""
    game = Game(account)
    for name in ("user/tina", "role/maker"):
        who = delegate(account, name)
        game.play(who, "iam:CreateRole", f"{TEAM}one", CEILING, "")
        game.play(who, "iam:AttachRolePolicy", f"{TEAM}one", "", POLICY_ARNS[1])
    made = game.made[f"{TEAM}one"]
    assert game.may(made, "s3:GetObject", _reports(account) + "/team-a/x")
    assert not game.may(made, "s3:GetObject", _reports(account) + "/daily/x")


def _reports(account: Account) -> str:
    texts = [text for each in account.policies[CEILING].statements for text in each.resources]
    return next(text for text in texts if "reports" in text).partition("/")[0]


@pytest.mark.parametrize("who", ["user/tina", "role/maker"])
def test_no_known_technique_gives_a_delegate_more(account: Account, who: str) -> None:
    (found,) = [each for each in account.actors if each.name == who]
    (result,) = find_escalations(account, of=[found])
    assert isinstance(result, NoEscalation), result
