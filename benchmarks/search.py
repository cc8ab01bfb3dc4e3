"""Finding words in Chinese texts: our pairs of characters beside SQLite's trigrams and beside ``LIKE``, on the same texts."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from archive.store.search import cjk_query, index_text
from benchmarks.harness import Table, compared, rates
from tests.synthetic import fill

REPORTS = 3_000
WORDS = ("收费", "公开", "镇人民政府", "行政复议", "政府信息公开", "依申请公开", "2023年", "不存在的词语")


def run(rounds: int = 5, reports: int = REPORTS) -> Table:
    """The table for docs/benchmarks.md: searches a second, and how much of what is there each of them finds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        fill(path, reports, nights=1)
        with closing(sqlite3.connect(Path(folder) / "search.db")) as conn:
            texts = _texts(path)
            sizes = {
                "LIKE": _grown(conn, lambda: _plain(conn, texts)),
                "FTS5, pairs (gongkai)": _grown(conn, lambda: _pairs(conn, texts)),
                "FTS5, trigram": _grown(conn, lambda: _trigram(conn, texts)),
            }
            asks: dict[str, Callable[[str], set[int]]] = {
                "LIKE": lambda word: _ids(conn, "SELECT id FROM plain WHERE text LIKE ?", f"%{word}%"),
                "FTS5, pairs (gongkai)": lambda word: _ids(
                    conn, "SELECT rowid FROM pairs WHERE pairs MATCH ?", cjk_query(word)
                ),
                "FTS5, trigram": lambda word: _ids(
                    conn, "SELECT rowid FROM trigram WHERE trigram MATCH ?", f'"{word}"'
                ),
            }
            truth = {word: asks["LIKE"](word) for word in WORDS}
            there = sum(map(len, truth.values()))
            notes = {}
            for name, ask in asks.items():
                right = sum(len(ask(word) & truth[word]) for word in WORDS)
                wrong = sum(len(ask(word) - truth[word]) for word in WORDS)
                notes[name] = (
                    f"{right / there:.1%} of what is there, {wrong} wrong; {sizes[name] / len(texts) / 1000:.1f} kB a text"
                )
            measured = rates({name: _all(ask) for name, ask in asks.items()}, rounds=rounds)
    return Table(
        "search",
        f"Searches a second for {len(WORDS)} words of 2 to 6 characters, all hits, in {len(texts):,} reports.",
        "LIKE",
        compared(measured, "LIKE", "searches/s", notes),
        ["A trigram index cannot find words of two characters, which most Chinese words are."],
    )


def _all(ask: Callable[[str], set[int]]) -> Callable[[], int]:
    def them() -> int:
        for word in WORDS:
            ask(word)
        return len(WORDS)

    return them


def _texts(path: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute("SELECT id, text FROM report").fetchall()


def _ids(conn: sqlite3.Connection, sql: str, asked: str) -> set[int]:
    return {row[0] for row in conn.execute(sql, [asked])}


def _grown(conn: sqlite3.Connection, make: Callable[[], object]) -> int:
    """Bytes by which the file grew."""
    before = conn.execute("PRAGMA page_count").fetchone()[0]
    with conn:
        make()
    pages = conn.execute("PRAGMA page_count").fetchone()[0] - before
    return int(pages * conn.execute("PRAGMA page_size").fetchone()[0])


def _plain(conn: sqlite3.Connection, texts: list[tuple[int, str]]) -> None:
    conn.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, text TEXT)")
    conn.executemany("INSERT INTO plain VALUES (?, ?)", texts)


def _pairs(conn: sqlite3.Connection, texts: list[tuple[int, str]]) -> None:
    conn.execute("CREATE VIRTUAL TABLE pairs USING fts5 (text, content = '', tokenize = 'unicode61')")
    conn.executemany(
        "INSERT INTO pairs (rowid, text) VALUES (?, ?)", [(n, index_text(text)) for n, text in texts]
    )


def _trigram(conn: sqlite3.Connection, texts: list[tuple[int, str]]) -> None:
    conn.execute("CREATE VIRTUAL TABLE trigram USING fts5 (text, content = '', tokenize = 'trigram')")
    conn.executemany("INSERT INTO trigram (rowid, text) VALUES (?, ?)", texts)
