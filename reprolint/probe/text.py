"""Outcome → what people read, and what programs read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from rich.text import Text

from reprolint import __version__
from reprolint.probe import hardware, ledger_text, loading_text, reading, said
from reprolint.probe.reading import bound
from reprolint.report.frame import GUTTER, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reprolint.probe.experiment import Outcome, Trial
    from reprolint.report.text import Paper

_SHOWN: Final = 5


def write(outcome: Outcome, on: Paper, cwd: Path, *, findings: Callable[[], None] | None = None) -> None:
    """The whole report. `findings` writes what the static half says, below what differs."""
    put = partial(on.console.print, soft_wrap=True)
    for line in _head(outcome):
        put(line)
    put(_verdict(outcome))
    for trial in outcome.trials:
        put(_trial(trial))
    for line in _gists(outcome):
        put(line)
    if outcome.first is not None:
        _write_first(outcome, on, cwd)
    for line in _besides(outcome):
        put(line)
    if findings is not None:
        findings()
    for line in _drawn(outcome):
        put(line)
    if outcome.aside:
        put(f"set aside: {_lines(len(outcome.aside))} in dates, times or durations alone, as {outcome.aside[0][:60]!r}")
    if outcome.unwatched:
        put(f"not watched: {'; '.join(outcome.unwatched[:_SHOWN])}")
    put(_closing(outcome))


def _head(outcome: Outcome) -> Iterator[Text]:
    """What is to be known before the verdict."""
    yield Text(hardware.said(outcome.device, outcome.gpus), style=GUTTER)
    for note in outcome.notes:
        yield Text.assemble(("note", "cyan"), f": {note}")
    for line in reading.of_files(outcome):
        yield Text.assemble(("warning", "bold yellow"), f": {line}")
    if outcome.scratch is not None:
        yield Text(reading.of_scratch(outcome.scratch), style=GUTTER)


def _verdict(outcome: Outcome) -> Text:
    if outcome.first is None and outcome.faulty:
        return Text.assemble(f"{outcome.target}  ", ("✗", "red"), f" all runs do the same, and {'ranks' if outcome.ranks else 'workers'} do not do what they should: see below")
    if outcome.first is None:
        return Text.assemble(f"{outcome.target}  ", ("✓", "green"), " no difference seen")
    return Text.assemble(f"{outcome.target}  ", ("✗", "red"), f" {reading.of_difference(outcome.first)}")


def _trial(trial: Trial) -> Text:
    name = ", ".join(trial.variations) or "a fresh process, nothing varied"
    said = f"{trial.differed} of {trial.runs} differ" if trial.differed else f"{trial.runs} of {trial.runs} agree"
    return Text.assemble(f"  {name}: ", (said, "red" if trial.differed else "green"))


def _gists(outcome: Outcome) -> Iterator[Text]:
    if outcome.sensitivity:
        yield Text("what may change bits, and is no failure:")
        width = max(len(*trial.variations) for trial in outcome.sensitivity)
        yield from (_gist(trial, width) for trial in outcome.sensitivity)


def _gist(trial: Trial, width: int) -> Text:
    idle = not trial.runs and not trial.failed
    style = GUTTER if idle else "cyan" if trial.differed or trial.failed else "green"
    return Text.assemble(f"  {trial.variations[0]:{width}}  ", (reading.of_gist(trial), style))


def _write_first(outcome: Outcome, on: Paper, cwd: Path) -> None:
    put = partial(on.console.print, soft_wrap=True)
    first, op = outcome.first, outcome.op
    assert first is not None
    for line in reading.of_sizes(outcome.sizes):
        put(line)
    for text in reading.cause(outcome):
        put(f"cause: {text}")
    if outcome.quick:
        put("cause: not looked for, with --quick; a run without it says what had to be varied, and which operation is the first that differs")
    if first.streams:
        put(f"streams in another state by then: {', '.join(first.streams)}")
    if op is not None:
        says, remedy = reading.of_op(op)
        put()
        put(Text.assemble(("first operation that differs", "bold red"), f": {op.op}", f" {op.tensor}" if op.tensor else "", f", number {op.number + 1} of step {op.step}{f' of rank {op.rank}' if op.rank is not None else ''}"))
        for place, words in ((op.where, ""), (op.forward, "gradient of ")):
            if place:
                _write_line(place, words, on, cwd)
        for line in reading.of_op_sizes(outcome.sizes):
            put(line)
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


def _drawn(outcome: Outcome) -> Iterator[Text]:
    if outcome.draws is not None:
        yield from (Text(), *ledger_text.lines(outcome.draws), Text())


def _besides(outcome: Outcome) -> Iterator[Text]:
    """Ranks, and loaders with other numbers of workers, next to each other."""
    if outcome.ranks is not None:
        if outcome.ranks.count > 1:
            yield Text(f"the {outcome.ranks.count} ranks of the first run, next to each other:")
        yield from said.lines(outcome.ranks.found)
        if outcome.ranks.unseen:
            yield Text(f"not compared: {'; '.join(outcome.ranks.unseen)}")
    if outcome.loading is not None:
        yield from loading_text.lines(outcome.loading)


def _lines(count: int) -> str:
    return "1 printed line that differs" if count == 1 else f"{count} printed lines that differ"


def _closing(outcome: Outcome) -> str:
    steps = f"{outcome.steps} steps" if outcome.steps > 1 else "step"
    which = "the first" if not outcome.whole else "all" if outcome.steps > 1 else "the only"
    compared = f"{which} {steps}" if outcome.steps else "results, written files and printed lines"
    if outcome.first is not None:
        return f"compared: {compared}, bit by bit"
    return f"compared: {compared}, bit by bit, in {outcome.agreed + 1} runs\n{reading.of_bound(outcome.agreed)}"


def document(outcome: Outcome) -> dict[str, Any]:
    """The outcome under `version` 1, with what it means."""
    return {
        "version": 1,
        "tool": {"name": "reprolint", "version": __version__},
        "verdict": "diverged" if outcome.diverged else "agreed",
        **msgspec.to_builtins(outcome),
        "bound": round(bound(outcome.agreed), 4) if not outcome.diverged else None,
        "meaning": {
            "causes": reading.cause(outcome),
            "rules": reading.rules(outcome),
            "op": reading.of_op(outcome.op) if outcome.op else None,
            "files": reading.of_files(outcome),
            "sensitivity": [reading.of_gist(trial) for trial in outcome.sensitivity],
            "scratch": reading.of_scratch(outcome.scratch) if outcome.scratch else None,
            "draws": ledger_text.says(outcome.draws) if outcome.draws else None,
            "ranks": [said.sentence(one) for one in outcome.ranks.found] if outcome.ranks else None,
            "workers": [said.sentence(one) for found in outcome.loading.found for one in found] if outcome.loading else None,
        },
    }


def as_json(told: dict[str, Any]) -> bytes:
    """A document as programs read it."""
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
