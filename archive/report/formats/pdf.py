"""PDF files with a text layer: paragraphs, ruled tables with their spans, and lines as they stand where no rules help.

What the file does not say is not guessed: pages without text are counted and told, glyphs without a meaning become
the replacement character, and a text layer that a scanner's recognition wrote is told, because it may err.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pdfplumber
import pypdfium2
from pdfminer.pdfdocument import PDFPasswordIncorrect

from archive.report.document import Block, Document, Paragraph
from archive.report.findings import finding
from archive.report.formats.pdf_lines import (
    UNREADABLE,
    Char,
    Line,
    Paragraphs,
    lines_of,
    readable,
    with_strokes,
)
from archive.report.formats.pdf_rows import rows_together
from archive.report.formats.pdf_tables import Fragment, fragments_of, is_table, joined, may_continue
from archive.report.formats.refusal import refusal
from archive.report.model import Finding

# Its warnings are about fonts and streams of files that nobody here can mend; what matters becomes a finding.
logging.getLogger("pdfminer").setLevel(logging.CRITICAL)

MAX_PAGES = 150
"""Reports of whole cities have up to 40 pages."""
_MARGIN = 0.12
"""Share of the page's height at its top and bottom where page numbers and running heads stand."""
_MAX_UNREADABLE = 0.3
"""Share of characters without a meaning from which a page counts as one without text."""
_PAGE_NUMBER = re.compile(
    r"[-—–－―─•·\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[,，]?\s*(?:/|共)\s*\d{1,4}(?:\s*页)?)?[-—–－―─•·\s]*"
)
_DATE_AND_NAME = re.compile(r"(?P<date>20\d\d年\d{1,2}月\d{1,2}日)\s*(?P<name>[\u4e00-\u9fff]{4,40})")


@dataclass(slots=True)
class _Page:
    """One page, taken apart."""

    height: float
    items: list[Line | Fragment] = field(default_factory=list)
    images: int = 0
    has_text: bool = True
    is_blank: bool = False
    struck: int = 0
    """Lines that strike something out."""
    is_recognised: bool = False
    """The text lies over a picture of the whole page: a scan with the words a program recognised."""


def take_apart_pdf(body: bytes) -> Document:
    """The document of a PDF. A file that cannot be read has ``trouble``; never raises but ``MemoryError``."""
    try:
        pages, total, title = _pages(body)
    except MemoryError:
        raise
    except Exception as error:  # both libraries let through whatever a damaged file provokes
        if _is_about_password(error):
            return refusal("FILE-ENCRYPTED", "pdf", name="pdf")
        detail = str(error)[:200] or type(error).__name__
        return refusal("FILE-DAMAGED", "pdf", name="pdf", detail=detail)
    if not pages:
        return refusal("FILE-DAMAGED", "pdf", name="pdf", detail="no pages")
    furniture = _take_furniture(pages)
    blocks = _with_signature(list(_blocks(pages)))
    titles = _marked_titles(blocks) + ([title] if title else [])
    images = sum(page.images for page in pages)
    return Document(
        "pdf",
        blocks=blocks,
        furniture=furniture,
        titles=titles,
        images=images,
        findings=_told(pages, total, body),
    )


def _is_about_password(error: BaseException | None) -> bool:
    for _ in range(5):  # the reason lies some causes deep
        if error is None:
            return False
        if isinstance(error, PDFPasswordIncorrect) or any(
            isinstance(a, PDFPasswordIncorrect) for a in error.args
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


def _told(pages: list[_Page], total: int, body: bytes) -> list[Finding]:
    """What a reader should know about how much of the file could be read."""
    findings: list[Finding] = []
    if total > len(pages):
        findings.append(finding("FILE-TRUNCATED", read=len(pages), total=total, unit="pages", unit_zh="页"))
    if b"%%EOF" not in body[-2048:]:
        findings.append(finding("FILE-INCOMPLETE", name="pdf"))
    without = sum(not page.has_text and not page.is_blank for page in pages)
    if without:
        findings.append(finding("PDF-NO-TEXT", pages=without, total=len(pages)))
    if struck := sum(page.struck for page in pages):
        findings.append(finding("TEXT-STRUCK", count=struck))
    recognised = sum(page.is_recognised for page in pages)
    if recognised:
        findings.append(finding("PDF-RECOGNISED-TEXT", pages=recognised, total=len(pages)))
    return findings


# --- pages ---


def _pages(body: bytes) -> tuple[list[_Page], int, str | None]:
    """The pages up to the bound, how many there are in all, and the title among the file's properties."""
    with pdfplumber.open(io.BytesIO(body)) as pdf:
        turns = {
            number: turn
            for number, page in enumerate(pdf.pages[:MAX_PAGES])
            if (turn := _turn_needed(page.chars)) is not None
        }
        if not turns:
            pages = []
            for page in pdf.pages[:MAX_PAGES]:
                pages.append(_page(page))
                page.close()
            return pages, len(pdf.pages), _property_title(pdf.metadata.get("Title"))
    return _pages(_turned(body, turns))


def _property_title(value: object) -> str | None:
    """The title among the properties, if it is in Chinese: others are names of templates and programs."""
    text = value if isinstance(value, str) else ""
    if text.startswith("ÿþ"):  # UTF-16 in the order of bytes that the format does not know
        text = text.encode("latin-1", "ignore").decode("utf-16", "ignore")
    return text.strip() if re.search(r"[\u4e00-\u9fff]{4}", text) else None


def _turn_needed(chars: list[Char]) -> int | None:
    """By how many degrees a page must be turned whose text stands on its side (a wide table on an upright sheet) or
    on its head: there the figures too would be read backwards.
    """
    turns = Counter(_turn_of(c) for c in chars)
    turn, count = turns.most_common(1)[0] if turns else (0, 0)
    return turn if turn and count * 2 > len(chars) else None


def _turn_of(char: Char) -> int:
    a, b = char["matrix"][:2]
    if char["upright"]:
        return 180 if a < 0 else 0
    return 90 if b > 0 else 270


def _turned(body: bytes, turns: dict[int, int]) -> bytes:
    pdf = pypdfium2.PdfDocument(body)
    try:
        for number, turn in turns.items():
            page = pdf[number]
            page.set_rotation((page.get_rotation() + turn) % 360)
        out = io.BytesIO()
        pdf.save(out)
        return bytes(out.getvalue())
    finally:
        pdf.close()


def _page(page: Any) -> _Page:
    # Bold print is sometimes made by setting every character twice.
    chars = [readable(c) for c in page.dedupe_chars(tolerance=1).chars if _is_print(page, c)]
    chars, strokes = with_strokes(chars, [*page.lines, *page.rects])
    visible = [c for c in chars if not c["text"].isspace()]
    unreadable = sum(c["text"] == UNREADABLE for c in visible)
    has_text = bool(visible) and unreadable <= _MAX_UNREADABLE * len(visible)
    covers = any(_covers(page, image) for image in page.images)
    taken = _Page(
        height=float(page.height),
        images=sum(_may_hold_a_table(image) for image in page.images),
        has_text=has_text,
        is_blank=not visible and not page.images and not page.curves,
        is_recognised=has_text and covers,
        struck=len(strokes),
    )
    if not has_text:
        taken.images = max(taken.images, 0 if taken.is_blank else 1)
        return taken
    fragments, rest = fragments_of(page, chars, strokes)
    taken.items = [*rows_together(lines_of(rest)), *fragments]
    taken.items.sort(key=lambda item: item.top)
    return taken


def _is_print(page: Any, char: Char) -> bool:
    """Whether the character is on the sheet, and not part of a watermark set across it."""
    a, b = char["matrix"][:2]
    if abs(a) > 0.01 and abs(b) > 0.01:
        return False
    x0, top, x1, bottom = page.bbox
    return bool(x0 <= char["x1"] and char["x0"] <= x1 and top <= char["bottom"] and char["top"] <= bottom)


def _covers(page: Any, image: dict[str, Any]) -> bool:
    return bool(image["width"] * image["height"] >= 0.8 * float(page.width) * float(page.height))


def _may_hold_a_table(image: dict[str, Any]) -> bool:
    """A seal or an emblem is small; a pictured table is as wide as half a page."""
    return bool(image["width"] >= 220 and image["height"] >= 60)


# --- furniture ---


def _take_furniture(pages: list[_Page]) -> list[str]:
    """Takes page numbers and running heads off the pages; gives the heads, each once."""
    heads: Counter[str] = Counter()
    for page in pages:
        heads.update({_pattern(line) for line in _marginal(page)})
    running = {text for text, count in heads.items() if count >= 3 and count * 2 > len(pages)}
    found: list[str] = []
    for page in pages:
        for line in _marginal(page):
            if _PAGE_NUMBER.fullmatch(line.text):
                page.items.remove(line)
            elif _pattern(line) in running:
                page.items.remove(line)
                found.append(line.text)
    return list(dict.fromkeys(found))


def _marginal(page: _Page) -> list[Line]:
    """The lines at the very top and bottom of a page, outermost two on each side at most."""
    outer = [*page.items[:2], *page.items[-2:]]
    return [
        item
        for n, item in enumerate(outer)
        if isinstance(item, Line)
        and not any(item is other for other in outer[:n])
        and (item.bottom < _MARGIN * page.height or item.top > (1 - _MARGIN) * page.height)
    ]


def _pattern(line: Line) -> str:
    """A running head is the same on every page but for the page's number."""
    return re.sub(r"\d+", "0", line.text)


# --- blocks ---


def _blocks(pages: list[_Page]) -> Iterator[Block]:
    """All pages' lines and tables as blocks, in order; tables that go on over a page break as one."""
    widths = [line for page in pages for line in page.items if isinstance(line, Line)]
    paragraphs = Paragraphs(widths)
    table: list[Fragment] = []
    for page in pages:
        for place, item in enumerate(page.items):
            if isinstance(item, Fragment):
                yield from paragraphs.flush()
                if table and not (place == 0 and may_continue(table[-1], item)):
                    yield from _table_blocks(table)
                    table = []
                table.append(item)
                continue
            yield from _table_blocks(table)
            table = []
            yield from paragraphs.add(item, new_page=place == 0)
    yield from _table_blocks(table)
    yield from paragraphs.flush()


def _with_signature(blocks: list[Block]) -> list[Block]:
    """A date and a name that share the last printed line, the date first, are a signature of two lines."""
    last = blocks[-1] if blocks else None
    if isinstance(last, Paragraph) and (both := _DATE_AND_NAME.fullmatch(last.text)):
        return [*blocks[:-1], Paragraph(both["name"]), Paragraph(both["date"])]
    return blocks


def _table_blocks(fragments: list[Fragment]) -> Iterator[Block]:
    if fragments and is_table(fragments):
        yield joined(fragments)
        return
    for fragment in fragments:
        for cell in sorted(fragment.cells, key=lambda c: (c.row, c.column)):
            if cell.text:
                yield Paragraph(cell.text)


def _marked_titles(blocks: list[Block]) -> list[str]:
    """The first marked lines, those that follow each other as one: long titles are set in two lines."""
    lines: list[str] = []
    for block in blocks[:12]:
        if isinstance(block, Paragraph) and block.emphasis:
            lines.append(block.text)
        elif lines:
            break
    return ["\n".join(lines)] if lines else []
