"""Measured comparisons. ``python -m benchmarks`` runs them all side by side and writes docs/benchmarks.md."""
