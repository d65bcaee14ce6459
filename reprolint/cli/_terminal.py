"""What commands share: options, paths as the reader sees them, progress, and where output goes."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import TextIOWrapper

    from reprolint.config import Settings

    Command = TypeVar("Command", bound=Callable[..., Any])

_PATIENCE: Final = 2.0
"""Seconds before progress is shown."""
_EVERY: Final = 0.1


def configuration(command: Command) -> Command:
    """`--config` and `--isolated`."""
    config = click.option("--config", metavar="FILE", help="Configuration file; default: the nearest one.")
    isolated = click.option("--isolated", is_flag=True, help="Ignore configuration files.")
    return config(isolated(command))


def output(command: Command) -> Command:
    """`--output-format` and `--output-file`."""
    formats = click.Choice(["text", "json"])
    kind = click.option("--output-format", type=formats, default="text", show_default=True, help="How to say it.")
    file = click.option("-o", "--output-file", metavar="FILE", help="Write there instead of to standard output.")
    return kind(file(command))


def existing(paths: Sequence[str]) -> list[Path]:
    """Raises UsageError for a path that is not there."""
    from reprolint.config import UsageError

    for path in paths:
        if not Path(path).exists():
            raise UsageError(f"no such file or directory: {path}")
    return [Path(path) for path in paths]


def seen_from(settings: Settings, cwd: Path) -> Callable[[str], str]:
    """A path relative to the root → relative to cwd."""
    return lambda path: Path(os.path.relpath(settings.root / path, cwd)).as_posix()


def emit(written: bytes | str | Callable[[IO[str]], None], file: str | None) -> None:
    """Write, or let be written, to the file or to standard output."""
    if file is not None:
        with _opened(file) as stream:
            _put(written, stream)
    elif callable(written):
        written(sys.stdout)
    else:
        click.echo(written, nl=False)


def _put(written: bytes | str | Callable[[IO[str]], None], stream: TextIOWrapper) -> None:
    if callable(written):
        written(stream)
    elif isinstance(written, bytes):
        stream.buffer.write(written)
    else:
        stream.write(written)


@contextmanager
def _opened(file: str) -> Iterator[TextIOWrapper]:
    from reprolint.config import UsageError

    try:
        with Path(file).open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from error


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """What is going on, on one line of the terminal that goes away again, once it takes long."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    last = time.monotonic() + _PATIENCE - _EVERY
    shown = False

    def tell(what: str) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if now - last >= _EVERY:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
            sys.stderr.write(f"\r\x1b[2K{what.splitlines()[0][: width - 1] if what else ''}")
            sys.stderr.flush()
            last, shown = now, True

    try:
        yield tell
    finally:
        if shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def say_elapsed(what: str, start: float) -> None:
    """How long it took, for a person at a terminal; `start` on the monotonic clock."""
    if sys.stderr.isatty():
        click.echo(f"{what} in {time.monotonic() - start:.2f} s", err=True)
