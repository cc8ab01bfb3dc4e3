"""``gongkai health``: how each site has been."""

from __future__ import annotations

from pathlib import Path

import click

from archive.store import Archive
from crawler import console
from crawler.options import common_options, example, format_option

COLUMNS = {
    "site": "site", "verdict": "verdict", "reason": "reason", "last_run": "last run", "last_well": "last well",
    "links": "links", "new": "new", "failed": "failed", "blocked": "blocked",
}  # fmt: skip
QUERY = """
SELECT s.site, x.verdict, x.reason, x.started_at AS last_run, x.links, x.new, x.failed, x.blocked,
       (SELECT max(c.started_at) FROM crawl_site w JOIN crawl c ON c.id = w.crawl_id
        WHERE w.site = s.site AND w.verdict = 'well') AS last_well
FROM site s LEFT JOIN (
    SELECT w.*, c.started_at, row_number() OVER (PARTITION BY w.site ORDER BY w.crawl_id DESC) AS back
    FROM crawl_site w JOIN crawl c ON c.id = w.crawl_id WHERE w.verdict IS NOT NULL
) x ON x.site = s.site AND x.back = 1
WHERE s.enabled ORDER BY x.verdict = 'well', x.verdict IS NULL, s.site
"""


@example("gongkai health --format json")
@click.command("health")
@format_option("table", "csv", "json")
@common_options()
@click.pass_context
def command(ctx: click.Context, output_format: str, archive: Path) -> None:
    """How each site has been at its last run.

    The verdict of the last run on every enabled site, troubles first, and when it was last well. Exit code 1 if the
    last verdict on any is not well; a site that no run has asked yet has none.
    """
    with Archive.open(archive, read_only=True) as opened:
        rows = opened.conn.execute(QUERY).fetchall()
    console.print_rows(rows, COLUMNS, output_format, right=["links", "new", "failed", "blocked"])
    ctx.exit(int(any(row["verdict"] not in (None, "well") for row in rows)))
