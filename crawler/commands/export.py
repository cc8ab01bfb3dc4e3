"""``gongkai export``: the archive's figures and pages for other people's tools."""

from __future__ import annotations

import re
from pathlib import Path

import click

from archive.publish.exports.choices import ALL, FORM_CHOICES, FORMATS, SCOPE_CHOICES, STATUTORY
from crawler import console
from crawler.options import YEARS, common_options, example, format_option
from crawler.tool import tool


@example("gongkai export --format stata --kind township_government --years 2021-2025 towns/")
@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@format_option(*FORMATS)
@click.option("--county", help="Only this county: its code or its name.")
@click.option("--kind", "kinds", multiple=True, help="Only bodies of this kind, such as township_government.")
@click.option("--years", "--year", "years", type=YEARS, help="Only these years reported on.")
@click.option(
    "--scope",
    type=click.Choice(SCOPE_CHOICES),
    help="Bodies' own reports (organ), totals of counties, or both mixed (all).  [default: organ; warc: all]",
)
@click.option(
    "--form",
    type=click.Choice(FORM_CHOICES),
    help="Forms whose figures compare (since2019, older), one form, or all.  [default: since2019; warc: all]",
)
@click.option("--release", "tag", metavar="TAG", help="Freeze a named version, with SHA256SUMS.")
@click.option(
    "--since",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="With --release: list the values changed since the release in FOLDER.",
)
@click.option(
    "--marks",
    "marked",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="With --release: keep this hand-checked sample and what it comes to (see gongkai accuracy).",
)
@common_options()
def command(
    folder: Path, output_format: str, county: str | None, kinds: tuple[str, ...], years: frozenset[int] | None,
    scope: str | None, form: str | None, tag: str | None, since: Path | None, marked: tuple[Path, ...], archive: Path,
) -> None:  # fmt: skip
    """Write the archive for other people's tools into FOLDER.

    Tables as csv, xlsx, parquet or stata; pages as WARC. Only reports of one scope and of forms that compare, unless
    more is asked for; what is left out is said. FOLDER must be new; it appears only when it is whole.
    """
    from archive.publish.accuracy import marks
    from archive.publish.exports.export import export
    from archive.publish.exports.selection import Selection
    from archive.store import Archive, clock

    if tag is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", tag):
        raise click.UsageError(f"--release {tag!r}: letters, digits, dot, dash and underscore only (2026-11)")
    if since is not None and (tag is None or output_format == "warc"):
        raise click.UsageError("--since goes with --release and a format of tables.")
    if marked and (tag is None or output_format == "warc"):
        raise click.UsageError("--marks goes with --release and a format of tables.")
    pages = output_format == "warc"
    selection = Selection(
        county,
        kinds,
        years or frozenset(),
        scope or (ALL if pages else "organ"),
        form or (ALL if pages else STATUTORY),
    )
    with Archive.open(archive, read_only=True) as opened:
        done = export(
            opened, folder, output_format=output_format, selection=selection, now=clock.now(),
            software=tool(), tag=tag, since=since, checked=marks.read(marked),
            progress=console.progress,
        )  # fmt: skip
    if done.warc:
        console.echo(
            f"{folder}: {done.warc.snapshots} snapshots in {done.warc.records} records, read back and found equal"
        )
    else:
        console.echo(
            f"{folder}: {done.chosen.reports} reports; {len(done.files)} files, README.md says what is in them"
        )
    if done.changed is not None:
        console.echo(f"changed since {since}: {done.changed} values (changed.csv)")
    if tag is not None and not marked and not pages:
        console.echo("no hand-checked sample goes with it (gongkai accuracy lays one out; --marks keeps it)")
    for line in done.chosen.left_out() if not pages or selection != Selection(scope=ALL, form=ALL) else ():
        console.echo(f"left out: {line}")
