"""The files of an assembly: templates in JSON and YAML with the places in them, the manifest, and the records beside it.

Imports nothing else of the assembly room.
"""
