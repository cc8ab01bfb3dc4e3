"""``verify`` finds every kind of damage, names it, and finds none where there is none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from archive.report.model import Finding
from archive.store import Archive, ArchiveError, across, derived
from archive.store.settle import Settled
from archive.store.verify import LONG, Part, look, mend, verify
from crawler.cli import main
from crawler.commands import verify as commands_verify
from tests.builders import capture, fresh, one, report, store
from tests.synthetic import fill

PAGES = 4


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Four pages of one site, the last three leaning on the first, each with its report."""
    with fresh(tmp_path) as opened:
        for n in range(PAGES):
            body = (
                f"<html>{'政府信息公开' * 300}{''.join(str(i * i) for i in range(400))} {n}</html>".encode()
            )
            captured = capture(body, url=f"http://127.0.0.1/{n}", doc_key=f"cq:{n}")
            store(
                opened, report(year=2020 + n, findings=[Finding("T3-BALANCE", "error", "a", "a")]), captured
            )
        yield opened


def body(archive: Archive, number: int) -> str:
    return str(one(archive, "SELECT sha256 FROM snapshot WHERE url = ?", f"http://127.0.0.1/{number}"))


def test_sound(archive: Archive) -> None:
    told: list[tuple[int, int]] = []
    assert archive.verify(progress=lambda done, total: told.append((done, total))) == []
    done, total = zip(*told, strict=True)
    assert sorted(done) == list(done)
    assert set(total) == {done[-1]}


DAMAGES = {
    "a bit of a body": ("UPDATE body SET data = CAST(zeroblob(20) || substr(data, 21) AS BLOB) WHERE sha256 = :second", "damaged"),
    "another body's bytes": (
        "UPDATE body SET data = (SELECT data FROM body WHERE sha256 = :third) WHERE sha256 = :second", "another digest",
    ),
    "a body is missing": ("DELETE FROM body WHERE sha256 = :second", "missing"),
    "a body nobody has": (
        "INSERT INTO body SELECT 'feed', size, codec, NULL, NULL, data FROM body WHERE sha256 = :first", "no snapshot",
    ),
    "removed without a decision": ("UPDATE body SET codec = 'purged', data = NULL WHERE sha256 = :second", "no decision"),
    "a chain": ("UPDATE body SET dictionary = :second WHERE sha256 = :third", "leans on another itself"),
    "a dictionary is missing": ("DELETE FROM body WHERE sha256 = :first", "missing"),
    "a snapshot's time": ("UPDATE snapshot SET fetched_at = '2020-01-01T00:00:00Z' WHERE sha256 = :second", "time"),
    "a child without its report": ("UPDATE section SET report_id = 99 WHERE rowid = 1", "missing"),
    "an indexed text": ("UPDATE report SET text = '别的文字' WHERE id = 2", "not indexed"),
    "a reading": ("UPDATE report_version SET reading = x'00' WHERE id = 2", "damaged"),
    "a reading's digest": ("UPDATE report_version SET digest = 'x' WHERE id = 2", "another digest"),
    "the document of a report": ("DELETE FROM publication WHERE report_id = 2", "missing"),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=list(DAMAGES))
def test_damage_is_found(archive: Archive, damage: str, said: str) -> None:
    archive.conn.execute("PRAGMA foreign_keys = OFF")
    archive.conn.execute(
        damage,
        {
            name: body(archive, n)
            for n, name in enumerate(("first", "second", "third"))
            if f":{name}" in damage
        },
    )
    problems = archive.verify()
    assert any(said in problem.what for problem in problems), problems


@pytest.mark.parametrize(
    ("damage", "remedy"),
    [
        ("UPDATE body SET data = zeroblob(9) WHERE sha256 = (SELECT sha256 FROM snapshot WHERE id = 2)", "gongkai merge"),
        ("UPDATE report_version SET digest = 'x' WHERE id = 2", "gongkai reread"),
        ("UPDATE report SET text = '别的文字' WHERE id = 2", "--mend"),
    ],
)  # fmt: skip
def test_what_is_damaged_comes_with_what_helps(archive: Archive, damage: str, remedy: str) -> None:
    archive.conn.execute(damage)
    problems = archive.verify()
    assert problems
    assert all(remedy in str(problem) for problem in problems)


def test_the_search_index_can_be_made_anew(archive: Archive) -> None:
    archive.conn.execute("UPDATE report SET text = '别的文字' WHERE id = 2")
    assert archive.verify() != []
    mend(archive.db)
    assert archive.verify() == []


def test_a_reading_whose_snapshot_is_missing(archive: Archive) -> None:
    archive.conn.execute("PRAGMA foreign_keys = OFF")
    archive.conn.execute("DELETE FROM snapshot WHERE id = 2")
    told = [str(problem) for problem in archive.verify()]
    assert any(t.startswith("report_version 2: the snapshot that it was read from is missing") for t in told)


def test_a_damaged_body_names_how_many_lean_on_it(archive: Archive) -> None:
    archive.conn.execute("UPDATE body SET data = zeroblob(99) WHERE sha256 = ?", [body(archive, 0)])
    problems = archive.verify()
    assert any(f"{PAGES - 1} other bodies lean on it" in problem.what for problem in problems)
    assert len(problems) == PAGES


def test_a_body_removed_by_a_decision_is_sound(archive: Archive) -> None:
    archive.conn.execute("UPDATE body SET codec = 'purged', data = NULL WHERE sha256 = ?", [body(archive, 2)])
    archive.conn.execute(
        "INSERT INTO withheld VALUES ('body', ?, 'purge', 'court order', '2026-01-01')", [body(archive, 2)]
    )
    assert archive.verify() == []


def test_a_sample_looks_at_some_and_tells_what_it_leaves_out(archive: Archive) -> None:
    verdict = verify(archive.db, sample=2)
    assert verdict.problems == []
    assert {kind: verdict.looked[kind] for kind in ("bodies", "snapshots", "readings", "reports")} == {
        "bodies": (2, PAGES), "snapshots": (2, PAGES), "readings": (2, PAGES), "reports": (2, PAGES),
    }  # fmt: skip
    assert set(LONG) <= set(verdict.left_out)


def test_what_this_program_has_not_worked_out_yet_is_left_out_and_told(copied: Archive) -> None:
    """A program with other rules compares nothing before the next writing command: older comparisons are no damage."""
    assert verify(copied.db).left_out == []
    copied.conn.execute("UPDATE meta SET value = 'an earlier one' WHERE name = 'across'")
    copied.conn.execute("UPDATE check_result SET tested = 99 WHERE rule = 'X-CARRY'")
    verdict = verify(copied.db)
    assert (verdict.problems, verdict.left_out) == ([], ["comparisons"])


def test_who_writes_meanwhile_is_not_taken_for_damage(
    copied: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part sees the archive as of one moment, also when a report changes between the looks at its row and reading."""
    settled = derived.settle.settled

    def meanwhile(conn: sqlite3.Connection, report_id: int) -> Settled | None:
        with Archive.open(copied.path) as other:
            other.conn.execute("UPDATE document SET last_seen = '2031-01-01T00:00:00Z'")
            other.conn.execute("UPDATE report SET last_seen = '2031-01-01T00:00:00Z'")
        return settled(conn, report_id)

    monkeypatch.setattr(derived.settle, "settled", meanwhile)
    assert look(copied.db, Part("reports", (1,))) == []


def test_whatever_a_damaged_row_holds_is_named_with_its_place(copied: Archive) -> None:
    """Values of another type than any that is ever written, in every table that is looked at by its keys."""
    for statement in (
        "UPDATE snapshot SET url = x'ff00', fetched_at = 7 WHERE id = 1",
        "UPDATE report_version SET reading = 12 WHERE id = 2",
        "UPDATE document SET url = CAST(x'ff' AS TEXT) WHERE doc_key = (SELECT doc_key FROM report WHERE id = 3)",
    ):
        copied.conn.execute(statement)
    told = [str(problem) for problem in copied.verify()]
    for place in ("snapshot 1:", "report_version 2:", "report 3:"):
        assert any(text.startswith(place) for text in told), (place, told)


def test_no_room_to_compare_is_no_damage(copied: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(across, "update", full)
    with pytest.raises(ArchiveError, match="needs room there for a copy"):
        copied.verify()


def test_on_all_cores_the_same_is_found(
    copied: Archive, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied.conn.execute("UPDATE report_version SET digest = 'x' WHERE id IN (2, 40)")
    copied.conn.execute("UPDATE report SET title = 'x' WHERE id = 3")
    here = [str(problem) for problem in copied.verify()]
    monkeypatch.setattr(commands_verify, "MANY", 1)
    with pytest.raises(SystemExit, match="1"):
        main(["verify", "--archive", str(copied.path), "--jobs", "2"])
    assert capsys.readouterr().out.splitlines() == here


def test_pages_of_the_file_overwritten(archive: Archive, tmp_path: Path) -> None:
    archive.close()
    path = tmp_path / "archive.db"
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    path.write_bytes(bytes(content))
    with Archive.open(path) as damaged:
        assert damaged.verify() != []


DERIVED = {
    "applications": ("natural_person", "total"), "review_litigation": ("upheld",), "active_disclosure": ("valid",),
    "section": ("text",), "grid": ("cells",), "statistics": ("value",), "cell_note": ("raw",),
    "check_result": ("tested",),
    "report": ("title", "year", "form", "published_on", "status", "version", "last_seen", "agency"),
    "site_check": ("complete",), "checks_since": ("complete",), "codebook": ("label_zh",), "rule": ("severity",),
    "deadline": ("month_day",), "expectation": ("basis",),
}  # fmt: skip
"""Tables whose rows follow from others, with columns whose alteration changes what people are told."""

OF_THEIR_OWN = ("site_check", "checks_since", "codebook", "rule", "deadline", "expectation")

OTHER: dict[str, str | int] = {"year": 1999, "kind": "dash", "outcome": "not_assessable", "severity": "info", "role": "twin", "class": "layout", "status": "partial",
         "date_quality": "conflict", "form": "narrative", "type": "split", "cells": "[]"}  # fmt: skip


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some rows of everything: reports of all forms, versions, changes, findings, runs and lists."""
    path = tmp_path_factory.mktemp("full") / "full.db"
    fill(path, 60, nights=2)
    return path


@pytest.fixture
def copied(full: Path, tmp_path: Path) -> Iterator[Archive]:
    """The same archive for every test, which may do with it what it likes."""
    with Archive.open(Path(copyfile(full, tmp_path / "copied.db"))) as opened:
        opened.conn.execute("PRAGMA foreign_keys = OFF")
        opened.conn.execute("PRAGMA ignore_check_constraints = ON")
        yield opened


def alter(archive: Archive, table: str, column: str) -> None:
    """Give the value of one row, or of a few that share a key, another content."""
    name = f'"{column}"'
    other = f"iif(typeof({name}) IN ('integer', 'real'), {name} + 1, '2031-01-01')"
    new = repr(OTHER[column]) if column in OTHER else other
    key = next(row[1] for row in archive.conn.execute(f"PRAGMA table_info({table})"))
    wanted = f"SELECT min({key}) FROM {table} WHERE {name} IS NOT {new}"
    statement = f"UPDATE OR IGNORE {table} SET {name} = {new} WHERE {key} = ({wanted})"
    assert archive.conn.execute(statement).rowcount, (table, column)


def test_altered_values_are_all_found_and_mended(copied: Archive) -> None:
    for table, columns in DERIVED.items():
        for column in columns:
            alter(copied, table, column)
    told = [str(problem) for problem in copied.verify()]
    for table, columns in DERIVED.items():
        for column in columns:
            said = table if table in OF_THEIR_OWN else f": {column} is" if table == "report" else f"{table} "
            assert any(said in text and (table in OF_THEIR_OWN or column in text) for text in told), (
                table,
                column,
            )
    assert all("--mend" in text for text in told)
    mend(copied.db)
    assert copied.verify() == []


@pytest.mark.parametrize(
    ("table", "column", "remedy"),
    [
        ("report_version", "first_seen", ""),
        ("report_change", "before", "reread"),
        ("finding", "message", "--mend"),
    ],
)
def test_an_altered_history_is_found(copied: Archive, table: str, column: str, remedy: str) -> None:
    alter(copied, table, column)
    problems = copied.verify()
    assert problems
    assert all(remedy in problem.remedy for problem in problems)


@pytest.mark.parametrize(
    "damage",
    [
        "DROP INDEX finding_by_rule",
        "DROP VIEW coverage",
        "CREATE TRIGGER x AFTER INSERT ON report BEGIN DELETE FROM finding; END",
        "DELETE FROM applications WHERE row = 'granted'",
        "DELETE FROM expectation",
        "INSERT INTO cell_note SELECT report_id, 'applications', 'refused_other', 'total', 'x', 'text', NULL FROM cell_note LIMIT 1",
    ],
)  # fmt: skip
def test_what_is_missing_or_added_is_found(copied: Archive, damage: str) -> None:
    copied.conn.execute(damage)
    assert copied.verify() != []
