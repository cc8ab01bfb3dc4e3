"""What the coordinator and the workers share through Redis: seeds and results in pieces, and who has which installation.

Nothing here is a queue: tasks travel by Celery. All keys begin with ``gongkai:``, carry the run's key and go by themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import redis
import zstandard
from redis.exceptions import (
    AuthenticationError,
    LockNotOwnedError,
    NoPermissionError,
    RedisError,
    ResponseError,
)
from redis.lock import Lock

from crawler import console
from crawler.console import Unusable
from crawler.fleet.engine import masked

KEEP = 3 * 24 * 3600
"""Seconds after which everything of a run is forgotten, whoever died."""
WORKERS = "gongkai:workers"
PIECE = 4 << 20
LARGEST = 1 << 30
"""Bytes, packed, above which a part is not sent: it needs a machine of its own, and ``gongkai merge``."""
TIMEOUT = 10.0
WAIT = 60.0
"""Seconds for which whoever begins waits for a broker that is away: it may be starting again, as they are."""


class AwayError(Unusable):
    """Nothing answers at the broker's address: it may come back."""


class TooLargeError(Exception):
    """A part that is too large to be sent; one clear line."""


class BrokenError(Exception):
    """What was sent did not come as it was: pieces are missing or changed; one clear line."""


def connect(url: str) -> redis.Redis:
    """A connection that has been tried. Raises ``Unusable``: what is wrong, without the password; ``AwayError`` if nothing
    answers."""
    where = f"the broker {masked(url)}"
    try:
        client = redis.Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        client.ping()
    except AuthenticationError:
        raise Unusable(f"{where} refuses the name or password in GONGKAI_BROKER") from None
    except NoPermissionError:
        raise Unusable(f"{where} gives this user too few rights (it needs keys, lists and scripts)") from None
    except ResponseError as error:
        raise Unusable(f"{where} answers: {_plain(error)}") from None
    except (RedisError, OSError, ValueError) as error:
        raise AwayError(
            f"{where} does not answer ({_plain(error)}): is it running, and is GONGKAI_BROKER right?"
        ) from None
    return client


def connect_patiently(url: str) -> redis.Redis:
    """``connect``, but a broker that is away is waited for: ``WAIT`` seconds at most, which is said. Raises ``Unusable``."""
    until, said = time.monotonic() + WAIT, False
    while True:
        try:
            return connect(url)
        except AwayError:
            if time.monotonic() >= until:
                raise
            if not said:
                console.say(f"the broker {masked(url)} does not answer; waiting for it, {WAIT:.0f} s at most")
            said = True
            time.sleep(1)


def announce(client: redis.Redis, tool: str) -> None:
    """Leave word that a worker of this version begins on this machine."""
    client.hset(WORKERS, os.uname().nodename, tool)
    client.expire(WORKERS, KEEP)


def announced(client: redis.Redis) -> dict[str, str]:
    """The version of the worker that began last on each machine, whether it still runs or not."""
    found = cast("dict[bytes, bytes]", client.hgetall(WORKERS))
    return {node.decode("utf-8", "replace"): tool.decode("utf-8", "replace") for node, tool in found.items()}


def _plain(error: Exception) -> str:
    """An error's first words; redis says host and port again, never a password."""
    return " ".join(str(error).split())[:160].rstrip(".")


class Exchange:
    """The keys of one run."""

    def __init__(self, client: redis.Redis, run: str) -> None:
        self._redis = client
        self._run = run

    # -- the run

    def keep_open(self) -> None:
        """Say that the run goes on: tasks of a run that is over are dropped."""
        self._redis.set(self._key("open"), "1", ex=KEEP)

    def is_open(self) -> bool:
        """Whether the run goes on."""
        return bool(self._redis.exists(self._key("open")))

    def forget(self) -> None:
        """Remove all keys of the run."""
        for key in self._redis.scan_iter(match=self._key("*"), count=1000):
            self._redis.delete(key)

    def begun(self, part: str) -> int:
        """Count an attempt at a part; back comes how many there were, this one included."""
        key = self._key("attempts", part)
        count = self._redis.incr(key)
        self._redis.expire(key, KEEP)
        return count

    def complain(self, line: str) -> None:
        """Leave a line for the coordinator to say."""
        self._redis.rpush(self._key("lines"), line)
        self._redis.expire(self._key("lines"), KEEP)

    def complaints(self) -> list[str]:
        """The lines that workers left, each once."""
        found = cast("list[bytes] | None", self._redis.lpop(self._key("lines"), 100))
        return [line.decode("utf-8", "replace") for line in found or []]

    # -- files

    def put(
        self, kind: str, part: str, path: Path | None, said: dict[str, Any], *, once: bool = False
    ) -> bool:
        """Send a file in pieces and what is said of it; readable from the moment all is there. False: it was there already.

        With ``once`` the first one stands. Raises ``TooLargeError``.
        """
        with tempfile.TemporaryFile() as packed:
            digest, size = _pack(path, packed) if path is not None else ("", 0)
            if size > LARGEST:
                raise TooLargeError(
                    f"{part}: {size >> 20} MB are more than is sent through the broker ({LARGEST >> 20} MB);"
                    " crawl this installation by itself with `gongkai crawl` and unite it with `gongkai merge`"
                )
            packed.seek(0)
            count = 0
            while piece := packed.read(PIECE):
                self._redis.set(self._key(kind, part, digest, str(count)), piece, ex=KEEP)
                count += 1
        manifest = json.dumps({"digest": digest, "pieces": count, "said": said})
        stored = self._redis.set(self._key(kind, part), manifest, ex=KEEP, nx=once)
        return bool(stored)

    def said(self, kind: str, part: str) -> dict[str, Any] | None:
        """What is said of a file that was sent, or ``None`` if none was."""
        manifest = self._manifest(kind, part)
        return None if manifest is None else cast("dict[str, Any]", manifest["said"])

    def get(self, kind: str, part: str, path: Path) -> bool:
        """Write a file that was sent to ``path``, verified; false if it was sent without one. Raises ``BrokenError``."""
        manifest = self._manifest(kind, part)
        if manifest is None:
            raise BrokenError(f"{kind} of {part}: not there")
        if not manifest["digest"]:
            return False
        partial = path.with_name(path.name + ".part")
        digest = hashlib.sha256()
        with partial.open("wb") as out:
            unpacker = zstandard.ZstdDecompressor().decompressobj()
            for number in range(manifest["pieces"]):
                piece = cast(
                    "bytes | None", self._redis.get(self._key(kind, part, manifest["digest"], str(number)))
                )
                if piece is None:
                    raise BrokenError(f"{kind} of {part}: piece {number} of {manifest['pieces']} is gone")
                digest.update(piece)
                try:
                    out.write(unpacker.decompress(piece))
                except zstandard.ZstdError as error:
                    raise BrokenError(f"{kind} of {part}: damaged ({error})") from None
            if digest.hexdigest() != manifest["digest"]:
                raise BrokenError(f"{kind} of {part}: damaged (its bytes have another digest)")
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
        return True

    def drop(self, kind: str, part: str, *, wholly: bool = False) -> None:
        """Remove a file's pieces; that it was sent stays known unless ``wholly``."""
        manifest = self._manifest(kind, part)
        if manifest is not None:
            for number in range(manifest["pieces"]):
                self._redis.delete(self._key(kind, part, manifest["digest"], str(number)))
        if wholly:
            self._redis.delete(self._key(kind, part))

    def _manifest(self, kind: str, part: str) -> dict[str, Any] | None:
        raw = cast("bytes | None", self._redis.get(self._key(kind, part)))
        return None if raw is None else cast("dict[str, Any]", json.loads(raw))

    # -- installations

    def is_held(self, installation: str) -> bool:
        """Whether somebody crawls the installation now, for whatever run."""
        return bool(self._redis.exists(_lease_key(installation)))

    def _key(self, *parts: str) -> str:
        return ":".join(("gongkai", self._run, *parts))


class Lease:
    """An installation, held for some seconds and renewed: at most one worker in the world speaks to it."""

    def __init__(self, client: redis.Redis, installation: str, seconds: float) -> None:
        self._lock = Lock(client, _lease_key(installation), timeout=seconds, thread_local=False)
        self._seconds = seconds

    def take(self) -> bool:
        """Take the lease; false if somebody has it."""
        return bool(self._lock.acquire(blocking=False))

    def renew(self) -> bool:
        """Hold it for as long again; false if it was lost. Raises ``RedisError`` if nobody can say."""
        try:
            return bool(self._lock.extend(self._seconds, replace_ttl=True))
        except LockNotOwnedError:
            return False

    @contextmanager
    def held(self) -> Iterator[Lease]:
        """Give it back at the end, if it is still ours and the broker answers; else it runs out by itself."""
        try:
            yield self
        finally:
            with suppress(RedisError):
                self._lock.release()


def _lease_key(installation: str) -> str:
    return f"gongkai:lease:{installation}"


def _pack(path: Path, out: Any) -> tuple[str, int]:
    """Compress a file into another one, in pieces of bounded size; back come digest and size of what was written."""
    digest, size = hashlib.sha256(), 0
    compressor = zstandard.ZstdCompressor(level=3).compressobj()

    def write(data: bytes) -> int:
        digest.update(data)
        out.write(data)
        return len(data)

    with path.open("rb") as file:
        while data := file.read(PIECE):
            size += write(compressor.compress(data))
    size += write(compressor.flush())
    return digest.hexdigest(), size
