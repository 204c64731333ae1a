"""`trusts: {service: …}` - an AWS service that acts with a role: functions, builds, rules, state machines."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import WithJsonSchema

from keywright.model.fields.nearest import nearest
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import Reason, Shape
from keywright.policy.reference.services import DECLARABLE, DOMAIN, KINDS, SERVICES
from keywright.reporting.text import listed

_SERVICE = Shape(
    "a service",
    "a name such as `codebuild`, or the principal of an unknown one, such as `newthing.amazonaws.com`",
    pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$",
    longest=128,
)
Service = Annotated[
    str,
    _SERVICE,
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(DECLARABLE)},
                {
                    "type": "string",
                    "pattern": r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$",
                    "maxLength": 128,
                },
            ],
            "description": _SERVICE.accepted,
        }
    ),
]
# Exact names only: people who can create a resource could create one that matches a pattern.
ResourceName = Annotated[
    str,
    Shape(
        "a resource's name",
        "its exact name, 1 to 128 letters, digits and `._/+=,@-`",
        pattern=r"^[A-Za-z0-9._/+=,@-]{1,128}$",
    ),
]


class ServiceTrust(Strict):
    """An AWS service that acts in this account with the role; for EC2 declare a workload, for pods use `eks`."""

    service: Service
    """The service, such as `lambda`, `codebuild` or `states`."""
    because: Reason | None = None
    """Why an unknown service is trusted; the trust has a condition on this account, whether or not the service sends it."""
    project: ResourceName | None = None
    """With `codebuild`: the only project that can run with the role."""
    state_machine: ResourceName | None = None
    """With `states`: the only state machine."""
    rule: ResourceName | None = None
    """With `events`: the only rule, on another bus than the default one as `bus/rule`."""
    schedule_group: ResourceName | None = None
    """With `scheduler`: the only group of schedules, such as `default`."""
    pipe: ResourceName | None = None
    """With `pipes`: the only pipe."""
    delivery_stream: ResourceName | None = None
    """With `firehose`: the only stream."""
    application: ResourceName | None = None
    """With `codedeploy`: the only application."""
    compute_environment: ResourceName | None = None
    """With `batch`: the only compute environment, and the jobs."""
    api: ResourceName | None = None
    """With `appsync`: the only API, by its id."""
    agent: ResourceName | None = None
    """With `bedrock`: the only agent, by its id."""
    knowledge_base: ResourceName | None = None
    """With `bedrock`: the only knowledge base, by its id."""
    trail: ResourceName | None = None
    """With `cloudtrail`: the only trail."""
    server: ResourceName | None = None
    """With `transfer`: the only server, by its id, and its users."""

    @property
    def held_to(self) -> dict[str, str]:
        """Give the resources, by kind, that the trust is restricted to."""
        return {kind: getattr(self, kind) for kind in KINDS if getattr(self, kind) is not None}

    def mistakes(self) -> Iterator[Mistake]:
        """Report an unknown service, one with a trust of its own, and resources that the service does not have."""
        name = self.service.removesuffix(DOMAIN)
        known = SERVICES.get(name)
        if known is None:
            yield from self._mistakes_of_unknown()
        elif known.declared_as:
            yield Mistake(
                f"service `{name}` of {{owner}} has a trust of its own",
                f"`{self.service}`",
                known.declared_as,
                "service",
            )
        elif name != self.service:
            yield Mistake(
                "`service` of {owner} is given by principal", f"`{self.service}`", f"`{name}`", "service"
            )
        elif self.because is not None:
            yield Mistake(
                f"service `{name}` of {{owner}} is known and needs no reason",
                "`because`",
                "no `because`",
                "because",
            )
        yield from self._mistakes_of_resources(name)

    def _mistakes_of_unknown(self) -> Iterator[Mistake]:
        near = listed(nearest(self.service.removesuffix(DOMAIN), DECLARABLE))
        if not self.service.endswith(DOMAIN):
            accepted = (
                f"{near}; another one by its principal, such as `{self.service}{DOMAIN}`, with `because`"
            )
            yield Mistake("`service` of {owner} is unknown", f"`{self.service}`", accepted, "service")
        # Which condition keys such a service sends is not known here, so a reviewer has to know why it is
        # trusted.
        elif self.because is None:
            accepted = f"`because` with the reason; or {near}"
            yield Mistake(
                "{owner} trusts an unknown service without a reason", f"`{self.service}`", accepted, "service"
            )

    def _mistakes_of_resources(self, name: str) -> Iterator[Mistake]:
        known = SERVICES.get(name)
        fitting = known.resources if known else {}
        for kind in self.held_to:
            if kind not in fitting:
                owners = [each for each, service in SERVICES.items() if kind in service.resources]
                own = f" or {listed(fitting)}" if fitting else ""
                accepted = f"no `{kind}`{own}; `{kind}` is for `service: {owners[0]}`"
                yield Mistake(f"service `{name}` of {{owner}} has no `{kind}`", f"`{kind}`", accepted, kind)
