"""How a request is authorized: caller, resource ARN, condition keys, policy evaluation.

`patterns`, `conditions` and `principals` are pure and import nothing of the emulator.
"""
