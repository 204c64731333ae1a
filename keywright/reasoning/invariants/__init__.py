"""Proofs about all principals: that only the named ones can do something, or that someone always can.

Imports `evaluation`, `comparison`, `witnesses`, `sets` and `account`.
"""
