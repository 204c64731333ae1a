"""Findings and how they are reported: text for people, SARIF, exit codes, output files.

Every package may import this one; it imports nothing of Keywright.
"""
