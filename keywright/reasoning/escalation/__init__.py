"""Privilege escalation: the known techniques, the steps that are open to a principal, and the paths they make.

Imports `evaluation`, `comparison`, `witnesses`, `sets` and `account`. The techniques are data, one YAML file a service in
`techniques/`; `techniques.json` is the same in one file that is quick to read.
"""
