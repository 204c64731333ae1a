"""Findings, their SARIF form, and how text and files are written for people.

The lowest room: everything may import it, it imports nothing of Keywright.
"""
