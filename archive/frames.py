"""How two processes of this program talk over a pipe: a length of eight bytes, big-endian, then that many bytes."""

from __future__ import annotations

import struct
from typing import IO

LENGTH = struct.Struct(">Q")


class EndedError(Exception):
    """The pipe ended before the frame did: the other process is gone."""


class TooLargeError(Exception):
    """A frame is longer than the receiver takes."""


def send(pipe: IO[bytes], *frames: bytes) -> None:
    """Write the frames. Raises ``OSError`` if nobody reads the pipe any more."""
    for frame in frames:
        pipe.write(LENGTH.pack(len(frame)))
        pipe.write(frame)
    pipe.flush()


def receive(pipe: IO[bytes], limit: int) -> bytes:
    """The next frame, of at most ``limit`` bytes. Raises ``EndedError`` or ``TooLargeError``."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EndedError
    (length,) = LENGTH.unpack(head)
    if length > limit:
        raise TooLargeError
    data = pipe.read(length)
    if len(data) < length:
        raise EndedError
    return data
