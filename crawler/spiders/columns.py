"""Which links of a page are columns to walk: decided by their labels, with the address as a second opinion. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from crawler.platforms import FoundLink
from crawler.platforms.base import canonical, folder
from crawler.spiders import labels

_ANNUAL_SLUG = re.compile(r"(?:gk|xxgk|nd|gz)n(?:d?b|an?_?)|/nb|ndbg", re.IGNORECASE)
"""What slugs of annual-report columns look like. A hint to try a link, never a reason to trust it."""
WAYS = 3
"""Steps that may lead to a column of annual reports: 政务公开, 政府信息公开, 法定主动公开内容."""
BLIND = 2
"""Columns in a row that are walked only because they lie below the root: a calendar there has no end."""
_PAGED = re.compile(r"_\d+\.s?html?$")


def sub_columns(links: Iterable[FoundLink], root: str, here: str) -> Iterator[FoundLink]:
    """The columns below an annual-report column.

    Whatever lies in its folder; and what is called like an annual-report column, a group, an agency or a year, if it
    lies in the same part of the portal or its address looks like a column of annual reports. The portal's own menu (部门,
    街镇) has the same words but leads elsewhere.
    """
    part = root.split("/")[:2]
    at_home = part[1:] == [
        ""
    ]  # the column is the home page: everything lies below it, so only labels can tell
    for link in links:
        if not _is_column(link, here):
            continue
        if _is_above(link, root) and not labels.names_a_report(link.title):
            continue
        below = not at_home and (folder(link.url).startswith(root) or canonical(link.url).startswith(root))
        if (
            (below and link.title)
            or labels.is_annual_column(link.title)
            or labels.is_report_title(link.title)
        ):
            yield link
        elif labels.is_year(link.title) or labels.is_group(link.title) or labels.is_unit(link.title):
            near = at_home or canonical(link.url).split("/")[:2] == part
            if near or _ANNUAL_SLUG.search(urlsplit(link.url).path):
                yield link


def blind_steps(walked: int, label: str) -> int:
    """How many columns in a row said nothing by their labels, the one of this label included."""
    return 0 if labels.says_something(label) else walked + 1


def annual_columns(links: Iterable[FoundLink], here: str) -> Iterator[FoundLink]:
    """The links that are called like a column of annual reports."""
    for link in links:
        if _is_column(link, here) and labels.is_annual_column(link.title):
            yield link


def _is_column(link: FoundLink, here: str) -> bool:
    return (
        link.kind == "column" and canonical(link.url) != here and not _PAGED.search(urlsplit(link.url).path)
    )


def _is_above(link: FoundLink, root: str) -> bool:
    """Whether a link leads up the tree, as breadcrumbs do: a page above must not pull in its other branches."""
    return root.startswith(folder(link.url))
