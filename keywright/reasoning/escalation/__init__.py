"""Privilege escalation: known techniques, the steps that an actor can take, and the paths that they form.

Imports `evaluation`, `comparison`, `witnesses`, `sets` and `account`. The techniques are data, one YAML file
per service in `techniques/`; `techniques.json` has the same content in one file that loads quickly.
"""
