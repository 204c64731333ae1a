"""A second comparison of small identity-based policies, written independently: as formulas for z3.

It reads JSON documents, without using the package, and supports what `small_policies` contains. Written from
"IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys" and "IAM JSON
policy elements: Resource". The requests are those of users: `aws:username` is always present.
"""

import re
from datetime import UTC, datetime
from ipaddress import ip_network

import z3

SEVERAL = 3
SEVERAL_VALUES = frozenset({"aws:tagkeys", "aws:calledvia"})
ANY_CHARACTER = z3.Range("!", "~")
IN_FIELD = z3.Union(z3.Range("!", "9"), z3.Range(";", "~"))
WORD = z3.Plus(z3.Union(z3.Range("a", "z"), z3.Range("0", "9")))
VARIABLE = re.compile(r"\$\{([^},]*)(?:, '([^']*)')?\}")


class UnsaidError(Exception):
    """The formulas have no word for what a document says."""


def sequence(*parts):
    return z3.Concat(*parts) if len(parts) > 1 else parts[0]


class Key:
    """What a request may hold for one key: absent, or up to three values; a number, a moment or an address beside."""

    def __init__(self, name):
        self.present = z3.Bool(f"{name} present")
        self.count = z3.Int(f"{name} count")
        self.texts = [z3.String(f"{name} {n}") for n in range(SEVERAL)]
        self.number = z3.Real(f"{name} number")
        self.moment = z3.Real(f"{name} moment")
        self.is_version_6 = z3.Bool(f"{name} version 6")
        self.address = z3.Int(f"{name} address")

    def shape(self, *, several):
        most = SEVERAL if several else 1
        highest = z3.If(self.is_version_6, z3.IntVal(2**128), z3.IntVal(2**32))
        texts = [z3.InRe(text, z3.Star(ANY_CHARACTER)) for text in self.texts]
        return z3.And(self.count >= 1, self.count <= most, self.address >= 0, self.address < highest, *texts)

    @property
    def blank(self):
        return z3.And(self.count == 1, self.texts[0] == "")


class Twin:
    """The formulas of one comparison."""

    def __init__(self):
        self.action, self.resource = z3.String("action"), z3.String("resource")
        self.keys = {}

    def key(self, name):
        return self.keys.setdefault(name.lower(), Key(name.lower()))

    def permits(self, document):
        """What a document permits."""
        allowed, denied = [], []
        for statement in listed(document["Statement"]):
            (allowed if statement["Effect"] == "Allow" else denied).append(self.applies(statement))
        return z3.And(z3.Or(*allowed), z3.Not(z3.Or(*denied)))

    def applies(self, statement):
        parts = [
            condition(self, operator, key, [spelled(each) for each in listed(value)])
            for operator, keys in statement.get("Condition", {}).items()
            for key, value in keys.items()
        ]
        for element, test in (("Action", self.is_action), ("Resource", self.is_resource)):
            if element in statement:
                parts.append(z3.Or(*map(test, listed(statement[element]))))
            else:
                parts.append(z3.Not(z3.Or(*map(test, listed(statement[f"Not{element}"])))))
        return z3.And(*parts)

    def is_action(self, pattern):
        return z3.InRe(self.action, glob(pattern.lower()))

    def is_resource(self, pattern):
        if "${" in pattern:
            return self.with_variable(pattern, self.resource)
        return z3.InRe(self.resource, arn_glob(pattern))

    def with_variable(self, pattern, text, *, is_pattern=True):
        """A pattern of literals and variables, with at most one wildcard, at its end."""
        is_open = is_pattern and pattern.endswith("*")
        if is_pattern and set("*?") & set(VARIABLE.sub("", pattern[:-1])):
            raise UnsaidError(pattern)
        parts, end, known = [], 0, []
        body = pattern[:-1] if is_open else pattern
        for match in VARIABLE.finditer(body):
            parts.append(z3.StringVal(body[end : match.start()]))
            key = self.key(match[1])
            value = key.texts[0]
            if match[2] is None:
                known.append(key.present)
            else:
                value = z3.If(key.present, value, z3.StringVal(match[2]))
            parts.append(value)
            end = match.end()
        parts.append(z3.StringVal(body[end:]))
        whole = sequence(*parts)
        return z3.And(*known, z3.PrefixOf(whole, text) if is_open else text == whole)

    def universe(self):
        """The requests there are."""
        arn = sequence(z3.Re("arn"), *[z3.Re(":"), z3.Star(IN_FIELD)] * 4, z3.Re(":"), z3.Star(ANY_CHARACTER))
        shapes = [key.shape(several=name in SEVERAL_VALUES) for name, key in self.keys.items()]
        always = [self.keys[name] for name in ("aws:username", "aws:currenttime") if name in self.keys]
        shapes += [key.present for key in always]
        if "aws:username" in self.keys:
            shapes.append(self.keys["aws:username"].texts[0] != "")
        return z3.And(
            z3.InRe(self.action, sequence(WORD, z3.Re(":"), WORD)),
            z3.Or(self.resource == "*", z3.InRe(self.resource, arn)),
            *shapes,
        )


def new_access(before, after, timeout=4000):
    """Tell whether *after* permits what *before* did not: True, False, or None when z3 can't."""
    return new_access_in_all((before,), (after,), timeout)


def new_access_in_all(before, after, timeout=4000):
    """Tell the same of several documents on each side, all of which must permit."""
    twin = Twin()
    solver = z3.Solver()
    solver.set("timeout", timeout)
    was, now = (z3.And(*map(twin.permits, each)) for each in (before, after))
    solver.add(now, z3.Not(was), twin.universe())
    return {"sat": True, "unsat": False}.get(str(solver.check()))


def listed(value):
    return value if isinstance(value, list) else [value]


def spelled(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def glob(pattern, character=ANY_CHARACTER):
    parts = [
        z3.Star(character) if piece == "*" else character if piece == "?" else z3.Re(piece)
        for piece in re.findall(r"[*?]|[^*?]+", pattern)
    ]
    return sequence(*parts) if parts else z3.Re("")


def arn_glob(pattern):
    *leading, last = pattern.split(":", 5)
    if not leading:
        return glob(last)
    parts = [part for field in leading for part in (glob(field, IN_FIELD), z3.Re(":"))]
    return sequence(*parts, glob(last))


def condition(twin, name, key, values):
    *quantifier, base = name.split(":")
    held = twin.key(key)
    if base == "Null":
        return z3.Or(*(held.present if value == "false" else z3.Not(held.present) for value in values))
    optional = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    negated = "Not" in base
    test = one_value(twin, held, base.replace("Not", "", 1), values)
    if not quantifier:
        found = z3.Not(test(held.texts[0])) if negated else test(held.texts[0])
        return z3.If(held.present, found, z3.BoolVal(negated or optional))
    each = [z3.Not(test(text)) if negated else test(text) for text in held.texts]
    here = [held.count > n for n in range(SEVERAL)]
    if quantifier == ["ForAllValues"]:
        found = z3.And(*(z3.Implies(h, e) for h, e in zip(here, each, strict=True)))
        return z3.Or(z3.Not(held.present), held.blank, found)
    found = z3.Or(*(z3.And(h, e) for h, e in zip(here, each, strict=True)))
    return (
        z3.And(held.present, z3.Not(held.blank), found)
        if not optional
        else z3.Or(z3.Not(held.present), found)
    )


def one_value(twin, held, base, values):
    """The positive test of one value."""
    for family, test in LINES.items():
        if base.startswith(family):
            return lambda _: z3.Or(*(test(base.removeprefix(family), held, value) for value in values))
    if base not in TEXTS:
        raise UnsaidError(base)
    return lambda text: z3.Or(*(TEXTS[base](twin, text, value) for value in values))


def one_text(twin, text, value, *, is_pattern):
    if "${" in value:
        return twin.with_variable(value, text, is_pattern=is_pattern)
    return z3.InRe(text, glob(value)) if is_pattern else text == value


def one_arn(twin, text, value):
    return twin.with_variable(value, text) if "${" in value else z3.InRe(text, arn_glob(value))


def in_any_case(_, text, value):
    if "${" in value:
        raise UnsaidError(value)
    return z3.InRe(text, any_case(value))


def ordered(relation, number, bound):
    return {
        "Equals": number == bound,
        "LessThan": number < bound,
        "LessThanEquals": number <= bound,
        "GreaterThan": number > bound,
        "GreaterThanEquals": number >= bound,
    }[relation]


def seconds(text):
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def inside(held, block):
    low = int(block.network_address)
    within = z3.And(held.address >= low, held.address < low + block.num_addresses)
    return z3.And(held.is_version_6 if block.version == 6 else z3.Not(held.is_version_6), within)


def any_case(text):
    letters = [
        z3.Union(z3.Re(c.lower()), z3.Re(c.upper())) if c.lower() != c.upper() else z3.Re(c) for c in text
    ]
    return sequence(*letters)


LINES = {
    "Numeric": lambda relation, held, value: ordered(relation, held.number, z3.RealVal(value)),
    "Date": lambda relation, held, value: ordered(relation, held.moment, z3.RealVal(seconds(value))),
    "IpAddress": lambda _, held, value: inside(held, ip_network(value)),
}
TEXTS = {
    "Bool": in_any_case,
    "StringEqualsIgnoreCase": in_any_case,
    "StringEquals": lambda twin, text, value: one_text(twin, text, value, is_pattern=False),
    "StringLike": lambda twin, text, value: one_text(twin, text, value, is_pattern=True),
    "ArnLike": one_arn,
    "ArnEquals": one_arn,
}
