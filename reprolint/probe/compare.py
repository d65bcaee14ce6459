"""Two traces → the first thing that differs between them. Knows no torch."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprolint.probe.trace import Op, Step, Trace

Kind: TypeAlias = Literal[
    "initial parameters", "batch", "loss", "gradients", "parameters", "buffers", "optimizer state", "steps", "result", "file", "output", "exit"
]
"""What differs, in the order in which a step computes it; `steps` where one run took more of them."""

_MOST: Final = 5
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


class OpDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The first operation that differs, and how: see `reading`."""

    kind: Literal["kernel", "stream", "outside", "scalar", "sequence"]
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


def compare(one: Trace, other: Trace) -> Difference | None:
    """The first thing that differs; None if nothing that was watched does.

    A run that steps is judged by its steps, any other by its results, by what it wrote and by what it printed.
    """
    if one.steps or other.steps:
        return _initial(one, other) or _steps(one, other) or _exit(one, other)
    return _with_streams(_results(one, other) or _files(one, other) or _output(one, other) or _exit(one, other), one, other)


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
                streams=_differing(left.streams, right.streams),
            )  # fmt: skip
    return None


def _steps(one: Trace, other: Trace) -> Difference | None:
    for left, right in zip(one.steps, other.steps, strict=False):
        found = _step(left, right)
        if found is not None:
            return found
    if len(one.steps) != len(other.steps):
        return Difference(kind="steps", step=min(len(one.steps), len(other.steps)) + 1, detail=f"{len(one.steps)} and {len(other.steps)} steps were taken")
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
                streams=_differing(left.streams, right.streams),
            )  # fmt: skip
    return None


def _numbered(found: Sequence[str]) -> dict[str, str]:
    return {str(number): value for number, value in enumerate(found, 1)}


def _differing(left: Mapping[str, str], right: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys((*left, *right)) if left.get(name) != right.get(name))


def _results(one: Trace, other: Trace) -> Difference | None:
    for left, right in zip(one.values, other.values, strict=False):
        if left != right:
            same = left.name == right.name
            detail = "" if same else f"{left.name} at {left.where} and {right.name} at {right.where}"
            return Difference(kind="result", where=left.where, names=(left.name,), total=len(one.values), detail=detail)
    if len(one.values) != len(other.values):
        return Difference(kind="result", detail=f"{len(one.values)} and {len(other.values)} results")
    return None


def _files(one: Trace, other: Trace) -> Difference | None:
    if one.end is None or other.end is None:
        return None
    names = _differing(one.end.files, other.end.files)
    return Difference(kind="file", names=names[:_MOST], total=len(one.end.files)) if names else None


def _output(one: Trace, other: Trace) -> Difference | None:
    for number, (left, right) in enumerate(zip(one.lines, other.lines, strict=False), 1):
        if left != right and timeless(left) != timeless(right):
            return Difference(kind="output", step=0, names=(f"line {number}",), total=len(one.lines), detail=f"{left.strip()[:80]!r} and {right.strip()[:80]!r}")
    if len(one.lines) != len(other.lines):
        return Difference(kind="output", detail=f"{len(one.lines)} and {len(other.lines)} lines were printed")
    return None


def _exit(one: Trace, other: Trace) -> Difference | None:
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
        return OpDifference(kind="stream" if first.draws else "outside" if loads else "kernel", tensor=tensor.partition("#")[0], **common)  # type: ignore[arg-type]
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
