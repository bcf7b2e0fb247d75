"""Fifty people at work at once, against a real server: `python -m bench.load`."""
