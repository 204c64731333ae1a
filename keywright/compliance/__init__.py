"""Reports on the identity controls of a compliance framework, from declarations and templates.

A YAML file per framework lists the controls; `checks/` assesses those that templates can show. Imports guardrails, assembly
and model.
"""
