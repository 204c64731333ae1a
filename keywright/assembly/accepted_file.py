"""The file beside templates that lists what is accepted of them."""

EXCEPTIONS = "keywright-exceptions.yaml"
"""Its name; it is no template itself."""
