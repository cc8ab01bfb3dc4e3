"""The Celery application, and its one task: crawl a part.

A message is delivered at least once. What it effects happens once: a part whose result is there is not crawled again, one
that somebody crawls is left to him, and one of a run that is over is dropped. A message that is lost all the same is sent
again by the coordinator.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from redis.exceptions import RedisError

from crawler.fleet.attempt import Attempt, DiedError, beat_of, patience_of
from crawler.fleet.broker import AwayError, BrokenError, Exchange, Lease, TooLargeError, connect
from crawler.fleet.engine import VARIABLE
from crawler.fleet.parts import Part, lost
from crawler.locks import folder as state_folder
from crawler.tool import tool

logger = logging.getLogger(__name__)

QUEUE = tool()
"""A queue for each version: a worker of another one takes nothing, for its archives and readings would be others."""
HOURS = float(os.environ.get("GONGKAI_TASK_HOURS") or 12)
"""After so many hours a crawl is asked to end and brings what it has; the next night goes on."""
SOFT = HOURS * 3600
HARD = SOFT + 900
VISIBLE = HARD + 3600
"""Redis shows a message to others that was not acknowledged for so long: longer than any task may take."""
STOPPING = 120.0
BRINGING = 3600.0
"""Seconds for which a worker that has something to bring waits for the broker."""
OLD = 7 * 24 * 3600.0
"""Seconds after which what an attempt left on this machine is removed."""


def application(url: str) -> Celery:
    """The application on that broker. Only JSON is understood; events are on, for Flower; no result backend is needed."""
    app = Celery("gongkai", broker=url or "redis://", set_as_current=False)
    app.conf.update(
        task_default_queue=QUEUE,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_track_started=True,
        task_send_sent_event=True,
        task_soft_time_limit=SOFT,
        task_time_limit=HARD,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_send_task_events=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # the lease ends what may not go on
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": VISIBLE, "socket_timeout": 10, "socket_connect_timeout": 10, "socket_keepalive": True,
        },
        worker_redirect_stdouts=False,
        worker_hijack_root_logger=True,
    )  # fmt: skip
    return app


app = application(os.environ.get(VARIABLE, "").strip())


@app.task(name="gongkai.crawl")  # type: ignore[untyped-decorator]
def crawl(job: Mapping[str, Any]) -> None:
    """Crawl the part that the job describes, and leave its archive and how it ended in the exchange."""
    part = Part.from_dict(job["part"])
    try:
        _once(part, job)
    except (RedisError, AwayError) as error:
        logger.warning(
            "%s: the broker is away (%s); the task will be sent again",
            part.installation,
            type(error).__name__,
        )


def _once(part: Part, job: Mapping[str, Any]) -> None:
    """Crawl the part unless somebody did or does."""
    client = connect(os.environ[VARIABLE].strip())
    exchange = Exchange(client, job["run"])
    if not exchange.is_open() or exchange.said("result", part.file) is not None:
        logger.info("%s: done already", part.installation)
        return
    lease = Lease(client, part.installation, job["lease"])
    if not lease.take():
        logger.info("%s: somebody else has it", part.installation)
        return
    with lease.held():
        # Somebody may have ended between the two questions.
        if exchange.said("result", part.file) is None:
            _crawl(part, job, exchange, lease)


def _crawl(part: Part, job: Mapping[str, Any], exchange: Exchange, lease: Lease) -> None:
    said: dict[str, Any]
    archive: Path | None = _place(job["run"]) / f"{part.file}.db"
    assert archive is not None
    if exchange.begun(part.file) > job["attempts"]:
        said, archive = lost(part, "error", f"given up after {job['attempts']} attempts"), None
    else:
        if not archive.exists():  # else an earlier attempt died on this machine, and this one goes on
            try:
                exchange.get("seed", part.file, archive)
            except BrokenError as error:
                exchange.complain(f"{error}; sent again")
                exchange.drop("seed", part.file, wholly=True)
                return
        attempt = Attempt(part, archive, patience=patience_of(job["lease"]), environment=job["environment"])
        with _Renewal(attempt, lease, exchange, beat_of(job["lease"])) as renewal:
            _until_its_end(attempt)
            try:
                said = attempt.result()
            except DiedError as error:
                if renewal.lost:
                    logger.warning("%s: the lease was lost; left to whoever has it", part.installation)
                    return
                logger.warning("%s", error)
                exchange.complain(f"{error}; to be begun again")
                return
            if "locked" in said:
                logger.info("%s", said["locked"])
                return
    _bring(part, said, archive, exchange)
    _clear(job["run"], part)


def _until_its_end(attempt: Attempt) -> None:
    """Wait for the child; at the soft time limit it is asked to end, and brings what it has."""
    try:
        attempt.process.wait()
    except SoftTimeLimitExceeded:
        attempt.stop()
        if not attempt.wait(STOPPING):
            attempt.kill()
    except BaseException:
        attempt.kill()
        raise


def _bring(part: Part, said: dict[str, Any], archive: Path | None, exchange: Exchange) -> None:
    """Send what came of it; while the broker is away it is waited for: what was crawled must not be crawled again."""
    until = time.monotonic() + BRINGING
    while True:
        try:
            if exchange.is_open():
                exchange.put("result", part.file, archive, said, once=True)
            return
        except TooLargeError as error:
            said, archive = lost(part, "error", str(error)), None
        except RedisError:
            if time.monotonic() > until:
                raise
            time.sleep(2)


class _Renewal:
    """Renews the lease and vouches for the child, from a thread, until the block ends. ``lost``: it is ours no more.

    A child whose run is over is asked to stop: nobody waits for what it finds.
    """

    def __init__(self, attempt: Attempt, lease: Lease, exchange: Exchange, every: float) -> None:
        self._attempt, self._lease, self._exchange, self._every = attempt, lease, exchange, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self.lost = False

    def __enter__(self) -> _Renewal:
        self._attempt.vouch()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._over.wait(self._every):
            try:
                if self._lease.renew():
                    self._attempt.vouch()
                    if not self._exchange.is_open():
                        self._attempt.stop()
                    continue
            except RedisError:
                continue  # nobody can say; unvouched for, the child ends before the lease does
            self.lost = True
            self._attempt.kill()
            return


def _place(run: str) -> Path:
    """Where this machine keeps the parts of a run that it works on; those of old runs are removed."""
    root = state_folder().parent / "parts"
    place = root / run.replace(":", "")
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for other in root.iterdir():
        if other != place and time.time() - other.stat().st_mtime > OLD:
            for file in other.iterdir():
                file.unlink(missing_ok=True)
            other.rmdir()
    return place


def _clear(run: str, part: Part) -> None:
    place = _place(run)
    for file in place.glob(f"{part.file}.*"):
        file.unlink(missing_ok=True)
