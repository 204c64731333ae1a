"""The CDK stacks of an account, one a file: `compose` makes and orders them, `synthesis` writes the cloud assembly.

They turn declarations into constructs and contain no policy statements. Nothing but `app.py` imports them.
"""
