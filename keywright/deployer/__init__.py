"""Least-privilege roles to deploy an assembly: which permissions CloudFormation needs, and the bootstrap template.

Imports go `bootstrap -> requirements -> handlers`.
"""
