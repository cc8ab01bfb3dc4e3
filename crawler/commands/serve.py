"""``gongkai serve``: browse the archive with Datasette, read-only."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import click

from crawler import console
from crawler.options import common_options, example

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@example("gongkai serve --archive chongqing.db --port 8010")
@click.command("serve")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes any free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@common_options()
def command(archive: Path, port: int, host: str) -> None:
    """Browse the archive in a web browser.

    Serves pages until interrupted (Ctrl-C). Nothing can be written through them, and a crawl may write meanwhile.
    """
    from archive.store import Archive

    Archive.open(
        archive, read_only=True
    ).close()  # says in one line what is wrong with the file, if anything is
    with _listen(host, port) as listening:
        bound = listening.getsockname()[1]
        if host not in LOOPBACK:
            console.say(f"Listening on {host}: everybody who reaches this machine can read the archive.")
        shown = f"[{host}]" if ":" in host else host
        console.say(f"{archive}: http://{shown}:{bound}/ (Ctrl-C stops)")
        _run(archive, listening)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ``Unusable`` if the port is taken or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        hint = "; choose another with --port" if port else ""
        raise console.Unusable(
            f"cannot listen on {host}:{port} ({(error.strerror or str(error)).lower()}){hint}"
        ) from None
    return listening


def _run(archive: Path, listening: socket.socket) -> None:
    import uvicorn

    from archive.publish.app import datasette

    config = uvicorn.Config(datasette(archive).app(), log_level="warning", lifespan="on", workers=1)
    with suppress(KeyboardInterrupt):  # the way it is meant to end; uvicorn has answered what was being asked
        uvicorn.Server(config).run(sockets=[listening])
