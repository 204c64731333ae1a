"""Measurements beside the peers; no tests. `python -m benchmarks --help`."""
