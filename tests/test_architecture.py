"""Who may import whom (docs/architecture.md), read from the source itself."""

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path
    for package in ("archive", "crawler")
    for path in (ROOT / package).rglob("*.py")
    if "data" not in path.parts
)

IO_MODULES = {
    "sqlite3", "socket", "subprocess", "multiprocessing", "asyncio", "urllib.request", "http", "requests", "httpx",
    "scrapy", "twisted", "sqlite_utils", "playwright", "datasette", "tempfile", "shutil", "pathlib", "click", "threading",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """Every module that the file imports, anywhere in it, by its full name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def touches(imported: set[str], modules: set[str]) -> list[str]:
    """Those imports that are one of the modules or lie inside one."""
    return sorted(name for name in imported if any(name == m or name.startswith(m + ".") for m in modules))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize(
    "path", [p for p in MODULES if "archive" in p.relative_to(ROOT).parts[:1]], ids=name_of
)
def test_the_archive_knows_neither_crawler_nor_scrapy(path: Path) -> None:
    assert touches(imports(path), {"crawler", "scrapy", "twisted", "itemadapter", "scrapy_playwright"}) == []


@pytest.mark.parametrize("path", sorted((ROOT / "archive" / "report").rglob("*.py")), ids=name_of)
def test_reading_is_pure(path: Path) -> None:
    imported = imports(path)
    assert touches(imported, IO_MODULES) == []
    # A test may ask the reader to raise instead of making a finding of its own bugs; nothing else of ``os`` is its business.
    used = re.findall(r"\bos\.\w+(?:\.\w+)?", path.read_text("utf-8"))
    assert not any(name.startswith("os.") for name in imported)
    assert set(used) <= {"os.environ.get"}
    ours = {name for name in imported if name == "archive" or name.startswith("archive.")}
    allowed = {name for name in ours if touches({name}, {"archive.report", "archive.reference"})}
    assert ours - allowed == set()


@pytest.mark.parametrize("path", sorted((ROOT / "archive" / "reference").rglob("*.py")), ids=name_of)
def test_the_reference_data_depend_on_nothing(path: Path) -> None:
    ours = {name for name in imports(path) if name.split(".")[0] in ("archive", "crawler")}
    assert ours - set(touches(ours, {"archive.reference"})) == set()


def test_scrapy_stays_inside_the_crawler_and_out_of_its_registry() -> None:
    for path in (ROOT / "crawler" / "sites").rglob("*.py"):
        assert touches(imports(path), {"scrapy", "twisted"}) == [], path


@pytest.mark.parametrize("path", [p for p in MODULES if p.name != "__main__.py"], ids=name_of)
def test_every_module_can_be_imported(path: Path) -> None:
    importlib.import_module(name_of(path))
    assert name_of(path) in sys.modules


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if p.relative_to(ROOT).parts[0] == "crawler" and "replica" not in p.parts],
    ids=name_of,
)
def test_the_crawler_holds_no_sql(path: Path) -> None:
    """Questions to the archive have names, in ``archive.store``. The replica judges an archive from outside, as anybody may."""
    text = path.read_text("utf-8")
    assert re.findall(r"\.execute(?:many|script)?\(", text) == []
