"""Policy evaluation: one request against all policies that apply to it, with a verdict and its reason.

Imports nothing else of `keywright.reasoning`; every other sub-package may import it.
"""
