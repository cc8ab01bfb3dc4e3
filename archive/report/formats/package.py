"""Office files are zip archives of XML. This opens them with every bound checked before a byte is unpacked."""

from __future__ import annotations

import io
import posixpath
import zipfile

from lxml import etree

MAX_ENTRIES = 3_000
MAX_TOTAL = 256 << 20
MAX_PART = 48 << 20
MAX_RATIO = 300
RATIO_MATTERS_FROM = 4 << 20
"""A short part of one repeated letter packs well and hurts nobody."""


class PackageError(Exception):
    """The archive is not what an office program writes; the text says why in a few words."""


class BombError(PackageError):
    """The archive would unpack to more than is read; ``size`` in bytes, ``entries`` counted."""

    def __init__(self, size: int, entries: int) -> None:
        super().__init__(f"{size} bytes in {entries} entries")
        self.size = size
        self.entries = entries


class Package:
    """An office file's parts. The constructor raises ``PackageError`` or ``BombError``."""

    def __init__(self, body: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(body))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as error:
            raise PackageError("no complete zip archive") from error
        entries = self._zip.infolist()
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or total > MAX_TOTAL or any(_suspicious(entry) for entry in entries):
            raise BombError(total, len(entries))
        self._names = {entry.filename.lower(): entry for entry in entries}
        for entry in entries:
            if entry.filename.lower().endswith((".xml", ".rels")):
                self._refuse_document_type(entry)

    def __contains__(self, name: str) -> bool:
        return name.lower().lstrip("/") in self._names

    def read(self, name: str) -> bytes:
        """The bytes of a part, by its name whatever its case. Raises ``PackageError`` if it is absent or damaged."""
        entry = self._names.get(name.lower().lstrip("/"))
        if entry is None:
            raise PackageError(f"{name} is missing")
        try:
            return self._zip.read(entry)
        except (
            zipfile.BadZipFile,
            OSError,
            EOFError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise PackageError(f"{name} cannot be unpacked") from error
        except Exception as error:  # zlib.error and its kin share no base class
            raise PackageError(f"{name} cannot be unpacked") from error

    def xml(self, name: str) -> etree._Element:
        """The root element of a part. Raises ``PackageError`` if it is absent or not well-formed."""
        return parse_xml(self.read(name), name)

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part: id -> (the last word of its type, the target part's name)."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", name + ".rels")
        if rels not in self:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for element in self.xml(rels):
            target = element.get("Target")
            if target is None or element.get("TargetMode") == "External":
                continue
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[element.get("Id", "")] = (element.get("Type", "").rsplit("/", 1)[-1], path)
        return found

    def main_part(self, default: str) -> str:
        """The name of the part that holds the document itself."""
        for kind, target in self.related("").values():
            if kind == "officeDocument" and target in self:
                return target
        return default

    def title(self) -> str | None:
        """The title among the document's properties: often a template's, so a weak witness; broken ones are none."""
        try:
            properties = self.xml("docProps/core.xml")
        except PackageError:
            return None
        for element in properties:
            if local_name(element) == "title" and element.text and element.text.strip():
                return element.text.strip()
        return None

    def _refuse_document_type(self, entry: zipfile.ZipInfo) -> None:
        """Office formats forbid document types; entities, the tricks with them, need one."""
        try:
            with self._zip.open(entry) as part:
                head = part.read(4096)
        except Exception:  # whoever needs the part will meet the damage and say so
            return
        if b"<!DOCTYPE" in head.replace(b"\0", b"") or b"<!ENTITY" in head.replace(b"\0", b""):
            raise PackageError(f"{entry.filename} declares a document type")


def parse_xml(data: bytes, name: str) -> etree._Element:
    """The root of an XML part, no entity resolved, nothing fetched. Raises ``PackageError``."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise PackageError(f"{name} is not well-formed") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise PackageError(f"{name} declares a document type")
    return root


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace: strict and transitional files differ only there."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """The attribute of that local name, whatever its namespace."""
    for key, value in element.attrib.items():
        if str(key).rsplit("}", 1)[-1] == name:
            return str(value)
    return None


def _suspicious(entry: zipfile.ZipInfo) -> bool:
    if entry.file_size > MAX_PART and entry.filename.lower().endswith((".xml", ".rels")):
        return True
    return entry.file_size > RATIO_MATTERS_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
