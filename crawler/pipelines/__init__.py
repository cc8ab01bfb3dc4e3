"""The way of a page into the archive: snapshot (100), body (200), tables (300), store (400). Thin; each calls archive/."""
