"""Rewrites of templates that take a finding away: one kind of rewrite a module, found by its `CODES`."""
