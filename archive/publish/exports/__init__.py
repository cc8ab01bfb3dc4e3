"""The archive's figures for other people's tools: one selection, one set of tables, one writer for each format.

``selection`` chooses the reports, ``tables`` and ``panel`` say what is exported of them, ``csv``, ``xlsx``, ``parquet``
and ``stata`` write it, ``datapackage`` describes it, ``release`` freezes it, ``folder`` makes all of it appear at once.
"""
