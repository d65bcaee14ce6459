"""A folder of traces that ranks wrote → one trace that holds them all, or why there is none; and the end of ranks that are left."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import msgspec

from reprolint.probe import trace as traces
from reprolint.probe.compare import last_line
from reprolint.probe.trace import End, Trace


class Broken(Exception):
    """The ranks left no traces that could be compared."""


class Failure(msgspec.Struct, frozen=True):
    """A rank that failed, and its exit code; negative for a signal."""

    rank: int
    code: int


class Launched(msgspec.Struct, frozen=True):
    """What the launcher made of its arguments. `problem`: why it started nothing; `failures`: the first one first."""

    ranks: int
    problem: str
    failures: list[Failure]


def read(path: Path, said: str, errors: str, *, may_fail: bool) -> Trace:
    """The traces beside `path`, one a rank. Raises `Broken` where one of them is not whole."""
    try:
        launched = msgspec.json.decode((path.parent / "launched.json").read_bytes(), type=Launched)
    except (OSError, msgspec.DecodeError):
        raise Broken(f"`{said}` could not be started") from None
    if launched.problem:
        raise Broken(f"`{said}`: {launched.problem}")
    found = [_read(path, rank, errors) for rank in range(launched.ranks)]
    failed = _failed(path, launched, found)
    if failed is not None:
        rank, code = failed
        trace = found[rank]
        reason = trace.end.reason if trace is not None and trace.end is not None else ""
        if not (may_fail and reason in {"error", "exit"}):
            raise Broken(f"`{said}`: rank {rank} of {launched.ranks} {_how(reason, trace, code)}")
    whole = [trace if trace is not None else Trace(begin=_NOTHING) for trace in found]
    main = whole[failed[0]] if failed is not None else whole[0]
    return msgspec.structs.replace(main, end=_together(main.end, whole), ranks=tuple(whole))


def _together(end: End | None, ranks: list[Trace]) -> End | None:
    """What all ranks read, wrote and started; a file that one of them wrote may be what another one read."""
    ends = [trace.end for trace in ranks if trace.end is not None]
    if end is None:
        return None
    written = {path: found for one in ends for path, found in one.files.items()}
    return msgspec.structs.replace(
        end, files=written, opened=sorted({path for one in ends for path in one.opened} - written.keys()), threads=[name for one in ends for name in one.threads],
        created=sorted({path for one in ends for path in one.created}), processes=sum(one.processes for one in ends), outside=[name for one in ends for name in one.outside],
        notes={note: why for one in ends for note, why in one.notes.items()}, unhashed={kind: number for one in ends for kind, number in one.unhashed.items()},
    )  # fmt: skip


_NOTHING = traces.Begin(schema=1, python="", argv=[], hash_seed="", cwd="")


def _failed(path: Path, launched: Launched, found: list[Trace | None]) -> tuple[int, int] | None:
    """The rank that failed first, and its exit code: one that was killed, else the first one that left; the others lose it, and fail after it."""
    codes = {one.rank: one.code for one in launched.failures}
    ends = {rank: trace.end if trace is not None else None for rank, trace in enumerate(found)}
    silent = [rank for rank, end in ends.items() if end is None]
    killed = [rank for rank in silent if codes.get(rank, -signal.SIGTERM) != -signal.SIGTERM]
    gone = [(_left(path, rank), rank) for rank, end in ends.items() if end is not None and (end.code or end.reason in {"error", "exec"})]
    first = next(iter((*killed, *(rank for _, rank in sorted(gone)), *silent)), None)
    if first is None:
        return None
    end = ends[first]
    return first, end.code if end is not None else codes.get(first, 0)


def _left(path: Path, rank: int) -> int:
    """When the script of a rank was over, in nanoseconds."""
    for name in ("left", "over"):
        with suppress(OSError):
            return path.with_name(f"{name}.{rank}").stat().st_mtime_ns
    return 0


def _how(reason: str, trace: Trace | None, code: int) -> str:
    if reason == "error" and trace is not None and trace.end is not None:
        taken = f" after step {len(trace.steps)}" if trace.steps else ""
        return f"failed{taken}: {trace.end.problem or last_line(trace.errors)}"
    if reason == "exec":
        return "becomes another program (`os.exec…`), which cannot be followed"
    if reason == "exit":
        return f"failed, exit code {code}"
    return "never began" if trace is None and code >= 0 else killed(code)


def _read(path: Path, rank: int, errors: str) -> Trace | None:
    try:
        return traces.read(Path(f"{path}.{rank}"), (), errors)
    except traces.BrokenTrace:
        return None


def progress(path: Path) -> str:
    """How far each rank came that did not end in time."""
    found = sorted((int(one.suffix[1:]), one) for one in path.parent.glob("process.*"))
    said = []
    for rank, _ in found:
        trace = _read(path, rank, "")
        if trace is not None:
            taken = f"took {len(trace.steps)} {'step' if len(trace.steps) == 1 else 'steps'}" if trace.steps else "took no step"
            said.append(f"rank {rank} {taken}" + (" and ended" if trace.end is not None else ""))
    if not said:
        return "no rank began"
    return "; ".join(said) + "; ranks that wait for each other hang like this"


def end(folder: Path) -> None:
    """Kill the ranks that are left, with all that they started: each has a session of its own."""
    for one in folder.glob("process.*"):
        with suppress(OSError, ValueError):
            number = int(one.read_text(encoding="utf-8"))
            if os.getsid(number) == number:
                os.killpg(number, signal.SIGKILL)


def killed(code: int) -> str:
    """How a process ended whose trace has no end, by its exit code."""
    return f"was killed by signal {-code} ({_name(-code)})" if code < 0 else f"left without a word, exit code {code}"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "no name"
