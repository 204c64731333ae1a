"""`aws <service> <operation> --parameter value … [--query … --output text]` by boto3, for commands on how-to pages.

Knows what those pages use and nothing more. An operation or a parameter that AWS doesn't have fails, as it would there.
"""

from __future__ import annotations

import json
import sys

import boto3
import jmespath
from botocore import xform_name


def main(arguments):
    service, operation, *rest = arguments
    client = boto3.client({"s3api": "s3"}.get(service, service))
    name = next(each for each in client.meta.service_model.operation_names if kebab(each) == operation)
    given = options(rest)
    query, output = given.pop("query", ["@"])[0], given.pop("output", ["json"])[0]
    members = client.meta.service_model.operation_model(name).input_shape.members
    by_kebab = {kebab(member): member for member in members}
    parameters = {by_kebab[key]: converted(values, members[by_kebab[key]]) for key, values in given.items()}
    answer = getattr(client, xform_name(name))(**parameters)
    answer.pop("ResponseMetadata", None)
    shown = jmespath.search(query, answer)
    if output == "text":
        sys.stdout.write("\t".join(map(str, shown)) if isinstance(shown, list) else str(shown))
    elif shown not in (None, [], {}):
        json.dump(shown, sys.stdout, indent=4, default=str)
    sys.stdout.write("\n")


def kebab(name):
    return xform_name(name).replace("_", "-")


def options(words):
    """Group what follows each `--name`."""
    found = {}
    for word in words:
        if word.startswith("--"):
            values = found.setdefault(word.removeprefix("--"), [])
        else:
            values.append(word)
    return found


def converted(values, shape):
    """Read shorthand syntax ("Using shorthand syntax with the AWS CLI", AWS CLI User Guide) as the shape has it."""
    if shape.type_name == "list":
        return [converted([value], shape.member) for value in values]
    if shape.type_name == "structure":
        pairs = (pair.split("=", 1) for pair in values[0].split(","))
        return {key: converted([value], shape.members[key]) for key, value in pairs}
    if shape.type_name == "boolean" and not values:
        return True
    readers = {"integer": int, "boolean": lambda text: {"true": True, "false": False}[text]}
    return readers.get(shape.type_name, str)(values[0])


if __name__ == "__main__":
    main(sys.argv[1:])
