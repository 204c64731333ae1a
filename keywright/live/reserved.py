"""Where IAM Identity Center makes its roles ("Referencing permission sets in resource policies", User Guide)."""

RESERVED = "/aws-reserved/sso.amazonaws.com/"
"""The beginning of their path; the region of the instance is behind it where that is another than us-east-1."""
