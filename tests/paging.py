"""IAM's pages, which the embedded account does not turn: every list is given one entry at a time."""

from __future__ import annotations


def page_by_page(client):
    """Let a client see the lists of its answers a page at a time, as a large account gives them."""

    def remember(params, context, **_):
        context["page"] = int(params.get("Marker", 0))

    def cut(parsed, context, model, **_):
        shape = model.output_shape
        lists = [
            name for name, member in (shape.members if shape else {}).items() if member.type_name == "list"
        ]
        page = context.get("page", 0)
        more = any(parsed.get(name, [])[page + 1 :] for name in lists)
        for name in lists:
            parsed[name] = parsed.get(name, [])[page : page + 1]
        if more:
            parsed.update(IsTruncated=True, Marker=str(page + 1))

    client.meta.events.register("provide-client-params.iam.*", remember)
    client.meta.events.register("after-call.iam.*", cut)
