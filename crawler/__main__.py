"""``python -m crawler`` is ``gongkai``."""

from crawler.cli import main

main()
