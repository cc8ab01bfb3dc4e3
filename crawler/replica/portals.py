"""The portals: from ``sites/*.json`` to every address that answers, and to the truth about them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from hashlib import md5
from html import escape
from pathlib import Path
from typing import Any

from crawler.replica import pages
from crawler.replica.model import INSTALLATION, Answer, Decoy, Expected, Resource, Scenario, Unit, Visit
from crawler.replica.pagers import PAGERS
from crawler.replica.pages import Article, Frame, Link
from crawler.replica.reports import Ids, Options, Report, as_docx, plan
from crawler.replica.shapes import SHAPES
from crawler.replica.world import (
    MIRROR,
    Column,
    Listed,
    Portal,
    RegistryRow,
    World,
    counter,
    flaky,
    href,
    html_resource,
    parent,
)

SITES = Path(__file__).parent / "sites"
YEARLY = "政府信息公开年报"


def site_files() -> list[dict[str, Any]]:
    """The portals as described in ``sites/*.json``; the municipal one last, because it shows the others' reports."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SITES.glob("*.json"))]
    return sorted(files, key=lambda site: any("collects" in column for column in site["columns"]))


def build(scenario: Scenario) -> World:
    """Every portal of the scenario, ready to be served."""
    world = World(scenario)
    files = site_files() if scenario.portals else []
    ids = Ids(set(_explicit_ids(files)))
    for site in files:
        PortalBuilder(site, world, ids).build()
    world.portals[MIRROR] = _mirror()
    # What adds to a world builds portals itself, so it cannot be imported before this module is there.
    from crawler.replica.families import add_families
    from crawler.replica.load import add_installations, add_towns
    from crawler.replica.storm import add_storm
    from crawler.replica.traps import add_traps

    if scenario.towns:
        add_towns(world)
    if scenario.installations:
        add_installations(world)
    if scenario.platforms:
        add_families(world, ids)
    if scenario.traps:
        add_traps(world, ids)
    if scenario.storm:
        add_storm(world)
    return world


def _explicit_ids(node: Any) -> list[int]:
    if isinstance(node, dict):
        own = [node["id"]] if isinstance(node.get("id"), int) else []
        return own + [number for value in node.values() for number in _explicit_ids(value)]
    if isinstance(node, list):
        return [number for value in node for number in _explicit_ids(value)]
    return []


def _mirror() -> Portal:
    text = "<!DOCTYPE html><html><head><title>mirror</title></head><body><a href='/copy.html'>政府信息公开年报</a></body></html>"
    portal = Portal(MIRROR, "mirror", {})
    portal.pages["/"] = portal.pages["/copy.html"] = portal.pages["/robots.txt"] = html_resource(
        lambda _: text
    )
    return portal


class PortalBuilder:
    """Builds one portal from its description: every page, every row of the registry, every part of the truth."""

    grammar = "{folder}{day:%Y%m}/t{day:%Y%m%d}_{number}.html"
    """How a document's address is made; ``hash`` and ``channel`` may stand in it as well."""
    has_ids = True
    """Whether documents have an id of the platform; else the address is the identity."""

    def __init__(self, site: Options, world: World, ids: Ids) -> None:
        self.site, self.world, self.ids = site, world, ids
        self.style: Options = site["style"]
        self.host: str = site["host"]
        self.portal = world.portals[self.host] = Portal(
            self.host, site["name"], self.style, installation=site.get("installation", INSTALLATION)
        )
        self.columns: dict[str, Column] = {}
        self.under: defaultdict[str, list[Listed]] = defaultdict(list)

    def build(self) -> None:
        """Fill the portal."""
        self._plumbing()
        for row in self.site["rows"]:
            self.world.rows.append(
                RegistryRow(
                    row["site"],
                    row["spider"],
                    self.host,
                    row["path"],
                    row["name"],
                    self.site["code"],
                    row.get("first_year"),
                    row.get("options", ""),
                    platform=row.get("platform", "trs"),
                )
            )
        for spec in self.site["columns"]:
            self._tree_column(spec)
        for spec in self.site["columns"]:
            self._settle_tree_column(spec)
        for index in self.site["indices"]:
            self._index(index)
        for column in self.columns.values():
            self.publish_column(column)

    # --- what every portal has -------------------------------------------------------------------------------------

    def _plumbing(self) -> None:
        for path, title in (
            ("/", "首页"),
            ("/zwgk/", "政务公开"),
            ("/ykb/", "渝快办"),
            ("/hdjl/", "互动交流"),
        ):
            self._plain(path, title, f"<p>{escape(self.site['name'])}{title}</p>")
        self.portal.pages["/igs/front/search.jhtml"] = lambda _: Answer(
            b'{"page":{"total":0,"content":[]}}', headers={"Content-Type": "application/json"}
        )
        robots = {
            "rules": Answer(b"User-agent: *\nDisallow: /igs/\n", headers={"Content-Type": "text/plain"}),
            "missing": Answer(b"<html><body>404 Not Found</body></html>", 404, {"Content-Type": "text/html"}),
            "page": Answer(pages.soft_404(self.site["name"]).encode(), headers={"Content-Type": "text/html"}),
            "broken": Answer(b"<html><body>500</body></html>", 500, {"Content-Type": "text/html"}),
        }[self.style["robots"]]
        self.portal.pages["/robots.txt"] = lambda _: robots

    def _frame(self, visit: Visit, crumbs: tuple[str, ...], nav: tuple[Link, ...], charset: str) -> Frame:
        foot = (Link(visit.base(MIRROR) + "/", "友情链接"),)
        label = "gb2312" if charset == "gb18030" else charset
        return Frame(self.site["name"], self.style, ("首页", *crumbs), nav, foot, label)

    def _plain(
        self,
        path: str,
        title: str,
        main: str,
        nav: tuple[Link, ...] = (),
        charset: str = "utf-8",
        crumbs: tuple[str, ...] = (),
    ) -> None:
        self.portal.pages[path] = html_resource(
            lambda visit: pages.page(
                self._frame(visit, (*crumbs, title), nav, charset), f"{title}_{self.site['name']}", main
            ),
            charset=charset,
            modified=self.portal.modified,
            chunked=bool(self.style.get("chunked")),
        )

    # --- a district's column tree ----------------------------------------------------------------------------------

    def _tree_column(self, spec: Options) -> None:
        column = self.columns[spec["path"]] = Column(
            spec["path"],
            spec["label"],
            per_page=spec.get("per_page", 15),
            crumbs=("政务公开", YEARLY, spec["label"]),
        )
        for series in spec.get("series", ()):
            label = (
                spec["label"]
                if len(spec["series"]) == 1
                else series["agency"].removeprefix(self.site["county"])
            )
            unit = Unit(series["agency"], series["kind"], self.site["code"], label)
            for report in plan(unit, series, self.ids, self.world.scenario):
                self._report(report, column, spec["row"])
        self._others(spec.get("others", ()), column)
        if "collects" in spec:
            self._collect(column, frozenset(spec["collects"]))

    def _settle_tree_column(self, spec: Options) -> None:
        """Navigation needs all columns; so do lists that show other columns' newest documents."""
        column = self.columns[spec["path"]]
        children = [other for other in self.columns.values() if parent(other.path) == column.path]
        siblings = [other for other in self.columns.values() if parent(other.path) == parent(column.path)]
        column.nav = tuple(Link(other.path, other.label) for other in (children or siblings))
        column.entries += self.under[column.path]
        if "latest" in spec:
            newest = sorted(
                (entry for child in children for entry in child.entries),
                key=lambda entry: entry.day,
                reverse=True,
            )
            column.entries += newest[: spec["latest"]]

    def _collect(self, column: Column, years: frozenset[int]) -> None:
        """Show other portals' aggregate reports under an address of this host, with the same document id."""
        for number, report in enumerate(self.world.reports):
            if report.scope == "organ" or report.year not in years or report.host == self.host:
                continue
            file = report.paths[0].rsplit("/", 2)
            path = f"{column.path}{file[1]}/{file[2]}"
            planned = self.world.planned[report.identity]
            self.portal.pages[path] = self._report_resource(planned, column, "utf-8", wap=False)
            column.entries.append(Listed(report.title, path, report.published_on))
            self.world.reports[number] = replace(report, also=(*report.also, (self.host, path)))

    # --- sub-sites -------------------------------------------------------------------------------------------------

    def _index(self, index: Options) -> None:
        groups = "".join(
            f"<h3>{escape(name)}</h3><ul class='units'>"
            + "".join(
                f'<li><a href="{href(index["path"], unit["path"])}">{escape(unit["label"])}</a></li>'
                for unit in units
            )
            + "</ul>"
            for name, units in index["groups"].items()
        )
        charset = index.get("charset", "utf-8")
        self._plain(index["path"], index["label"], groups, charset=charset)
        for units in index["groups"].values():
            for unit in units:
                self.unit(unit, index["row"], charset)

    def unit(self, spec: Options, row: str, charset: str = "utf-8") -> None:
        """One sub-site: its home, its navigation, its columns and its reports."""
        home, number = spec["path"], int(spec["zwgk"])
        root = f"{home}zwgk_{number}/"
        places = {
            "政府信息公开指南": f"{root}zfxxgkzn_{number + 1}/",
            "政府信息公开制度": f"{root}zfxxgkzd_{number + 2}/",
            "法定主动公开内容": f"{root}fdzdgknr_{number + 3}/",
            YEARLY: f"{root}zfxxgknb_{number + int(spec['k'])}/",
            "依申请公开": f"{root}ysqgk_{number + 40}/",
        }
        duty = Link("jgzn/", "机构职能")
        own = tuple(Link(href(home, path), label) for label, path in places.items())
        inner = tuple(Link(href(root, path), label) for label, path in places.items())
        two_levels = spec.get("levels") == 2
        front = (duty, Link(href(home, root), "政务公开")) if two_levels else (duty, *own)
        self._plain(home, spec["label"], f"<p>{escape(spec['agency'])}</p>", front, charset)
        whose = (spec["label"],)
        self._plain(root, "政务公开", "<p>政府信息公开专栏</p>", inner, charset, whose)
        self._plain(f"{home}jgzn/", "机构职能", "<p>办公地址和值班电话</p>", (), charset, whose)
        for label in ("政府信息公开制度", "法定主动公开内容", "依申请公开"):
            self._plain(places[label], label, f"<p>{label}栏目内容整理中。</p>", (), charset, whose)
        self._guide(spec, places["政府信息公开指南"], charset)
        self._unit_reports(spec, row, places[YEARLY], charset)

    def _guide(self, spec: Options, path: str, charset: str) -> None:
        title = f"{spec['agency']}政府信息公开指南"
        self.world.decoys.append(Decoy(self.host, path, title, "guide"))
        content = Article(
            title,
            "<p>为方便公众获取信息，编制本指南。申请可当面、邮寄或者网上提出。</p>",
            "2024-06-12",
            spec["label"],
        )
        self._article(path, content, (spec["label"], "政府信息公开指南"), charset)

    def _unit_reports(self, spec: Options, row: str, path: str, charset: str) -> None:
        column = Column(
            path,
            YEARLY,
            crumbs=(spec["label"], "政务公开", YEARLY),
            per_page=spec.get("per_page", 15),
            charset=charset,
        )
        unit = Unit(spec["agency"], spec["kind"], self.site["code"], spec["label"])
        for report in plan(unit, spec, self.ids, self.world.scenario):
            self._report(report, column, row)
        self._others(spec.get("others", ()), column)
        if not spec.get("directory"):
            self.columns[path] = column

    # --- lists -----------------------------------------------------------------------------------------------------

    def publish_column(self, column: Column) -> None:
        """Put a list under its address, page by page, newest first."""
        entries = sorted(column.entries, key=lambda entry: entry.day, reverse=True)
        count = max(1, -(-len(entries) // column.per_page))
        pager = PAGERS[self.style["pager"]]
        for number in range(count):
            part = entries[number * column.per_page : (number + 1) * column.per_page]
            path = column.path + pager.page_name(number)
            make = partial(self._list_page, column, part, count, number, len(entries))
            resource = html_resource(
                make,
                charset=column.charset,
                modified=self.portal.modified,
                chunked=bool(self.style.get("chunked")),
            )
            self.portal.pages[path] = resource
            if number == 0:
                self.portal.pages[path + pager.first] = resource

    def _list_page(
        self, column: Column, entries: list[Listed], count: int, number: int, total: int, visit: Visit
    ) -> str:
        links = [
            Link(
                visit.base(self.host) + entry.path if entry.absolute else href(column.path, entry.path),
                entry.title,
                entry.day,
            )
            for entry in entries
        ]
        main = pages.LISTS[self.style["list"]](links) + PAGERS[self.style["pager"]].draw(count, number, total)
        frame = self._frame(visit, column.crumbs, column.nav, column.charset)
        return pages.page(
            frame, f"{column.label}_{self.site['name']}", main, metas={"ColumnName": column.label}
        )

    def address(self, report: Report, column: Column) -> str:
        """Where an article stands; a report that is its column's directory stands there."""
        return self.document(column, report.day, report.doc_id) if report.doc_id else column.path

    def document(self, column: Column, day: date, number: int) -> str:
        """A document's address by the platform's grammar."""
        name = md5(str(number).encode(), usedforsecurity=False).hexdigest()
        channel = "".join(letter for letter in column.path if letter.isdigit())
        return self.grammar.format(folder=column.path, day=day, number=number, hash=name, channel=channel)

    # --- documents -------------------------------------------------------------------------------------------------

    def _report(self, report: Report, column: Column, row: str) -> None:
        quirks = report.quirks
        charset = "gb18030" if column.charset == "gb18030" else "utf-8"
        main = self.address(report, column)
        paths = [main] + [f"{other}{report.file}.html" for other in report.under]
        if quirks & {"wap", "wap_only"}:
            paths.append(f"{column.path}{report.file}_wap.html")
        blocked = "blocked" in quirks and self.world.scenario.night == 1
        for path in paths:
            self.portal.pages[path] = (
                html_resource(lambda _: pages.block_page())
                if blocked
                else self._report_resource(report, column, charset, wap=path.endswith("_wap.html"))
            )
        shown = paths[-1] if "wap_only" in quirks else main
        column.entries.append(
            Listed(report.title, shown, report.day.isoformat(), absolute="absolute" in quirks)
        )
        if "wap" in quirks:
            column.entries.append(Listed(report.title, paths[-1], report.day.isoformat()))
        for other, path in zip(report.under, paths[1:], strict=False):
            self.under[other].append(Listed(report.title, path, report.day.isoformat()))
        if blocked:
            self.world.decoys.append(Decoy(self.host, main, report.title, "blocked"))
            return
        attachment = self._attachment(report, column) if "docx" in quirks else None
        expected = self._expected(report, row, tuple(paths), attachment)
        self.world.reports.append(expected)
        self.world.planned[expected.identity] = report

    def _attachment(self, report: Report, column: Column) -> str:
        path = f"{column.path}{report.day:%Y%m}/P0{report.day:%Y%m%d}512340987654.docx"
        body = as_docx(report)
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        self.portal.pages[path] = lambda _: Answer(body, headers={"Content-Type": kind}, modified=report.day)
        return path

    def _expected(self, report: Report, row: str, paths: tuple[str, ...], attachment: str | None) -> Expected:
        dated = "no_date" not in report.quirks
        told = (
            self.style["meta"] or self.style["list"] != "undated"
        )  # the date that a list shows is metadata too
        source = "page" if dated else "metadata" if told else "url"
        return Expected(
            host=self.host,
            site=row,
            paths=paths,
            doc_id=str(report.doc_id) if report.doc_id and self.has_ids else None,
            agency=report.unit.agency,
            kind=report.unit.kind,
            county_code=report.unit.county_code,
            scope=report.scope,
            year=report.year,
            form=report.form,
            title=report.title,
            published_on=report.page_date,
            published_source=source,
            tables=report.values(),
            statistics=dict(report.stats),
            notes=report.notes(),
            expected=report.expected,
            forbidden=report.forbidden,
            attachment=attachment,
            installation=self.portal.installation,
        )

    def _report_resource(self, report: Report, column: Column, charset: str, *, wap: bool) -> Resource:
        quirks = report.quirks
        name = f"P0{report.day:%Y%m%d}512340987654.docx"
        label = {"gb18030": "gb2312"}.get(charset, charset)

        def make(visit: Visit) -> str:
            body = (
                "<p>年度报告全文见附件。</p>" if "docx" in quirks else SHAPES[report.shape](report.blocks())
            )
            title = escape(report.title)
            if "title_break" in quirks:
                title = title.replace(f"{report.year}年", f"<br/>{report.year}年")
            twice = self.style.get("title_twice") and "no_title" not in quirks
            content = Article(
                title,
                body,
                None if "no_date" in quirks else report.page_date,
                report.unit.label,
                meta_date=report.page_date if self.style["meta"] else None,
                heading="no_title" not in quirks,
                second_title=title.replace(f"{report.year}年", f"<br/>{report.year}年") if twice else "",
                counter=counter(visit) if "volatile" in quirks else "",
                attachments=(Link(f"./{name}", f"{report.title}.docx"),) if "docx" in quirks else (),
                wap=wap,
            )
            frame = self._frame(
                visit, column.crumbs, column.nav, "gb2312" if "wrong_header" in quirks else label
            )
            return pages.article(frame, content)

        resource = html_resource(
            make,
            charset=charset,
            header="ISO-8859-1" if "wrong_header" in quirks else None,
            modified=report.day,
            chunked=bool(self.style.get("chunked")),
            volatile="volatile" in quirks,
            delay=self.world.scenario.slow if "slow" in quirks else 0.0,
        )
        return flaky(resource) if "flaky" in quirks else resource

    def _article(self, path: str, content: Article, crumbs: tuple[str, ...], charset: str = "utf-8") -> None:
        self.portal.pages[path] = html_resource(
            lambda visit: pages.article(self._frame(visit, crumbs, (), charset), content),
            charset=charset,
            modified=self.portal.modified,
        )

    def _others(self, others: list[Mapping[str, str]], column: Column) -> None:
        for other in others:
            day = date.fromisoformat(other["date"])
            number = self.ids.next(day, other["title"])
            path = self.document(column, day, number)
            column.entries.append(Listed(other["title"], path, other["date"]))
            self.world.decoys.append(Decoy(self.host, path, other["title"], other["reason"]))
            if other["reason"] == "soft_404":
                self.portal.pages[path] = html_resource(lambda _: pages.soft_404(self.site["name"]))
            elif other["reason"] == "home":
                self.portal.pages[path] = lambda visit: Answer(
                    b"", 302, {"Location": f"{visit.base(self.host)}/", "Content-Type": "text/html"}
                )
            else:
                content = Article(
                    escape(other["title"]),
                    "<p>本页刊登与信息公开有关的说明，供查阅。</p><p>请各单位按时间要求认真办理。</p>",
                    other["date"],
                    self.site["name"],
                    meta_date=other["date"],
                )
                self._article(path, content, column.crumbs)
