"""The files of an assembly: JSON and YAML templates with locations, the manifest, and the records beside it.

Imports no other package of `assembly`.
"""
