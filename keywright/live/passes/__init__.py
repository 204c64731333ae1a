"""The first pass of a deployment: what must wait so that nobody has more access than before or after, even for a moment.

May import `session` and `verification`.
"""
