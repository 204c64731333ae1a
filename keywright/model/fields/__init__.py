"""The types of single values in declarations: names, dates, tags, and the base class of everything declared.

Imports nothing else of the model.
"""
