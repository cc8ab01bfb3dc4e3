"""What can go wrong with a request, and the one word (failure class) by which it is counted and told."""

from __future__ import annotations

import logging

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.spidermiddlewares.httperror import HttpError

from archive.store import ArchiveError

logger = logging.getLogger(__name__)


class Refused(IgnoreRequest):
    """A request that was not sent, or whose answer must not be read. ``reason`` is the failure class.

    ``asked`` is false when nothing was sent at all: then the link waits as before, and no attempt is counted.
    """

    def __init__(self, reason: str, message: str = "", *, asked: bool = False) -> None:
        super().__init__(message or reason)
        self.reason = reason
        self.asked = asked


BY_STATUS = {
    401: "forbidden", 403: "forbidden", 412: "challenge", 521: "challenge", 202: "challenge", 429: "rate_limited",
    404: "not_found", 410: "not_found", 451: "forbidden",
}  # fmt: skip

REFUSALS = frozenset({401, 403, 412, 429, 451, 521})
"""Answers by which a host says that it does not want us now; never worked around."""


VANISHED = frozenset({"not_found", "moved", "soft_404"})
"""Failure classes by which a page itself says that it is no more. Told once, kept as work, taken back if it returns: portals
move things, and bring them back."""


def by_status(status: int) -> str:
    """The failure class of an answer that is not a page."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return "server_error"
    return "moved" if 300 <= status < 400 else "bad_status"


def reason_of(error: BaseException | None) -> str:
    """The failure class of whatever a request ended with. Raises ``ArchiveError`` if the answer could not be kept."""
    match error:
        case Refused():
            return error.reason
        case ArchiveError():
            # No trouble of a page. A new one: Scrapy takes an errback that raises what it was given for silence.
            raise ArchiveError(str(error)) from None
        case HttpError():
            return by_status(error.response.status)
        case IgnoreRequest():
            # Scrapy's redirect middleware says in words only that it has had enough.
            return "redirects" if "redirections" in str(error) else "not_asked"
        case DownloadTimeoutError() | TimeoutError():
            return "timeout"
        case CannotResolveHostError():
            return "dns"
        case DownloadConnectionRefusedError():
            return "connection"
        case DownloadCancelledError():
            return "too_large"
        case DownloadFailedError():
            return "tls" if "SSL" in str(error) or "tls" in str(error).lower() else "connection"
        case OSError():
            return "connection"
        case _ if type(error).__module__.startswith("playwright"):
            return "timeout" if "Timeout" in type(error).__name__ else "browser_failed"
        case _:
            logger.error("A fault of ours while asking", exc_info=error)
            return "error"


def was_asked(error: BaseException | None) -> bool:
    """Whether the server was asked at all."""
    return error.asked if isinstance(error, Refused) else True
