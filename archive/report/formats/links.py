"""The files and frames a page points at: in links, in viewers, and in strings that scripts write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from lxml import etree

from archive.report.formats.tree import Element, query, text_of
from archive.report.model import Attachment

_FILE = re.compile(r"\.(pdf|docx?|wps|et|xlsx?|ofd|rar|zip|rtf)(?=$|[?#&\"'])", re.I)
_IN_SCRIPT = re.compile(
    r"""(?:href|src|file)\s*=\s*\\?["']([^"'\\<>]{1,500}?\.(?:pdf|docx?|wps|et|xlsx?|ofd|rar|zip|rtf)[^"'\\<>]{0,200})\\?["']"""
    r"""[^<>]{0,300}>([^<]{0,200})""",
    re.I,
)
_STRING = re.compile(
    r"""["']([^"'<>\s]{1,500}?\.(?:pdf|docx?|wps|et|xlsx?|ofd|rar|zip|rtf)(?:\?[^"'<>\s]{0,200})?)["']""",
    re.I,
)
_OPENERS = query("//@onclick/..")  # by attribute: ten times faster than by element
_ADDRESSES: Any = etree.XPath("//a/@href", smart_strings=False)
_MAX = 200


def attachments_in_markup(root: Element, source: bytes, base: str) -> list[Attachment]:
    """Files linked or framed by elements. ``OLDSRC`` is taken only where a link has no ``href`` (it is often dead).

    ``source`` is the page in small letters: an attribute that does not stand in it is in no element.
    """
    found: list[Attachment] = []
    for element in _OPENERS(root)[:_MAX] if b"onclick" in source else ():
        found += [_file(url, _name(element), base) for url in _STRING.findall(element.get("onclick") or "")]
    frames = ("iframe", "frame", "embed", "object")
    for element in root.iter("a", *frames) if _links_files(root, source) else root.iter(*frames):
        if element.tag == "a":
            address = element.get("href") or element.get("oldsrc")
            if address and (_FILE.search(unquote(address)) or element.get("appendix") or "file=" in address):
                found.append(_file(address, _name(element), base))
        else:
            address = element.get("src") or element.get("data")
            if address and not address.lower().startswith(("about:", "javascript:", "data:")):
                found.append(_frame(address, element, base))
        if len(found) >= _MAX:
            break
    return [attachment for attachment in found if attachment.url]


def _links_files(root: Element, source: bytes) -> bool:
    """Whether any link may lead to a file: a page has hundreds that do not, and one search tells it of all of them."""
    if b"oldsrc" in source or b"appendix" in source:
        return True
    addresses = '"'.join(_ADDRESSES(root))
    return "%" in addresses or "file=" in addresses or _FILE.search(addresses) is not None


def attachments_in_scripts(scripts: Iterable[str], base: str) -> list[Attachment]:
    """Files named in strings of scripts (``var hasFJ='<a href=…>'``, ``file_appendix``, ``window.open``)."""
    found: list[Attachment] = []
    for script in scripts:
        if not _FILE.search(script) and "." not in script:
            continue
        in_links = _IN_SCRIPT.findall(script)
        found += [_file(url, " ".join(name.split()), base) for url, name in in_links]
        if not in_links:
            found += [_file(url, "", base) for url in _STRING.findall(script)]
    return [attachment for attachment in found if attachment.url][:_MAX]


def _name(element: Element) -> str:
    text = " ".join(text_of(element).split())
    return element.get("download") or text or element.get("title") or ""


def _file(address: str, name: str, base: str) -> Attachment:
    url = _resolved(_inside_viewer(address), base)
    match = _FILE.search(unquote(urlsplit(url).path)) or _FILE.search(unquote(url)) or _FILE.search(name)
    return Attachment(url, name, match.group(1).lower() if match else "")


def _frame(address: str, element: Element, base: str) -> Attachment:
    inner = _inside_viewer(address)
    if inner != address or _FILE.search(unquote(address)):
        return _file(inner, element.get("title") or "", base)
    return Attachment(_resolved(address, base), element.get("title") or "", "iframe")


def _inside_viewer(address: str) -> str:
    """The file that a viewer page (``viewer.html?file=…``) shows; the address itself if it is none."""
    if "file=" not in address:
        return address
    try:
        values = parse_qs(urlsplit(address).query).get("file")
    except ValueError:
        return address
    return values[0] if values else address


def _resolved(address: str, base: str) -> str:
    try:
        url = urljoin(base, address.strip())
        scheme = urlsplit(url).scheme
    except ValueError:
        return ""
    return url if scheme in ("http", "https", "") else ""
