"""The checks of controls: one module for each subject, such as access keys or the password policy.

Imports the guardrails, and the input and report of this package.
"""
