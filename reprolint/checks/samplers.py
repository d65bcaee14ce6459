"""RPL207: a shuffle that nobody tells the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import LIKELY, POSSIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program

_EPOCHS = 2
"""Loops around the batches of a loader that is iterated once an epoch: the epochs and the batches."""


@rule("RPL207", "frozen-sampler-epoch", "warning")
def frozen_sampler_epoch(program: Program) -> Iterator[Draft]:
    """The DistributedSampler shuffles, but nothing tells it the epoch, so every epoch has the same order."""
    for run in program.runs:
        if any("set_epoch" in program.words.get(path, ()) for path in run.closure):
            continue
        level = POSSIBLE if run.of_kind("loader-passed") or (run.entry.smoke and not run.trains) else LIKELY
        for event, _ in run.of_kind("sampler-iterated"):
            _, loops, shuffles = event.detail
            if loops >= _EPOCHS and shuffles:
                yield Draft(
                    "RPL207", event.place, "the sampler shuffles by epoch, and nothing calls its `set_epoch`: every epoch has the same order",
                    "call `sampler.set_epoch(epoch)` before each epoch", min(level, event.level), run=run,
                )  # fmt: skip


