"""The replica is right by itself: what it links to answers, what it prints adds up, what it promises is there."""

from __future__ import annotations

import csv
import gzip
import http.client
import io
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html

from crawler.replica import Expected, Replica, Scenario, truth
from crawler.replica.figures import APPLICANTS, OUTCOMES, PLANTS, chain, sample
from crawler.replica.grids import Print, applications, without_rowspans
from crawler.replica.world import MIRROR
from tests.replica_client import get

REPO = Path(__file__).parents[1]
SAMPLES = REPO.parent / "shared" / "data" / "samples"
TRUTH = truth()


def places(report: Expected) -> list[tuple[str, str]]:
    own = [(report.host, path) for path in report.paths]
    return [*own, *report.also, *([(report.host, report.attachment)] if report.attachment else [])]


# --- the truth -----------------------------------------------------------------------------------------------------


def test_the_truth_names_every_report_once() -> None:
    assert len(TRUTH.by_identity()) == len(TRUTH.reports) > 120
    ids = [report.doc_id for report in TRUTH.reports if report.doc_id]
    assert len(set(ids)) == len(ids)


def test_the_truth_is_the_same_in_every_run() -> None:
    assert truth() == TRUTH


def test_every_form_and_every_planted_fault_is_played() -> None:
    assert {report.form for report in TRUTH.reports} == {"gb2021", "gb2019", "stat2014", "narrative"}
    played = frozenset().union(*(report.expected for report in TRUTH.reports))
    assert played == frozenset().union(*PLANTS.values())
    assert {report.scope for report in TRUTH.reports} == {"organ", "jurisdiction_aggregate"}
    assert {report.published_source for report in TRUTH.reports} == {"page", "metadata", "url"}
    kinds = {kind for report in TRUTH.reports for kind in report.notes.values()}
    assert kinds == {"annotated", "blank", "dash", "signed", "unit"}


def test_ids_grow_with_the_day_in_the_address() -> None:
    dated = sorted(
        (match[1], int(match[2]))
        for report in TRUTH.reports
        if (match := re.search(r"/t(\d{8})_(\d+)\.html", report.paths[0]))
    )
    by_day = {day: [number for other, number in dated if other == day] for day, _ in dated}
    # Only real ids that were issued on another day than their neighbours may stand out, as they do in reality.
    inversions = sum(
        max(by_day[a]) > min(by_day[b]) for a, b in zip(list(by_day), list(by_day)[1:], strict=False)
    )
    assert inversions <= 12


def tabled() -> Iterator[Expected]:
    return (report for report in TRUTH.reports if report.tables)


@pytest.mark.parametrize(
    "report",
    [r for r in tabled() if "blank" not in r.notes.values() and "dash" not in r.notes.values()],
    ids=lambda r: f"{r.doc_id}",
)
def test_the_figures_add_up_except_where_planted(report: Expected) -> None:
    table = report.tables["applications"]
    balance = all(
        table["new_received"][c] + table["carried_in"][c]
        == table["processed_total"][c] + table["carried_out"][c]
        for c in (*APPLICANTS, "total")
    )
    rows = all(values["total"] == sum(values[c] for c in APPLICANTS) for values in table.values())
    results = [
        values
        for row, values in table.items()
        if row not in ("new_received", "carried_in", "processed_total", "carried_out")
    ]
    sums = all(table["processed_total"][c] == sum(v[c] for v in results) for c in (*APPLICANTS, "total"))
    suits = all(
        values["total"] == sum(values[c] for c in OUTCOMES)
        for values in report.tables["review_litigation"].values()
    )
    wrong = {
        rule
        for rule, holds in (
            ("T3-BALANCE", balance),
            ("T3-ROW-TOTAL", rows),
            ("T3-RESULT-SUM", sums),
            ("T4-TOTAL", suits),
        )
        if not holds
    }
    assert wrong == {rule for rule in report.expected if rule.startswith(("T3", "T4"))}
    assert all(value >= 0 for (_, _, column), value in report.cells().items() if column != "change")


def test_what_is_carried_out_is_carried_in_a_year_later_except_where_planted() -> None:
    by_identity = TRUTH.by_identity()
    checked, broken = 0, []
    for report in tabled():
        before = by_identity.get((report.agency, report.year - 1, report.scope))
        if before is None or not before.tables or "blank" in (*report.notes.values(), *before.notes.values()):
            continue
        if "dash" in (*report.notes.values(), *before.notes.values()):
            continue
        checked += 1
        if report.tables["applications"]["carried_in"] != before.tables["applications"]["carried_out"]:
            broken.append(report.expected)
    assert checked > 60
    assert broken == [frozenset({"X-CARRY"})]


@pytest.mark.samples
@pytest.mark.parametrize(
    "name",
    [
        "banan-office-2025",
        "beibei-office-2024",
        "nanan-2023",
        "kaizhou-jinfeng-2025",
        "yuzhong-chaotianmen-2025",
    ],
)
def test_the_samples_figures_are_the_samples_figures(name: str) -> None:
    import json

    path = SAMPLES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no samples at {SAMPLES}")
    published = json.loads(path.read_text(encoding="utf-8"))
    assert sample(name) == published["tables"]
    report = TRUTH.by_identity()[published["agency"], published["report_year"], published["report_scope"]]
    assert (report.tables, report.kind) == (published["tables"], published["unit_kind"])


def test_given_years_make_the_years_beside_them_fit() -> None:
    given = sample("banan-office-2025")
    figures = chain("anybody", "government_office", {2024: "gb2021", 2025: "gb2021"}, {2025: given})
    assert figures[2024]["applications"]["carried_out"] == given["applications"]["carried_in"]
    norms = [figures[year]["active_disclosure"]["normative_documents"] for year in (2024, 2025)]
    assert norms[0]["valid"] + norms[1]["made"] - norms[1]["repealed"] == norms[1]["valid"]


def test_grids_have_one_width() -> None:
    grid = applications("gb2021", sample("banan-office-2025"), Print())
    assert {sum(cell.colspan for cell in row) for row in without_rowspans(grid)} == {10}
    assert sum(not cell.label for row in grid for cell in row) == 175


# --- the pages -----------------------------------------------------------------------------------------------------


def test_every_address_of_the_truth_answers(replica: Replica) -> None:
    for report in TRUTH.reports:
        for host, path in places(report):
            reply = get(replica.base(host) + path)
            if reply.status == 503:  # out of order once
                reply = get(replica.base(host) + path)
            assert reply.status == 200, path
            if path.endswith(".docx"):
                assert reply.body.startswith(b"PK")
            else:
                assert str(report.year) in reply.text, path


def test_every_link_on_every_page_leads_somewhere_and_every_document_is_linked(replica: Replica) -> None:
    seen: set[str] = set()
    queue = [row["list_url"] for row in csv.DictReader(io.StringIO(replica.registry_csv()))]
    while queue:
        url = queue.pop()
        if url in seen or url.startswith(replica.base(MIRROR)):
            continue
        seen.add(url)
        reply = get(url)
        if reply.status == 503:
            reply = get(url)
        assert reply.status in (200, 302), url
        if reply.status == 302:
            queue.append(reply.headers["location"])
        elif reply.headers["content-type"].startswith("text/html"):
            page = reply.text
            queue += [
                urljoin(url, str(href))
                for href in html.fromstring(page.encode(), parser=UTF8).xpath("//a/@href")
            ]
            pages = re.search(r"createPage(?:HTML)?\((?:'page_div', )?(\d+), [01],", page)
            for number in range(1, int(pages[1]) if pages else 0):
                one_based = "'page_div'" in (pages[0] if pages else "")
                queue.append(urljoin(url, f"index_{number + one_based}.html"))
    for report in TRUTH.reports:
        linked = [replica.base(host) + path in seen for host, path in places(report)]
        assert any(linked), report.paths
    assert {replica.base(decoy.host) + decoy.path for decoy in TRUTH.decoys} <= seen


UTF8 = html.HTMLParser(encoding="utf-8")


def test_no_two_reports_look_the_same(replica: Replica) -> None:
    bodies = Counter(get(replica.base(report.host) + report.paths[0]).body for report in TRUTH.reports)
    # The one that is out of order at first answers like nothing else; all others differ as well.
    assert bodies.most_common(1)[0][1] == 1


def test_a_report_says_its_figures(replica: Replica) -> None:
    report = TRUTH.by_identity()["重庆市南岸区人民政府", 2023, "jurisdiction_aggregate"]
    page = get(replica.base(report.host) + report.paths[0]).text
    tables = html.fromstring(page).xpath("//table")
    assert [len(table.xpath(".//tr")) for table in tables] == [14, 28, 4]
    assert "935423" in page
    assert "办结237件" in page or "答复申请人237件" in page


# --- HTTP ----------------------------------------------------------------------------------------------------------


def first(host: str) -> Expected:
    return next(report for report in TRUTH.reports if report.host == host and report.form == "gb2021")


def test_validators_and_304(replica: Replica) -> None:
    url = replica.base("cqbn") + first("cqbn").paths[0]
    reply = get(url)
    again = get(url, If_None_Match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert "last-modified" in reply.headers


def test_a_counter_moves_and_its_page_has_no_validator(replica: Replica) -> None:
    report = TRUTH.by_identity()["重庆市南岸区人民政府", 2025, "jurisdiction_aggregate"]
    replies = [get(replica.base(report.host) + report.paths[0]) for _ in range(2)]
    assert replies[0].body != replies[1].body
    assert "etag" not in replies[0].headers


def test_compressed_only_when_asked(replica: Replica) -> None:
    url = replica.base("cqyz") + first("cqyz").paths[0]
    plain, packed = get(url), get(url, Accept_Encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed.body) == plain.body


def test_chunked_pages_have_no_length(replica: Replica) -> None:
    reply = get(replica.base("cqna") + first("cqna").paths[0])
    assert reply.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in reply.headers


def test_charsets_lie_as_real_ones_do(replica: Replica) -> None:
    jinfeng = TRUTH.by_identity()["重庆市开州区金峰镇人民政府", 2025, "organ"]
    reply = get(replica.base(jinfeng.host) + jinfeng.paths[0])
    assert "gb2312" in reply.headers["content-type"]
    assert "陶镕" in reply.body.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        reply.body.decode("gb2312")  # 镕 is not in the charset that the label names
    mislabelled = TRUTH.by_identity()["重庆市渝中区人民政府大溪沟街道办事处", 2023, "organ"]
    reply = get(replica.base(mislabelled.host) + mislabelled.paths[0])
    assert "ISO-8859-1" in reply.headers["content-type"]
    assert "大溪沟街道" in reply.body.decode("utf-8")


def test_robots_differ_by_host(replica: Replica) -> None:
    answers = {host: get(f"{base}/robots.txt") for host, base in replica.hosts.items() if host != MIRROR}
    assert {reply.status for reply in answers.values()} == {200, 404}
    assert b"Disallow: /igs/" in answers["cqbn"].body
    assert answers["cqkz"].body.startswith(b"<!DOCTYPE")


def test_a_folder_without_its_slash_is_sent_to_the_one_with_it(replica: Replica) -> None:
    reply = get(replica.base("cqbn") + "/bmjz")
    assert (reply.status, reply.headers["location"]) == (301, replica.base("cqbn") + "/bmjz/")


def test_what_is_not_there_is_404(replica: Replica) -> None:
    assert get(replica.base("cqbn") + "/nothing.html").status == 404


def test_requests_are_logged(replica: Replica) -> None:
    get(replica.base("cqbn") + "/bmjz/?a=1", User_Agent="somebody")
    entry = replica.log[-1]
    assert (entry.host, entry.path, entry.status, entry.headers["user-agent"]) == (
        "cqbn",
        "/bmjz/?a=1",
        200,
        "somebody",
    )


# --- scenarios and life --------------------------------------------------------------------------------------------


def test_the_second_night_differs_in_what_is_told_and_in_nothing_else() -> None:
    tonight = truth(Scenario(night=2)).by_identity()
    before = TRUTH.by_identity()
    assert set(tonight) - set(before) == {
        ("重庆市巴南区丰盛镇人民政府", 2025, "organ"),
        ("重庆市巴南区招商投资促进局", 2022, "organ"),
    }
    assert set(before) - set(tonight) == {("重庆市开州区厚坝镇人民政府", 2023, "organ")}
    edited = [identity for identity in set(before) & set(tonight) if before[identity] != tonight[identity]]
    assert edited == [("重庆市渝中区经济和信息化委员会", 2024, "organ")]


def test_a_night_passes_at_the_same_addresses(replica: Replica) -> None:
    edited = TRUTH.by_identity()["重庆市渝中区经济和信息化委员会", 2024, "organ"]
    url = replica.base(edited.host) + edited.paths[0]
    body = get(url).body
    replica.night(2)
    assert get(url).body != body
    gone = TRUTH.by_identity()["重庆市开州区厚坝镇人民政府", 2023, "organ"]
    assert get(replica.base(gone.host) + gone.paths[0]).status == 404


def test_a_thousand_towns_cost_nothing_until_they_are_asked_for() -> None:
    scenario = Scenario(towns=1000, town_years=(2024, 2025))
    with Replica(scenario, max_seconds=60) as running:
        index = get(running.base("load") + "/bmjz_sites/jz/").text
        towns = re.findall(r'href="(/bmjz_sites/jz/t\d+_\d+/)"', index)
        assert len(set(towns)) == 1000
        names = re.findall(r"/\">(\w+镇)</a></li>", index)
        assert len(set(names)) == 1000
        home = get(running.base("load") + towns[999]).text
        column = re.search(r'href="\./([^"]+)">政府信息公开年报<', home)
        assert column
        reply = get(running.base("load") + towns[999] + column[1])
        assert len(re.findall(r"/t\d{8}_\d+\.html", reply.text)) == 2
    assert running.errors == []
    small = truth(Scenario(towns=3, town_years=(2025,)))
    assert len(small.reports) == len(TRUTH.reports) + 3


def test_towns_are_made_from_patterns_and_show_their_own_truth() -> None:
    with Replica(Scenario(portals=False, towns=120, town_years=(2020, 2025)), max_seconds=60) as running:
        told = running.truth()
        pages = {report.paths[0]: get(running.base("load") + report.paths[0]).text for report in told.reports}
        again = get(running.base("load") + told.reports[7].paths[0])
        assert (
            get(running.base("load") + told.reports[7].paths[0], If_None_Match=again.headers["etag"]).status
            == 304
        )
    assert (
        len(told.by_identity())
        == len({report.doc_id for report in told.reports})
        == len(set(pages.values()))
        == 240
    )
    figures: dict[str, set[str]] = {}
    for report in told.reports:
        text = pages[report.paths[0]]
        assert report.title in text
        assert not re.search("[\ue000-\uf8ff※]", text)
        assert (report.doc_id or "") in report.paths[0]
        figures.setdefault(str(report.cells()), set()).add(report.agency)
    assert max(map(len, figures.values())) <= 9  # towns of one pattern share their figures, neighbours do not


def test_more_towns_than_one_county_has_names_for() -> None:
    scenario = Scenario(portals=False, towns=1001, town_years=(2025,), installations=3)
    with Replica(scenario, max_seconds=60) as running:
        told = running.truth()
        assert {report.host for report in told.reports} == {
            "load",
            "load-1",
            "fleet-000",
            "fleet-001",
            "fleet-002",
        }
        assert len(told.by_identity()) == 1001 + 3 * 2
        for report in (told.reports[0], told.reports[1000], told.reports[-1]):
            assert report.title in get(running.base(report.host) + report.paths[0]).text
    assert running.errors == []
    with pytest.raises(ValueError, match="names for 12000 towns"):
        truth(Scenario(portals=False, towns=12_000, installations=1))


def test_installations_stand_apart() -> None:
    with Replica(Scenario(portals=False, installations=40, installation_towns=3), max_seconds=60) as running:
        rows = list(csv.DictReader(io.StringIO(running.registry_csv())))
        assert (
            len({row["options"] for row in rows})
            == len({urlsplit(row["list_url"]).port for row in rows})
            == 40
        )
        told = running.truth()
        assert len(told.by_identity()) == 40 * 3 * 5
        assert {report.doc_key for report in told.of_site("fleet-007")} == {
            f"fleet-007:{report.doc_id}" for report in told.of_site("fleet-007")
        }
        index = get(rows[7]["list_url"]).text
        assert len(re.findall(r'href="/bmjz_sites/jz/t\d+_\d+/"', index)) == 3


def test_bad_weather_is_an_extra() -> None:
    with Replica(Scenario(storm=True), max_seconds=60) as running:
        assert get(running.base("closed") + "/robots.txt").status == 500
        column = running.base("rough") + "/zwgk_900/zfxxgknb/"
        assert get(column + "index_7.html").status == 200
        assert get(column + "202601/t20260120_99000001.html").status == 302
        with pytest.raises(http.client.IncompleteRead):
            get(column + "202601/t20260120_99000000.html")


def test_it_stops_and_leaves_nothing_behind() -> None:
    running = Replica(max_seconds=60).start()
    port = urlsplit(running.base("cqbn")).port
    running.stop()
    running.stop()
    assert not any(thread.name == "replica" for thread in threading.enumerate())
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


def test_its_life_is_bounded() -> None:
    running = Replica(max_seconds=0.05).start()
    running.wait(10)
    assert not any(thread.name == "replica" for thread in threading.enumerate())


def test_a_port_in_use_is_an_oserror() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):
        Replica(port=taken.getsockname()[1], max_seconds=60).start()


def test_tests_cannot_leave_this_machine() -> None:
    with socket.socket() as out, pytest.raises(RuntimeError, match="stay on this machine"):
        out.connect(("192.0.2.1", 80))


def test_the_registry_has_the_columns_of_the_contract(replica: Replica) -> None:
    rows = list(csv.DictReader(io.StringIO(replica.registry_csv())))
    assert list(rows[0]) == (
        [
            "site",
            "spider",
            "platform",
            "name",
            "admin_code",
            "list_url",
            "options",
            "first_year",
            "last_year",
            "enabled",
            "note",
        ]
    )
    assert all("installation=cq" in row["options"] for row in rows)
    assert {row["spider"] for row in rows} == {"district", "township"}
    assert {report.site for report in TRUTH.reports} <= {row["site"] for row in rows}
