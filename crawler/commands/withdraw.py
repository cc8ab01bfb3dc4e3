"""``gongkai withdraw``: withhold a report from everything published."""

from __future__ import annotations

from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example


@example('gongkai withdraw 500154:township_government:金峰:organ:2025 --reason "names a private person"')
@click.command("withdraw")
@click.argument("report")
@click.option("--reason", required=True, help="Why; shown in place of the report.")
@click.option(
    "--level",
    type=click.Choice(["hide", "redact", "purge"]),
    default="hide",
    show_default=True,
    help="hide: nothing is shown but that it is withheld; redact: its words and pages are withheld; "
    "purge: the archive itself forgets them.",
)
@click.option("--yes", is_flag=True, help="Purge without asking.")
@common_options()
@click.pass_context
def command(ctx: click.Context, report: str, reason: str, level: str, yes: bool, archive: Path) -> None:
    """Withhold a report from everything published.

    REPORT is its key, its number in this archive, or its address. A tombstone stays: whose report, and why it is
    withheld. The bytes stay in the archive unless purged; purging cannot be undone. Backups are older than the decision.
    """
    from archive.store import Archive, clock
    from archive.store.connection import transaction
    from archive.store.withheld import annotate
    from crawler.showing import find

    if not (reason := " ".join(reason.split())):
        raise click.UsageError("--reason must say why")
    with Archive.open(archive) as opened:
        row = find(opened, report)
        if level == "purge" and not yes:
            click.confirm(f"Remove all bytes and words of {row['key']} for good?", abort=True, err=True)
        today = clock.now()[:10]
        with transaction(opened.db) as conn:
            new = opened.readings.withdraw(row["key"], level, reason, decided_on=today)
            if new:
                annotate(conn, "report", row["key"], "withdrawal", reason, date=today)
        # Also when it was decided before: that purge may have been killed before it came to the log.
        lingers = level == "purge" and not opened.truncate_log()
    console.say(f"{row['key']}: {'withheld' if new else 'was withheld already'} ({level})")
    if lingers:
        console.say(
            f"{archive}-wal still holds the removed bytes: another program has the archive open;"
            " give this command again when it has ended"
        )
        ctx.exit(1)
