"""A third evaluator: all features of policies, and every interpretation of what AWS leaves open.

What AWS documents has one answer here. What it does not document is a `Reading`: a proof that a policy
permits nothing new must be right under each. Written over JSON documents without using the package, from "IAM
JSON policy elements: Condition operators", "Set operators for multivalued context keys", "IAM policy
elements: Variables and tags", "AWS JSON policy elements: Principal" and "NotPrincipal". A named account
counts as permitting everyone whom the account permits.
"""

import base64
import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import product

VARIABLE = re.compile(r"\$\{([^{}',]+)(?:,\s*'([^']*)'\s*)?\}")
UNREADABLE = object()


class SeveralValuesError(Exception):
    """A variable stands for a key with several values, of which AWS says nothing at all."""


@dataclass(frozen=True)
class Reading:
    """One way to read what is left open.

    `several`: what an operator without set operator answers for several values: as for any, as for all, or no.
    `unread_differs`: whether a negated operator matches what it can't read. `split_first`: whether an ARN pattern is
    split before variables are written in. `grants_doubt`: whether somebody who may be named is. `none_is_no`: whether
    a condition without values fails.
    """

    several: str = "any"
    unread_differs: bool = True
    split_first: bool = False
    grants_doubt: bool = True
    none_is_no: bool = False


READINGS = tuple(Reading(*each) for each in product(("any", "all", "no"), *[(True, False)] * 4))


@dataclass(frozen=True)
class Asked:
    """A request: `context` maps keys in lower case to lists of values, all that the principal tells included."""

    who: str
    action: str
    resource: str
    context: dict


@dataclass(frozen=True)
class Under:
    """What a statement is judged under; `knows` tells whether its document knows variables."""

    asked: Asked
    reading: Reading
    knows: bool


def permits(document, asked, reading):
    """Tell whether some statement allows and none denies."""
    knows = document.get("Version") == "2012-10-17"
    found = {
        each["Effect"]
        for each in listed(document["Statement"])
        if names(each, asked, reading) and fits(each, Under(asked, reading, knows))
    }
    return found == {"Allow"}


def fits(statement, under):
    """Tell whether action, resource and conditions fit."""
    return (
        covers(statement, "Action", lambda each: like(plain(each.lower()), under.asked.action.lower()))
        and covers(statement, "Resource", lambda each: like_arn(each, under.asked.resource, under))
        and all(
            holds(operator, key, listed(values), under)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def covers(statement, element, test):
    if element in statement:
        return any(map(test, listed(statement[element])))
    return f"Not{element}" not in statement or not any(map(test, listed(statement[f"Not{element}"])))


# Patterns: a list of (character, whether it is a wildcard)


def plain(text):
    return [(each, each in "*?") for each in text]


def written(text, under):
    """Write variables in; None where one has no value."""
    if not under.knows:
        return plain(text)
    found, end = [], 0
    for match in VARIABLE.finditer(text):
        value = value_of(match, under.asked)
        if value is None:
            return None
        found += [*plain(text[end : match.start()]), *((each, False) for each in value)]
        end = match.end()
    return found + plain(text[end:])


def value_of(match, asked):
    if match[0][2:-1] in ("*", "?", "$"):
        return match[1]
    values = asked.context.get(match[1].strip().lower(), [])
    if len(values) > 1:
        raise SeveralValuesError
    return values[0] if values else match[2]


def like(parts, text):
    expression = "".join({"*": ".*", "?": "."}[c] if wild else re.escape(c) for c, wild in parts)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def like_arn(pattern, text, under):
    """Match field by field."""
    if under.reading.split_first:
        fields = [written(each, under) for each in split(pattern, under.knows)]
    else:
        whole = written(pattern, under)
        fields = [None] if whole is None else split_parts(whole)
    found = text.split(":", len(fields) - 1)
    if None in fields or len(found) != len(fields):
        return False
    return all(like(*pair) for pair in zip(fields, found, strict=True))


def split(pattern, knows):
    """Split at colons, but within variables."""
    inside = {at for m in VARIABLE.finditer(pattern) for at in range(m.start(), m.end())} if knows else set()
    fields = [""]
    for at, each in enumerate(pattern):
        if each == ":" and at not in inside and len(fields) < 6:
            fields.append("")
        else:
            fields[-1] += each
    return fields


def split_parts(parts):
    fields = [[]]
    for each in parts:
        if each[0] == ":" and len(fields) < 6:
            fields.append([])
        else:
            fields[-1].append(each)
    return fields


# Conditions


def holds(name, key, values, under):
    """Judge one operator and key."""
    *quantifier, base = name.lower().split(":")
    found = under.asked.context.get(key.lower(), [])
    wanted = [str(each).lower() if isinstance(each, bool) else str(each) for each in values]
    if not wanted and under.reading.none_is_no:
        return False
    if base == "null":
        return any((each.lower() == "true") is (not found) for each in wanted)
    if not found:
        return base.endswith("ifexists") or (quantifier or ["not" in base]) in (["forallvalues"], [True])
    base = base.removesuffix("ifexists")
    if quantifier and found == [""]:
        return quantifier == ["forallvalues"]
    answers = [one_value(base, wanted, each, under) for each in found]
    return together(answers, quantifier, "not" in base, under.reading)


def together(answers, quantifier, negated, reading):
    if quantifier or len(answers) == 1:
        return any(answers) if quantifier == ["foranyvalue"] else all(answers)
    if reading.several == "no":
        return False
    positive = [answer is not negated for answer in answers]
    return (any(positive) if reading.several == "any" else all(positive)) is not negated


def one_value(base, wanted, found, under):
    """Judge one value of the request by an operator in lower case."""
    negated = "not" in base
    answers = [compare(base.replace("not", "", 1), each, found, under) for each in wanted]
    if True in answers:
        return not negated
    return negated and (under.reading.unread_differs if UNREADABLE in answers else True)


def compare(base, wanted, found, under):
    """Compare one value with one of the request by a positive operator."""
    if base.startswith("arn"):
        return like_arn(wanted, found, under)
    if base.startswith("string"):
        parts = written(wanted, under)
        return parts is not None and TEXTS[base](parts, found)
    if base == "bool":
        return wanted.lower() == found.lower()
    for family, (read, test) in READ.items():
        if base.startswith(family):
            one, other = read(wanted), read(found)
            unread = one is None or other is None
            return UNREADABLE if unread else test(base.removeprefix(family), one, other)
    raise NotImplementedError(base)


def spelled(parts):
    return "".join(each for each, _ in parts)


TEXTS = {
    "stringequals": lambda parts, found: spelled(parts) == found,
    "stringequalsignorecase": lambda parts, found: spelled(parts).lower() == found.lower(),
    "stringlike": like,
}


def number(text):
    return Fraction(text) if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text) else None


def moment(text):
    if re.fullmatch(r"-?\d{5,}(\.\d+)?", text):
        return Fraction(text)
    try:
        found = datetime.fromisoformat(f"{text}-01-01" if re.fullmatch(r"\d{4}", text) else text)
    except ValueError:
        return None
    return Fraction(int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()))


def network(text):
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def content(text):
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def ordered(relation, bound, found):
    if relation == "equals":
        return found == bound
    is_beyond = found < bound if "less" in relation else found > bound
    return is_beyond or (relation.endswith("equals") and found == bound)


READ = {
    "numeric": (number, ordered),
    "date": (moment, ordered),
    "ipaddress": (network, lambda _, block, found: block.version == found.version and found.subnet_of(block)),
    "binary": (content, lambda _, one, other: one == other),
}


# Principals


def names(statement, asked, reading):
    """Tell whether a statement is about the principal."""
    if "Principal" in statement:
        ways = named(statement["Principal"], asked)
        return any(not each.startswith("perhaps") for each in ways) or (bool(ways) and reading.grants_doubt)
    if "NotPrincipal" in statement:
        return not_excepted(statement["NotPrincipal"], asked, reading)
    return True


def not_excepted(element, asked, reading):
    """AWS asks to list account and role beside a user or session; what happens where one is missing is open."""
    ways = named(element, asked) - {"perhaps by account"}
    if kind_of(asked.who) not in ("user", "role", "session", "federated"):
        return "itself" not in ways
    if any(each.startswith("perhaps") for each in ways):
        return reading.grants_doubt
    if "itself" not in ways:
        return reading.grants_doubt if "by role" in ways else True
    listed_names = listed(element.get("AWS", []))
    has_account = account_of(asked.who) in map(account_of, filter(is_root, listed_names))
    has_role = kind_of(asked.who) != "session" or any(is_role_of(each, asked.who) for each in listed_names)
    return False if has_account and has_role else reading.grants_doubt


def named(element, asked):
    """Give the ways in which an element names the principal."""
    if element == "*":
        return {"itself"}
    ways = {one_name(kind, each, asked) for kind, values in element.items() for each in listed(values)}
    return ways - {None}


def one_name(kind, name, asked):
    who = asked.who
    if kind != "AWS":
        is_of_account = kind_of(who) in ("root", "user", "role", "session", "federated")
        doubt = "perhaps by account" if kind == "CanonicalUser" and is_of_account else None
        return "itself" if name == who else doubt
    if name == "*" or is_known_by(name, asked) or (name == who and not is_root(name)):
        return "itself"
    return by_account_or_session(name, who) if account_of(name) == account_of(who) else None


def by_account_or_session(name, who):
    kinds = kind_of(name), kind_of(who)
    if kinds[1] == "provider":
        return None
    if kinds[0] == "root":
        return "itself" if kinds[1] == "root" else "by account"
    if kinds == ("role", "session"):
        return "by role" if is_role_of(name, who) else None
    is_perhaps = kinds == ("user", "federated") or (kinds == ("session", "role") and is_role_of(who, name))
    return "perhaps" if is_perhaps else None


def is_known_by(unique_id, asked):
    found = asked.context.get("aws:userid", [""])
    is_id = re.fullmatch("(AIDA|AROA)[A-Z0-9]{12,}", unique_id) is not None
    return is_id and bool(account_of(asked.who)) and found[0].partition(":")[0] == unique_id


def account_of(who):
    return who if who.isdigit() else who.split(":")[4] if who.count(":") >= 5 else ""


def is_root(who):
    return who.isdigit() or who.endswith(":root")


def is_role_of(role, session):
    return kind_of(role) == "role" and role.rpartition("/")[2] == session.split("/")[1]


def kind_of(who):
    if who == "*":
        return "anonymous"
    if is_root(who):
        return "root"
    kinds = {"user": "user", "role": "role", "assumed-role": "session", "federated-user": "federated"}
    resource = who.split(":", 5)[5] if who.startswith("arn:") else ""
    if resource:
        return kinds.get(resource.partition("/")[0], "provider")
    return "service" if who.endswith(".amazonaws.com") and "cognito" not in who else "provider"


def with_what_is_told(who, context):
    """Complete a context by what the principal tells."""
    kind = kind_of(who)
    told = {key: each for key, each in context.items() if key not in TOLD}
    if kind in ("root", "user", "role", "session", "federated"):
        told |= {"aws:principalaccount": [account_of(who)], "aws:principalarn": [own_arn(who)]}
        told |= {"aws:principalisawsservice": ["false"], "aws:viaawsservice": ["false"]}
    if kind == "user":
        told["aws:username"] = [who.rpartition("/")[2]]
    if kind == "service":
        told |= {"aws:principalservicename": [who], "aws:principalisawsservice": ["true"]}
    if kind in TYPES:
        told["aws:principaltype"] = [TYPES[kind]]
    fixed = {"root": account_of(who), "anonymous": "anonymous"}.get(kind)
    if kind == "federated":
        fixed = f"{account_of(who)}:{who.rpartition('/')[2]}"
    if kind == "anonymous":
        told["aws:principalaccount"] = ["anonymous"]
    return told | ({"aws:userid": [fixed]} if fixed else {})


TOLD = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:username",
    "aws:viaawsservice",
}
TYPES = {
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "session": "AssumedRole",
    "federated": "FederatedUser",
    "anonymous": "Anonymous",
}


def own_arn(who):
    if kind_of(who) == "session":
        return f"arn:aws:iam::{account_of(who)}:role/{who.split('/')[1]}"
    return f"arn:aws:iam::{who}:root" if who.isdigit() else who


def listed(value):
    return value if isinstance(value, list) else [value]
