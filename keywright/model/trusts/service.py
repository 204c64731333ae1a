"""`trusts: {service: …}` - a service of AWS that acts for us with a role: functions, builds, rules, state machines."""

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
    "a name such as `codebuild`, or the principal of one that is not known here, such as `newthing.amazonaws.com`",
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
ResourceName = Annotated[
    str,
    Shape(
        "a resource's name",
        "its exact name, 1 to 128 letters, digits and `._/+=,@-`",
        pattern=r"^[A-Za-z0-9._/+=,@-]{1,128}$",
    ),
]


class ServiceTrust(Strict):
    """What a service of AWS does in this account with the role; what runs on EC2 is a workload, pods have `eks`."""

    service: Service
    """The service, such as `lambda`, `codebuild` or `states`."""
    because: Reason | None = None
    """Why a service is trusted that is not known here; its role is held to this account, whether it says so or not."""
    project: ResourceName | None = None
    """With `codebuild`: the one project that may run with the role."""
    state_machine: ResourceName | None = None
    """With `states`: the one state machine."""
    rule: ResourceName | None = None
    """With `events`: the one rule, on another bus than the default one as `bus/rule`."""
    schedule_group: ResourceName | None = None
    """With `scheduler`: the one group of schedules, such as `default`."""
    pipe: ResourceName | None = None
    """With `pipes`: the one pipe."""
    delivery_stream: ResourceName | None = None
    """With `firehose`: the one stream."""
    application: ResourceName | None = None
    """With `codedeploy`: the one application."""
    compute_environment: ResourceName | None = None
    """With `batch`: the one compute environment, and the jobs."""
    api: ResourceName | None = None
    """With `appsync`: the one API, by its id."""
    agent: ResourceName | None = None
    """With `bedrock`: the one agent, by its id."""
    knowledge_base: ResourceName | None = None
    """With `bedrock`: the one knowledge base, by its id."""
    trail: ResourceName | None = None
    """With `cloudtrail`: the one trail."""
    server: ResourceName | None = None
    """With `transfer`: the one server, by its id, and its users."""

    @property
    def held_to(self) -> dict[str, str]:
        """Give the resources, by kind, for which alone the service may act with the role."""
        return {kind: getattr(self, kind) for kind in KINDS if getattr(self, kind) is not None}

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether nobody knows the service, it has a trust of its own, or what is named is not of it."""
        name = self.service.removesuffix(DOMAIN)
        known = SERVICES.get(name)
        if known is None:
            yield from self._unknown()
        elif known.declared_as:
            yield Mistake(
                f"service `{name}` of {{owner}} has a trust of its own",
                f"`{self.service}`",
                known.declared_as,
                "service",
            )
        elif name != self.service:
            yield Mistake(
                "`service` of {owner} is known by its name", f"`{self.service}`", f"`{name}`", "service"
            )
        elif self.because is not None:
            yield Mistake(
                f"service `{name}` of {{owner}} needs no reason", "`because`", "no `because`", "because"
            )
        yield from self._of_others(name)

    def _unknown(self) -> Iterator[Mistake]:
        near = listed(nearest(self.service.removesuffix(DOMAIN), DECLARABLE))
        if not self.service.endswith(DOMAIN):
            accepted = (
                f"{near}; another one by its principal, such as `{self.service}{DOMAIN}`, with `because`"
            )
            yield Mistake(
                "`service` of {owner} is no service that is known", f"`{self.service}`", accepted, "service"
            )
        elif self.because is None:
            accepted = f"`because` with the reason; or {near}"
            yield Mistake(
                "{owner} trusts a service that is not known", f"`{self.service}`", accepted, "service"
            )

    def _of_others(self, name: str) -> Iterator[Mistake]:
        known = SERVICES.get(name)
        fitting = known.resources if known else {}
        for kind in self.held_to:
            if kind not in fitting:
                owners = [each for each, service in SERVICES.items() if kind in service.resources]
                own = f" or {listed(fitting)}" if fitting else ""
                accepted = f"no `{kind}`{own}; it goes with `service: {owners[0]}`"
                yield Mistake(
                    f"`{kind}` of {{owner}} is nothing of service `{name}`", f"`{kind}`", accepted, kind
                )
