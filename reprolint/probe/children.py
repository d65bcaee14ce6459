"""One run of the target in a process of its own: started, drained, timed, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from reprolint.probe import launched
from reprolint.probe import trace as traces
from reprolint.probe.compare import CLOCK_FIELDS
from reprolint.probe.output import Head, Tail, drain, last_words
from reprolint.probe.variations import cores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprolint.probe.trace import Trace
    from reprolint.probe.variations import Variation

_TRACER: Final = Path(__file__).with_name("tracer.py")
_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_BUSY: Final = Path(__file__).with_name("busy.py")
_MOST_BUSY: Final = 8
_GRACE: Final = 30
"""Seconds that a rank may go without a step while another one is through: a first step may compile."""
_WHERE: Final = int(signal.SIGRTMIN) + 7 if hasattr(signal, "SIGRTMIN") else 0
"""The signal on which a run says where it is; one that hardly any script uses."""
SILENT: Final = {
    "WANDB_MODE": "disabled", "COMET_MODE": "DISABLED", "NEPTUNE_MODE": "debug", "CLEARML_OFFLINE_MODE": "1", "SWANLAB_MODE": "disabled",
    "DISABLE_MLFLOW_INTEGRATION": "TRUE",
}  # fmt: skip
"""Trackers would talk to their servers; what the user sets himself stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is run: a script's path, a module's name, or steps that a factory makes; its arguments, and the Python that runs it."""

    script: str = ""
    module: str = ""
    file: str = ""
    """Of the module that a factory is in, where its name alone may not lead there."""
    factory: str = ""
    """The name of a factory in its module."""
    calls: bool = False
    """A step is a call, not what an optimizer does."""
    path: tuple[str, ...] = ()
    """`sys.path` of the run; empty for what Python makes it."""
    launcher: str = ""
    """The module that starts it in several ranks: `torch.distributed.run`, or the older `torch.distributed.launch`."""
    launch: tuple[str, ...] = ()
    """The arguments of the launcher, the script and its arguments among them."""
    name: str = ""
    """What the user calls it, if it is no command line."""
    argv: tuple[str, ...] = ()
    python: str = sys.executable
    cwd: Path = field(default_factory=Path.cwd)
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that it gets besides the user's."""

    @property
    def said(self) -> str:
        """As the user would type it."""
        if self.name:
            return self.name
        return " ".join((self.script or f"-m {self.module}", *self.argv))


class CouldNotRun(Exception):
    """The target failed, hung or was killed; `output` is what it said on stderr, whole."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


class Skipped(CouldNotRun):
    """The target says that it cannot run here: a test that skips itself."""


def run(
    target: Target, varied: Sequence[Variation], others: Sequence[Variation], *, steps: int, timeout: float, number: int = 1,
    ops: tuple[int, ...] = (), may_fail: bool = False, keep: dict[str, Any] | None = None, wanted: dict[str, Any] | None = None,
    draws: bool = False, standing: dict[str, Any] | None = None, loading: dict[str, Any] | None = None, anywhere: bool = False,
) -> Trace:  # fmt: skip
    """Run the target once, with some variations on and the bases of the others. Raises `CouldNotRun`.

    `number` of the run, from 1; `ops`: the steps of which every operation is written down, from 0; `may_fail`: a script that
    fails has a trace too, as another run of it went well; `keep`: see `sizing`; `wanted`: see `lines.py`; `draws`: note
    who draws from which stream, see `draws.py`; `standing`: note what the run stands on, see `standing.py`; `loading`: see `loaders.py`; `anywhere`: fingerprints
    of tensors are the same on all devices, see `ondevice.py`.
    """
    with TemporaryDirectory(prefix="reprolint-", ignore_cleanup_errors=True) as folder:
        path, order = Path(folder) / "trace.jsonl", Path(folder) / "order.json"
        own = Path(folder) / "empty"
        own.mkdir()
        elsewhere = any(variation.elsewhere for variation in varied)
        start = own if elsewhere else target.cwd
        told: dict[str, Any] = {
            "script": str(target.cwd / target.script) if elsewhere else target.script, "module": target.module, "argv": list(target.argv), "steps": steps,
            "trace": str(path), "ops": list(ops), "cwd": str(target.cwd), "start": str(start), "clock_fields": CLOCK_FIELDS, "where": _WHERE,
            "file": target.file, "factory": target.factory, "calls": target.calls, "path": list(target.path), "said": target.said, "keep": keep,
            "lines": wanted, "draws": draws, "standing": standing, "loading": loading, "anywhere": anywhere, "ranks": {"grace": min(_GRACE, timeout / 10)} if target.launcher else None,
            "launcher": target.launcher, "launch": list(target.launch),
        }  # fmt: skip
        world: dict[str, Any] = {}
        for variation in varied:
            world |= variation.order_of(number)
        world |= {"fork": True} if loading else {}
        order.write_text(json.dumps(told | {"world": world}), encoding="utf-8")
        environment = _environment(target, varied, others, number, own)
        if not target.cwd.is_dir():
            raise CouldNotRun(f"the folder {target.cwd} is gone; an earlier run may have removed it (see --scratch)")
        try:
            with _load(sum(variation.busy for variation in varied)):
                head, errors, code = _execute([target.python, str(_LAUNCHER if target.launcher else _TRACER), str(order)], start, environment, timeout)
        except OSError as error:
            raise CouldNotRun(f"{target.python} cannot be started: {error.strerror}") from error
        except CouldNotRun as error:
            raise (CouldNotRun(f"{error}: {launched.progress(path)}", error.output) if target.launcher else error) from None
        finally:
            launched.end(path.parent)
        return _trace(target, path, head, errors, code, may_fail=may_fail)


def _trace(target: Target, path: Path, head: Head, errors: str, code: int, *, may_fail: bool) -> Trace:
    """What a run wrote. Raises `CouldNotRun` if that is no evidence."""
    try:
        if target.launcher:
            return launched.read(path, target.said, errors, may_fail=may_fail)
        found = traces.read(path, head.lines(), errors, cut=head.cut)
    except launched.Broken as error:
        raise CouldNotRun(str(error), errors) from None
    except traces.BrokenTrace as error:
        raise CouldNotRun(f"`{target.said}` could not be started: {error}", errors) from error
    if found.end is None:
        raise CouldNotRun(f"`{target.said}` {launched.killed(code)}", errors)
    if found.end.reason == "exec":
        raise CouldNotRun(f"`{target.said}` becomes another program (`os.exec…`), which cannot be followed", errors)
    if found.end.reason == "skipped":
        raise Skipped(found.end.problem)
    if found.end.reason == "unsuitable":
        raise CouldNotRun(found.end.problem, errors)
    if found.end.reason == "error" and not may_fail:
        raise CouldNotRun(f"`{target.said}` failed, exit code {found.end.code}", errors)
    return found


def _environment(target: Target, varied: Sequence[Variation], others: Sequence[Variation], number: int, folder: Path) -> dict[str, str]:
    found = {**SILENT, **os.environ, **dict(target.environment), "PYTHONHASHSEED": "0"}
    for variation in (*varied, *others):
        found |= variation.base
    for variation in varied:
        found |= variation.environment_of(number, folder)
    if found.get("PYTHONPATH") and any(variation.elsewhere for variation in varied):
        found["PYTHONPATH"] = os.pathsep.join(str(target.cwd / one) for one in found["PYTHONPATH"].split(os.pathsep))
    return found


@contextmanager
def _load(wanted: int) -> Iterator[None]:
    """Half of the processors are busy with something else, at least one."""
    count = min(_MOST_BUSY, max(1, cores() // 2)) if wanted else 0
    started = [subprocess.Popen([sys.executable, "-S", "-E", str(_BUSY), str(os.getpid())], stdin=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield
    finally:
        for one in started:
            one.kill()
        for one in started:
            one.wait()


def _execute(command: list[str], cwd: Path, environment: dict[str, str], timeout: float) -> tuple[Head, str, int]:
    """Run a command in a session of its own; the first lines of its output, its last words on stderr, its exit code."""
    head, tail = Head(), Tail()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True) as child:
        try:
            drain(child, head, tail, timeout, lambda: _kill(child))
        except subprocess.TimeoutExpired:
            if _WHERE:
                with suppress(ProcessLookupError):
                    child.send_signal(_WHERE)
                last_words(child, tail)
            raise CouldNotRun(f"it did not end within {timeout:g} s (see --timeout)", _without_tracer(tail.text())) from None
        finally:
            _kill(child)
    return head, tail.text(), child.returncode


def _without_tracer(said: str) -> str:
    """Where a run is, without the lines that started it, and without threads that have no others."""
    lines = [line for line in said.splitlines(keepends=True) if str(_TRACER.parent) not in line]
    return "".join(line for line, after in zip(lines, [*lines[1:], ""], strict=True) if not (line.startswith("Thread 0x") and not after.startswith("  File")))


def _kill(child: subprocess.Popen[bytes]) -> None:
    """The child and everything that it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()
