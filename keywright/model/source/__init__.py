"""The YAML source of declarations: reading it with line numbers, merging files, reporting mistakes, writing YAML.

Only `validation` imports the declared types; the other modules here know only YAML.
"""
