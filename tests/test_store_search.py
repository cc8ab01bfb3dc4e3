"""Search: words of any length, kept right through changes; the same hits as looking through the text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.store import Archive
from archive.store.search import cjk_query, excerpt, index_text, search
from tests.builders import capture, fresh, report, store


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        yield opened


def found(archive: Archive, words: str) -> list[int]:
    return sorted(hit.year for hit in search(archive.conn, words))


def put(archive: Archive, year: int, text: str, month: int = 2) -> None:
    captured = capture(
        f"{year} {text}".encode(), url=f"http://127.0.0.1/{year}", doc_key=f"cq:{year}",
        fetched_at=f"2026-{month:02}-01T00:00:00Z",
    )  # fmt: skip
    store(archive, report(year=year, title="标题", text=text, sections=[]), captured)


@pytest.mark.parametrize("words", ["房", "房屋", "房屋征", "房屋征收补偿", "2023年", "收12件", "征收 补偿"])
def test_words_of_any_length(archive: Archive, words: str) -> None:
    put(archive, 2023, "2023年房屋征收补偿，共收12件。")
    put(archive, 2024, "未收到申请")
    assert found(archive, words) == [2023]


@pytest.mark.parametrize("words", ["", '"', "*", "AND", "房屋 不存在", "NEAR(", "a:b", "^"])
def test_nothing_a_person_types_is_an_error(archive: Archive, words: str) -> None:
    put(archive, 2023, "房屋")
    assert found(archive, words) == []


def test_titles_and_agencies_are_found_too(archive: Archive) -> None:
    put(archive, 2023, "正文")
    assert found(archive, "标题") == found(archive, "金峰镇") == [2023]


def test_the_index_follows_changes_and_removals(archive: Archive) -> None:
    put(archive, 2023, "房屋征收")
    put(archive, 2023, "道路施工", month=3)
    assert (found(archive, "房屋"), found(archive, "道路")) == ([], [2023])
    gone = report(status="not_a_report", reason="guide", agency_key=None)
    captured = capture(
        "2023 道路施工".encode(),
        url="http://127.0.0.1/2023",
        doc_key="cq:2023",
        fetched_at="2026-03-01T00:00:00Z",
    )
    assert store(archive, gone, captured) == "unplaced"
    assert found(archive, "道路") == []
    assert archive.verify() == []


def test_what_is_withheld_is_not_found(archive: Archive) -> None:
    put(archive, 2023, "房屋征收")
    archive.conn.execute(
        "INSERT INTO withheld SELECT 'report', key, 'hide', 'asked', '2026-01-01' FROM report"
    )
    assert found(archive, "房屋") == []


def test_an_excerpt_shows_the_hit_in_one_line() -> None:
    text = "前" * 200 + "房屋\n征收" + "后" * 200
    cut, marks = excerpt(text, "房屋")
    assert cut.startswith("…") and cut.endswith("…") and "\n" not in cut and len(cut) < 140
    assert [cut[start:end] for start, end in marks] == ["房屋"]
    assert excerpt("短文", "没有") == ("短文", ())


CHARACTERS = st.text(alphabet="公开房屋a1 2，。", max_size=12)


@given(st.lists(CHARACTERS, min_size=1, max_size=5), st.text(alphabet="公开房屋", min_size=1, max_size=4))
def test_no_text_that_holds_the_word_is_missed(texts: list[str], word: str) -> None:
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("CREATE VIRTUAL TABLE f USING fts5(text, content='', tokenize='unicode61')")
        conn.executemany(
            "INSERT INTO f (rowid, text) VALUES (?, ?)", [(n, index_text(t)) for n, t in enumerate(texts)]
        )
        hits = {row[0] for row in conn.execute("SELECT rowid FROM f WHERE f MATCH ?", [cjk_query(word)])}
    assert hits == {n for n, text in enumerate(texts) if word in text}
