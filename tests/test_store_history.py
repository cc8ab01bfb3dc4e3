"""Versions: what changed at the source, what a better reader corrected, and never one for the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.report import model
from archive.report.model import CellNote, Report, Section
from archive.store import Archive
from archive.store.compare import differences, fingerprint
from tests.builders import capture, every, fresh, note, one, report, store, tables

MORE = tables(new_received=[3, 0, 0, 0, 0, 0, 3], granted=[2, 0, 0, 0, 0, 0, 2])
MOST = tables(new_received=[4, 0, 0, 0, 0, 0, 4], granted=[2, 0, 0, 0, 0, 0, 2])


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with fresh(tmp_path) as opened:
        yield opened


def at(month: int, body: bytes = b"", **values: Any):
    """A capture on the first day of a month of 2026."""
    return capture(body or b"<html>%d</html>" % month, fetched_at=f"2026-{month:02}-01T00:00:00Z", **values)


def versions(archive: Archive) -> list[tuple[Any, ...]]:
    return every(
        archive,
        "SELECT version, substr(first_seen, 6, 2), substr(last_seen, 6, 2) FROM report_version ORDER BY version",
    )


def changes(archive: Archive) -> list[tuple[Any, ...]]:
    return every(
        archive,
        "SELECT from_version, to_version, before, after, substr(last_seen_before, 6, 2), substr(first_seen_after, 6, 2)"
        " FROM report_change WHERE \"column\" = 'total' ORDER BY to_version",
    )


def test_volatile_bytes_make_no_version(archive: Archive) -> None:
    store(archive, report(), at(2))
    assert store(archive, report(text="访问量 17"), at(3)) == "unchanged"
    assert versions(archive) == [(1, "02", "03")]


def test_a_changed_number_is_a_version_and_a_change(archive: Archive) -> None:
    store(archive, report(), at(2))
    store(archive, report(), at(3))
    assert store(archive, report(tables=MORE), at(4)) == "changed"
    assert versions(archive) == [(1, "02", "03"), (2, "04", "04")]
    assert changes(archive) == [(1, 2, 2, 3, "03", "04")]
    assert one(archive, "SELECT version FROM report") == 2
    assert one(archive, "SELECT total FROM applications WHERE row = 'new_received'") == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"published_on": "2026-01-21"}, ("date", "published_on", "2026-01-20", "2026-01-21")),
        ({"title": "年报"}, ("wording", "title", report().title, "年报")),
        (
            {"sections": [Section(1, "总体情况", "更新四百条。"), *report().sections[1:]]},
            ("wording", "section 1", "公开平台更新三百条。", "更新四百条。"),
        ),
        (
            {"sections": [Section(1, "概况", "公开平台更新三百条。"), *report().sections[1:]]},
            ("layout", "section 1", "总体情况", "概况"),
        ),
        ({"sections": report().sections[:1]}, ("wording", "section 6", "未收取信息处理费。", None)),
    ],
    ids=["date", "title", "wording", "heading", "section gone"],
)
def test_classes_of_change(archive: Archive, values: dict[str, Any], expected: tuple[Any, ...]) -> None:
    store(archive, report(), at(2))
    assert store(archive, report(**values), at(3)) == "changed"
    assert every(archive, "SELECT class, section, before, after FROM report_change") == [expected]


def test_a_blank_that_becomes_a_dash_is_layout(archive: Archive) -> None:
    blank = tables(granted=[None, 0, 0, 0, 0, 0, 0])
    store(
        archive,
        report(tables=blank, cells=[note("applications", "granted", "natural_person", "", "blank")]),
        at(2),
    )
    store(
        archive,
        report(tables=blank, cells=[note("applications", "granted", "natural_person", "—", "dash")]),
        at(3),
    )
    assert every(archive, "SELECT class, before, after FROM report_change") == [("layout", "", "—")]


def test_white_space_and_width_make_no_version(archive: Archive) -> None:
    store(archive, report(), at(2))
    spaced = [Section(1, "总体 情况", "公开平台\n更新三百条。"), *report().sections[1:]]
    assert store(archive, report(sections=spaced), at(3)) == "unchanged"


def test_older_captures_take_their_place_whatever_the_order(tmp_path: Path) -> None:
    """An archive merged, a file ingested: the history is that of the times, not of the arrivals."""
    steps = {2: {}, 3: {"tables": MORE}, 4: {"tables": MOST}}
    told = set()
    for n, order in enumerate(permutations(steps)):
        with fresh(tmp_path, f"{n}.db") as archive:
            for month in order:
                store(archive, report(**steps[month]), at(month))
            told.add((tuple(versions(archive)), tuple(changes(archive))))
            assert one(archive, "SELECT total FROM applications WHERE row = 'new_received'") == 4
            assert archive.verify() == []
    assert told == {
        (
            ((1, "02", "02"), (2, "03", "03"), (3, "04", "04")),
            ((1, 2, 2, 3, "02", "03"), (2, 3, 3, 4, "03", "04")),
        )
    }


def test_what_went_and_came_back_is_three_versions_whatever_the_order(tmp_path: Path) -> None:
    steps = {2: {}, 3: {"tables": MORE}, 4: {}, 5: {}}
    told = set()
    for n, order in enumerate(permutations(steps)):
        with fresh(tmp_path, f"{n}.db") as archive:
            for month in order:
                store(archive, report(**steps[month]), at(month))
            told.add((tuple(versions(archive)), tuple(changes(archive))))
    assert told == {
        (
            ((1, "02", "02"), (2, "03", "03"), (3, "04", "05")),
            ((1, 2, 2, 3, "02", "03"), (2, 3, 3, 2, "03", "04")),
        )
    }


def test_an_older_capture_that_says_the_same_is_seen_earlier(archive: Archive) -> None:
    store(archive, report(), at(4))
    assert store(archive, report(), at(2)) == "unchanged"
    assert versions(archive) == [(1, "02", "04")]
    assert one(archive, "SELECT first_seen FROM report") == "2026-02-01T00:00:00Z"


# -- readers


def reads(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, reader: str, reading: Report | None = None
) -> list[bytes]:
    """From here on the reader has another version, and says that of every stored snapshot. The bytes it was given."""
    given: list[bytes] = []

    def read(body: bytes, _headers: object, _context: object) -> Report:
        given.append(body)
        assert reading is not None
        return reading

    monkeypatch.setattr(model, "READER", reader)
    monkeypatch.setattr(archive.readings, "_reader", read)
    return given


def test_a_better_reading_of_the_same_snapshot_is_ours_not_theirs(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(archive, report(), at(2))
    reads(archive, monkeypatch, "2")
    assert store(archive, report(tables=MORE), at(2)) == "unchanged"
    assert one(archive, "SELECT count(*) FROM report_change") == 0
    assert versions(archive) == [(1, "02", "02")]
    assert every(archive, "SELECT reader_before, reader_after, place, before, after FROM reading_change") == [
        ("1", "2", "applications.new_received.natural_person", 2, 3),
        ("1", "2", "applications.new_received.total", 2, 3),
    ]
    assert one(archive, "SELECT total FROM applications WHERE row = 'new_received'") == 3
    assert one(archive, "SELECT reader FROM report") == "2"


def test_a_new_reader_alone_makes_no_change_at_the_source(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old snapshot is read again: both sides say 3 now, so nothing changed there."""
    store(archive, report(), at(2))
    given = reads(archive, monkeypatch, "2", report(tables=MORE))
    assert store(archive, report(tables=MORE), at(3)) == "unchanged"
    assert given == [b"<html>2</html>"]
    assert one(archive, "SELECT count(*) FROM report_change") == 0
    assert one(archive, "SELECT count(*) FROM reading_change") == 2
    assert versions(archive) == [(1, "02", "03")]


def test_a_change_under_a_new_reader_is_measured_by_the_new_reader(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(archive, report(), at(2))
    reads(archive, monkeypatch, "2", report(tables=MORE))
    assert store(archive, report(tables=MOST), at(3)) == "changed"
    assert changes(archive) == [(1, 2, 3, 4, "02", "03")]


def test_without_the_old_bytes_the_old_reading_stands(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(archive, report(), at(2))
    archive.conn.execute("UPDATE body SET codec = 'purged', data = NULL")
    assert reads(archive, monkeypatch, "2") == []
    assert store(archive, report(tables=MORE), at(3)) == "changed"


# -- the measure itself

TEXT = st.sampled_from([None, "", " ", "公开", "公 开", "２", "2"])
CELLS = st.dictionaries(
    st.sampled_from(["granted", "total"]),
    st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from([None, 0, 1, 1.0])),
)
REPORTS = st.builds(
    lambda title, date, tables, texts, kinds: Report(
        title=title,
        published_on=date,
        tables={"applications": tables},
        sections=[Section(n, "", text or "") for n, text in enumerate(texts)],
        cells=[CellNote("applications", "granted", "a", "x", kind) for kind in kinds],
    ),
    TEXT,
    st.sampled_from([None, "2026-01-01"]),
    CELLS,
    st.lists(TEXT, max_size=2),
    st.lists(st.sampled_from(["blank", "dash"]), max_size=1),
)


@given(REPORTS, REPORTS)
def test_fingerprints_are_equal_exactly_when_nothing_differs(old: Report, new: Report) -> None:
    assert (fingerprint(old) == fingerprint(new)) == (differences(old, new) == [])


@given(REPORTS, REPORTS)
def test_differences_are_the_same_seen_from_either_side(old: Report, new: Report) -> None:
    forth = {(c.kind, c.place, repr(c.before), repr(c.after)) for c in differences(old, new)}
    back = {(c.kind, c.place, repr(c.after), repr(c.before)) for c in differences(new, old)}
    assert forth == back
