"""``gongkai accuracy``: how right the readings are, by a sample that people check by hand."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import console
from crawler.options import YEARS, common_options, example, format_option

if TYPE_CHECKING:
    from archive.store import Archive
    from archive.store.where import Where

HEADINGS = {
    "form": "格式", "year": "年度", "what": "核对", "n": "n", "right": "一致", "wrong": "不一致", "agreement": "比例",
    "low": "95% 下限", "high": "上限", "unsure": "不明", "unmarked": "未核", "other_page": "原页已变",
}  # fmt: skip
SHARES = ("agreement", "low", "high")


@example("gongkai accuracy --each 5 --seed 2026-11 sheet/")
@click.command("accuracy")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--each", type=click.IntRange(1, 1000), default=5, show_default=True,
              help="How many reports of every form and year.")  # fmt: skip
@click.option(
    "--seed",
    default="1",
    show_default=True,
    help="Another seed draws another sample: take the release's name.",
)
@click.option("--county", help="Only this county: its code or its name.")
@click.option("--kind", "kinds", multiple=True, help="Only bodies of this kind, such as township_government.")
@click.option("--years", "--year", "years", type=YEARS, help="Only these years reported on.")
@click.option(
    "--marks",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Count the marks in this file, filled in by hand; may be given again.",
)
@format_option("table", "csv", "json")
@common_options()
@click.pass_context
def command(
    ctx: click.Context, folder: Path | None, each: int, seed: str, county: str | None, kinds: tuple[str, ...],
    years: frozenset[int] | None, files: tuple[Path, ...], output_format: str, archive: Path,
) -> None:  # fmt: skip
    """Lay out a random sample for checking by hand, or count the marks.

    With FOLDER: a sheet to open in a browser (index.html), the stored pages beside it, and marks.csv to fill in. With
    --marks: how far the archive agrees with what people found on the pages, per form and year, with 95 % intervals;
    exit code 1 if a value differs. docs/accuracy.md tells the method.
    """
    from archive.publish.accuracy import agreement, marks
    from archive.store import Archive
    from archive.store.where import Where

    if (folder is None) == (not files):
        raise click.UsageError("name a FOLDER to lay out a sample, or --marks FILE to count marks.")
    with Archive.open(archive, read_only=True) as opened:
        if folder is not None:
            where = Where()
            where.one_of("r.kind", kinds)
            where.one_of("r.year", years)
            where.county(opened.conn, "r", county)
            lay_out(opened, folder, where, each, seed)
            return
        found = agreement.agreement(opened.conn, marks.read(files))
    rows = [asdict(line) for line in found]
    if output_format == "table":
        for row in rows:
            row |= {name: "" if row[name] is None else f"{row[name]:.2%}" for name in SHARES}
    console.print_rows(
        rows, HEADINGS, output_format, right=[h for h in HEADINGS if h not in ("form", "what")]
    )
    if not any(line.n for line in found):
        console.say("没有可计算的标记 · no mark that could be counted")
    if any(line.wrong for line in found):
        ctx.exit(1)


def lay_out(opened: Archive, folder: Path, where: Where, each: int, seed: str) -> None:
    """Write the sheet and tell where it is."""
    from archive.publish.accuracy import sample, sheet

    reports = sample.draw(
        opened.conn, each, seed, where=" AND ".join(where.conditions) or "1", values=where.values
    )
    if not reports:
        raise console.Unusable("no report fits; nothing was written")
    described = f"{opened.path.name}，seed {seed}，每格式每年 {each} 份 · {each} of each form and year"
    with console.progress(len(reports), "accuracy") as done:
        values = sheet.write(opened.conn, folder, reports, described=described, done=done)
    console.echo(f"{folder / sheet.SHEET}: {len(reports)} reports, {values} values to check")
    console.say(f"then: gongkai accuracy --marks {folder / sheet.MARKS}")
