"""Invariants that are proved of an assembly: how they are declared, what their names stand for, and the proofs.

May import everything else of the assembly room.
"""
