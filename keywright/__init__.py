"""Keywright: AWS access as code."""
