"""Plain static lists: rows of links, and a link called 下一页.

Recognised by nothing in particular; it is what remains when no other platform shows its signs.
Example: any ``…/list.html`` whose rows are written into the page.
"""

from __future__ import annotations

from crawler.platforms.base import Platform

PLATFORM = Platform("static")
