"""An account whose users and roles have full access within their boundary.

Which of them could escape the boundary?.
"""

from __future__ import annotations

from datetime import date

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.queries.question import Question, may_be_allowed
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.model.reading import read
from keywright.policy.matching.context import Context
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed
from tests.locking import lock

ACCOUNT = "111111111111"
TODAY = date(2026, 11, 24)
EVERYTHING = (
    "policies: [{managed: AdministratorAccess, because: the test wants somebody who holds everything}]"
)
ADMINISTRATORS = f"""\
account:
  id: "{ACCOUNT}"
  region: eu-central-1
  handover: onboarders
  break_glass: role/break-glass
groups:
  admins: {{{EVERYTHING}}}
  onboarders: {{}}
  repairers: {{}}
users:
  insider: {{person: {{email: i@acme.example}}, console: true, cli: true, groups: [admins]}}
  insider2: {{person: {{email: j@acme.example}}, console: true}}
  hander: {{person: {{email: h@acme.example}}, console: true, groups: [onboarders]}}
  repairer: {{person: {{email: r@acme.example}}, console: true, groups: [repairers]}}
  robot:
    application: {{because: the test wants software that holds everything, review: 2027-05-01}}
    access_keys: [{{serial: 1, issued: 2026-11-01}}]
    {EVERYTHING}
workloads:
  machine: {{ec2: {{launch: none}}, {EVERYTHING}}}
roles:
  powerful: {{trusts: [{{group: admins}}], {EVERYTHING}}}
  break-glass: {{trusts: [{{group: repairers, mfa: {{within: 15m}}}}], {EVERYTHING}}}
"""


def assembly_of(text, folder):
    """Synthesize declarations as `app.py` does, without its guardrails, and read the templates back."""
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs

    (folder / "access").mkdir(parents=True, exist_ok=True)
    (folder / "access/all.yaml").write_text(text, encoding="utf-8")
    lock(folder / "access", TODAY)
    reading = read(folder / "access", TODAY)
    assert reading.declarations is not None, "\n".join(map(str, reading.findings))
    out = folder / "cdk.out"
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(out),
        context={"@aws-cdk/core:enablePartitionLiterals": True},
    )
    compose(app, StackInputs(reading.declarations, folder / "access", lock=reading.lock))
    app.synth()
    return read_assembly(out)


class Account:
    """Answers who may do what, by the engine that judges everybody's templates."""

    def __init__(self, assembly):
        self._assembly = assembly
        self.people = principals_of(assembly, ACCOUNT)

    def may(self, who, action, resource, **context):
        """Tell whether a request may be let through: for certain, or for all that is known.

        `who` is a kind and name, such as `user/insider`; context keys are spelled `aws_MultiFactorAuthPresent`.
        """
        question = Question(
            self._assembly, self.people, action, resource, _values(context), Spelling(ACCOUNT)
        )
        return may_be_allowed(question.answer(self.actor(who)).verdict)

    def does(self, who, action, resource, session="", **context):
        """Tell whether a request is let through of which all is known: a key that is not given is absent.

        `session` is the ARN of a federated user whose session `who` has begun with GetFederationToken.
        """
        actor = self.actor(who)
        request = Request(session or actor.arn, action, resource, Context.of(_values(context)))
        policies = Policies(identity=actor.documents, boundary=actor.boundary)
        return isinstance(evaluate(request, policies), Allowed)

    def actor(self, name):
        """Find somebody by name."""
        (found,) = [each for each in self.people.account.actors if each.name == name]
        return found

    def ways_to(self, role):
        """Name everybody who may come to act as a role, over other roles too."""
        question = Question(self._assembly, self.people, "sts:AssumeRole", "*", {}, Spelling(ACCOUNT))
        return {route.actor.name for route in question.role_paths(self.actor(role))}


def _values(context):
    return {
        key.replace("_", ":", 1).lower(): value if isinstance(value, tuple) else (value,)
        for key, value in context.items()
    }
