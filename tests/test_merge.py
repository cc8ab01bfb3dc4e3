"""Merging: a union by public keys, in any order the same, twice the same as once, whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from archive.report.model import READER, Context, Finding, Report, Section
from archive.store import Archive, ArchiveError, Link, merging
from archive.store.merging import merge
from archive.store.search import search
from crawler.cli import run
from tests.builders import SITE, capture, every, fresh, note, one, report, store, tables

DAYS = [f"2026-0{month}-{day:02}T08:00:00Z" for month in range(1, 7) for day in (3, 9, 17, 26)]
TOWNS = ("金峰", "临江", "竹溪", "铁桥")


def by_its_bytes(body: bytes, headers: Any, context: Context) -> Report:
    """A reader whose reading follows from the bytes: ``town year number wording``."""
    words = body.decode().split()
    if len(words) < 4:
        return Report(status="not_a_report", reason="soft_404")
    town, year, number, wording = words[:4]
    key = f"500154:township_government:{town}"
    findings = [
        Finding("T3-BALANCE", "error", "a", "b", left=int(number), cells=("applications.granted.total",))
    ]
    return report(
        agency=f"重庆市开州区{town}镇人民政府", agency_key=key, year=int(year), title=f"{town}{year}年报告",
        sections=[Section(1, "总体情况", wording)], text=wording,
        tables=tables(new_received=[int(number)] * 7),
        cells=[note("applications", "granted", "total", "无", "none_word")] if int(number) % 2 else [],
        findings=findings if int(number) > 5 else [],
    )  # fmt: skip


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    from archive.store import readings

    monkeypatch.setattr(readings.Readings.__init__, "__kwdefaults__", {"reader": by_its_bytes})


def look(
    archive: Archive,
    town: str,
    year: int,
    number: int,
    wording: str,
    moment: str,
    twin: str = "",
    status: int = 200,
) -> str:
    """Fetch and read one document at one moment."""
    doc_key = f"cq:{town}{year}{twin}"
    url = f"http://127.0.0.1/{town}/{year}{twin}.html"
    body = f"{town} {year} {number} {wording} {'政府信息公开' * 200}".encode()
    archive.frontier.found(
        SITE, "http://127.0.0.1/list", [Link(doc_key, url, f"{town}{year}", None, year)], now=moment
    )
    captured = capture(
        body, url=url, doc_key=doc_key, fetched_at=moment, context={"url": url, "site": SITE}, status=status
    )
    return store(archive, by_its_bytes(body, [], Context()), captured, now=moment)


def grown(folder: Path, name: str, seed: int) -> Path:
    """An archive that has seen some documents at some moments, as chance has it, with all that goes with it."""
    chance = Random(seed)
    with fresh(folder, name) as archive:
        archive.runs.sync_sites(
            [{"site": SITE, "spider": "township", "admin_code": "500154", "enabled": True}]
        )
        run_id = archive.runs.start("crawl", name)
        for moment in sorted(chance.sample(DAYS, 8)):
            town, year = chance.choice(TOWNS), chance.choice((2024, 2025))
            # What stands at an address at a moment does not depend on who looks.
            same = Random(f"{town}{year}{moment[:7]}")
            twin = chance.choice(("", "", "-twin"))
            look(archive, town, year, same.randrange(9), f"措辞{same.randrange(2)}", moment, twin)
        archive.frontier.listed(
            crawl_id=run_id, site=SITE, url="http://127.0.0.1/list", column_name=None, pages_claimed=1, pages_fetched=1,
            links=3, complete=True, snapshot_id=None, listed_at="2026-07-01T00:00:00Z",
        )  # fmt: skip
        archive.runs.site(run_id, SITE, links=3, verdict="well")
        archive.runs.finish(run_id, "done")
        archive.conn.execute(
            "INSERT INTO acknowledgement (site, until, reason, acknowledged_at) VALUES (?, '2026-09-01', ?, '2026-07-01')",
            [SITE, f"known {seed % 2}"],
        )
        key = one(archive, "SELECT key FROM report ORDER BY key")
        if chance.random() < 0.5:
            archive.readings.withdraw(key, chance.choice(("hide", "redact")), name, decided_on="2026-07-01")
        archive.conn.execute(
            "INSERT INTO annotation VALUES ('report', ?, 'editor', ?, NULL, '2026-07-01')",
            [key, f"{seed % 2}"],
        )
        archive.conn.execute(
            "UPDATE finding SET status = ? WHERE status = 'open' AND id = 1",
            [chance.choice(("open", "dismissed", "confirmed"))],
        )
    return folder / name


PUBLIC = {
    "crawl": "SELECT key, command, started_at, status FROM crawl",
    "crawl_site": "SELECT c.key, k.site, k.links, k.verdict FROM crawl_site k JOIN crawl c ON c.id = k.crawl_id",
    "site": "SELECT * FROM site",
    "site_check": "SELECT k.site, c.key, k.began, k.lists, k.complete FROM site_check k JOIN crawl c ON c.id = k.crawl_id",
    "checks_since": "SELECT * FROM checks_since",
    "listing": "SELECT c.key, l.site, l.url, l.links, l.complete, l.listed_at FROM listing l JOIN crawl c ON c.id = l.crawl_id",
    "link": "SELECT * FROM link",
    "snapshot": "SELECT s.key, doc_key, url, final_url, kind, s.status, fetched_at, sha256, headers, context, c.key"
    " FROM snapshot s LEFT JOIN crawl c ON c.id = s.crawl_id",
    "body": "SELECT sha256, size, codec FROM body",
    "document": "SELECT d.doc_key, site, d.url, s.key, first_seen, last_seen, gone_on FROM document d LEFT JOIN snapshot s ON s.id = d.snapshot_id",
    "agency": "SELECT key, name, kind, county_code, source FROM agency WHERE source = 'report'",
    "report": "SELECT r.key, a.key, r.agency, r.doc_key, r.url, s.key, form, title, published_on, r.status, reader, version,"
    " text, r.first_seen, r.last_seen, r.gone_on FROM report r JOIN agency a ON a.id = r.agency_id JOIN snapshot s ON s.id = r.snapshot_id",
    "publication": "SELECT r.key, p.doc_key, role FROM publication p JOIN report r ON r.id = p.report_id",
    "unplaced": "SELECT u.doc_key, s.key, u.status, reason FROM unplaced u JOIN snapshot s ON s.id = u.snapshot_id",
    "section": "SELECT r.key, number, heading, t.text FROM section t JOIN report r ON r.id = t.report_id",
    "applications": "SELECT r.key, t.* FROM report r JOIN (SELECT report_id AS i, row, natural_person, total FROM applications) t ON t.i = r.id",
    "cell_note": "SELECT r.key, table_name, row, raw, t.kind FROM cell_note t JOIN report r ON r.id = t.report_id",
    "finding": "SELECT f.key, r.key, rule, severity, left_value, f.first_seen, resolved_at, f.status, origin FROM finding f JOIN report r ON r.id = f.report_id",
    "report_version": "SELECT r.key, v.version, v.doc_key, s.key, v.reader, digest, v.first_seen, v.last_seen FROM report_version v"
    " JOIN report r ON r.id = v.report_id JOIN snapshot s ON s.id = v.snapshot_id",
    "report_change": "SELECT r.key, c.doc_key, from_version, to_version, class, table_name, row, \"column\", section, before,"
    " after, last_seen_before, first_seen_after FROM report_change c JOIN report r ON r.id = c.report_id",
    "reading_change": "SELECT r.key, s.key, reader_before, place, before, after FROM reading_change c JOIN report r"
    " ON r.id = c.report_id JOIN snapshot s ON s.id = c.snapshot_id",
    "annotation": "SELECT * FROM annotation",
    "acknowledgement": "SELECT site, until, reason, acknowledged_at FROM acknowledgement",
    "withheld": "SELECT * FROM withheld",
    "coverage": "SELECT agency_key, year, status, complete_checks FROM coverage WHERE county_code = '500154'",
}  # fmt: skip


def content(archive: Archive) -> dict[str, list[str]]:
    """All that is public in an archive, without the ids that are private to the file."""
    shown = {}
    for name, query in PUBLIC.items():
        cursor = archive.conn.execute(query)
        told = [n for n, column in enumerate(cursor.description) if column[0] != "i"]
        shown[name] = sorted(repr([row[n] for n in told]) for row in cursor)
    shown["search"] = sorted(hit.key for hit in search(archive.conn, "措辞", limit=100))
    return shown


def united(folder: Path, name: str, others: Sequence[Path]) -> dict[str, list[str]]:
    with fresh(folder, name) as archive:
        for other in others:
            merge(archive, other)
        assert archive.verify() == []
        return content(archive)


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_the_same_comes_out(tmp_path: Path, seed: int) -> None:
    others = [grown(tmp_path, f"{name}.db", seed * 10 + n) for n, name in enumerate("abc")]
    results = [united(tmp_path, f"m{n}.db", order) for n, order in enumerate(permutations(others))]
    for result in results[1:]:
        for table, rows in result.items():
            assert rows == results[0][table], table
    # Two by two, and into one of them.
    with Archive.open(others[0]) as first:
        merge(first, tmp_path / "m5.db")
        assert content(first) == results[0]


def test_again_is_the_same_as_once_and_a_merge_of_one_is_that_one(tmp_path: Path) -> None:
    other = grown(tmp_path, "a.db", 3)
    with Archive.open(other) as opened:
        original = content(opened)
    with fresh(tmp_path, "m.db") as archive:
        first = merge(archive, other)
        assert first.gained["snapshot"] == 8
        assert content(archive) == original
        again = merge(archive, other)
        assert (set(again.gained.values()), again.rebuilt) == ({0}, 0)
        assert content(archive) == original


def test_the_histories_of_one_document_become_one(tmp_path: Path) -> None:
    """One machine saw the first and the third state, the other the second: three versions, in order of time."""
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b, fresh(tmp_path, "all.db") as both:
        look(a, "金峰", 2025, 1, "一", DAYS[0])
        look(a, "金峰", 2025, 3, "三", DAYS[9])
        look(b, "金峰", 2025, 2, "二", DAYS[4])
        for number, wording, moment in ((1, "一", DAYS[0]), (2, "二", DAYS[4]), (3, "三", DAYS[9])):
            look(both, "金峰", 2025, number, wording, moment)
        assert merge(a, tmp_path / "b.db").rebuilt == 1
        assert every(a, "SELECT version, first_seen FROM report_version ORDER BY version") == [
            (1, DAYS[0]), (2, DAYS[4]), (3, DAYS[9]),
        ]  # fmt: skip
        assert content(a)["report_change"] == content(both)["report_change"]
        assert content(a)["report"] == content(both)["report"]
        assert a.verify() == []


def test_a_copy_that_went_on_brings_only_what_is_new(tmp_path: Path) -> None:
    with fresh(tmp_path, "a.db") as a:
        look(a, "金峰", 2025, 1, "一", DAYS[0])
        a.backup(tmp_path / "b.db")
        with Archive.open(tmp_path / "b.db") as b:
            look(b, "金峰", 2025, 2, "二", DAYS[4])
            look(b, "临江", 2025, 2, "二", DAYS[4])
            gone_on = content(b)
        merged = merge(a, tmp_path / "b.db")
        assert (merged.gained["snapshot"], merged.gained["body"], merged.gained["report"]) == (2, 2, 1)
        assert content(a) == gone_on


@pytest.mark.parametrize("way", ["into", "from"])
def test_a_link_that_is_done_stays_done(tmp_path: Path, way: str) -> None:
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b:
        look(a, "金峰", 2025, 1, "一", DAYS[0])
        link = Link("cq:金峰2025", "http://127.0.0.1/new", "新", None, 2025)
        b.frontier.found(SITE, "http://127.0.0.1/list", [link], now=DAYS[5])
        ours, theirs = (a, "b.db") if way == "into" else (b, "a.db")
        merge(ours, tmp_path / theirs)
        assert every(ours, "SELECT state, url, last_seen FROM link") == [
            ("done", "http://127.0.0.1/new", DAYS[5])
        ]


@pytest.mark.parametrize(("seen_later", "state"), [(True, "done"), (False, "gone")])
def test_what_another_archive_saw_later_is_not_gone(tmp_path: Path, seen_later: bool, state: str) -> None:
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b:
        look(a, "金峰", 2025, 1, "一", DAYS[0])
        a.conn.execute("UPDATE link SET state = 'gone', reason = 'absent from complete lists'")
        a.conn.execute("UPDATE document SET gone_on = ?", [DAYS[5][:10]])
        a.conn.execute("UPDATE report SET gone_on = ?", [DAYS[5][:10]])
        look(b, "金峰", 2025, 1, "一", DAYS[9 if seen_later else 2])
        merge(b, tmp_path / "a.db")
        merge(a, tmp_path / "b.db")
        assert content(a) == content(b)
        assert one(a, "SELECT state FROM link") == state
        assert (one(a, "SELECT gone_on FROM report") is None) is seen_later


@pytest.mark.parametrize(
    ("theirs", "gone_on"),
    [
        (None, "2026-03-17"), (DAYS[2], "2026-03-17"), ("2026-03-17T09:00:00Z", None), (DAYS[11], None),
    ],
)  # fmt: skip
def test_what_answers_no_more_stays_gone_unless_it_was_got_later(
    tmp_path: Path, theirs: str | None, gone_on: str | None
) -> None:
    """The page itself said that it is no more: its link is work, not gone from the lists."""
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b:
        look(a, "金峰", 2025, 1, "一", DAYS[0])
        a.frontier.failed("cq:金峰2025", "not_found", now=DAYS[10])
        a.conn.execute("UPDATE document SET gone_on = ?", [DAYS[10][:10]])
        a.conn.execute("UPDATE report SET gone_on = ?", [DAYS[10][:10]])
        if theirs:
            look(b, "金峰", 2025, 1, "一", theirs)
        else:
            link = Link("cq:金峰2025", "http://127.0.0.1/金峰/2025.html", "年报")
            b.frontier.found(SITE, "http://127.0.0.1/list", [link], now=DAYS[1])
        merge(b, tmp_path / "a.db")
        merge(a, tmp_path / "b.db")
        assert content(a) == content(b)
        for archive in (a, b):
            assert every(archive, "SELECT gone_on FROM report") == [(gone_on,)]
            assert every(archive, "SELECT gone_on FROM document") == [(gone_on,)]
        before = content(a)
        merge(a, tmp_path / "b.db")
        assert content(a) == before


def test_a_purged_title_does_not_come_back_with_another_archives_list(tmp_path: Path) -> None:
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b:
        look(a, "金峰", 2025, 1, "一", DAYS[0])
        a.readings.withdraw(one(a, "SELECT key FROM report"), "purge", "court", decided_on="2026-07-01")
        link = Link("cq:金峰2025", "http://127.0.0.1/new", "某人的年报")
        b.frontier.found(SITE, "http://127.0.0.1/list", [link], now=DAYS[5])
        b.conn.execute("UPDATE link SET state = 'gone', reason = 'absent from complete lists'")
        merge(a, tmp_path / "b.db")
        assert every(a, "SELECT title, state, reason FROM link") == [("", "given_up", "withheld")]


def test_pages_answered_with_203_are_in_the_history_too(tmp_path: Path) -> None:
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b:
        look(a, "金峰", 2025, 1, "一", DAYS[0], status=203)
        look(b, "金峰", 2025, 2, "二", DAYS[4])
        merge(a, tmp_path / "b.db")
        assert every(a, "SELECT version, first_seen FROM report_version ORDER BY version") == [
            (1, DAYS[0]),
            (2, DAYS[4]),
        ]


def test_a_reading_whose_bytes_are_lost_survives_the_merge(tmp_path: Path) -> None:
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b:
        look(a, "金峰", 2025, 1, "一", DAYS[0])
        a.conn.execute("UPDATE body SET data = zeroblob(40)")
        a.conn.execute("UPDATE report_version SET reader = '0'")
        look(b, "金峰", 2025, 2, "二", DAYS[4])
        assert merge(a, tmp_path / "b.db").rebuilt == 1
        assert every(a, "SELECT version, reader, first_seen FROM report_version ORDER BY version") == [
            (1, "0", DAYS[0]),
            (2, READER, DAYS[4]),
        ]
        assert every(a, "SELECT before, after FROM report_change WHERE \"column\" = 'business'") == [(1, 2)]


def test_bodies_that_lean_on_another_come_over_whole(tmp_path: Path) -> None:
    """In one archive A is plain and B leans on it, in the other it is the other way round."""
    pages = [
        f"{'政府信息公开' * 300}{''.join(str(i * i) for i in range(400))} {n}".encode() for n in range(3)
    ]
    order = {"a.db": (0, 1, 2), "b.db": (1, 0, 2), "c.db": (2, 1, 0)}
    for name, numbers in order.items():
        with fresh(tmp_path, name) as archive:
            for n in numbers:
                archive.snapshots.add(
                    capture(pages[n], url=f"http://127.0.0.1/{n}", doc_key=None), crawl_id=None
                )
            assert one(archive, "SELECT count(*) FROM body WHERE dictionary IS NOT NULL") == 2
            if name == "b.db":
                archive.conn.execute("DELETE FROM snapshot WHERE url LIKE '%/0'")
                archive.conn.execute("DELETE FROM body WHERE sha256 NOT IN (SELECT sha256 FROM snapshot)")
    with Archive.open(tmp_path / "b.db") as archive:
        merge(archive, tmp_path / "a.db")
        merge(archive, tmp_path / "c.db")
        assert archive.verify() == []
        for page in pages:
            sha256 = one(archive, "SELECT sha256 FROM body WHERE sha256 = ?", capture(page).sha256)
            assert archive.snapshots.body(sha256) == page


def test_damaged_bytes_are_mended_by_an_archive_that_has_them(tmp_path: Path) -> None:
    with fresh(tmp_path, "a.db") as a:
        look(a, "金峰", 2025, 1, "一", DAYS[0])
        a.backup(tmp_path / "b.db")
        a.conn.execute("UPDATE body SET data = zeroblob(99)")
        assert a.verify() != []
        assert merge(a, tmp_path / "b.db").healed == 1
        assert a.verify() == []


def test_damaged_bytes_are_not_taken_over(tmp_path: Path) -> None:
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b:
        look(b, "金峰", 2025, 1, "一", DAYS[0])
        b.conn.execute("UPDATE body SET data = zeroblob(99)")
        with pytest.raises(ArchiveError, match=r"the other archive: body .* damaged"):
            merge(a, tmp_path / "b.db")
        assert one(a, "SELECT count(*) FROM body") == one(a, "SELECT count(*) FROM crawl") == 0


@pytest.mark.parametrize("way", ["into", "from"])
def test_what_is_withheld_anywhere_is_withheld(tmp_path: Path, way: str) -> None:
    with fresh(tmp_path, "a.db") as a, fresh(tmp_path, "b.db") as b:
        look(a, "金峰", 2025, 1, "秘密", DAYS[0])
        look(a, "临江", 2025, 1, "隐去", DAYS[0])
        a.backup(tmp_path / "c.db")
        key = "500154:township_government:{}:organ:2025".format
        a.readings.withdraw(key("金峰"), "purge", "court", decided_on="2026-07-01")
        a.readings.withdraw(key("临江"), "hide", "asked", decided_on="2026-07-01")
        look(b, "金峰", 2025, 1, "秘密", DAYS[3])
        merge(b, tmp_path / "c.db")
        assert len(search(b.conn, "秘密")) == 1
        ours, theirs = (a, "b.db") if way == "into" else (b, "a.db")
        merge(ours, tmp_path / theirs)
        assert every(ours, "SELECT key, text FROM public_report") == []
        assert one(ours, "SELECT text FROM report WHERE key = ?", key("金峰")) == ""
        assert one(ours, "SELECT text FROM report WHERE key = ?", key("临江")) == "隐去"
        assert one(ours, "SELECT count(*) FROM body WHERE codec = 'purged'") == 1
        assert ours.verify() == []
        before = content(ours)
        merge(ours, tmp_path / theirs)
        assert content(ours) == before


def test_what_a_person_decided_about_a_finding_stands(tmp_path: Path) -> None:
    with fresh(tmp_path, "a.db") as a:
        look(a, "金峰", 2025, 7, "一", DAYS[0])
        a.backup(tmp_path / "b.db")
        with Archive.open(tmp_path / "b.db") as b:
            b.conn.execute("UPDATE finding SET status = 'confirmed'")
            merge(b, tmp_path / "a.db")
            assert every(b, "SELECT DISTINCT status FROM finding") == [("confirmed",)]
        merge(a, tmp_path / "b.db")
        assert every(a, "SELECT DISTINCT status FROM finding") == [("confirmed",)]


# -- refusals


def test_what_is_no_archive_of_this_schema_is_refused(tmp_path: Path) -> None:
    with fresh(tmp_path, "a.db") as a:
        before = content(a)
        (tmp_path / "text.db").write_text("no database " * 500)
        sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE t (a)").connection.close()
        for version in (1, 99):
            with fresh(tmp_path, f"v{version}.db") as b:
                b.conn.execute(f"PRAGMA user_version = {version}")
        for name, said in (
            ("text.db", "not a Gongkai archive"), ("other.db", "not a Gongkai archive"), ("none.db", "no archive here"),
            ("v1.db", "older version"), ("v99.db", "newer version"), ("a.db", "is the archive"),
        ):  # fmt: skip
            with pytest.raises(ArchiveError, match=said):
                merge(a, tmp_path / name)
        assert content(a) == before


@pytest.mark.parametrize("step", ["runs and sites", "bytes", "snapshots and lists", "reports", "decisions"])
def test_half_a_merge_never_remains(tmp_path: Path, step: str) -> None:
    other = grown(tmp_path, "b.db", 5)
    with Archive.open(grown(tmp_path, "a.db", 6)) as a:
        before = content(a)

        def power_cut(at: str) -> None:
            if at == step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            merge(a, other, tell=power_cut)
        assert content(a) == before
        merge(a, other)
        assert a.verify() == []


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grown(tmp_path, "a.db", 1)
    grown(tmp_path, "b.db", 2)
    others = [str(tmp_path / "a.db"), str(tmp_path / "b.db")]
    into = str(tmp_path / "m.db")
    assert run(["merge", *others, str(tmp_path / "none.db"), "--archive", into]) == 2
    assert not Path(into).exists()
    assert run(["merge", *others, "--archive", into]) == 0
    assert "8 snapshot" in capsys.readouterr().err
    assert run(["merge", *others, "--archive", into]) == 0
    assert "nothing new" in capsys.readouterr().err
    assert run(["verify", "--archive", into]) == 0
    assert merging.COUNTED
