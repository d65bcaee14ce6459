"""Two traces → the first thing that differs between them. Knows no torch."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprolint.probe.trace import Op, Step, Trace

Kind: TypeAlias = Literal[
    "initial parameters", "batch", "loss", "gradients", "parameters", "buffers", "optimizer state", "steps", "result", "file", "output", "exit"
]
"""What differs, in the order in which a step computes it; `steps` where one run took more of them."""

_ORDER: Final[tuple[Kind, ...]] = get_args(Kind)
_MOST: Final = 5
_UNWRITTEN: Final = "undefined"
"""Of an operation: it goes into it, and nobody wrote it."""
CLOCK_FIELDS: Final = (
    r"""\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?     # dates
      | \d\d?:\d\d(:\d\d([.,]\d+)?)?                            # times of day, and how long it took
      | \d+([.,]\d+)?\s?(s|ms|us|µs|sec|secs|seconds|minutes|min|it/s|s/it|samples/s|steps/s)\b
      | \b0x[0-9a-f]{6,}\b                                      # addresses
    """
)
_SAME: Final = re.compile(CLOCK_FIELDS, re.VERBOSE)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first difference: `names` of what differs, out of `total` of its kind; the step is 0 before the first one."""

    kind: Kind
    step: int = 0
    number: int = 0
    """Of the step over all optimizers."""
    optimizer: str = ""
    where: str = ""
    names: tuple[str, ...] = ()
    total: int = 0
    detail: str = ""
    streams: tuple[str, ...] = ()
    """The streams that were in different states at that time, or before it."""
    rank: int | None = None
    """Where one command starts several ranks: in which."""
    at: str = ""
    """Which of its kind it is in the trace: the optimizer that is to begin, the step over all optimizers, or which result, from 1."""


class OpDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The first operation that differs, and how: see `reading`."""

    kind: Literal["kernel", "stream", "outside", "scalar", "sequence", "memory"]
    step: int
    number: int
    op: str
    where: str
    forward: str = ""
    tensor: str = ""
    """Type and shape of the first result that differs."""
    detail: str = ""
    after: int = 0
    """How many later operations differ too."""
    rank: int | None = None


def compare(one: Trace, other: Trace) -> Difference | None:
    """The first thing that differs; None if nothing that was watched does.

    A run whose steps are calls is judged by what they return and by the steps of optimizers in them; a run that steps by its steps; any other
    by its results, by what it wrote and by what it printed.
    """
    if one.ranks:
        return _ranks(one, other)
    if one.end is not None and one.end.calls:
        return _with_streams(_calls(one, other) or _exit(one, other), one, other)
    if one.steps or other.steps:
        return _initial(one, other) or _steps(one, other) or _exit(one, other)
    return _with_streams(_results(one, other) or _files(one, other) or _output(one, other) or _exit(one, other), one, other)


def _ranks(one: Trace, other: Trace) -> Difference | None:
    """Each rank with itself: the difference of the earliest step. A rank that was ended because another one failed says nothing."""
    found = [
        msgspec.structs.replace(difference, rank=rank)
        for rank, (left, right) in enumerate(zip(one.ranks, other.ranks, strict=False))
        if left.end is not None and right.end is not None and (difference := compare(left, right)) is not None
    ]
    return min(found, key=lambda one: (one.kind == "exit", one.step, _ORDER.index(one.kind), one.rank), default=None)


def _with_streams(found: Difference | None, one: Trace, other: Trace) -> Difference | None:
    """What is no tensor says nothing of the streams at its time: what they were when the runs ended."""
    if found is None or found.streams or one.end is None or other.end is None:
        return found
    return msgspec.structs.replace(found, streams=_differing(one.end.streams, other.end.streams))


def _initial(one: Trace, other: Trace) -> Difference | None:
    for left, right in zip(one.inits, other.inits, strict=False):
        names = _differing(left.parameters, right.parameters)
        if names:
            return Difference(
                kind="initial parameters", optimizer=left.optimizer, where=left.where, names=names, total=len(left.parameters),
                streams=_differing(left.streams, right.streams), at=left.optimizer,
            )  # fmt: skip
    return None


def _calls(one: Trace, other: Trace) -> Difference | None:
    """Call by call; a step is then a call."""
    last = [trace.end.calls if trace.end is not None else 0 for trace in (one, other)]
    failed = _exit(one, other)
    nth = taken = 0
    for call in range(1, max(last) + 1):
        left, right = _within(one, call), _within(other, call)
        if failed is not None and call > min(last):
            return msgspec.structs.replace(failed, step=call, number=call)
        found = _initial(left, right) or _steps(left, right)
        if found is not None:
            within = f"step {found.step} of {found.optimizer}" if found.optimizer and found.step not in {0, call} else ""
            detail = "; ".join(part for part in (found.detail, within) if part)
            return msgspec.structs.replace(found, step=call if found.step else 0, number=call, detail=detail)
        taken += len(left.steps)
        found = _returned(left, right, nth)
        if found is not None:
            at = found.at if found.kind == "result" else _moment(taken + 1, call)
            return msgspec.structs.replace(found, step=call, number=call, at=at)
        nth += sum(not value.part for value in left.values)
    return Difference(kind="steps", step=min(last) + 1, number=min(last) + 1, detail=f"{last[0]} and {last[1]} steps were taken") if last[0] != last[1] else None


def _returned(one: Trace, other: Trace, before: int) -> Difference | None:
    """The results of one call, and the batches and losses that no optimizer used; `before`: results of earlier calls."""
    pairs = list(zip_longest(one.values, other.values))
    for place, (first, second) in enumerate(pairs):
        if first != second:
            there = first or second
            assert there is not None
            same = first is not None and second is not None and (first.name, first.part) == (second.name, second.part)
            names = (there.name, *(a.name for a, b in pairs[place + 1 :] if a and b and a != b and (a.name, a.part) == (b.name, there.part))) if same else (there.name,)
            kind: Kind = "batch" if there.part == "batch" else "loss" if there.part == "loss" else "result"
            return Difference(
                kind=kind, where=there.where, names=names, total=sum(value.part == there.part for value in one.values),
                at=str(before + sum(not value.part for value in one.values[: place + 1])), detail="" if same else "the other run has no such value at this place",
            )  # fmt: skip
    return None


def _moment(number: int, call: int) -> str:
    """The moment before a step of an optimizer, as the tracer names it."""
    return f"{number} in call {call}" if call else str(number)


def _within(trace: Trace, call: int) -> Trace:
    """What one call did."""
    return msgspec.structs.replace(
        trace, inits=tuple(one for one in trace.inits if one.call == call), steps=tuple(one for one in trace.steps if one.call == call),
        values=tuple(one for one in trace.values if one.call == call),
    )  # fmt: skip


def _steps(one: Trace, other: Trace) -> Difference | None:
    for left, right in zip(one.steps, other.steps, strict=False):
        found = _step(left, right)
        if found is not None:
            return found
    if len(one.steps) != len(other.steps):
        return _failure(one, other) or Difference(kind="steps", step=min(len(one.steps), len(other.steps)) + 1, detail=f"{len(one.steps)} and {len(other.steps)} steps were taken")
    return None


def _step(left: Step, right: Step) -> Difference | None:
    if left.optimizer != right.optimizer:
        return Difference(kind="steps", step=left.step, where=left.where, detail=f"{left.optimizer} and {right.optimizer} step here")
    parts: tuple[tuple[Kind, Mapping[str, str], Mapping[str, str]], ...] = (
        ("batch", _numbered(left.batch), _numbered(right.batch)),
        ("loss", _numbered(left.loss), _numbered(right.loss)),
        ("gradients", left.gradients, right.gradients),
        ("parameters", left.parameters, right.parameters),
        ("buffers", left.buffers, right.buffers),
        ("optimizer state", left.state, right.state),
    )
    for kind, first, second in parts:
        names = _differing(first, second)
        if names:
            return Difference(
                kind=kind, step=left.step, number=left.number, optimizer=left.optimizer, where=left.where, names=names, total=max(len(first), len(second)),
                streams=_differing(left.streams, right.streams), at=_moment(left.number, left.call if kind in {"batch", "loss"} else 0),
            )  # fmt: skip
    return None


def _numbered(found: Sequence[str]) -> dict[str, str]:
    return {str(number): value for number, value in enumerate(found, 1)}


def _differing(left: Mapping[str, str], right: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys((*left, *right)) if left.get(name) != right.get(name))


def _results(one: Trace, other: Trace) -> Difference | None:
    for nth, (left, right) in enumerate(zip(one.values, other.values, strict=False), 1):
        if left != right:
            same = left.name == right.name
            detail = "" if same else f"{left.name} at {left.where} and {right.name} at {right.where}"
            return Difference(kind="result", where=left.where, names=(left.name,), total=len(one.values), detail=detail, at=str(nth))
    if len(one.values) != len(other.values):
        return _failure(one, other) or Difference(kind="result", detail=f"{len(one.values)} and {len(other.values)} results")
    return None


def _files(one: Trace, other: Trace) -> Difference | None:
    if one.end is None or other.end is None:
        return None
    names = _differing(one.end.files, other.end.files)
    if names and (failed := _failure(one, other)):
        return failed
    return Difference(kind="file", names=names[:_MOST], total=len(one.end.files)) if names else None


def _output(one: Trace, other: Trace) -> Difference | None:
    for number, (left, right) in enumerate(zip(one.lines, other.lines, strict=False), 1):
        if left != right and timeless(left) != timeless(right):
            return Difference(kind="output", step=0, names=(f"line {number}",), total=len(one.lines), detail=f"{left.strip()[:80]!r} and {right.strip()[:80]!r}")
    if len(one.lines) != len(other.lines):
        return _failure(one, other) or Difference(kind="output", detail=f"{len(one.lines)} and {len(other.lines)} lines were printed")
    return None


def _failure(one: Trace, other: Trace) -> Difference | None:
    """A run that fails where the first one went well leaves everything after that out."""
    if other.end is None or other.end.reason != "error" or one.end is None or one.end.reason == "error":
        return None
    steps = other.end.calls or len(other.steps)
    taken = f" after step {steps}" if steps else ""
    return Difference(kind="exit", detail=f"a run failed{taken} where the first one went well: {other.end.problem or last_line(other.errors)}")


def last_line(said: str) -> str:
    """The last line of what was said that says something; of a traceback, the error."""
    return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")[:200]


def _exit(one: Trace, other: Trace) -> Difference | None:
    failed = _failure(one, other)
    if failed is not None:
        return failed
    if one.end is not None and other.end is not None and one.end.code != other.end.code:
        return Difference(kind="exit", detail=f"exit codes {one.end.code} and {other.end.code}")
    return None


def timeless(line: str) -> str:
    """A printed line without dates, times, durations and addresses, which differ in every run."""
    return _SAME.sub("…", line)


def clock_lines(one: Trace, other: Trace) -> Iterator[tuple[int, str]]:
    """The printed lines that differ in nothing but such fields: set aside, and said."""
    for number, (left, right) in enumerate(zip(one.lines, other.lines, strict=False), 1):
        if left != right and timeless(left) == timeless(right):
            yield number, left.strip()


# -- operations ----------------------------------------------------------------------------------------------------


def compare_ops(one: Trace, other: Trace) -> OpDifference | None:
    """The first operation that differs. Traces of different length are aligned by operation and line."""
    if one.ranks:
        pairs = enumerate(zip(one.ranks, other.ranks, strict=False))
        found_in = [msgspec.structs.replace(difference, rank=rank) for rank, pair in pairs if (difference := compare_ops(*pair)) is not None]
        return min(found_in, key=lambda one: (one.number, one.rank), default=None)
    left, right = one.ops, other.ops
    for number, (first, second) in enumerate(zip(left, right, strict=False)):
        if (first.op, first.where) != (second.op, second.where):
            return _sequence(left, right, number)
        found = _op(first, second, number)
        if found is not None:
            later = sum(a.outputs != b.outputs for a, b in zip(left[number + 1 :], right[number + 1 :], strict=False))
            return msgspec.structs.replace(found, after=later)
    return _sequence(left, right, min(len(left), len(right))) if len(left) != len(right) else None


def _op(first: Op, second: Op, number: int) -> OpDifference | None:
    common = {"step": first.step, "number": number, "op": first.op, "where": first.where, "forward": first.forward}
    if first.scalars != second.scalars:
        pair = next(((a, b) for a, b in zip(first.scalars, second.scalars, strict=False) if a != b), ("", ""))
        return OpDifference(kind="scalar", detail=f"{pair[0]} and {pair[1]}", **common)  # type: ignore[arg-type]
    if first.inputs != second.inputs:
        tensor = next((a for a, b in zip(first.inputs, second.inputs, strict=False) if a != b), "")
        return OpDifference(kind="outside", tensor=tensor.partition("#")[0], **common)  # type: ignore[arg-type]
    if first.outputs != second.outputs:
        tensor = next((a for a, b in zip(first.outputs, second.outputs, strict=False) if a != b), "")
        loads = first.op.startswith("aten.set_.source")  # what a file holds comes without an operation
        kind = "stream" if first.draws else "outside" if loads else "memory" if _UNWRITTEN in first.inputs else "kernel"
        return OpDifference(kind=kind, tensor=tensor.partition("#")[0], **common)  # type: ignore[arg-type]
    return None


def _sequence(left: Sequence[Op], right: Sequence[Op], number: int) -> OpDifference:
    """From here on the runs do not execute the same operations."""
    window = 64
    first, second = left[number : number + window], right[number : number + window]
    matcher = SequenceMatcher(None, [(op.op, op.where) for op in first], [(op.op, op.where) for op in second], autojunk=False)
    detail = "one run goes on, the other ends here"
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            gone = ", ".join(f"{op.op} at {op.where}" for op in first[a:b][:2]) or "nothing"
            come = ", ".join(f"{op.op} at {op.where}" for op in second[c:d][:2]) or "nothing"
            detail = f"{gone} in one run, {come} in the other"
            break
    at = left[number] if number < len(left) else right[number]
    return OpDifference(kind="sequence", step=at.step, number=number, op=at.op, where=at.where, forward=at.forward, detail=detail)
