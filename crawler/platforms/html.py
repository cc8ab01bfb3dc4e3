"""Reading list pages without knowing their templates: links with the title and date of their row, the link to the next
page, the name of the column. Relies on labels and on how rows are built, never on the names of wrappers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import lxml.html
from lxml.html import HtmlElement

_DATE = re.compile(
    r"(?<!\d)(20\d\d|19\d\d)\s*[-/.年]\s*(1[0-2]|0?[1-9])\s*[-/.月]\s*(3[01]|[12]\d|0?[1-9])(?:\s*日)?(?!\d)"
)
_TRAILING_DATE = re.compile(
    r"[\s\[(（【]*(?:发布(?:时间|日期)[:：]\s*)?"
    + _DATE.pattern
    + r"(?:\s+\d{1,2}:\d\d(?::\d\d)?)?[\s\])）】]*$"
)
_LEADING_DATE = re.compile(r"^[\s\[(（【]*" + _DATE.pattern + r"[\s\])）】]+")
_NOT_PUBLISHED = re.compile(r"(?:成文|生成|制发|印发)(?:日期|时间)\s*[:：]?\s*$")
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|%3C%|%7B%7B", re.IGNORECASE)
_OPENS = re.compile(
    r"""['"]\s*((?:https?://|\.{0,2}/)[^'"\s]+|[^'"\s()]+\.(?:s?html?|jsp|aspx?|php|pdf|docx?|xlsx?|wps|ofd)(?:\?[^'"\s]*)?)\s*['"]""",
    re.IGNORECASE,
)
"""An address among the arguments of a script that runs when something is pressed, whatever the function is called."""
_PRESSED_HINT = re.compile(r"onclick|<option", re.IGNORECASE)
_PRESSED = "//a | //area | //*[@onclick and not(self::a) and not(self::area)] | //option[@value]"
_ROWS = ("li", "tr", "dl", "dd")
_NEXT = re.compile(r"^(?:下一?页|后一?页|next(?:\s*page)?|[>›»]+)$", re.IGNORECASE)
_NEXT_HINT = re.compile(r"[页頁>›»]\s*<|next|页\s*&", re.IGNORECASE)
_CLAIMS = re.compile(
    r"共\s*(\d{1,4})\s*页|页次?\s*[:：]?\s*\d{1,4}\s*/\s*(\d{1,4})|\d{1,4}\s*/\s*(\d{1,4})\s*页"
)
_SAYS_OPEN = re.compile(
    r"^[\[【]?(?:点击)?(?:查看|查阅|浏览|阅读|下载|打开|详情|详细|正文|全文)(?:详情|全文|正文|附件)?[\]】]?[>»]*$"
)
_DOWNLOAD = re.compile(r"/downfile\.jsp$|/download(?:\.\w+)?$", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE_COMMENT = re.compile(r"(^|[\s;{}])//[^\n]*")
_MARKUP_IN_SCRIPT = re.compile(r"<a\b[^\n]*?</a\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link with the title and the printed date of its row."""

    url: str
    title: str
    date: str | None


@lru_cache(maxsize=4)
def parse(text: str) -> HtmlElement:
    """The tree of a page, however broken; an empty page gives an empty tree.

    A page is asked several things one after the other, so the last trees are kept: nobody may change one.
    """
    # The parser stops at </html>; browsers do not, and portals put included pieces behind it.
    text = _CLOSED.sub("", text)
    try:
        return lxml.html.document_fromstring(text.replace("\x00", "") or "<html></html>")
    except (lxml.etree.ParserError, ValueError):
        # A page of nothing but a comment, or one with an XML declaration that names an encoding.
        bare = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
        return lxml.html.document_fromstring(f"<html><body>{bare}</body></html>")


def base_url(url: str, tree: HtmlElement) -> str:
    """What relative links are resolved against: ``<base href>``, else the address, a directory with its slash."""
    for href in tree.xpath("//head/base/@href")[:1]:
        return urljoin(url, str(href).strip())
    path = urlsplit(url).path
    if not path.endswith("/") and "." not in path.rsplit("/", 1)[-1]:
        parts = urlsplit(url)
        return parts._replace(path=path + "/").geturl()
    return url


def anchors(url: str, text: str) -> Iterator[Anchor]:
    """Every link of a page to an http(s) address, in the order of the page.

    Beside links proper, what can be pressed and opens an address, and what can be chosen on the page's own host: towns and
    years stand in such lists. Those that lead elsewhere are friends' links.
    """
    tree = parse(text)
    base = base_url(url, tree)
    # Most pages have neither, and the tree's own iterator is ten times as fast.
    more = _PRESSED_HINT.search(text) is not None
    for element in tree.xpath(_PRESSED) if more else tree.iter("a", "area"):
        absolute = _absolute(base, element)
        if absolute and (element.tag != "option" or urlsplit(absolute).netloc == urlsplit(base).netloc):
            title = title_of(element)
            yield Anchor(
                absolute, _row_title(element) if _SAYS_OPEN.match(title) else title, date_of(element)
            )


def _absolute(base: str, element: HtmlElement) -> str | None:
    """The http(s) address that a link leads to."""
    href = _target(element)
    if href is None:
        return None
    try:
        absolute = urljoin(base, href)
        scheme = urlsplit(absolute).scheme
    except ValueError:
        return None
    return absolute.partition("#")[0] if scheme in ("http", "https") else None


def _target(element: HtmlElement) -> str | None:
    """Where a link leads: its ``href``, or what its ``onclick`` opens. ``None`` for nowhere and for template rows."""
    href = (element.get("href") or "").strip()
    if element.tag == "option":
        chosen = _OPENS.fullmatch(f"'{element.get('value')}'")
        href = chosen[1] if chosen else ""
    if not href or href.startswith("#") or href.lower().startswith("javascript:"):
        opened = _OPENS.search(element.get("onclick") or "") or _OPENS.search(href)
        href = (
            opened[1].strip()
            if opened
            else (element.get("data-href") or element.get("data-url") or "").strip()
        )
    if (
        not href
        or _TEMPLATE.search(href)
        or href.lower().startswith(("javascript:", "mailto:", "tel:", "data:"))
    ):
        return None
    return href


def title_of(anchor: HtmlElement) -> str:
    """The title of a link: the longest of its ``title`` attributes and its text without the date at either end."""
    text = flat(anchor.text_content())
    text = _LEADING_DATE.sub("", _TRAILING_DATE.sub("", text)).strip()
    marked = [flat(value) for value in anchor.xpath("./@title | .//*/@title | .//img/@alt")]
    paragraph = [
        flat(p.text_content()) for p in anchor.xpath(".//p[contains(concat(' ', @class, ' '), ' tit')]")
    ]
    if paragraph and paragraph[0]:
        text = paragraph[0]
    best = max(marked, key=len, default="")
    return best if len(best) > len(text) or not text else text


def _row_title(anchor: HtmlElement) -> str:
    """The title in the row of a link that only says 查看: the longest piece of the row that is no link and no date."""
    row = next((parent for parent in anchor.iterancestors() if parent.tag in _ROWS), None)
    if row is None:
        return title_of(anchor)
    pieces = (flat(text) for text in row.xpath(".//text()[not(ancestor::a) and not(ancestor::script)]"))
    return max((_DATE.sub("", piece).strip() for piece in pieces), key=len, default="") or title_of(anchor)


def date_of(anchor: HtmlElement) -> str | None:
    """The date printed in the row of a link: the last one in the smallest row around it, publication dates only."""
    row = anchor
    for parent in anchor.iterancestors():
        if parent.tag in _ROWS:
            row = parent
            break
        # A block that holds other links is more than this link's row.
        if len(parent.xpath(".//a[@href]")) > 1:
            break
        row = parent
    if len(row.xpath(".//a[@href]")) > 8:
        return None
    found = None
    text = flat("".join(row.xpath(".//text()[not(ancestor::script)]")))
    own = flat(anchor.get("title") or "")
    for match in _DATE.finditer(text):
        if _NOT_PUBLISHED.search(text[: match.start()]) or (own and match[0] in own):
            continue
        found = iso(*(int(match[n]) for n in (1, 2, 3))) or found
    return found


def next_link(url: str, text: str) -> str | None:
    """The address behind 下一页, if it leads to another page."""
    if _NEXT_HINT.search(text) is None:
        return None
    tree = parse(text)
    base = base_url(url, tree)
    for element in tree.iter("a", "area"):
        found = _absolute(base, element)
        if found and _NEXT.match(title_of(element)) and found.rstrip("/") != url.rstrip("/"):
            return found
    return None


def claimed_pages(text: str) -> int:
    """How many pages a list says it has (共3页, 页次：1/3), where it has a 下一页 at all; else 1."""
    if _NEXT_HINT.search(text) is None:
        return 1
    tree = parse(text)
    if not any(_NEXT.match(title_of(element)) for element in tree.iter("a", "area", "button", "span")):
        return 1
    said = "".join(tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))
    return max((int(n) for match in _CLAIMS.finditer(said) for n in match.groups() if n), default=1)


def frames(url: str, text: str) -> list[str]:
    """The addresses of a page's frames."""
    tree = parse(text)
    base = base_url(url, tree)
    found = (urljoin(base, str(source).strip()) for source in tree.xpath("//iframe/@src | //frame/@src"))
    return [address.partition("#")[0] for address in dict.fromkeys(found) if address.startswith("http")]


def metas(tree: HtmlElement) -> dict[str, str]:
    """The ``<meta name=…>`` values of a page by lower-cased name; the first that is not empty counts."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name, content = (meta.get("name") or "").strip().lower(), flat(meta.get("content") or "")
        if name and content:
            found.setdefault(name, content)
    return found


def heading(tree: HtmlElement) -> str:
    """The ``<title>`` of a page on one line."""
    return flat(" ".join(tree.xpath("//title/text()")[:1]))


def breadcrumb(tree: HtmlElement) -> str | None:
    """The last part of the line 当前位置, which names the column."""
    for element in tree.iter("div", "p", "span", "ul", "td"):
        text = flat(element.text_content())
        if len(text) < 200 and re.search(r"当前的?位置|您的位置|您所在", text[:20]):
            parts = [p for p in re.split(r"\s*(?:>+|»|›|/|＞)\s*", text.split("：")[-1].split(":")[-1]) if p]
            if len(parts) > 1 and len(parts[-1]) <= 40:
                return parts[-1]
    return None


def scripts(tree: HtmlElement) -> str:
    """The text of all inline scripts of a page, without what the scripts themselves comment out."""
    text = "\n".join(script.text or "" for script in tree.iter("script"))
    return _LINE_COMMENT.sub(r"\1", _BLOCK_COMMENT.sub(" ", text))


def script_sources(tree: HtmlElement) -> list[str]:
    """The addresses of a page's external scripts, as written."""
    return [str(source).strip() for source in tree.xpath("//script/@src")]


def files(url: str, text: str, wanted: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Address and name of every file a page points at whose path matches: links, frames, viewers, script strings."""
    tree = parse(text)
    base = base_url(url, tree)
    for element in tree.iter("a"):
        href = _target(element)
        for address, _ in _file(base, href, "", wanted) if href else ():
            yield address, flat(element.get("download") or title_of(element))
    for source in tree.xpath("//iframe/@src | //embed/@src | //object/@data"):
        yield from _file(base, str(source), "", wanted)
    for snippet in _MARKUP_IN_SCRIPT.findall(scripts(tree)):
        for element in parse(snippet.replace("\\'", "'").replace('\\"', '"').replace("\\/", "/")).iter("a"):
            if element.get("href"):
                yield from _file(base, element.get("href"), title_of(element), wanted)


def _file(base: str, href: str, name: str, wanted: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(urljoin(base, href.strip()))
        inner = parse_qs(parts.query).get("file", [])
        if inner and not wanted.search(unquote(parts.path)):
            # A viewer: /pdfjs/web/viewer.html?file=/…/report.pdf
            parts = urlsplit(urljoin(parts.geturl(), inner[0]))
    except ValueError:
        return
    named = download_name(parts.geturl()) or unquote(parts.path)
    if parts.scheme in ("http", "https") and wanted.search(named):
        yield parts._replace(fragment="").geturl(), name


def download_name(url: str) -> str | None:
    """The name of the file behind a download's address, where the address is that of a program and the name in its query."""
    parts = urlsplit(url)
    if not _DOWNLOAD.search(parts.path):
        return None
    query = parse_qs(parts.query)
    return next((query[key][0] for key in ("filename", "fileName", "name") if key in query), None)


def iso(year: int, month: int, day: int) -> str | None:
    """A date in ISO 8601, ``None`` if there is no such day."""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def flat(text: str) -> str:
    """Text on one line, with single spaces."""
    return _SPACE.sub(" ", text.replace("\u200b", "").replace("\ufeff", "")).strip()
