"""Telling another program how a night went: one POST of JSON to ``GONGKAI_WEBHOOK``, if that is set.

The address is a secret (chat services put their key into it): it is never printed or logged, not even when it fails.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

SECONDS = 10.0
"""How long a night waits for its listener, from the name look-up to the answer."""


class _StayThere(urllib.request.HTTPRedirectHandler):
    """What is said is meant for that address and no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none."""


def tell(url: str, message: Mapping[str, Any], *, seconds: float = SECONDS) -> str | None:
    """Send the message. Why it did not arrive comes back, in words that hold nothing of the address; ``None`` if it did.

    Never raises and never takes much longer than ``seconds``: a slow listener is left behind.
    """
    said: list[str | None] = []
    sender = threading.Thread(target=lambda: said.append(_send(url, message, seconds)), daemon=True)
    sender.start()
    sender.join(seconds)
    return said[0] if said else f"no answer within {seconds:g} s"


def _send(url: str, message: Mapping[str, Any], seconds: float) -> str | None:
    if not url.startswith(("http://", "https://")):
        return "its address is no http or https address"
    body = json.dumps(message, ensure_ascii=False).encode()
    try:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
        with urllib.request.build_opener(_StayThere).open(request, timeout=seconds):
            return None
    except urllib.error.HTTPError as error:
        return f"it answered {error.code}"
    except Exception as error:  # the night is over and kept: its listener's troubles must not undo that
        return f"it cannot be reached ({type(error).__name__})"
