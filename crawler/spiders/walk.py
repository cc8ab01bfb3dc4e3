"""Walking one list to its end, and the proof that the end was reached. Pure: addresses and keys in, the next address out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from crawler.platforms import Pager

ENDINGS = ("html", "shtml", "htm")
"""What the addresses of pages end with, tried in this order where a list does not say."""
BARREN = 3
"""Pages in a row that may bring nothing new before a list that counts its entries is given up."""
ROUND_NUMBERS = 2
"""How many numbers beyond the first page may be missing, or repeat another, before a list that counts its pages is given up."""


@dataclass(slots=True)
class ListWalk:
    """One list: what it claims, what was fetched of it, whether a page repeated another.

    Lists number their pages from 0 or from 1 (page 2 is ``index_1`` or ``index_2``), and what they say about it is not to
    be trusted. So the walk asks for number 1 first. Fresh entries: numbers count from 0. Page 1 again, or nothing: they
    count from 1, and number 2 is the second page. Either way no page is skipped and none counted twice.
    """

    url: str
    label: str
    site: str
    depth: int = 0
    annual: bool = False
    """Whether this is known to be a column of annual reports."""
    root: str = ""
    """The folder under which sub-columns belong to this column whatever their label."""
    unit: str = ""
    """The agency whose sub-site this is, where sub-sites are walked."""
    ways: int = 0
    """How many steps this page is on the way from a unit's page to its column."""
    blind: int = 0
    """How many columns in a row, this one included, were entered though their labels say nothing."""
    elsewhere: tuple[str, ...] = ()
    """Columns of annual reports outside the unit's folder that its page shows, for when its own way leads to none."""
    limit: int = 50
    # filled on the way
    base: str = ""
    claimed: int = 1
    fetched: int = 0
    links: int = 0
    number: int = 0
    snapshot_id: int | None = None
    sha256: str = ""
    """The digest of the first page."""
    repeats: int = 0
    """Pages that held nothing but entries of earlier ones."""
    missing: int = 0
    trouble: str | None = None
    open_requests: int = 0
    index: bool = False
    """Whether the first page turned out to be an index of sub-sites."""
    form: Mapping[str, str] | None = None
    """What the next page must be asked for with, if it is to be posted."""
    question: str | None = None
    """The address of the page asked for last, with everything that was asked, of a list that counts its entries."""
    frame: bool = False
    """Whether this is a frame of another list's page: empty ones are nobody's fault."""
    barren: int = 0
    """Pages in a row that brought nothing new, of a list that counts its entries."""
    posted: bool = False
    _pager: Pager = field(default_factory=Pager)
    _endings: set[str] = field(default_factory=set)
    _first: frozenset[str] = frozenset()
    _seen: set[str] = field(default_factory=set)
    _visited: set[str] = field(default_factory=set)

    def take(self, keys: Iterable[str], pager: Pager, base: str) -> bool:
        """Note a page that arrived, with the keys of its entries. Whether it holds an entry not seen before."""
        entries = pager.rows if pager.rows is not None else frozenset(keys)
        if self.fetched == 0:
            self.base, self._pager, self.claimed = base, pager, pager.total
            self._first = entries
        elif self._pager.counted:
            return self._take_counted(entries, pager)
        elif self._pager.stem is None and self.fetched > 1 and entries == self._first:
            self._pager = replace(
                self._pager, next_url=None
            )  # the last page's 下一页 leads to the first: once round
            return False
        elif entries <= self._seen:
            if not (self.number == 1 and entries == self._first):
                self.repeats += 1
            return False
        elif pager.stem is None or self._pager.stem is None:
            self._pager = pager
        self.fetched += 1
        self._visited.add(base)
        self._seen |= entries
        return True

    def take_data(self, pager: Pager) -> bool:
        """Note a file that holds the entries of this list: the first page showed none."""
        assert pager.rows is not None
        if self._pager.counted:
            return self._take_counted(pager.rows, pager)
        self._pager, self._first, self._seen = pager, pager.rows, set(pager.rows)
        return True

    def _take_counted(self, entries: frozenset[str], pager: Pager) -> bool:
        """A page of a list that counts its entries: pages may overlap, what counts is that all are seen in the end."""
        fresh = not entries <= self._seen
        if fresh:
            self.fetched += 1
            self.barren = 0
        else:
            self.barren += 1 if entries or pager.next_url else BARREN
        self._seen |= entries
        if pager.counted and (entries or pager.next_url):
            self._pager = pager
        return fresh

    def may_post(self) -> bool:
        """Whether the page asked for last is to be asked for once more, as a form: the server did not read the address."""
        return self._pager.form is not None and not self.posted

    def refuse(self) -> bool:
        """Note that the address of the next page is refused. Whether there is another way to ask."""
        self.barren += 1
        return self._pager.counted and self.may_post()

    def lost(self) -> bool:
        """Note that the page asked for last is not there. Whether that says anything about the list.

        A missing number 1 says that numbers begin with 2.
        """
        if self.number == 1:
            return False
        if self.fetched == 1 and self.number == 2 and self._pager.guessed:
            # Neither number 1 nor number 2 is there: the pages may end with something else than we thought.
            others = [end for end in ENDINGS if end not in self._endings | {self._pager.extension}]
            self._endings.add(self._pager.extension)
            if others:
                self._pager, self.number = replace(self._pager, extension=others[0]), 0
                return False
        self.missing += 1
        return True

    def next_url(self) -> str | None:
        """The address of the next page to ask for, or ``None`` at the end (proved or not, see ``complete``)."""
        if self.fetched == 0 or self.fetched >= self.limit:
            return None
        if self._pager.counted:
            return self._next_counted()
        if self._pager.stem is None:
            url = self._pager.next_url
            return url if url and url not in self._visited and not self.repeats else None
        if self.fetched >= self.claimed or self.number >= min(self.claimed, self.limit):
            return None
        if self.missing + self.repeats > ROUND_NUMBERS:
            return None
        self.number += 1
        return self._pager.page_url(self.base, self.number)

    def _next_counted(self) -> str | None:
        url = self._pager.next_url
        if url is None or len(self._seen) >= (self._pager.records or 0):
            return None
        if self.barren and self.may_post():
            self.posted, self.barren = True, 0
        elif self.barren >= BARREN:
            return None
        self.form, self.question = (self._pager.form if self.posted else None), url
        return url.partition("?")[0] if self.form else url

    @property
    def complete(self) -> bool:
        """Whether every page the list claims was fetched and none repeated another.

        Of a list that counts its entries: whether so many were seen.
        """
        if self._pager.counted:
            return self.trouble is None and len(self._seen) >= (self._pager.records or 0)
        unread = self._pager.stem is None and self.fetched >= self.limit and self._pager.next_url is not None
        return (
            self.trouble is None and self.fetched >= max(self.claimed, 1) and not self.repeats and not unread
            and not self.missing
        )  # fmt: skip

    @property
    def pages_claimed(self) -> int | None:
        """What the list says about itself; ``None`` if it shows no counted pager and goes on by links."""
        return self.claimed if self._pager.stem is not None or self.fetched <= 1 else None
