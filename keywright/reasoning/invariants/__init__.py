"""Proofs about everybody: that nobody but the named principals can do something, or that somebody always can.

Imports `evaluation`, `comparison`, `witnesses`, `sets` and `account`.
"""
