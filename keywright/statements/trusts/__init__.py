"""Statements of trust policies: one module for each kind of principal, and the document that they form."""
