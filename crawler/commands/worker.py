"""``gongkai worker``: crawl parts of distributed runs."""

from __future__ import annotations

import os

import click

from crawler.options import common_options, example


@example("gongkai worker --processes 8")
@click.command("worker")
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="number of cores",
    metavar="N",
    help="Installations crawled at a time. They mostly wait: several a core are well.",
)
@click.option(
    "--name", default="", help="What Flower calls it.  [default: gongkai@ and the name of this machine]"
)
@common_options(archive=False)
def command(processes: int, name: str) -> None:
    """Crawl parts of distributed runs.

    For a `gongkai nightly --distributed` that runs elsewhere, until interrupted. Takes one installation after the other from the broker named by GONGKAI_BROKER (a Redis server), crawls it into an
    archive of its own and sends that back. Needs no archive and no registry here. Ctrl-C lets what is under way come to its
    end; a second one leaves it to another worker. What goes on is shown by any Celery monitor, such as Flower.
    """
    from crawler.fleet import engine

    url = engine.broker_url()
    engine.check_installed()
    from crawler.fleet import broker
    from crawler.fleet.tasks import app
    from crawler.tool import tool

    with broker.connect_patiently(url) as client:
        broker.announce(client, tool())
    called = name or f"gongkai@{os.uname().nodename}"
    app.worker_main([
        "worker", "--pool", "prefork", "--concurrency", str(processes), "--hostname", called, "--task-events",
        "--loglevel", "INFO", "--without-gossip", "--without-mingle",
    ])  # fmt: skip
