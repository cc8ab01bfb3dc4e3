"""One plain HTTP request for the tests of the replica: nothing followed, nothing decoded, nothing retried."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

LABELS = {"gb2312": "gb18030", "ISO-8859-1": "utf-8"}
"""What the mislabelled pages really are."""


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def text(self) -> str:
        """The page as its server's label says; the mislabelled ones as they are."""
        charset = self.headers["content-type"].partition("charset=")[2] or "utf-8"
        return self.body.decode(LABELS.get(charset, charset))


def get(url: str, *, form: str | None = None, timeout: float = 10, **headers: str) -> Reply:
    """GET, or POST if there is a form."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        target = quote(parts.path + (f"?{parts.query}" if parts.query else ""), safe="/?=&%+,:")
        connection.request("POST" if form is not None else "GET", target, body=form, headers=sent)
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()
