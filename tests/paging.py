"""IAM's pages, one entry at a time, as only a large account gives them."""

from __future__ import annotations


def page_by_page(client):
    """Let a client ask for the smallest pages there are."""

    def ask_for_one(params, model, **_):
        if "MaxItems" in model.input_shape.members:
            params.setdefault("MaxItems", 1)

    client.meta.events.register("provide-client-params.iam.*", ask_for_one)
