"""``python -m archive.publish FILE [HOST [PORT]]``: serve an archive, or a published copy, read-only, until interrupted."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import uvicorn

from archive.publish.app import datasette


def main(path: str, host: str = "127.0.0.1", port: str = "8001") -> None:
    """Serve the file there."""
    served = datasette(Path(path)).app()
    with suppress(KeyboardInterrupt):  # the way it is meant to end
        uvicorn.run(served, host=host, port=int(port), log_level="warning", lifespan="on")


if __name__ == "__main__":
    main(*sys.argv[1:])
