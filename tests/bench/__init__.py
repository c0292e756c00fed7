"""Benchmarks, started by the launcher."""
