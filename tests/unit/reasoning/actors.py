"""Builders for escalation: actors that show only what a case is about."""

from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.account.actors import Account, Actor, ActorKind, Grant, PolicyKind
from keywright.reasoning.escalation.paths import Escalates, find_escalations

ACCOUNT = "111111111111"
IAM = f"arn:aws:iam::{ACCOUNT}:"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def allow(*actions, on="*", **conditions):
    return stated("Allow", actions, on, conditions)


def deny(*actions, on="*", **conditions):
    return stated("Deny", actions, on, conditions)


def stated(effect, actions, on, conditions):
    statement = {"Effect": effect, "Action": list(actions), "Resource": on}
    return statement | ({"Condition": conditions} if conditions else {})


def document(*statements, kind=Kind.IDENTITY):
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)}, file="t", kind=kind)[0]


def user(name, *statements, **more):
    return actor(ActorKind.USER, name, *statements, **more)


def role(name, *statements, trust=None, **more):
    trusted = document(*trust, kind=Kind.TRUST) if trust is not None else document(kind=Kind.TRUST)
    return actor(ActorKind.ROLE, name, *statements, trust=trusted, **more)


def group(name, *statements, **more):
    return actor(ActorKind.GROUP, name, *statements, **more)


def actor(kind, name, *statements, boundary=(), grants=(), **more):
    own = (Grant(document(*statements)),) if statements else ()
    return Actor(
        kind,
        f"{IAM}{kind}/{name}",
        f"{kind}/{name}",
        (*own, *grants),
        document(*boundary) if boundary else None,
        **more,
    )


def managed(name, *statements):
    return Grant(document(*statements), PolicyKind.MANAGED, policy=f"{IAM}policy/{name}")


def trusting(who, **conditions):
    principal = {"Service": who} if who.endswith(".amazonaws.com") else {"AWS": who}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return statement | ({"Condition": conditions} if conditions else {})


def result(who, *others, **account):
    groups = tuple(each for each in others if each.kind is ActorKind.GROUP)
    inside = (who, *(each for each in others if each.kind is not ActorKind.GROUP))
    found = find_escalations(Account(inside, groups, **account))
    return next(each for each in found if each.actor is who)


def paths(who, *others, **account):
    """Give an actor's paths as pairs of what is done and where it leads."""
    found = result(who, *others, **account)
    if not isinstance(found, Escalates):
        return []
    return [(" > ".join(step.technique.id for step in path.steps), path.to) for path in found.paths]
