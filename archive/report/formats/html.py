"""A web page, taken apart: parsed once, its inline markup dissolved, its blocks listed, the report's part chosen.

Pages pasted from Word put 年, 月, single digits and brackets into spans of their own. Text nodes are therefore joined
with nothing between them; only block elements and ``<br>`` part lines. The wrapper elements of publishing systems
change by host and year and are not relied on: where the report begins and ends is decided by what the blocks say
(``body.py``).
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lxml import etree

from archive.report.document import Block, Document, Paragraph, Table
from archive.report.findings import finding
from archive.report.formats.blocks import IMAGE, LINE_BREAK, Span, collect, plain
from archive.report.formats.body import choose
from archive.report.formats.html_sheets import written_out
from archive.report.formats.html_source import breaks_off, parse, source_of, without_early_end
from archive.report.formats.html_styles import not_displayed, set_off, styles_of
from archive.report.formats.links import attachments_in_markup, attachments_in_scripts
from archive.report.formats.tree import Element, query, text_of
from archive.report.furniture import is_furniture, without_font_switch
from archive.report.model import Attachment, Context, Finding
from archive.report.pause import undisturbed

# Dissolved before anything else, so that what remains is blocks with whole text between them. Any other unknown
# element is treated as inline, too.
INLINE = frozenset([
    "span", "font", "a", "b", "strong", "i", "em", "u", "o:p", "sup", "sub", "small", "big", "s", "strike", "ins",
    "del", "label", "abbr", "cite", "code", "time", "mark", "bdo", "tt", "q", "nobr", "wbr", "ucapcontent", "ucaptitle",
])  # fmt: skip
_DROPPED = (
    "script", "style", "noscript", "template", "select", "textarea", "button", "object", "embed", "iframe", "svg",
    "canvas", "audio", "video", "map", "input", "gk-hidden",
)  # fmt: skip
_TITLED = query(
    "/descendant::h1 | /descendant::h2 | /descendant::*/@class[contains(., 'itle')]/.. "
    "| /descendant::*/@id[contains(., 'itle')]/.."
)
_WRITES = re.compile(r"document\.write(?:ln)?\s*\(")
_LITERAL = r'(?:"((?:[^"\\]|\\.){0,2000})"|\'((?:[^\'\\]|\\.){0,2000})\')'
_SCRIPT_VARIABLE = re.compile(rf"\bvar\s+(\w+)\s*=\s*{_LITERAL}")
_TERM = re.compile(rf"\s*(?:{_LITERAL}|(\w+))\s*([+)])")
_TAG = re.compile(r"<[^>]{0,500}>")
_STATUTORY = ("本年制发件数", "结转政府信息公开申请", "复议后起诉", "本年新制作数量", "统计指标")
_SMALL_IMAGE = 48
"""Pixels: what is not larger in one direction is an icon, not a table."""
_ICON = re.compile(r"icon|logo|fileType|share|/print|qrcode|ewm", re.I)


@undisturbed
def take_apart_html(text: str, context: Context) -> Document:
    """The document of a web page. Addresses are resolved against the page's ``<base>`` and ``context.url``."""
    document = Document("html")
    source = source_of(text)
    small = source.lower()
    root = parse(without_early_end(source, small), document.findings)
    if root is None:
        document.trouble = "empty"
        return document
    if breaks_off(small):
        document.findings.append(finding("FILE-INCOMPLETE", name="html"))
    document.metas = _metas(root)
    base = _base(root, context)
    scripts = [script.text or "" for script in root.iter("script")]
    document.attachments = _unique(
        attachments_in_markup(root, small, base) + attachments_in_scripts(scripts, base)
    )
    document.titles = _titles(root, document.metas)
    hidden = _prepare(root, small, document.findings)
    body = root.find("body")
    items, spans = collect(root if body is None else body, document.findings)
    _fill(document, items, spans)
    document.hidden = hidden
    return document


def _base(root: Element, context: Context) -> str:
    element = root.find(".//base[@href]")
    own = context.url or ""
    return own if element is None else urljoin(own, element.get("href", "").strip())


def _metas(root: Element) -> dict[str, str]:
    """``<meta name content>`` by lower-cased name; the first that says anything counts."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").strip().lower()
        content = " ".join((meta.get("content") or "").split())
        if name and content:
            found.setdefault(name, content)
    return found


def _titles(root: Element, metas: dict[str, str]) -> list[str]:
    """Headings and elements marked as titles in page order, then ``<title>``, then the metadata."""
    marked = [text for element in _TITLED(root)[:30] if (text := _joined(element)) and len(text) <= 150]
    named = [_joined(element) for element in root.iter("title")][:1]
    return list(dict.fromkeys(filter(None, [*marked, *named, metas.get("articletitle", "")])))


def _joined(element: Element) -> str:
    return " ".join(text_of(element).split())


def _unique(found: list[Attachment]) -> list[Attachment]:
    """One attachment for each address, the first name that says something."""
    best: dict[str, Attachment] = {}
    for attachment in found:
        known = best.get(attachment.url)
        if known is None or (not known.name and attachment.name):
            best[attachment.url] = attachment
    return list(best.values())


def _prepare(root: Element, source: bytes, findings: list[Finding]) -> list[str]:
    """Reduce the tree to blocks of text. What was hidden comes back as lines, for it may state a title or a date.

    ``source`` is the page in small letters: what does not stand in it need not be looked for in the tree.
    """
    for script in root.iter("script"):
        if script.text and "document.write" in script.text:
            script.tail = _written(script.text) + (script.tail or "")
    styles = styles_of(source)
    if b"<style" in source:
        styles += ";" + written_out(root)
    hidden = _hide(root, not_displayed(root, source, styles))
    for image in root.iter("img"):
        if _may_hold_a_table(image):
            image.tail = IMAGE + (image.tail or "")
    for field in root.iter("input"):
        if (
            field.get("value")
            and (field.get("type") or "text").lower() in ("text", "number")
            and _in_cell(field)
        ):
            field.tail = field.get("value", "") + (field.tail or "")
    for block in root.iter("pre"):
        _keep_lines(block)
    for line_break in root.iter("br"):
        line_break.tail = LINE_BREAK + (line_break.tail or "")
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    if passages := set_off(root, source, styles, INLINE):
        findings.append(finding("TEXT-STRUCK", count=passages))
    etree.strip_tags(root, *INLINE, "img", "br")
    return hidden


def _in_cell(element: Element) -> bool:
    """Whether a form's field stands in a table: pages made by filling one in print their figures in fields."""
    return next(element.iterancestors("td", "th"), None) is not None


def _keep_lines(block: Element) -> None:
    """Preformatted text: its lines stay lines, and a tab inside of one parts cells as a pipe does."""
    for element in block.iter():
        if element.text:
            element.text = _lines(element.text)
        if element.tail and element is not block:
            element.tail = _lines(element.tail)


def _lines(text: str) -> str:
    return LINE_BREAK.join(line.strip("\t").replace("\t", "|") for line in text.splitlines()) + (
        LINE_BREAK if text.endswith("\n") else ""
    )


def _written(script: str) -> str:
    """What a script writes into the page, as far as it is plain to see: sums of literals and of variables set to them."""
    variables = {name: double or single for name, double, single in _SCRIPT_VARIABLE.findall(script)}
    parts = [_sum_of_terms(script, match.end(), variables) for match in _WRITES.finditer(script)]
    return _TAG.sub("", " ".join(filter(None, parts)))


def _sum_of_terms(script: str, place: int, variables: dict[str, str]) -> str:
    """The text of an argument that begins at ``place``; empty for one that takes a browser to work out."""
    text = ""
    while term := _TERM.match(script, place):
        double, single, name, sign = term.groups()
        text += variables.get(name, "") if name else double or single or ""
        if sign == ")":
            return text.replace("\\", "")
        place = term.end()
    return ""


def _hide(root: Element, found: list[Element]) -> list[str]:
    """Mark what is not displayed (``found``) for removal, unless a script must show it: the report's tables stand
    nowhere else, or it is most of the page.
    """
    lines: list[str] = []
    whole = text_of(root) if found else ""
    for element in found:
        if element.tag in ("html", "body", "br", "img"):
            continue
        text = text_of(element)
        if 2 * len(text) > len(whole):
            continue
        if any(label in text and whole.count(label) == text.count(label) for label in _STATUTORY):
            continue
        lines += [line for part in text.split("\n") if (line := " ".join(part.split())) and len(line) < 200][
            :20
        ]
        element.tag = "gk-hidden"
    return list(dict.fromkeys(lines))


def _may_hold_a_table(image: Element) -> bool:
    for side in ("width", "height"):
        size = re.match(r"\s*(\d+)", image.get(side) or "")
        if size and int(size.group(1)) <= _SMALL_IMAGE:
            return False
    source = image.get("src") or ""
    return bool(source) and not _ICON.search(source)


def _fill(document: Document, items: list[Block], spans: list[Span]) -> None:
    """Part the page's blocks into the report's body and the lines around it."""
    start, end = choose(items, spans)
    for index, item in enumerate(items):
        inside = start <= index < end
        if isinstance(item, Table):
            if inside:
                document.blocks.append(item)
                document.images += sum(cell.has_image for row in item.grid for cell in row if cell)
            else:
                document.furniture += ["\t".join(filter(None, line)) for line in _own_texts(item)]
            continue
        if inside:
            document.images += item.text.count(IMAGE)
        line = plain(item.text)
        if not line:
            continue
        if inside and not is_furniture(line):
            document.blocks.append(Paragraph(without_font_switch(line), item.emphasis))
        else:
            document.furniture.append(line)


def _own_texts(table: Table) -> list[list[str]]:
    return [
        [
            cell.text.replace("\n", "")
            for c, cell in enumerate(row)
            if cell and (cell.row, cell.column) == (r, c)
        ]
        for r, row in enumerate(table.grid)
    ]
