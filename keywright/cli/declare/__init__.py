"""Declare access: validate, lock, schema, spread. They read the folder of declarations, and no template.

Of the other groups nothing is imported here.
"""
