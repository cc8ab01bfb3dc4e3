"""Reading reports: bytes, headers and a context in, a ``Report`` out. Pure: no I/O, no crawler."""

from archive.report.read import read, take_apart, understand

__all__ = ["read", "take_apart", "understand"]
