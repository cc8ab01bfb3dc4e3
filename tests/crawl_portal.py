"""A portal as small as can be, for tests of the crawl: a few pages by address, on loopback, that remembers who asked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

HEADER = "site,spider,platform,name,admin_code,list_url,options,first_year,last_year,enabled,note\n"
REPOSITORY = Path(__file__).parent.parent

Answer = tuple[int, Mapping[str, str], bytes]
Page = str | bytes | Answer | Callable[[Mapping[str, str]], Answer]


class Portal:
    """Pages by path. ``asked`` holds path and headers of every request, in order; what is not there is a 404."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.posts: dict[str, Callable[[Mapping[str, str]], Page]] = {}
        """What is answered to a form, by path."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def paths(self, *, robots: bool = False) -> list[str]:
        return [path for path, _ in self.asked if robots or path != "/robots.txt"]

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        page = self.pages.get(path)
        if callable(page):
            page = page(headers)
        if page is None:
            return 404, {}, b"<html><body>404 Not Found</body></html>"
        if isinstance(page, tuple):
            return page
        body = page.encode() if isinstance(page, str) else page
        return 200, {"Content-Type": "text/html; charset=utf-8"}, body


@contextmanager
def serving(portal: Portal) -> Iterator[Portal]:
    """The portal answers on a free port of loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            portal.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, headers, body = portal.answer(self.path, portal.asked[-1][1])
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if not any(name.lower() == "content-length" for name in headers):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            make = portal.posts.get(self.path)
            if make is not None:
                portal.pages[self.path] = make(form)
            self.do_GET()
            portal.pages.pop(self.path, None)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        portal.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield portal
        finally:
            server.shutdown()
            thread.join(5)


def registry(folder: Path, *rows: str) -> Path:
    """A registry file of these rows, each ``site,spider,platform,name,code,url,options,first,last,enabled,note``."""
    path = folder / "sites.csv"
    path.write_text(HEADER + "".join(row + "\n" for row in rows), encoding="utf-8")
    return path


def gongkai(
    folder: Path, *arguments: str, module: str = "crawler", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run ``gongkai`` (or ``scrapy``) in a process of its own, with its locks and archive in that folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    environment |= {
        "XDG_STATE_HOME": str(folder / "state"), "GONGKAI_DELAY": "0", "GONGKAI_ARCHIVE": str(folder / "archive.db"),
        "GONGKAI_SITES": str(folder / "sites.csv"), "PYTHONPATH": str(REPOSITORY), **env,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


_FIVE = "".join(f"<td>{text}</td>" for text in ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计"))
REVIEW = f"""<table border="1"><tr><td colspan="5" rowspan="2">行政复议</td><td colspan="10">行政诉讼</td></tr>
<tr><td colspan="5">未经复议直接起诉</td><td colspan="5">复议后起诉</td></tr><tr>{_FIVE * 3}</tr>
<tr>{"<td>0</td>" * 15}</tr></table>"""


def report(agency: str, year: int, *, extra: str = "", requests: int = 3) -> str:
    """A report page with the statutory headings, a little text and table 4: enough to be read as a report."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{agency}{year}年政府信息公开工作年度报告</title>
<meta name="ArticleTitle" content="{agency}{year}年政府信息公开工作年度报告">
<meta name="PubDate" content="{year + 1}-01-20 10:00"></head><body>
<h1>{agency}{year}年政府信息公开工作年度报告</h1><div>日期：{year + 1}-01-20</div>
<div class="trs_editor_view"><p>一、总体情况</p><p>{year}年，本机关收到申请{requests}件。{extra}</p>
<p>二、主动公开政府信息情况</p><p>见下。</p><p>三、收到和处理政府信息公开申请情况</p><p>见下。</p>
<p>四、政府信息公开行政复议、行政诉讼情况</p>{REVIEW}<p>五、存在的主要问题及改进情况</p><p>无。</p>
<p>六、其他需要报告的事项</p><p>无。</p></div></body></html>"""


def column(name: str, body: str, *, script: str = "") -> str:
    """A list page called ``name``."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{name}</title>
<meta name="ColumnName" content="{name}"></head><body><div><a href="/">首页</a> <a href="/bm/">部门</a></div>
{body}<script>{script}</script></body></html>"""


def row(href: str, title: str, day: str = "2026-01-20") -> str:
    return f'<li><a href="{href}" title="{title}">{title[:10]}…</a><span>{day}</span></li>'
