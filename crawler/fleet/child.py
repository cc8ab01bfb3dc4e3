"""``python -m crawler.fleet.child``: the process that crawls one part. It lives only as long as it is told that it may.

Its first line of standard input is the job; every later one says that the installation is still ours. When none comes
for a while, or the input ends, whoever started it is dead, frozen or has lost the installation to somebody else: then it
ends at once, for two may not speak to one installation. What it has kept until then is in its archive.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
from pathlib import Path
from typing import Any

ABANDONED = 75
"""Exit code of a child that nobody vouched for any more."""
STDIN = 0


def main() -> int:
    """Crawl the part that the first line describes; leave how it ended in the file named there."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # a worker's pool ignores them, and that would be inherited
    job = json.loads(_first_line())
    threading.Thread(target=_watch, args=(float(job["patience"]),), daemon=True).start()
    answer = _crawl(job)
    path = Path(job["outcome"])
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(answer), "utf-8")
    part.replace(path)
    return 0


def _crawl(job: dict[str, Any]) -> dict[str, Any]:
    from archive.store import ArchiveError
    from crawler.allowance import AllowanceError
    from crawler.fleet import parts
    from crawler.locks import LockedError
    from crawler.run import crawl
    from crawler.session import NotNowError, NotStartedError
    from crawler.sites import RegistryError

    part = parts.Part.from_dict(job["part"])
    archive = Path(job["archive"])
    sites = archive.with_suffix(".csv")
    sites.write_text(part.registry, "utf-8")
    try:
        outcome = crawl(archive, sites, part.names, plan=part.plan, command=part.command, is_part=True)
    except LockedError as error:
        return {"locked": str(error)}
    except NotNowError as error:
        return parts.lost(part, "window_closed", str(error))
    except (ArchiveError, AllowanceError, NotStartedError, RegistryError) as error:
        return parts.lost(part, "error", str(error))
    finally:
        sites.unlink(missing_ok=True)
    return parts.told(outcome)


def _first_line() -> bytes:
    """Read unbuffered: what stands behind the line is the watcher's."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(STDIN, 1)
        if not byte:
            sys.exit(ABANDONED)
        line += byte
    return line


def _watch(patience: float) -> None:
    while True:
        ready, _, _ = select.select([STDIN], [], [], patience)
        if not ready or not os.read(STDIN, 4096):
            os._exit(ABANDONED)


if __name__ == "__main__":
    sys.exit(main())
