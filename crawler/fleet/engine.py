"""The door to the optional engine: what is missing is said in one line, and nothing of it is imported before it is asked for."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.console import Unusable

if TYPE_CHECKING:
    from crawler.fleet.night import Way

VARIABLE = "GONGKAI_BROKER"
INSTALL = "the engine is not installed: pip install 'gongkai[distributed]'"


def broker_url() -> str:
    """The address of the broker, from the environment. Raises ``Unusable`` if none is set, or it is none of Redis."""
    url = os.environ.get(VARIABLE, "").strip()
    if not url:
        raise Unusable(
            f"no broker is configured: set {VARIABLE} to the address of a Redis server (redis://host:6379/0)"
        )
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("redis", "rediss") and parts.hostname and (parts.port or True)
        known = known and re.fullmatch(r"/?\d*", parts.path) is not None
    except ValueError:
        known = False
    if not known:  # what stands there may hold a password, and is not repeated
        raise Unusable(f"{VARIABLE} is no address of a Redis server (redis://host:6379/0)")
    return url


def masked(url: str) -> str:
    """The address without its password."""
    parts = urlsplit(url)
    secret = "***@" if parts.password or parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{secret}{parts.hostname}{port}{parts.path}"


def check_installed() -> None:
    """Raises ``Unusable`` with the one line that says how to install the engine, if it is not there."""
    if find_spec("celery") is None or find_spec("redis") is None:
        raise Unusable(INSTALL)


def workers() -> Way:
    """The way of ``--distributed``. Raises ``Unusable`` if the engine, its configuration or its broker are missing."""
    url = broker_url()
    check_installed()
    from crawler.fleet.distributed import Workers

    return Workers(url)
