"""The review: who gains and who loses access between two synthesized assemblies, and every report about it.

`review.py` runs it, `result.py` holds its result. Imports go `page -> map | report -> changes -> comparison -> result`.
"""
