"""The declarations: their types, how they are read from YAML, and what is checked across them.

`declarations.py` names the sections, `reading.py` reads a folder of them. May import `policy` and `reporting`.
"""
