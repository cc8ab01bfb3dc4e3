"""A generator of report pages with known truth, to prove that reading is exact or says so.

Written from the official forms, not from the reader: it has its own labels, its own figures and its own ways of laying a
page out, so that a mistake in the reader's data shows. ``generate(random)`` gives one page and what it prints.
"""

from tests.generator.page import Generated, generate

__all__ = ["Generated", "generate"]
