"""IAM's pages, of one entry each: what a large account's lists of a hundred come to."""

from __future__ import annotations


def page_by_page(client):
    """Let a client ask for every list one entry at a time."""

    def ask(params, model, **_):
        if model.input_shape and "MaxItems" in model.input_shape.members:
            params["MaxItems"] = 1

    client.meta.events.register("provide-client-params.iam.*", ask)
