"""What AWS's Service Authorization Reference says about actions, resource types and condition keys.

Imports nothing of the guardrails.
"""
