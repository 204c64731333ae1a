"""People by the thousand: the resources that `Person` makes, handed to the CDK in one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from access_constructs.accepted_finding import accept_all
from access_constructs.plain_person import FIRST_PASSWORD_ACCEPTED
from access_constructs.plain_resource import Included
from keywright.reporting.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import Construct

    from access_constructs.plain_person import PlainPerson


class People(Included):
    """People whose access comes by groups alone, in three calls into the CDK however many they are.

    Every resource is a typed construct, which rule packs and aspects visit, under the same logical id and with the same
    properties as `Person` gives it. What is accepted here holds for first passwords and nothing else: nothing but
    people is below.

    Raises:
        ValueError: A name twice, or what `Person` refuses.
    """

    def __init__(self, scope: Construct, construct_id: str, people: Iterable[PlainPerson]) -> None:
        resources: dict[str, Any] = {}
        console = False
        for person in people:
            if not resources.keys().isdisjoint(person.resources):
                raise refusal(
                    "a person is declared twice", found=f"`{person.name}`", accepted="each name once"
                )
            resources |= person.resources
            console = console or person.console
        super().__init__(scope, construct_id, resources)
        if console:
            accept_all(self, FIRST_PASSWORD_ACCEPTED)
