"""Several documents, one report: the same choice in whatever order they came, and twins that differ are told."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from archive.store import Archive
from tests.builders import NOW, capture, every, fresh, one, report, store, tables

OTHER = tables(new_received=[9, 0, 0, 0, 0, 0, 9], granted=[2, 0, 0, 0, 0, 0, 2])


def put(archive: Archive, doc_key: str, *, kind: str = "report", **values: Any) -> str:
    captured = capture(doc_key.encode(), url=f"http://127.0.0.1/{doc_key}", doc_key=doc_key, kind=kind)
    return store(archive, report(**values), captured)


def roles(archive: Archive) -> dict[str, str]:
    return dict(every(archive, "SELECT doc_key, role FROM publication ORDER BY doc_key"))


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([("cq:2", {}), ("cq:1", {})], {"cq:1": "main", "cq:2": "twin"}),
        ([("cq:1", {"published_on": "2026-03-01"}), ("cq:2", {})], {"cq:1": "reissue", "cq:2": "main"}),
        ([("cq:1", {"published_on": None}), ("cq:2", {})], {"cq:1": "twin", "cq:2": "main"}),
        ([("cq:1", {"kind": "attachment"}), ("cq:2", {})], {"cq:1": "attachment", "cq:2": "main"}),
        (
            [("cq:1", {"status": "partial", "tables": {}}), ("cq:2", {"kind": "attachment"})],
            {"cq:1": "twin", "cq:2": "main"},
        ),
    ],
    ids=["smallest key", "first published", "undated last", "page before attachment", "whole before partial"],
)
def test_the_choice_does_not_depend_on_the_order(
    tmp_path: Path, documents: list[tuple[str, dict[str, Any]]], expected: dict[str, str]
) -> None:
    for n, order in enumerate(permutations(documents)):
        with fresh(tmp_path, f"{n}.db") as archive:
            for doc_key, values in order:
                put(archive, doc_key, **values)
            main = next(key for key, role in expected.items() if role == "main")
            assert roles(archive) == expected
            assert one(archive, "SELECT doc_key FROM report") == main
            assert one(archive, "SELECT count(*) FROM applications") == 2
            assert archive.verify() == []


def test_a_document_that_is_gone_gives_way(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        put(archive, "cq:1")
        put(archive, "cq:2", tables=OTHER)
        archive.conn.execute("UPDATE document SET gone_on = '2026-04-01' WHERE doc_key = 'cq:1'")
        put(archive, "cq:2", tables=OTHER)
        assert roles(archive) == {"cq:1": "twin", "cq:2": "main"}
        assert one(archive, "SELECT total FROM applications WHERE row = 'new_received'") == 9
        assert one(archive, "SELECT gone_on FROM report") is None


def test_a_file_without_a_date_has_that_of_its_page(tmp_path: Path) -> None:
    undated = {"published_on": None, "published_source": None, "date_quality": "none"}
    with fresh(tmp_path) as archive:
        put(archive, "cq:1", kind="attachment", **undated)
        assert one(archive, "SELECT published_on FROM report") is None
        put(archive, "cq:2", status="partial", tables={})
        assert every(archive, "SELECT doc_key, published_on, published_source, date_quality FROM report") == [
            ("cq:1", "2026-01-20", "page", "trusted")
        ]
    with fresh(tmp_path, "other.db") as archive:
        put(archive, "cq:1", kind="attachment", **undated)
        put(archive, "cq:2", status="partial", tables={}, date_quality="migrated")
        assert one(archive, "SELECT published_on FROM report") is None


def test_equal_twins_are_no_finding(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        put(archive, "cq:1")
        put(archive, "cq:2", title="年报", published_on="2026-01-25")
        assert every(archive, "SELECT rule FROM finding") == []


def test_twins_that_differ_are_a_finding_and_no_version(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        put(archive, "cq:1")
        put(archive, "cq:2", tables=OTHER)
        assert every(archive, "SELECT rule, left_value, right_value, cells FROM finding") == [
            (
                "TWIN-DIFFERS",
                2,
                9,
                '["applications.new_received.natural_person", "applications.new_received.total"]',
            )
        ]
        assert one(archive, "SELECT max(version) FROM report_version") == 1
        assert one(archive, "SELECT count(*) FROM report_change") == 0
        put(archive, "cq:2")
        store(
            archive,
            report(),
            capture(
                b"mended", url="http://127.0.0.1/cq:2", doc_key="cq:2", fetched_at="2026-05-01T00:00:00Z"
            ),
        )
        assert one(archive, "SELECT status FROM finding") == "resolved"


def test_what_only_the_attachment_prints_is_no_difference(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        put(archive, "cq:1", status="partial", tables={}, sections=report().sections[:1])
        put(archive, "cq:2", kind="attachment")
        assert every(archive, "SELECT rule FROM finding") == []


def test_the_finding_of_a_twin_is_not_resolved_by_a_reading(tmp_path: Path) -> None:
    with fresh(tmp_path) as archive:
        put(archive, "cq:1")
        put(archive, "cq:2", tables=OTHER)
        put(archive, "cq:1")
        assert one(archive, "SELECT status FROM finding WHERE rule = 'TWIN-DIFFERS'") == "open"
        assert one(archive, "SELECT first_seen FROM finding") == NOW
