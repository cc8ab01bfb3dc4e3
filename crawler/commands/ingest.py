"""``gongkai ingest``: saved documents and WARC files into the archive, as if they had been crawled."""

from __future__ import annotations

import hashlib
from collections import Counter
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from urllib.parse import urlsplit

import click

from archive.report.model import Context
from archive.sandbox import read_safely
from archive.store import Archive, Capture
from crawler import console, platforms, saved
from crawler.options import common_options, example
from crawler.sites import Registry, Site
from crawler.sites import load as load_registry
from crawler.sites.hosts import host_of, twins

OUTCOMES = {
    "new": "new reports or new copies of them",
    "changed": "changed",
    "unchanged": "unchanged",
    "unplaced": "kept, but no report, or not clear whose or of which year (table unplaced)",
    "failed": "kept, but could not be read",
    "skipped": "in the archive already",
}


@example("gongkai ingest saved-pages/ crawl.warc.gz --archive chongqing.db")
@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--url", help="Where the one document named was published.")
@common_options(sites=True)
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[Path, ...], url: str | None, archive: Path, sites: Path | None
) -> None:
    """Put saved documents or WARC files into the archive.

    Takes files, folders and WARC files. Beside a file page.html, page.html.meta.json may tell its url, fetched_at,
    title, list_date, column_name, site, site_name, county_code, status and headers; without fetched_at the file's own
    date stands. What is in the archive already is skipped.
    """
    if url and (len(paths) > 1 or paths[0].is_dir() or saved.is_warc(paths[0])):
        raise click.UsageError("--url belongs to one document; name one file with it.")
    if missing := [path for path in paths if not path.exists()]:
        raise console.Unusable(f"cannot read {missing[0]}: no such file or folder")
    registry = load_registry(sites)
    files = list(saved.find(list(paths)))
    counts: Counter[str] = Counter()
    code = 0
    with Archive.open(archive, create=True) as opened, console.progress(len(files), "ingest") as step:
        run = opened.runs.start("ingest", f"gongkai {version('gongkai')}")
        for file in files:
            try:
                for document in saved.load(file, url=url):
                    counts[take_in(opened, document, registry, run)] += 1
            except saved.SavedError as error:
                console.say(f"gongkai: {error}")
                code = 2
            step(1)
        opened.runs.finish(run, "done" if code == 0 else "failed")
    for outcome, meaning in OUTCOMES.items():
        if counts[outcome]:
            click.echo(f"{counts[outcome]:6}  {outcome}: {meaning}")
    if not counts:
        click.echo("no document found")
    ctx.exit(code or int(counts["failed"] > 0))


def take_in(archive: Archive, document: saved.Saved, registry: Registry, run: int) -> str:
    """Keep and read one document; what became of it comes back: a key of ``OUTCOMES``."""
    url = document.url or f"file:{hashlib.sha256(document.body).hexdigest()}"
    site = site_of(url, registry)
    doc_key = name_of(url, site)
    context = Context.from_dict({**_site_context(site), **document.context, "url": document.url})
    capture = Capture(
        url=url,
        final_url=url,
        kind="ingested",
        status=document.status,
        fetched_at=document.fetched_at,
        body=document.body,
        headers=document.headers,
        context={**context.as_dict(), "fetched_at": document.fetched_at},
        doc_key=doc_key,
    )
    known = archive.conn.execute(
        "SELECT 1 FROM snapshot s JOIN document d USING (doc_key) WHERE s.key = ? AND d.last_seen >= s.fetched_at",
        [capture.key],
    ).fetchone()
    if known:
        return "skipped"
    stored = archive.snapshots.add(capture, crawl_id=run)
    report = read_safely(document.body, document.headers, Context.from_dict(capture.context))
    return archive.readings.store(
        stored.id, report, doc_key=doc_key, site=context.site or "ingested", url=url, now=document.fetched_at
    )


def site_of(url: str, registry: Registry) -> Site | None:
    """The registry row on whose host the address lies, the nearest by its path; ``None`` if there is none."""
    host = host_of(url)
    rows = [row for row in registry if host is not None and host in twins(row.host)]

    def shared(row: Site) -> int:
        folders = zip(urlsplit(url).path.split("/"), urlsplit(row.list_url).path.split("/"), strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], folders))

    return max(rows, key=shared, default=None)


def name_of(url: str, site: Site | None) -> str:
    """The document's name, the same that a crawl gives it: by the platform of its site, else its address."""
    if url.startswith("file:"):
        return url
    platform = platforms.get(site.platform if site and site.platform != "auto" else "static")
    return platform.doc_key(url, site.installation if site else "web")


def _site_context(site: Site | None) -> dict[str, str | None]:
    if site is None:
        return {}
    return {"site": site.site, "county_code": site.admin_code}
