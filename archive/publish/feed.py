"""An Atom feed (RFC 4287) of new reports, findings and changes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from lxml import etree

from archive.publish.metadata import queries

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 100
WORDS = {"report": "新报告", "finding": "新发现", "change": "来源有改动"}


async def atom(db: Any, *, base: str, here: str) -> bytes:
    """The feed. ``base`` is the address of the site with a slash at its end, ``here`` that of the feed."""
    rows = (await db.execute(queries()["whats_new"]["sql"])).rows
    feed = etree.fromstring(f'<feed xmlns="{ATOM}"/>')
    _add(feed, "title", "公开 Gongkai：新报告、新发现、改动")
    _add(feed, "id", here)
    _add(feed, "updated", max((row["at"] for row in rows), default="1970-01-01T00:00:00Z"))
    etree.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=here)
    author = etree.SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", "Gongkai")
    for row in rows[:ENTRIES]:
        entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
        address = f"{base}-/report/{quote(row['report_key'], safe='')}"
        _add(entry, "title", f"{WORDS[row['what']]}：{row['agency']} {row['year']}")
        _add(entry, "id", f"urn:gongkai:{row['what']}:{quote(row['key'], safe='')}")
        _add(entry, "updated", row["at"])
        etree.SubElement(entry, f"{{{ATOM}}}link", href=address)
        _add(entry, "summary", row["said"] or "")
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


def _add(parent: etree._Element, name: str, text: str) -> None:
    # A page may print characters that XML cannot hold.
    clean = "".join(
        c
        for c in text
        if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
    )
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = clean
