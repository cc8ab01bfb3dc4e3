"""Health, acknowledgements, the summary of a night, the webhook, and what an installation may be asked."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.report.model import Attachment
from archive.store import Archive, ArchiveError, Link
from crawler.allowance import Allowance, AllowanceError, Window
from crawler.commands.health import command as health
from crawler.standing import standings
from crawler.webhook import tell
from tests.builders import NOW, every, fresh, one, report, store
from tests.crawl_portal import Portal, serving

TODAY = date(2026, 11, 21)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Three sites, three runs: ``a`` always well, ``b`` blocked since the second, ``c`` broken in the last only."""
    with fresh(tmp_path) as opened:
        opened.runs.sync_sites([{"site": name, "enabled": True} for name in "abc"])
        for run in range(3):
            crawl = opened.runs.start("nightly", "test")
            opened.runs.site(crawl, "a", verdict="well", links=3)
            blocked = {"verdict": "blocked", "reason": "forbidden"} if run else {"verdict": "well"}
            opened.runs.site(crawl, "b", **blocked)
            broken = {"verdict": "broken", "reason": "layout_changed"} if run == 2 else {"verdict": "well"}
            opened.runs.site(crawl, "c", **broken)
            opened.runs.finish(crawl, "done")
            opened.conn.execute(
                "UPDATE crawl SET started_at = ? WHERE id = ?", [f"2026-11-{19 + run}T22:00:00Z", crawl]
            )
        yield opened


def test_new_troubles_come_first_and_history_is_seen_at_a_glance(archive: Archive) -> None:
    found = standings(archive, TODAY)
    assert [(one.site, one.is_new(), one.history) for one in found] == [
        ("c", True, "..B"), ("b", False, ".bb"), ("a", False, "..."),
    ]  # fmt: skip
    assert (found[1].since, found[1].last_well) == ("2026-11-20T22:00:00Z", "2026-11-19T22:00:00Z")


def test_a_site_that_no_run_asked_has_no_verdict(archive: Archive) -> None:
    archive.runs.sync_sites([{"site": "new", "enabled": True}])
    (found,) = standings(archive, TODAY)
    assert (found.verdict, found.is_trouble, found.history) == (None, False, "")


def test_an_acknowledgement_holds_until_its_day_and_no_longer(archive: Archive) -> None:
    archive.runs.acknowledge("b", TODAY, "being rebuilt")
    known = archive.runs.acknowledged("b", TODAY)
    assert known is not None and known["reason"] == "being rebuilt"
    assert archive.runs.acknowledged("b", TODAY + timedelta(days=1)) is None
    assert archive.runs.acknowledged("a", TODAY) is None
    archive.runs.acknowledge("b", TODAY - timedelta(days=1), "taken back")
    assert archive.runs.acknowledged("b", TODAY) is None, "the last word counts"
    assert one(archive, "SELECT count(*) FROM acknowledgement") == 2, "both words are kept"
    with pytest.raises(ArchiveError, match="'nosuch' is not in this archive"):
        archive.runs.acknowledge("nosuch", TODAY, "x")


def test_only_what_nobody_acknowledged_is_an_alarm(archive: Archive, tmp_path: Path) -> None:
    path = str(tmp_path / "archive.db")
    run = CliRunner().invoke
    far = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    assert run(health, ["--archive", path]).exit_code == 1
    told = run(health, ["ack", "b", "--until", far, "--reason", "being rebuilt", "--archive", path])
    assert (told.exit_code, told.output) == (0, f"b: no alarm until {far} (being rebuilt)\n")
    assert run(health, ["--archive", path]).exit_code == 1, "c is still one"
    # The archive may also be named before the subcommand.
    assert run(health, ["--archive", path, "ack", "c", "--until", far, "--reason", "known"]).exit_code == 0
    shown = run(health, ["--archive", path], color=True)
    assert shown.exit_code == 0
    greyed = [line for line in shown.output.splitlines() if line.startswith("\x1b[2m")]
    assert len(greyed) == 2 and f"until {far}: being rebuilt" in greyed[0]
    rows = json.loads(run(health, ["--archive", path, "--format", "json"]).output)
    assert {row["site"]: row["known"] for row in rows}["a"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["ack", "b"], ["ack", "b", "--until", "soon", "--reason", "x"], ["ack", "b", "--until", "2026-12-01", "--reason", " "],
    ],
)  # fmt: skip
def test_a_wrong_acknowledgement_is_refused(archive: Archive, tmp_path: Path, arguments: list[str]) -> None:
    assert CliRunner().invoke(health, [*arguments, "--archive", str(tmp_path / "archive.db")]).exit_code == 2
    assert every(archive, "SELECT * FROM acknowledgement") == []


# -- a page whose report is in a file


def test_a_page_whose_report_is_in_a_file_is_no_failed_work(tmp_path: Path) -> None:
    with fresh(tmp_path) as opened:
        opened.frontier.found(
            "s", "http://127.0.0.1/list", [Link("cq:1", "http://127.0.0.1/1", "年报")], now=NOW
        )
        values: dict[str, Any] = {
            "status": "unparsed",
            "reason": "the report is in an attachment",
            "tables": {},
        }
        file = Attachment("http://127.0.0.1/1.docx", "年报", "docx")
        assert store(opened, report(**values, attachments=[file])) == "unplaced"
        assert one(opened, "SELECT state FROM link") == "done"
    with fresh(tmp_path, "other.db") as opened:
        opened.frontier.found(
            "s", "http://127.0.0.1/list", [Link("cq:1", "http://127.0.0.1/1", "年报")], now=NOW
        )
        assert store(opened, report(**values)) == "failed", "nothing else carries its work"


# -- the webhook


def test_the_webhook_is_told_in_json() -> None:
    heard: list[bytes] = []
    with serving(Portal()) as portal:
        portal.posts["/hook?key=secret"] = lambda form: heard.append(json.dumps(form).encode()) or "ok"
        assert tell(portal.url("/hook?key=secret"), {"exit_code": 1, "句": "好"}) is None
        assert heard and portal.asked[-1][1]["content-type"] == "application/json"


@pytest.mark.parametrize("answer", [(500, {}, b"no"), (302, {"Location": "/other"}, b"")])
def test_a_webhook_that_fails_says_so_without_its_address(answer: Any) -> None:
    with serving(Portal()) as portal:
        portal.posts["/hook?key=secret"] = lambda _: answer
        failure = tell(portal.url("/hook?key=secret"), {})
        assert failure == f"it answered {answer[0]}"
        assert portal.paths() == ["/hook?key=secret"], "sent nowhere else"


def test_a_webhook_nobody_answers_never_holds_up_the_night() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        began = time.monotonic()
        failure = tell(f"http://127.0.0.1:{silent.getsockname()[1]}/secret", {}, seconds=0.3)
        assert time.monotonic() - began < 3
    assert failure is not None and "secret" not in failure
    assert tell("file:///etc/passwd", {}) == "its address is no http or https address"


# -- when, and how often


def at(hour: int, minute: int = 0) -> datetime:
    """A moment by the portals' clock (UTC+8)."""
    return datetime(2026, 11, 21, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_the_window_of_the_night() -> None:
    night = Window.parse("22:00-06:00")
    assert night is not None
    assert [night.is_open(at(hour)) for hour in (21, 22, 23, 0, 5, 6, 12)] == [
        False, True, True, True, True, False, False,
    ]  # fmt: skip
    morning = Window.parse(" 1:30 - 4:00 ")
    assert morning is not None and morning.is_open(at(1, 30)) and not morning.is_open(at(4))
    assert Window.parse("") is None
    assert str(Window.parse("22:00-24:00")) == "22:00-00:00 (UTC+8)"


@pytest.mark.parametrize(
    ("window", "cap"), [("22-6", ""), ("25:00-06:00", ""), ("night", ""), ("", "-1"), ("", "many")]
)
def test_what_is_no_window_and_no_cap(window: str, cap: str) -> None:
    with pytest.raises(AllowanceError, match="GONGKAI_"):
        Allowance.of(window, cap)


def test_the_days_requests_hold_over_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    first = Allowance.of("", "3")
    assert [first.refusal("cq", at(23)) for _ in range(2)] == [None, None]
    first.close()
    second = Allowance.of("", "3")
    assert [second.refusal("cq", at(23)) for _ in range(2)] == [None, "daily_cap"]
    assert second.refusal("other", at(23)) is None, "each installation has its own"
    assert second.refusal("cq", at(23) + timedelta(hours=2)) is None, "a new day begins at midnight there"


def test_a_day_count_that_cannot_be_read_counts_from_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "gongkai" / "locks").mkdir(parents=True)
    (tmp_path / "gongkai" / "locks" / "cq.count").write_text("{torn")
    assert Allowance.of("", "1").refusal("cq", at(23)) is None
