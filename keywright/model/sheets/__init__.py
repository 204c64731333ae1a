"""Texts for people made from declarations: the sign-in sheet, the partner sheet, access in words.

Nothing else of the model imports this package.
"""
