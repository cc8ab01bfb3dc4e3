"""Word files: paragraphs and tables in the order of the document, with the spans that Word states.

The XML is walked here and not through python-docx, because a report's text also stands where that library does not
look: in content controls, in insertions of tracked changes, in text boxes, and in numbers that Word counts itself.
Elements are matched by local name, so strict and transitional files read alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from archive.report.document import Block, Document, Paragraph, Table, TableCell
from archive.report.findings import finding
from archive.report.formats.docx_styles import Look, Styles, child, number_of, on
from archive.report.formats.marks import LONGEST_MARK, raised, settled, struck
from archive.report.formats.package import BombError, Package, PackageError, attribute, local_name
from archive.report.formats.refusal import refusal
from archive.report.formats.spans import GridBuilder
from archive.report.model import Finding

MAX_DEPTH = 60
"""Elements of the body may nest that deep; Word's own limit for tables in tables is lower."""

_TRANSPARENT = {"sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "hyperlink", "fldSimple", "dir", "bdo",
                "AlternateContent", "Choice", "r", "oMath", "oMathPara", "ruby", "rubyBase", "num", "den", "e", "sup",
                "sub", "f", "d"}  # fmt: skip
"""Elements that hold text of their own level. What is not listed (deletions, field codes, phonetics) is not print."""

_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_FRAME_CELLS = 4
"""A table of so few cells that holds other tables is a frame, not data."""
_TITLE_SIZE = 32
"""Half-points (16 pt, 三号) from which a centred line counts as a marked title."""


def take_apart_docx(body: bytes) -> Document:
    """The document of a Word file (docx, docm, dotx). A file that cannot be read has ``trouble``; never raises."""
    try:
        package = Package(body)
        main = package.main_part("word/document.xml")
        root = package.xml(main)
        reader = _Reader(Styles.of(package, main))
        blocks = list(reader.blocks(_body_of(root)))
    except BombError as bomb:
        return refusal("FILE-BOMB", "docx", size=bomb.size, entries=bomb.entries)
    except (PackageError, RecursionError) as error:
        return refusal("FILE-DAMAGED", "docx", name="docx", detail=str(error))
    if reader.struck:
        reader.findings.append(finding("TEXT-STRUCK", count=reader.struck))
    property_title = package.title()
    titles = _marked_titles(blocks) + ([property_title] if property_title else [])
    return Document("docx", blocks=blocks, titles=titles, images=reader.images, findings=reader.findings)


def _body_of(root: etree._Element) -> etree._Element:
    for element in root:
        if local_name(element) == "body":
            return element
    raise PackageError("the document has no body")


def _marked_titles(blocks: list[Block]) -> list[str]:
    """The title as it stands at the head of the document: marked lines before the first that is not marked."""
    lines: list[str] = []
    for block in blocks:
        if not isinstance(block, Paragraph) or not block.emphasis or len(lines) == 4:
            break
        lines.append(block.text)
    return ["\n".join(lines)] if lines else []


class _Reader:
    """Walks the body once; ``images`` counts the pictures and embedded objects on the way, ``findings`` what is cut.

    ``struck`` counts the passages that are struck out.
    """

    def __init__(self, styles: Styles) -> None:
        self.images = 0
        self.struck = 0
        self.findings: list[Finding] = []
        self._styles = styles
        self._boxes: list[etree._Element] = []

    def blocks(self, parent: etree._Element, depth: int = 0) -> Iterator[Block]:
        """The blocks in an element that may hold paragraphs and tables."""
        if depth > MAX_DEPTH:
            raise PackageError("elements nest too deep")
        for element in parent:
            name = local_name(element)
            if name == "p":
                yield from self._paragraph(element, depth)
            elif name == "tbl":
                yield from self._table(element, depth)
            elif name in _TRANSPARENT:
                yield from self.blocks(element, depth + 1)

    def _paragraph(self, element: etree._Element, depth: int) -> Iterator[Block]:
        text, boxes = self._text_of(element)
        if text:
            yield Paragraph(text, emphasis=self._is_marked(element))
        for box in boxes:
            yield from self.blocks(box, depth + 1)

    def _text_of(self, paragraph: etree._Element) -> tuple[str, list[etree._Element]]:
        """A paragraph's text with the number that Word puts before it, and the text boxes anchored in it."""
        outer, self._boxes = self._boxes, []
        number = self._styles.number(paragraph)
        pieces = list(self._pieces(paragraph, 0, ""))
        self.struck += sum(look == "struck" and not text.isspace() for text, look in pieces)
        text = _with_marks(pieces).strip(" \t\n")
        boxes, self._boxes = self._boxes, outer
        return (number + text if text else ""), boxes

    def _pieces(self, parent: etree._Element, depth: int, look: Look) -> Iterator[tuple[str, Look]]:
        """The texts under an element, each with how it is set."""
        if depth > MAX_DEPTH:
            raise PackageError("elements nest too deep")
        if local_name(parent) == "r":
            if on(parent, "rPr", "vanish"):
                return
            look = self._styles.look(parent)
        for element in parent:
            name = local_name(element)
            if name == "t":
                yield element.text or "", look
            elif name in _CHARACTERS:
                yield _CHARACTERS[name], ""
            elif name in ("drawing", "pict", "object"):
                self._picture(element)
            elif name in _TRANSPARENT:
                yield from self._pieces(element, depth + 1, look)

    def _picture(self, element: etree._Element) -> None:
        """Notes the text boxes of a drawing; a drawing without one is an image if it shows a picture or object."""
        boxes = [box for box in element.iter() if local_name(box) == "txbxContent"]
        # A box inside a box is met when the outer one is walked; the fallback repeats what the choice says.
        self._boxes += [box for box in boxes if not _is_inside(box, element, {"txbxContent", "Fallback"})]
        if any(local_name(e) in ("blip", "imagedata", "OLEObject") for e in element.iter()):
            self.images += 1

    def _is_marked(self, paragraph: etree._Element) -> bool:
        if self._styles.is_heading(paragraph):
            return True
        return self._styles.is_centred(paragraph) and self._styles.size(paragraph) >= _TITLE_SIZE

    # --- tables ---

    def _table(self, element: etree._Element, depth: int) -> Iterator[Block]:
        cells: list[TableCell] = []
        contents: list[list[Block]] = []
        above: dict[int, TableCell] = {}
        for number, row in enumerate(r for r in _members(element, "tr") if not on(r, "trPr", "del")):
            column = number_of(row, "trPr", "gridBefore")
            for source in _members(row, "tc"):
                span = max(1, number_of(source, "tcPr", "gridSpan"))
                cell = above.get(column)
                if _continues(source, "vMerge") and cell is not None and cell.colspan == span:
                    cell.rowspan = number + 1 - cell.row
                elif _continues(source, "hMerge") and cells and cells[-1].row == number:
                    cell = cells[-1]
                    cell.colspan += span
                else:
                    images = self.images
                    content = list(self.blocks(source, depth + 1))
                    cell = TableCell(_cell_text(content), number, column, 1, span, self.images > images)
                    cells.append(cell)
                    contents.append(content)
                above[column] = cell
                column += span
        yield from self._table_blocks(cells, contents)

    def _table_blocks(self, cells: list[TableCell], contents: list[list[Block]]) -> Iterator[Block]:
        """The table; or what it frames, in order, where it only serves to place other tables on the page."""
        nested = [block for content in contents for block in content if _is_real_table(block)]
        if nested and len(cells) <= _FRAME_CELLS:
            for content in contents:
                yield from content
            return
        grid = GridBuilder()
        for cell in cells:
            grid.put(cell)
        if grid.left_out:
            read = len(cells) - grid.left_out
            self.findings.append(
                finding(
                    "FILE-TRUNCATED",
                    read=read,
                    total=len(cells),
                    unit="cells of a table",
                    unit_zh="表格单元格",
                )
            )
        if cells:
            yield grid.table()
        yield from nested


def _with_marks(pieces: list[tuple[str, Look]]) -> str:
    """A paragraph's text; what is raised, lowered or struck out in it as ``marks.py`` writes it."""
    if not any(look for _, look in pieces):
        return "".join(text for text, _ in pieces)
    looks = {look for text, look in pieces if text.strip()}
    if len(looks) == 1 and looks <= {
        "raised",
        "lowered",
    }:  # nothing stands on the line that it could be above
        return "".join(text for text, _ in pieces)
    return settled("".join(_as_set(text, look) for text, look in pieces))


def _as_set(text: str, look: Look) -> str:
    if look == "struck":
        return struck(text)
    if look and len(text) <= LONGEST_MARK:
        return raised(text, below=look == "lowered")
    return text


def _is_real_table(block: Block) -> bool:
    return isinstance(block, Table) and (len(block.grid) > 1 or len(block.grid[0]) > 1)


def _cell_text(content: list[Block]) -> str:
    """A cell's lines; a table of one cell in it (Word makes such by accident) is text like any other."""
    lines: list[str] = []
    for block in content:
        if isinstance(block, Paragraph):
            lines.append(block.text)
        elif not _is_real_table(block):
            lines += [cell.text for row in block.grid for cell in row if cell]
    return "\n".join(lines)


def _members(parent: etree._Element, name: str, depth: int = 0) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row, also those in content controls or insertions."""
    if depth > MAX_DEPTH:
        raise PackageError("elements nest too deep")
    for element in parent:
        if local_name(element) == name:
            yield element
        elif local_name(element) in _TRANSPARENT:
            yield from _members(element, name, depth + 1)


def _continues(cell: etree._Element, merge: str) -> bool:
    """Whether the cell only continues its neighbour: a merge that does not say ``restart``."""
    found = child(cell, "tcPr", merge)
    return found is not None and attribute(found, "val") in (None, "continue")


def _is_inside(element: etree._Element, top: etree._Element, names: set[str]) -> bool:
    parent = element.getparent()
    while parent is not None and parent is not top:
        if local_name(parent) in names:
            return True
        parent = parent.getparent()
    return False
