"""Reading reports: bytes, headers and a context in, a ``Report`` out. Pure: no I/O, no crawler.

``archive.report.read`` is the way in. Nothing is imported here: whoever needs no more than the model waits for no parser.
"""
