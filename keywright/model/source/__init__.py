"""The YAML source of declarations: reading it with line numbers, merging files, reporting mistakes, writing YAML.

Only `complaints` imports the declared types; the other modules here know YAML alone.
"""
