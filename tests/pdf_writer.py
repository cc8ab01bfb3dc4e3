"""Writes small PDF files by hand, so that a test says exactly what is drawn where. Points, from the top left corner."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 595, 842
Cell = str | tuple[str, int] | tuple[str, int, int]
"""The text of a cell, with its colspan and rowspan where they are not 1."""


@dataclass
class Sheet:
    """One page. Every method draws and returns nothing; ``rotate`` is the page's own rotation."""

    rotate: int = 0
    width: int = WIDTH
    height: int = HEIGHT
    drawn: list[str] = field(default_factory=list)
    letters: set[str] = field(default_factory=set)
    has_image: bool = False

    def text(
        self,
        x: float,
        top: float,
        words: str,
        size: float = 12,
        *,
        turned: bool = False,
        slanted: bool = False,
    ) -> None:
        """Words with their upper edge at ``top``; ``turned`` runs them upwards, ``slanted`` across, as a watermark does."""
        self.letters |= set(words)
        codes = "".join(f"{ord(c):04x}" for c in words)
        matrix = "0 1 -1 0" if turned else "0.7 0.7 -0.7 0.7" if slanted else "1 0 0 1"
        base = self.height - top - size * 0.88
        self.drawn.append(f"BT /F1 {size} Tf {matrix} {x:.2f} {base:.2f} Tm <{codes}> Tj ET")

    def unknown_glyphs(self, x: float, top: float, count: int) -> None:
        """Glyphs whose font does not say which characters they are."""
        base = self.height - top - 10
        self.drawn.append(f"BT /F2 12 Tf 1 0 0 1 {x:.2f} {base:.2f} Tm <{'00f1' * count}> Tj ET")

    def line(self, x0: float, top: float, x1: float, bottom: float) -> None:
        """A rule."""
        self.drawn.append(f"0.5 w {x0:.2f} {self.height - top:.2f} m {x1:.2f} {self.height - bottom:.2f} l S")

    def box(
        self, x0: float, top: float, x1: float, bottom: float, paint: str = "S", colour: str = "0 0 0"
    ) -> None:
        """A rectangle: ``S`` draws its outline, ``f`` fills it."""
        place = f"{x0:.2f} {self.height - bottom:.2f} {x1 - x0:.2f} {bottom - top:.2f} re"
        self.drawn.append(f"{colour} rg 0.5 w {place} {paint} 0 0 0 rg")

    def image(self, x0: float, top: float, x1: float, bottom: float) -> None:
        """A picture."""
        self.has_image = True
        place = f"{x1 - x0:.2f} 0 0 {bottom - top:.2f} {x0:.2f} {self.height - bottom:.2f}"
        self.drawn.append(f"q {place} cm /I1 Do Q")

    def table(
        self, top: float, rows: Sequence[Sequence[Cell]], columns: Sequence[float], *,
        high: float = 24, size: float = 10, close: bool = True, sides: bool = True,
    ) -> float:  # fmt: skip
        """A ruled table with its column boundaries at ``columns``; gives the y of its lower edge.

        ``close=False`` leaves the lower edge open where a cell with rowspan goes on; ``sides=False`` draws no outer
        rules at the left and right. A text with line breaks is set in as many lines.
        """
        taken: set[tuple[int, int]] = set()
        for r, row in enumerate(rows):
            c = 0
            for cell in row:
                while (r, c) in taken:
                    c += 1
                words, colspan, rowspan = (*((cell,) if isinstance(cell, str) else cell), 1, 1)[:3]
                taken |= {(r + i, c + j) for i in range(rowspan) for j in range(colspan)}
                x0, x1 = columns[c], columns[c + colspan]
                y0, y1 = top + r * high, top + min(r + rowspan, len(rows)) * high
                self.line(x0, y0, x1, y0)
                if sides or c > 0:
                    self.line(x0, y0, x0, y1)
                if sides or c + colspan < len(columns) - 1:
                    self.line(x1, y0, x1, y1)
                if close or r + rowspan <= len(rows):
                    self.line(x0, y1, x1, y1)
                lines = words.split("\n")
                for n, line in enumerate(lines):
                    middle = (y0 + y1) / 2 + (n - len(lines) / 2) * (size + 1)
                    self.text(x0 + 4, middle, line, size)
                c += colspan
        return top + len(rows) * high

    def paragraph(self, top: float, lines: Sequence[str], *, left: float = 72, indent: float = 24) -> float:
        """A paragraph as set: the first line indented; gives the y below it."""
        for n, line in enumerate(lines):
            self.text(left + (indent if n == 0 else 0), top + n * 20, line)
        return top + len(lines) * 20


def write(sheets: Sequence[Sheet], *, title: str | None = None) -> bytes:
    """The pages as a PDF file."""
    letters = sorted(set().union(*(sheet.letters for sheet in sheets)))
    pairs = "\n".join(f"<{ord(c):04x}> <{c.encode('utf-16-be').hex()}>" for c in letters)
    unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(letters)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap end end"
    )
    objects: list[bytes] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(sheets)}/Kids[{' '.join(f'{10 + 2 * n} 0 R' for n in range(len(sheets)))}]>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/DescendantFonts[5 0 R]/ToUnicode 4 0 R>>",
        _stream(unicode.encode()),
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Song/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        b"/DW 1000/W[32[" + b"500 " * 95 + b"]]/FontDescriptor 6 0 R>>",
        b"<</Type/FontDescriptor/FontName/Song/Flags 4/FontBBox[0 -120 1000 880]/Ascent 880/Descent -120/CapHeight 800"
        b"/ItalicAngle 0/StemV 80>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/Secret/Encoding/Identity-H/DescendantFonts[5 0 R]>>",
        _stream(
            b"\x80", "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
        ),
        f"<</Title<feff{(title or '').encode('utf-16-be').hex()}>>>".encode(),
    ]
    for n, sheet in enumerate(sheets):
        images = "/XObject<</I1 8 0 R>>" if sheet.has_image else ""
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {sheet.width} {sheet.height}]/Rotate {sheet.rotate}"
            f"/Resources<</Font<</F1 3 0 R/F2 7 0 R>>{images}>>/Contents {11 + 2 * n} 0 R>>".encode()
        )
        objects.append(_stream("\n".join(sheet.drawn).encode()))
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R/Info 9 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _stream(data: bytes, entries: str = "") -> bytes:
    packed = zlib.compress(data)
    return (
        f"<</Length {len(packed)}/Filter/FlateDecode{entries}>>\nstream\n".encode() + packed + b"\nendstream"
    )
