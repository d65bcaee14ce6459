"""One run of the target in a process of its own: started, drained, timed, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final

from reprolint.probe import trace as traces
from reprolint.probe.compare import CLOCK_FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprolint.probe.trace import Trace
    from reprolint.probe.variations import Variation

_TRACER: Final = Path(__file__).with_name("tracer.py")
_KEPT: Final = 20_000
"""Lines of output that are compared; of more, the first ones."""
_WIDEST: Final = 2_000
"""Characters of a line that are compared."""
_TAIL: Final = 400
"""Lines of what a failed run said that are shown."""
_SILENT: Final = {"WANDB_MODE": "disabled"}
"""Trackers would talk to their servers; what the user sets himself stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is run: a script's path or a module's name, its arguments, and the Python that runs it."""

    script: str = ""
    module: str = ""
    argv: tuple[str, ...] = ()
    python: str = sys.executable
    cwd: Path = field(default_factory=Path.cwd)

    @property
    def said(self) -> str:
        """As the user would type it."""
        return " ".join((self.script or f"-m {self.module}", *self.argv))


class CouldNotRun(Exception):
    """The target failed, hung or was killed; `output` is what it said on stderr, whole."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def run(
    target: Target, varied: Sequence[Variation], others: Sequence[Variation], *, steps: int, timeout: float, number: int = 1,
    ops: tuple[int, ...] = (), wanted: dict[str, Any] | None = None,
) -> Trace:  # fmt: skip
    """Run the target once, with some variations on and the bases of the others. Raises `CouldNotRun`.

    `number` of the run, from 1; `ops`: the steps of which every operation is written down, from 0; `wanted`: see `lines.py`.
    """
    with TemporaryDirectory(prefix="reprolint-") as folder:
        path, order = Path(folder) / "trace.jsonl", Path(folder) / "order.json"
        told: dict[str, object] = {
            "script": target.script, "module": target.module, "argv": list(target.argv), "steps": steps, "trace": str(path), "ops": list(ops),
            "cwd": str(target.cwd), "clock_fields": CLOCK_FIELDS, "lines": wanted,
        }  # fmt: skip
        for variation in varied:
            told |= variation.order
        order.write_text(json.dumps(told), encoding="utf-8")
        try:
            lines, errors, code = _execute([target.python, str(_TRACER), str(order)], target.cwd, _environment(varied, others, number), timeout)
        except OSError as error:
            raise CouldNotRun(f"{target.python} cannot be started: {error.strerror}") from error
        try:
            found = traces.read(path, lines, errors)
        except traces.BrokenTrace as error:
            raise CouldNotRun(f"`{target.said}` could not be started: {error}", errors) from error
    if found.end is None:
        how = f"was killed by signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"left without a word, exit code {code}"
        raise CouldNotRun(f"`{target.said}` {how}", errors)
    if found.end.reason == "exec":
        raise CouldNotRun(f"`{target.said}` becomes another program (`os.exec…`), which cannot be followed", errors)
    if found.end.reason == "error":
        raise CouldNotRun(f"`{target.said}` failed, exit code {found.end.code}", errors)
    return found


def _environment(varied: Sequence[Variation], others: Sequence[Variation], number: int) -> dict[str, str]:
    found = {**_SILENT, **os.environ, "PYTHONHASHSEED": "0"}
    for variation in (*varied, *others):
        found |= variation.base
    for variation in varied:
        found |= variation.environment
        if variation.counted:
            found[variation.counted] = str(number)
    return found


def _execute(
    command: list[str], cwd: Path, environment: dict[str, str], timeout: float
) -> tuple[tuple[str, ...], str, int]:
    """Run a command in a session of its own; its output, its last words on stderr, its exit code.

    What it says goes to files: a process that it leaves behind may hold them open as long as it likes.
    """
    with TemporaryFile("w+", errors="replace") as said, TemporaryFile("w+", errors="replace") as complained:
        with subprocess.Popen(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=complained, start_new_session=True) as child:
            try:
                child.wait(timeout)
            except subprocess.TimeoutExpired:
                _kill(child)
                raise CouldNotRun(f"it did not end within {timeout:g} s (see --timeout)", _last(complained)) from None
            finally:
                _kill(child)
        said.seek(0)
        lines = tuple(line[:_WIDEST] for line in islice(said, _KEPT))
        return lines, _last(complained), child.returncode


def _last(file: IO[str]) -> str:
    """The last lines of what was written."""
    file.seek(0)
    return "".join(deque(file, maxlen=_TAIL))


def _kill(child: subprocess.Popen[bytes]) -> None:
    """The child and everything that it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()
