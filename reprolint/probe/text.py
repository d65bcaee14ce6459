"""Outcome → what people read, and what programs read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from rich.text import Text

from reprolint import __version__
from reprolint.probe import reading
from reprolint.probe.experiment import bound
from reprolint.report.frame import GUTTER, readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.probe.experiment import Outcome, Trial
    from reprolint.report.text import Paper

_DEVICES: Final = {"": "no optimizer took a step: no tensors were compared", "cpu": "on the CPU: no GPU kernel was exercised"}
_SHOWN: Final = 5


def write(outcome: Outcome, on: Paper, cwd: Path, *, findings: Callable[[], None] | None = None) -> None:
    """The whole report. `findings` writes what the static half says, below what differs."""
    put = partial(on.console.print, soft_wrap=True)
    put(Text(_DEVICES.get(outcome.device, f"on {outcome.device}"), style=GUTTER))
    for path in outcome.carried[:_SHOWN]:
        put(Text.assemble(("warning", "bold yellow"), f": a later run read {path}, which an earlier one wrote: it did not start from the same place"))
    put(_verdict(outcome))
    for trial in outcome.trials:
        put(_trial(trial))
    for trial in outcome.sensitivity:
        put(_trial(trial, may=True))
    if outcome.first is not None:
        _write_first(outcome, on, cwd)
    if findings is not None:
        findings()
    if outcome.aside:
        put(f"set aside: {len(outcome.aside)} printed lines that differ in dates, times or durations alone, as {outcome.aside[0][:60]!r}")
    if outcome.unwatched:
        put(f"not watched: {'; '.join(outcome.unwatched[:_SHOWN])}")
    put(_closing(outcome))


def _verdict(outcome: Outcome) -> Text:
    if outcome.first is None:
        return Text.assemble(f"{outcome.target}  ", ("✓", "green"), " no difference seen")
    return Text.assemble(f"{outcome.target}  ", ("✗", "red"), f" {reading.of_difference(outcome.first)}")


def _trial(trial: Trial, *, may: bool = False) -> Text:
    name = ", ".join(trial.variations) or "a fresh process, nothing varied"
    said = f"{trial.differed} of {trial.runs} differ" if trial.differed else f"{trial.runs} of {trial.runs} agree"
    style = "green" if not trial.differed else "cyan" if may else "red"
    return Text.assemble(f"  {name}: ", (said, style), " (it may)" if may and trial.differed else "")


def _write_first(outcome: Outcome, on: Paper, cwd: Path) -> None:
    put = partial(on.console.print, soft_wrap=True)
    first, op = outcome.first, outcome.op
    assert first is not None
    for text in reading.cause(outcome):
        put(f"cause: {text}")
    if first.streams:
        put(f"streams in another state by then: {', '.join(first.streams)}")
    if op is not None:
        says, remedy = reading.of_op(op)
        put()
        put(Text.assemble(("first operation that differs", "bold red"), f": {op.op}", f" {op.tensor}" if op.tensor else "", f", number {op.number + 1} of step {op.step}"))
        for place, words in ((op.where, ""), (op.forward, "gradient of ")):
            if place:
                _write_line(place, words, on, cwd)
        put(f"it means: {says}" + (f" ({op.detail})" if op.detail else ""))
        put(f"help: {remedy}")


def _write_line(place: str, words: str, on: Paper, cwd: Path) -> None:
    """A line of code with its place."""
    path, _, line = place.rpartition(":")
    put = partial(on.console.print, soft_wrap=True)
    put(Text.assemble((f"  --> {words}", GUTTER), place))
    try:
        source = (cwd / path).read_text(encoding="utf-8", errors="replace").splitlines()[int(line) - 1]
    except (OSError, IndexError, ValueError):
        return
    put(Text.assemble((f"  {line} │ ", GUTTER), readable(source.strip(), on.encoding)))


def _closing(outcome: Outcome) -> str:
    compared = f"the first {outcome.steps} steps" if outcome.steps and not outcome.whole else f"all {outcome.steps} steps" if outcome.steps else "results, written files and printed lines"
    if outcome.first is not None:
        return f"compared: {compared}, bit by bit"
    runs = outcome.agreed + 1
    return f"compared: {compared}, bit by bit, in {runs} runs; a difference that shows in less than {bound(outcome.agreed):.0%} of all runs could have been missed"


def document(outcome: Outcome) -> dict[str, Any]:
    """The outcome under `version` 1, with what it means."""
    return {
        "version": 1,
        "tool": {"name": "reprolint", "version": __version__},
        "verdict": "diverged" if outcome.diverged else "agreed",
        **msgspec.to_builtins(outcome),
        "bound": round(bound(outcome.agreed), 4) if not outcome.diverged else None,
        "meaning": {"causes": reading.cause(outcome), "rules": reading.rules(outcome), "op": reading.of_op(outcome.op) if outcome.op else None},
    }


def as_json(told: dict[str, Any]) -> bytes:
    """A document as programs read it."""
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
