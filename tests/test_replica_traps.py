"""Every trap of the replica does what it tells, and its truth names only what is there."""

from __future__ import annotations

import csv
import gzip
import http.client
import io
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.replica import FAILURES, TRAPS, Replica, Scenario, truth
from crawler.replica.families import FAMILIES
from crawler.replica.traps.bodies import BOMB, ENDLESS
from crawler.replica.traps.columns import MOVED
from crawler.replica.traps.ground import COLUMN
from tests.replica_client import Reply, get

ALL = Scenario(portals=False, traps=TRAPS, hang=0.3)
HANGS = {"silent", "robots_silent", "stall"}
DOWN = (http.client.HTTPException, ConnectionError)


@pytest.fixture(scope="module")
def internet() -> Iterator[Replica]:
    """All traps, first night. Tests that count attempts use addresses that no other test asks for."""
    with Replica(ALL, max_seconds=120) as running:
        yield running
    assert running.errors == []


@pytest.fixture(scope="module")
def second() -> Iterator[Replica]:
    """All traps as they are on the second night."""
    with Replica(ALL.at_night(2), max_seconds=120) as running:
        yield running
    assert running.errors == []


def ask(running: Replica, trap: str, path: str, **headers: str) -> Reply:
    return get(running.base(running.truth().trouble(trap).host) + path, **headers)


def listed(running: Replica, trap: str, path: str = COLUMN) -> list[str]:
    """File names of the documents that a list shows."""
    return re.findall(r'href="[^"]*?(t\d{8}_\d+\.html)"', ask(running, trap, path).text)


def name(path: str) -> str:
    return path.rsplit("/", 1)[1]


# --- the truth about the traps -------------------------------------------------------------------------------------


@pytest.mark.parametrize("night", [1, 2, 4])
def test_every_trap_tells_what_must_be_on_record(night: int) -> None:
    told = truth(ALL.at_night(night))
    assert {trouble.trap for trouble in told.troubles} == TRAPS | {"dead_host_down"}
    assert len({trouble.site for trouble in told.troubles}) == len(told.troubles)
    assert len(told.by_identity()) == len(told.reports)
    verdicts = {"well", "short", "blocked", "broken", "unreachable"}
    for trouble in told.troubles:
        assert trouble.tells.endswith(".")
        assert trouble.verdicts
        assert trouble.verdicts <= verdicts
        assert trouble.why is None or trouble.why in FAILURES
        lost = {*trouble.unfinished, *trouble.withdrawn}
        assert not lost & {report.paths[0] for report in told.of_site(trouble.site)}, trouble.trap
        if trouble.unfinished and night == 1:
            assert "well" not in trouble.verdicts or trouble.why == "robots"


def test_the_docs_list_every_trap_and_every_family() -> None:
    docs = (Path(__file__).parents[1] / "docs" / "replica.md").read_text(encoding="utf-8")
    assert [trap for trap in sorted(TRAPS) if f"`{trap}`" not in docs] == []
    assert [family.host for family in FAMILIES if f"`{family.host}`" not in docs] == []


def test_a_trap_alone_is_a_small_world() -> None:
    with Replica(Scenario(portals=False, traps=frozenset({"soft_404"})), max_seconds=60) as running:
        assert set(running.hosts) == {"soft-404", "mirror"}
        assert len(running.truth().troubles) == 1


def test_a_trap_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="no such trap: quicksand"):
        truth(Scenario(traps=frozenset({"quicksand"})))


def test_traps_may_share_one_installation() -> None:
    for shared, expected in ((False, {"soft-404", "trickle"}), (True, {"cq"})):
        scenario = Scenario(portals=False, traps=frozenset({"soft_404", "trickle"}), shared=shared)
        with Replica(scenario, max_seconds=60) as running:
            rows = csv.DictReader(io.StringIO(running.registry_csv()))
            assert {row["options"].removeprefix("installation=") for row in rows} == expected


def test_every_report_of_the_truth_can_be_had(internet: Replica) -> None:
    told = internet.truth()
    for report in told.reports:
        reply = None
        for _ in range(3):  # some are out of order, or break off, at first
            try:
                reply = get(internet.base(report.host) + report.paths[0])
            except DOWN:
                continue
            if reply.status != 503:
                break
        assert reply is not None
        assert reply.status == 200, report.paths
        assert report.host == "charsets" or report.title in reply.text


# --- outages -------------------------------------------------------------------------------------------------------


def test_out_of_order_once_or_all_night() -> None:
    scenario = Scenario(
        portals=False, traps=frozenset({"hiccup_503", "storm_503", "retry_after", "retry_after_hour"})
    )
    with Replica(scenario, max_seconds=60) as running:
        assert [ask(running, "hiccup_503", COLUMN).status for _ in range(2)] == [503, 200]
        stormy = running.truth().trouble("storm_503").unfinished
        assert {ask(running, "storm_503", path).status for path in stormy * 3} == {503}
        path, seconds = running.truth().trouble("retry_after").pauses[0]
        reply = ask(running, "retry_after", path)
        assert (reply.status, float(reply.headers["retry-after"])) == (503, seconds)
        assert ask(running, "retry_after", path).status == 200
        hour = running.truth().trouble("retry_after_hour").unfinished
        assert {ask(running, "retry_after_hour", path).headers["retry-after"] for path in hour} == {"3600"}
        running.night(2)
        assert {ask(running, "storm_503", path).status for path in stormy} == {200}


def test_a_trickle_is_slow_and_whole(internet: Replica) -> None:
    report = max(internet.truth().of_site("trickle"), key=lambda report: report.published_on)
    started = time.monotonic()
    assert report.title in ask(internet, "trickle", report.paths[0]).text
    assert time.monotonic() - started > 0.5


@pytest.mark.parametrize(("trap", "path"), [("silent", COLUMN), ("robots_silent", "/robots.txt")])
def test_silence_is_no_answer(internet: Replica, trap: str, path: str) -> None:
    with pytest.raises(DOWN):
        ask(internet, trap, path)


def test_a_stall_and_a_cut_give_half(internet: Replica) -> None:
    for trap in ("stall", "cut_body"):
        for _ in range(2):
            with pytest.raises(http.client.IncompleteRead) as broken:
                ask(internet, trap, internet.truth().trouble(trap).unfinished[0])
            assert len(broken.value.partial) > 1000


def test_a_dead_host_has_a_healthy_neighbour(internet: Replica) -> None:
    parts = urlsplit(internet.base("dead-host-down"))
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2),
    ):
        pass
    assert ask(internet, "dead_host", COLUMN).status == 200
    rows = {row["site"]: row["options"] for row in csv.DictReader(io.StringIO(internet.registry_csv()))}
    assert rows["dead-host-down"] == rows["dead-host"]


# --- refusals and robots -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 412, 429, 521, 202])
def test_refusals(internet: Replica, status: int) -> None:
    told = internet.truth().trouble(f"refuse_{status}")
    assert ask(internet, told.trap, COLUMN).status == 200
    assert len(told.unfinished) == 28
    replies = [ask(internet, told.trap, path) for path in told.unfinished]
    assert {reply.status for reply in replies} == {status}
    assert len({reply.body for reply in replies}) == 1


@pytest.mark.parametrize("status", [403, 412, 521, 202, 200])
def test_closed_doors(internet: Replica, status: int) -> None:
    reply = ask(internet, f"door_{status}", COLUMN)
    assert reply.status == status
    assert "年报" not in reply.text


def test_robots_in_every_mood(internet: Replica) -> None:
    answers = {
        trap: ask(internet, trap, "/robots.txt")
        for trap in TRAPS
        if trap.startswith("robots") and trap not in HANGS
    }
    statuses = {trap: reply.status for trap, reply in answers.items()}
    assert statuses == {"robots_disallow": 200, "robots_by_name": 200, "robots_500": 500, "robots_part": 200,
                        "robots_403": 403, "robots_moved": 301}  # fmt: skip
    closed = internet.truth().trouble("robots_part").never[0][1]
    assert f"Disallow: {closed}" in answers["robots_part"].text
    assert ask(internet, "robots_part", closed).status == 200  # it is there: only a guest does not look


# --- masks ---------------------------------------------------------------------------------------------------------


def test_pages_that_are_not_what_was_asked_for(internet: Replica) -> None:
    told = internet.truth()

    def answers(trap: str) -> list[Reply]:
        return [ask(internet, trap, path) for path in told.trouble(trap).unfinished]

    assert all("不存在" in reply.text and reply.status == 200 for reply in answers("soft_404"))
    homes = {reply.body for reply in answers("home_everywhere")}
    assert homes == {ask(internet, "home_everywhere", "/").body}
    assert {urlsplit(reply.headers["location"]).path for reply in answers("home_redirect")} == {"/"}
    assert all("location.href='/'" in reply.text for reply in answers("home_script"))
    assert [reply.body for reply in answers("empty_page")] == [b""]
    assert all("防火墙" in reply.text for reply in answers("waf_later"))


def test_redirects_lead_nowhere(internet: Replica) -> None:
    told = internet.truth()
    path = told.trouble("redirect_loop").unfinished[0]
    onward = ask(internet, "redirect_loop", path).headers["location"]
    assert get(onward).headers["location"].endswith(path)
    for trap, host in (("redirect_off_host", "elsewhere"), ("redirect_to_mirror", "mirror")):
        trouble = told.trouble(trap)
        assert ask(internet, trap, trouble.unfinished[0]).headers["location"].startswith(internet.base(host))
        assert trouble.never == ((host, "/"),)
    assert ask(internet, "list_to_mirror", COLUMN).headers["location"].startswith(internet.base("mirror"))
    named = {urlsplit(row["list_url"]).port for row in csv.DictReader(io.StringIO(internet.registry_csv()))}
    assert not named & {
        urlsplit(internet.base(host)).port for host in ("elsewhere", "mirror", "site-moved-new")
    }


# --- bodies --------------------------------------------------------------------------------------------------------


def test_a_bomb_is_small_on_the_wire(internet: Replica) -> None:
    reply = ask(internet, "gzip_bomb", internet.truth().trouble("gzip_bomb").unfinished[0])
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) < BOMB // 500
    with gzip.open(io.BytesIO(reply.body)) as unpacked:
        unpacked.seek(BOMB - 1)
        assert unpacked.read() == b"0"


def test_an_endless_body_stops_when_the_client_does(internet: Replica) -> None:
    told = internet.truth().trouble("endless_body")
    path, base = told.unfinished[0], urlsplit(internet.base(told.host))
    with socket.create_connection((base.hostname or "", base.port or 0), timeout=5) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        taken = 0
        while taken < 1_000_000:
            taken += len(client.recv(65536))
    deadline = time.monotonic() + 5
    sent = -1
    while sent != internet.sent[told.host, path] and time.monotonic() < deadline:
        sent = internet.sent[told.host, path]
        time.sleep(0.1)
    assert told.bytes_at_most is not None
    assert taken <= sent < told.bytes_at_most < ENDLESS


def test_charsets_are_seven_lies(internet: Replica) -> None:
    replies = [ask(internet, "charsets", report.paths[0]) for report in internet.truth().of_site("charsets")]
    assert len({(reply.headers["content-type"], reply.body[:90]) for reply in replies}) >= 6
    packed = 0
    for reply in replies:
        try:
            text = reply.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text, packed = reply.body.decode("gb18030"), packed + 1
        assert "政府信息公开工作年度报告" in text
    assert packed == 2


def test_an_etag_lies_over_night() -> None:
    with Replica(Scenario(portals=False, traps=frozenset({"lying_etag"})), max_seconds=60) as running:
        path = running.truth().of_site("lying-etag")[2].paths[0]
        first = ask(running, "lying_etag", path)
        running.night(2)
        assert running.truth().trouble("lying_etag").edited == (path,)
        assert ask(running, "lying_etag", path, If_None_Match=first.headers["etag"]).status == 304
        assert ask(running, "lying_etag", path).body != first.body


# --- lists ---------------------------------------------------------------------------------------------------------


def test_a_million_pages(internet: Replica) -> None:
    first = listed(internet, "paging_same")
    assert "createPage(1000000, 0," in ask(internet, "paging_same", COLUMN).text
    assert listed(internet, "paging_same", f"{COLUMN}index_999999.html") == first
    one, other = (listed(internet, "paging_endless", f"{COLUMN}index_{n}.html") for n in (1, 999999))
    assert len(one) == len(other) == 15
    assert not set(one) & set(other)


def test_a_page_of_the_list_is_missing(internet: Replica) -> None:
    assert ask(internet, "page_lost", f"{COLUMN}index_1.html").status == 404
    with pytest.raises(http.client.IncompleteRead) as broken:
        ask(internet, "cut_list", f"{COLUMN}index_1.html")
    assert b"t2" not in broken.value.partial  # none of its links came through
    for trap in ("page_lost", "cut_list"):
        shown = {*listed(internet, trap), *listed(internet, trap, f"{COLUMN}index_2.html")}
        assert shown == {name(report.paths[0]) for report in internet.truth().of_site(trap.replace("_", "-"))}
    assert "createPage(4, 0," in ask(internet, "claims_more", COLUMN).text
    assert ask(internet, "claims_more", f"{COLUMN}index_1.html").status == 404


def test_a_tree_without_end(internet: Replica) -> None:
    path = COLUMN
    for _ in range(30):
        below = re.findall(r'href="\./(\w+n/)"', ask(internet, "deep_tree", path).text)
        assert below == ["2024n/", "2025n/", "01n/", "02n/"]
        path += below[1]


def test_lists_change_over_night(internet: Replica, second: Replica) -> None:
    told = second.truth()
    shorter = set(listed(internet, "list_shrinks")) - set(listed(second, "list_shrinks"))
    assert shorter == set(map(name, told.trouble("list_shrinks").unlisted))
    assert len(listed(second, "list_shrinks")) == 2
    assert len(listed(internet, "layout_changed")) == 4
    assert listed(second, "layout_changed") == []
    assert "年度报告" in ask(second, "layout_changed", COLUMN).text
    assert len(told.of_site("list-shrinks")) == 4
    assert len(truth(ALL.at_night(4)).of_site("list-shrinks")) == 2


def test_columns_and_sites_move(internet: Replica, second: Replica) -> None:
    assert ask(internet, "column_moved", COLUMN).status == 200
    reply = ask(second, "column_moved", COLUMN)
    assert (reply.status, urlsplit(reply.headers["location"]).path) == (301, MOVED)
    assert sorted(listed(second, "column_moved", MOVED)) == sorted(listed(internet, "column_moved"))
    for path in ("/robots.txt", COLUMN):
        assert ask(second, "site_moved", path).headers["location"] == second.base("site-moved-new") + path
        assert get(second.base("site-moved-new") + path).status == {"/robots.txt": 404}.get(path, 200)
    assert sorted(listed(internet, "two_columns")) == sorted(listed(internet, "two_columns", f"{COLUMN}zjd/"))


@pytest.mark.parametrize(
    ("trap", "status", "shown"),
    [("vanished", 404, False), ("vanished_404", 404, True), ("vanished_410", 410, True), ("vanished_home", 302, True),
     ("vanished_soft", 200, True)],
)  # fmt: skip
def test_reports_vanish_over_night(
    internet: Replica, second: Replica, trap: str, status: int, shown: bool
) -> None:
    gone = second.truth().trouble(trap).withdrawn[0]
    assert ask(internet, trap, gone).status == 200
    assert ask(second, trap, gone).status == status
    assert name(gone) in listed(internet, trap)
    assert (name(gone) in listed(second, trap)) is shown
