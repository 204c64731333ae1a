"""Statements that grant access: S3, other services, raw statements, sessions on instances, assuming a role."""
