"""One reader for each file format; each brings its format into the shape of ``archive.report.document``."""
