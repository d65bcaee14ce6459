"""What a process says → its first lines, which are compared, and its last words; what lies between is counted and dropped."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LINES: Final = 20_000
"""Lines of output that are compared; of more, the first ones."""
WIDEST: Final = 2_000
"""Bytes of a line that are compared."""
_KEPT: Final = 1 << 22
"""Bytes of all lines that are compared."""
_TAIL: Final = 400
"""Lines of what a failed run said that are shown."""
_LAST: Final = 1 << 20
"""Bytes of them."""
_CHUNK: Final = 1 << 16
_TICK: Final = 0.1
"""Seconds after which a process that is gone, and whose output somebody else holds open, has said everything."""
_AFTER: Final = 1.0
"""Seconds in which a process that it left behind may go on talking."""


class Head:
    """The first lines of what is added. `cut`: there was more, or a line was wider than what is kept of it."""

    def __init__(self) -> None:
        self.cut = False
        self._full = False
        self._lines: list[str] = []
        self._rest = b""
        self._size = 0

    def add(self, data: bytes) -> None:
        """The next bytes: a return without a new line ends a line too, as bars of progress use it."""
        if self._full:
            return
        data = self._rest + data
        self._rest = b""
        held = b""
        if data.endswith(b"\r"):  # the new line may be on its way
            data, held = data[:-1], b"\r"
        *whole, rest = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            self._put(line)
        self._rest = rest[: WIDEST + 1] + held

    def _put(self, line: bytes) -> None:
        if len(self._lines) >= LINES or self._size >= _KEPT:
            self.cut = self._full = True
            return
        self.cut = self.cut or len(line) > WIDEST
        self._size += min(len(line), WIDEST)
        self._lines.append(line[:WIDEST].decode("utf-8", "replace"))

    def lines(self) -> tuple[str, ...]:
        """The lines so far, with one that has no end yet."""
        rest = self._rest.removesuffix(b"\r")
        if rest:
            self._put(rest)
            self._rest = b""
        return tuple(self._lines)


class Tail:
    """The last lines of what is added."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._chunks.append(data)
        self._size += len(data)
        while self._size - len(self._chunks[0]) > _LAST:
            self._size -= len(self._chunks.popleft())

    def text(self) -> str:
        """The last lines, each to its end."""
        return "".join(b"".join(self._chunks).decode("utf-8", "replace").splitlines(keepends=True)[-_TAIL:])


def drain(child: subprocess.Popen[bytes], head: Head, tail: Tail, timeout: float, ended: Callable[[], None]) -> None:
    """Read what the child says on its pipes until it is over, then call `ended`. Raises `subprocess.TimeoutExpired`.

    A process that the child leaves behind may hold the pipes open as long as it likes.
    """
    assert child.stdout is not None
    assert child.stderr is not None
    deadline = time.monotonic() + timeout
    over = False
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ, head.add)
        selector.register(child.stderr, selectors.EVENT_READ, tail.add)
        while selector.get_map():
            left = deadline - time.monotonic()
            ready = selector.select(max(0, min(_TICK, left)))
            for key, _ in ready:
                data = os.read(key.fd, _CHUNK)
                if data:
                    key.data(data)
                else:
                    selector.unregister(key.fileobj)
            if over and (not ready or left <= 0):
                return
            if not over and child.poll() is not None:
                over, deadline = True, time.monotonic() + _AFTER
                ended()
            elif not over and left <= 0:
                raise subprocess.TimeoutExpired(child.args, timeout)
    child.wait(max(0, deadline - time.monotonic()))
    ended()


def last_words(child: subprocess.Popen[bytes], tail: Tail, seconds: float = 0.5) -> None:
    """What a child says on stderr when it is asked where it is; at most that many seconds."""
    assert child.stderr is not None
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector, suppress(ValueError, OSError):
        selector.register(child.stderr, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and selector.select(left):
            data = os.read(child.stderr.fileno(), _CHUNK)
            if not data:
                return
            tail.add(data)
