"""Hosts as the registry and the allow-list compare them: a name in lower case and a port."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

Host = tuple[str, int]
"""Name in lower case, without a closing dot, and port."""

_PORTS = {"http": 80, "https": 443}


def split(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) address with a host and a usable port; ``None`` for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _PORTS or not parts.hostname or port == 0:
        return None
    return parts


def host_of(url: str) -> Host | None:
    """The host and port an address points at; ``None`` if it is no absolute http(s) address."""
    parts = split(url)
    if parts is None or parts.hostname is None:
        return None
    return parts.hostname.lower().rstrip("."), parts.port or _PORTS[parts.scheme.lower()]


@lru_cache(4096)  # whoever looks for a page's site asks for every host of the registry
def twins(host: Host) -> frozenset[Host]:
    """The hosts that serve the same pages: with and without ``www.``, and the default port of the other scheme.

    Only a name has twins, never a numeric address; a port that is not a default one is kept.
    """
    name, port = host
    names = {name}
    if not is_numeric(name) and "." in name:
        names.add(name[4:] if name.startswith("www.") else f"www.{name}")
    ports = {80, 443} if port in (80, 443) else {port}
    return frozenset((n, p) for n in names for p in ports)


def is_numeric(name: str) -> bool:
    """Whether a host is written as an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a host is this machine: ``localhost`` or an address of the loopback network."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_numeric(name) and ipaddress.ip_address(name).is_loopback


def written(host: Host) -> str:
    """``name`` or, with a port that is not a default one, ``name:port``."""
    name, port = host
    return name if port in (80, 443) else f"{name}:{port}"
