"""A second policy evaluator, written independently and as simply as possible.

Booleans, loops, no caches, no undecided.

It supports what the generated policies of the law tests contain and nothing else: complete context, one value
per key. Written from "Policy evaluation logic", "Cross-account policy evaluation logic" and "IAM JSON policy
elements: Condition operators" over JSON documents, without using the package.
"""

import re
from datetime import datetime
from ipaddress import ip_address, ip_network


def verdict(case):
    """Decide a case of the batch format."""
    who, context = case["principal"], facts(case)
    documents = {
        "identity": case.get("identity_policies", []),
        "resource": [case["resource_policy"]] if case.get("resource_policy") else [],
        "boundary": [case["permissions_boundary"]] if case.get("permissions_boundary") else [],
        "session": case.get("session_policies", []),
    }
    levels = case.get("service_control_policies", [])
    control = case.get("resource_control_policies", [])
    everything = [d for each in documents.values() for d in each] + [
        d for level in levels + control for d in level
    ]
    if who == "*":
        everything = documents["resource"] + [d for level in control for d in level]
    if any(says(d, "Deny", case, context) for d in everything):
        return "explicitly-denied"
    return (
        "allowed"
        if granted(case, context, documents) and passes(case, context, levels, control)
        else "implicitly-denied"
    )


def passes(case, context, levels, control):
    """Tell whether each level of control policies allows."""
    applying = control if case["principal"] == "*" else levels + control
    return all(any(says(d, "Allow", case, context) for d in level) for level in applying)


def granted(case, context, documents):
    """Tell whether the policies grant, by what the resource's own names."""
    named = {how for d in documents["resource"] for how in ways(d, case, context)}
    if case["principal"] == "*":
        return "direct" in named
    limits = [documents[layer] for layer in ("boundary", "session") if documents[layer]]
    within = all(any(says(d, "Allow", case, context) for d in layer) for layer in limits)
    own = any(says(d, "Allow", case, context) for d in documents["identity"])
    if account_of(case["principal"]) != (case.get("resource_account") or account_of(case["principal"])):
        return own and within and bool(named)
    return (own and within) or ("role" in named and within) or "direct" in named


def ways(document, case, context):
    """List how the Allow statements that fit name the principal."""
    for statement in statements(document):
        if statement["Effect"] == "Allow" and fits(statement, case, context):
            how = naming(statement["Principal"], case["principal"])
            if how:
                yield how


def naming(element, who):
    """Tell how `Principal` names someone: directly, through the role, through the account, or not at all."""
    if element == "*":
        return "direct"
    values = listed(element["AWS"])
    if "*" in values or who in values:
        return "direct"
    if role_of(who) in values:
        return "role"
    account = account_of(who)
    return "account" if account and (account in values or f"arn:aws:iam::{account}:root" in values) else ""


def says(document, effect, case, context):
    """Tell whether any statement of that effect fits the case and its principal."""
    return any(
        statement["Effect"] == effect
        and fits(statement, case, context)
        and ("Principal" not in statement or naming(statement["Principal"], case["principal"]))
        for statement in statements(document)
    )


def fits(statement, case, context):
    """Tell whether action, resource and conditions fit."""
    return (
        covers(statement, "Action", case["action"], like_action)
        and covers(statement, "Resource", case["resource"], lambda p, r: like_arn(filled(p, context), r))
        and all(
            condition(operator, key, listed(values), context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def covers(statement, element, value, like):
    """Judge an element or its opposite."""
    if element in statement:
        return any(like(pattern, value) for pattern in listed(statement[element]))
    return not any(like(pattern, value) for pattern in listed(statement[f"Not{element}"]))


def like(pattern, text, flags=0):
    """Match with wildcards, by a regular expression."""
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(expression, text, flags | re.DOTALL) is not None


def like_action(pattern, action):
    """Match without regard to case."""
    return like(pattern, action, re.IGNORECASE)


def like_arn(pattern, arn):
    """Match field by field."""
    if pattern is None:
        return False
    if pattern == "*":
        return True
    patterns, fields = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(fields) and all(map(like, patterns, fields))


def filled(pattern, context):
    """Write the values of variables in, as nothing but plain letters (that is all the cases hold); None: no value."""
    for key in re.findall(r"\$\{([^}]*)\}", pattern):
        if key.lower() not in context:
            return None
        pattern = pattern.replace("${" + key + "}", context[key.lower()])
    return pattern


def condition(operator, key, values, context):
    """Judge one key."""
    found = context.get(key.lower())
    name, exists_only = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    if name == "Null":
        return any((value == "true") is (found is None) for value in values)
    if found is None:
        return exists_only or "Not" in name
    positive = name.replace("Not", "")
    return any(compare(positive, value, found) for value in values) is not ("Not" in name)


def compare(name, value, found):
    """Compare one value by a positive operator."""
    if name in ("StringEquals", "Bool"):
        return value == found
    if name == "StringEqualsIgnoreCase":
        return value.lower() == found.lower()
    if name == "StringLike":
        return like(value, found)
    if name == "ArnLike":
        return like_arn(value, found)
    if name == "IpAddress":
        return ip_address(found) in ip_network(value)
    read = float if name.startswith("Numeric") else datetime.fromisoformat
    one, other = read(found), read(value)
    return {
        "Equals": one == other,
        "LessThan": one < other,
        "LessThanEquals": one <= other,
        "GreaterThan": one > other,
        "GreaterThanEquals": one >= other,
    }[re.sub("^(Numeric|Date)", "", name)]


def facts(case):
    """Give the keys of the request, in lower case."""
    found = {key.lower(): value for key, value in case.get("context", {}).items()}
    who = case["principal"]
    if who != "*":
        found.setdefault("aws:principalaccount", account_of(who))
        found.setdefault("aws:principalarn", role_of(who) or who)
    if ":user/" in who:
        found.setdefault("aws:username", who.rpartition("/")[2])
    return found


def account_of(who):
    """Give a principal's account."""
    return who.split(":")[4] if who.startswith("arn:") else ""


def role_of(who):
    """Give the ARN of a session's role."""
    if ":assumed-role/" not in who:
        return ""
    return f"arn:aws:iam::{account_of(who)}:role/{who.split('/')[1]}"


def statements(document):
    """List a document's statements."""
    return listed(document["Statement"])


def listed(value):
    """Take one for a list of one."""
    return value if isinstance(value, list) else [value]
