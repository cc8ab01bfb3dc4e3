"""What a platform is, with the behaviour that most publishing systems share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from crawler.platforms import html as pages
from crawler.platforms import jsonlist
from crawler.sites.hosts import host_of, written

Kind = Literal["article", "column", "attachment"]

EXTENSIONS = "pdf|docx?|wps|et|xlsx?|ofd|zip|rar|rtf"
_ATTACHMENT = re.compile(rf"\.(?:{EXTENSIONS})$", re.IGNORECASE)
_NAMES_A_FILE = re.compile(rf"(?:\.|%2e|&#0*46;|&#x0*2e;|&period;)(?:{EXTENSIONS})(?![a-z])", re.IGNORECASE)
"""What stands somewhere in every page that points at a file, however its dot is written."""
_DATA_FILE = re.compile(r"""['"]([^'"\s<>{}]+\.(?:json|trsapi)(?:\?[^'"\s<>]*)?)['"]""")
_INDEX = re.compile(r"/(?:index|list|default)\.(?:s?html?|jsp|aspx?|php)$", re.IGNORECASE)
_FILE = re.compile(r"\.(?:css|js|json|xml|ico|png|jpe?g|gif|svg|mp[34]|apk|swf|txt)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link of a page: ``article`` (one document), ``column`` (a list, or a page of its own) or ``attachment``.

    ``title`` is as long as the page gives it; ``list_date`` the date printed beside it (ISO 8601), never one taken
    from the address.
    """

    title: str
    url: str
    kind: Kind
    list_date: str | None = None


@dataclass(frozen=True, slots=True)
class Pager:
    """How a list goes on.

    ``total`` is the number of pages it claims; 1 for a list that shows no pager. ``stem`` and ``extension`` make the
    addresses of pages (``index_1.html``); whether these count from 0 or from 1 is for the walk to prove, because pages
    say it wrongly. ``next_url`` is the link called 下一页, for systems whose numbers cannot be built. ``records`` is the
    number of entries claimed, and ``rows`` the addresses of those that this page holds, where both are known: then the
    list is at its end when so many were seen, however large the pages are. ``form`` puts the question behind ``next_url``
    as a form, for servers that read nothing else.
    """

    total: int = 1
    stem: str | None = None
    extension: str = "html"
    next_url: str | None = None
    records: int | None = None
    rows: frozenset[str] | None = None
    form: Mapping[str, str] | None = None
    guessed: bool = False
    """Whether nothing says what the addresses of pages end with, so that other endings are worth a try."""

    @property
    def counted(self) -> bool:
        """Whether the list says how many entries it has, and which of them are here."""
        return self.records is not None and self.rows is not None

    def page_url(self, base: str, number: int) -> str:
        """The address of ``<stem>_<number>.<extension>`` beside the list's first page."""
        assert self.stem is not None
        return urljoin(base, f"{self.stem}_{number}.{self.extension}")


@dataclass(frozen=True)
class Platform:
    """A publishing system. A subclass overrides what its system does in its own way."""

    name: str
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Keys that a row of this platform may hold in ``options``, each with what it means."""

    shell: bool = False
    """Whether its pages hold no list of their own: then its data are asked for, whatever else a page shows."""

    chained: bool = False
    """Whether the reports of other years are named only by a body's report of one year (``siblings``)."""

    def recognise(self, url: str, text: str) -> int:  # noqa: ARG002
        """How many signs of this system the page shows; 0 for none."""
        return 0

    def is_article(self, url: str) -> bool:
        """Whether an address is that of one document by its shape alone."""
        path = urlsplit(url).path
        return bool(re.search(r"\.s?html?$", path)) and not _INDEX.search(path) and not _PAGED.search(path)

    def links(self, url: str, text: str) -> list[FoundLink]:
        """All links of a page that may matter, each document once, in the order of the page."""
        return group([self._link(anchor) for anchor in pages.anchors(url, text)], self._same)

    def pager(self, url: str, text: str) -> Pager:
        """How the list on this page goes on. Pages that only a script can turn are claimed and cannot be asked for."""
        return Pager(total=pages.claimed_pages(text), next_url=pages.next_link(url, text))

    def data_urls(self, url: str, text: str) -> list[str]:
        """Files of JSON (or ``.trsapi``) that the page's scripts name, on its own host: the whole column in one file."""
        tree = pages.parse(text)
        base = pages.base_url(url, tree)
        named = _DATA_FILE.findall(pages.scripts(tree))
        named += [str(value) for value in tree.xpath("//@data-url | //@ms-data-url | //@data-api")]
        named += pages.script_sources(tree)
        named = [name for name in named if re.search(r"\.(?:json|trsapi)(?:\?|$)", name)]
        found = dict.fromkeys(urljoin(base, name) for name in named)
        return [address for address in found if host_of(address) == host_of(url)]

    def embedded(self, url: str, text: str) -> list[FoundLink]:
        """The entries that stand as data in the page's own scripts (``var dataList=[…]``)."""
        tree = pages.parse(text)
        found = [
            FoundLink(title, address, self.kind(address), day)
            for address, title, day in jsonlist.loose_entries(pages.base_url(url, tree), pages.scripts(tree))
        ]
        return group(found, self._same)

    def data_links(self, url: str, text: str) -> list[FoundLink]:
        """The entries of a JSON or JSONP column."""
        found = [
            FoundLink(title, address, self.kind(address), day)
            for address, title, day in jsonlist.entries(url, text)
        ]
        return group(found, self._same)

    def data_pager(self, url: str, text: str) -> Pager:  # noqa: ARG002
        """How such a file goes on."""
        return Pager()

    def siblings(self, url: str, text: str) -> list[FoundLink]:  # noqa: ARG002
        """The other reports that a report's own page names, where reports are listed nowhere else."""
        return []

    def year_of(self, url: str) -> int | None:  # noqa: ARG002
        """The year reported on, where the address states it reliably."""
        return None

    def doc_key(self, url: str, installation: str) -> str:
        """The name of the document at an address: ``<installation>:<canonical address with its query>``."""
        return f"{installation}:{canonical(url)}"

    def _link(self, anchor: pages.Anchor) -> FoundLink:
        return FoundLink(anchor.title, anchor.url, self.kind(anchor.url), anchor.date)

    def attachments(self, url: str, text: str) -> list[FoundLink]:
        """The files that a document's page points at: by links, in frames and viewers, and in its scripts."""
        if not _NAMES_A_FILE.search(text):
            return []  # most pages: they need not be parsed for it
        found = [
            FoundLink(name, address, "attachment") for address, name in pages.files(url, text, _ATTACHMENT)
        ]
        return group(found, self._same)

    def kind(self, url: str) -> Kind:
        """What an address points at, by its shape."""
        if _ATTACHMENT.search(unquote(urlsplit(url).path)):
            return "attachment"
        return "article" if self.is_article(url) else "column"

    def _same(self, url: str) -> str:
        return self.doc_key(url, "")


_PAGED = re.compile(
    r"/(?:index|list|default|page)(?:[-_]?\d{1,3}|_\d+)\.(?:s?html?|jsp|aspx?|php)$", re.IGNORECASE
)


def canonical(url: str) -> str:
    """An address by which twins are one: no scheme, no ``www.``, no index file, parameters in order, no fragment."""
    host = host_of(url)
    if host is None:
        return url
    parts = urlsplit(url)
    name = written(host).removeprefix("www.")
    path = _INDEX.sub("/", parts.path) or "/"
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{name}{path}{'?' + query if query else ''}"


def folder(url: str) -> str:
    """The directory of a list's address, as its canonical form begins: ``cqbn.gov.cn/zwgk_252/zfxxgknb/``."""
    address = canonical(url).partition("?")[0]
    head, _, last = address.rpartition("/")
    return f"{head}/" if "." in last else address.rstrip("/") + "/"


def is_home(url: str) -> bool:
    """Whether an address is the home page of its host."""
    return canonical(url).partition("/")[2] == ""


def is_file(url: str) -> bool:
    """Whether an address is that of a style sheet, script, picture or the like."""
    return bool(_FILE.search(urlsplit(url).path))


def group(links: Sequence[FoundLink], same: Callable[[str], str]) -> list[FoundLink]:
    """Each document once: the first address, the longest title, the first date among its links."""
    found: dict[str, FoundLink] = {}
    for link in links:
        key = same(link.url)
        known = found.get(key)
        if known is None:
            found[key] = link
            continue
        plain = known.url if "_wap." not in known.url else link.url
        title = max(known.title, link.title, key=len)
        found[key] = FoundLink(title, plain, known.kind, known.list_date or link.list_date)
    return list(found.values())
