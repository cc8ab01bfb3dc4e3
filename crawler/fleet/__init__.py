"""Crawling many installations at once: a process and an archive for each, here or on other machines, then ``merge``.

The unit of work is an installation, so that politeness needs no lock beyond the one that every crawl takes. See
docs/distributed.md.
"""
