"""What several constructs share: accepted findings, policies of an identity, resources made in bulk.

Imports no other folder of this package.
"""
