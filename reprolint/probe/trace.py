"""What one run wrote down: the lines of a trace, read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from pathlib import Path


class _Line(msgspec.Struct, frozen=True, tag_field="kind", kw_only=True):
    pass


class Begin(_Line, frozen=True, tag="begin"):
    """The process: `schema` of the trace, version of Python, arguments, PYTHONHASHSEED as it was in force."""

    schema: int
    python: str
    argv: list[str]
    hash_seed: str
    cwd: str


class Torch(_Line, frozen=True, tag="torch"):
    """torch was imported."""

    version: str
    threads: int
    cuda: bool
    """It is one that can use GPUs."""


class Init(_Line, frozen=True, tag="init"):
    """What an optimizer was given, before its first step. Fingerprints by name."""

    optimizer: str
    where: str
    devices: list[str]
    """Where its parameters live: `cpu`, `cuda`."""
    parameters: dict[str, str]
    streams: dict[str, str]
    synced: list[str] = []
    """Of a rank: the parameters that `DistributedDataParallel` keeps alike on all of them."""
    call: int = 0
    """Of a run whose steps are calls: in which, from 1; 0 in any other run."""


class Step(_Line, frozen=True, tag="step"):
    """One step of one optimizer: what went in since the last step, and what is there after it. Fingerprints by name."""

    number: int
    """From 1, counted over all optimizers."""
    step: int
    """From 1, counted for this optimizer."""
    optimizer: str
    where: str
    batch: list[str]
    loss: list[str]
    gradients: dict[str, str]
    parameters: dict[str, str]
    buffers: dict[str, str]
    state: dict[str, str]
    """Of the optimizer, and its learning rates."""
    streams: dict[str, str]
    call: int = 0


class Op(_Line, frozen=True, tag="op"):
    """One operation of torch: fingerprints of the tensors that went in and came out."""

    step: int
    op: str
    where: str
    forward: str
    """For an operation of the backward pass: the line whose gradient it computes."""
    draws: bool
    scalars: list[str]
    inputs: list[str]
    outputs: list[str]


class Value(_Line, frozen=True, tag="value"):
    """A result: of an estimator's `fit` or `score`, one that the script records itself, or what a step returns."""

    name: str
    where: str
    value: str
    call: int = 0
    part: str = ""
    """`batch` or `loss`, where a call came by one and no optimizer stepped after it; `name` is then its number in the call."""


class Split(_Line, frozen=True, tag="split"):
    """Of a rank: a split of data by a random stream. What was split, and how, as fingerprints."""

    name: str
    """`random_split`, `train_test_split`."""
    where: str
    of: str
    value: str


class Draw(_Line, frozen=True, tag="draw"):
    """Calls of one function that did one thing to one stream, from one line, in one part of the run."""

    phase: str
    """`construction`, `step`, `validation` (the trained modules are in eval mode), or `no gradients` (they are turned off)."""
    step: int
    """The step that was under way, from 1; 0 in construction. What comes after the last step belongs to the one that would follow."""
    stream: str
    does: str
    """`draws`, `seeds`, `restores`; or `moves`, where another state was found and nothing was seen to change it."""
    name: str
    """Of the function or operation; empty where it was not seen."""
    owner: str
    """The class of the layer, or of the library's object, that it was done for; may be empty."""
    part: str
    """That layer's name in the trained model; `gone` if it was thrown away before the first step; may be empty."""
    where: str
    times: int
    elements: int
    """Of what the calls gave back, or filled."""


class Draws(_Line, frozen=True, tag="draws"):
    """The end of the draws."""

    shifts: list[tuple[str, int, str, str]]
    """Phase, step, stream and line of draws beside training that left the stream in another state."""
    validated: bool
    """A module was put in eval mode once batches or steps were under way, or a trained one before."""
    workers: int
    """Loaders' iterators that started workers."""


class Start(_Line, frozen=True, tag="start"):
    """What a step starts from; of a step of an optimizer after its batch and gradients, of a call before anything. Fingerprints by name."""

    number: int
    """Of the step over all optimizers, or of the call, from 1."""
    call: int
    parameters: dict[str, str]
    """Of trained modules, also what is not trained of them."""
    state: dict[str, str]
    """Of optimizers."""
    groups: dict[str, str]
    """Settings of optimizers, as learning rates."""
    buffers: dict[str, str]
    others: dict[str, dict[str, str]]
    """What else is kept from step to step, by kind and name: `scheduler`, `scaler`, `module` (one that is not trained), `values` (a copy of the weights),
    `generator` (one of the script's own)."""
    streams: dict[str, str]


class Saved(_Line, frozen=True, tag="saved"):
    """Checkpoints that were written since the step before."""

    paths: list[str]
    """Relative to where the run started, the newest one last."""
    inside: bool
    """They lie in that folder."""
    after: int
    """Steps of optimizers that were over when the last of them was written."""
    call: int
    """Calls that were over."""
    batches: int
    """Batches that had come since the last of these steps."""
    streams: dict[str, str]
    """At that time; empty where it is not known."""


class Restored(_Line, frozen=True, tag="restored"):
    """A stream was put in a state that was kept."""

    stream: str
    state: str
    after: int
    """Steps, or calls, that were over."""


class Kept(_Line, frozen=True, tag="kept"):
    """A value that was kept as it is: its elements in a file of the folder that was ordered, or a note why not."""

    place: str
    """`state`: of what a step is compared by; `input` or `output` of the operation."""
    name: str
    dtype: str
    """As torch and numpy call it; `int`, `float`, `complex` for numbers of Python, whose file holds their text."""
    shape: list[int]
    file: str
    note: str


class End(_Line, frozen=True, tag="end"):
    """How the run ended, and what it left.

    `steps` (enough were watched), `waiting` (a rank, for one that has stopped after its steps), `exit`, `exec` (it became another program), `error`, `unsuitable` or `skipped`, with what the problem is.
    """

    reason: str
    code: int
    steps: int
    streams: dict[str, str]
    files: dict[str, str]
    """Written files by path relative to the working directory: fingerprints of what is in them."""
    opened: list[str]
    unhashed: dict[str, int]
    """Values that have no fingerprint, and how many."""
    threads: list[str]
    """Names of those that its own code started."""
    notes: dict[str, Any]
    """What could not be watched, and why."""
    processes: int = 0
    """Processes that it started."""
    outside: list[str] = []
    """Programs of those in which listings and the clock are as they are."""
    created: list[str] = []
    """Files that were not there before, and are there in the end."""
    varied: dict[str, list[str]] = {}
    """What `world.py` changed: what the script asked for, each time; and what torch computed with."""
    calls: int = 0
    """Calls that were watched, where a step is a call."""
    devices: list[str] = []
    """Where the tensors live that calls returned or took gradients of."""
    gpus: list[str] = []
    """The GPUs that it used, by their names."""
    drivers: list[str] = []
    """What drives them, with versions: CUDA, cuDNN, the driver."""
    problem: str = ""
    """Of a run that is unsuitable or skipped: what it is."""


_ANY = Begin | Torch | Init | Step | Op | Value | Split | Draw | Draws | Start | Saved | Restored | Kept | End


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Without `end` it was broken off, and is no evidence of anything."""

    begin: Begin
    torch: Torch | None = None
    inits: tuple[Init, ...] = ()
    steps: tuple[Step, ...] = ()
    ops: tuple[Op, ...] = ()
    values: tuple[Value, ...] = ()
    splits: tuple[Split, ...] = ()
    kept: tuple[Kept, ...] = ()
    draws: tuple[Draw, ...] = ()
    drawn: Draws | None = None
    """Only of a run in which draws were noted."""
    starts: tuple[Start, ...] = ()
    saved: tuple[Saved, ...] = ()
    restored: tuple[Restored, ...] = ()
    """These three only of a run that is resumed, or is to be."""
    end: End | None = None
    lines: tuple[str, ...] = ()
    """What it printed, as far as it was kept."""
    errors: str = ""
    """The end of what it said on stderr."""
    cut: bool = False
    """It printed more than was kept."""
    ranks: tuple[Trace, ...] = ()
    """Where one command starts several: the trace of each. What else stands here is that of the first one."""


class BrokenTrace(Exception):
    """There is no trace, or not even its first line can be read."""


def read(path: Path, lines: tuple[str, ...] = (), errors: str = "", *, cut: bool = False) -> Trace:
    """Read a trace; a last line that was cut short is left out, as the run was killed while it wrote it."""
    decoder = msgspec.json.Decoder(_ANY)
    found: list[_Line] = []
    try:
        for text in path.read_bytes().splitlines():
            try:
                found.append(decoder.decode(text))
            except msgspec.DecodeError:
                break
    except OSError as error:
        raise BrokenTrace(str(error)) from error
    if not found or not isinstance(found[0], Begin):
        raise BrokenTrace(f"{path.name} holds no trace")
    return msgspec.structs.replace(made(found, lines, errors), cut=cut)


def made(found: list[Any], lines: tuple[str, ...] = (), errors: str = "") -> Trace:
    """A trace of its lines."""

    def of(kind: type[Any]) -> tuple[Any, ...]:
        return tuple(line for line in found if isinstance(line, kind))

    return Trace(
        begin=found[0], torch=next(iter(of(Torch)), None), inits=of(Init), steps=of(Step), ops=of(Op), values=of(Value), splits=of(Split), kept=of(Kept),
        starts=of(Start), saved=of(Saved), restored=of(Restored), draws=of(Draw), drawn=next(iter(of(Draws)), None), end=next(iter(of(End)), None), lines=lines, errors=errors,
    )  # fmt: skip


def of_rank(trace: Trace, rank: int | None) -> Trace:
    """The trace of one rank; the trace itself where there are none."""
    return trace.ranks[rank] if rank is not None and trace.ranks else trace
