"""How definitions become CDK resources: single resources, identities alone or in bulk, and accepted findings.

The other packages of `access_constructs` import this one; it imports none of them.
"""
