"""RPL207: a shuffle that nobody tells the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import LIKELY, POSSIBLE
from reprolint.model import walk
from reprolint.model.code import Attr, Call, Const

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program
    from reprolint.model.code import Expr, Module

_EPOCHS = 2
"""Loops around the batches of a loader that is iterated once an epoch: the epochs and the batches."""


@rule("RPL207", "frozen-sampler-epoch", "warning")
def frozen_sampler_epoch(program: Program) -> Iterator[Draft]:
    """The DistributedSampler shuffles, but nothing tells it the epoch, so every epoch has the same order."""
    for run in program.runs:
        shuffled = [event for event, _ in run.of_kind("sampler-iterated") if event.detail[1] >= _EPOCHS and event.detail[2]]
        if not shuffled or any(_tells(program.project.modules[path]) for path in run.closure):
            continue
        level = POSSIBLE if run.of_kind("loader-passed") or (run.entry.smoke and not run.trains) else LIKELY
        for event in shuffled:
            yield Draft(
                "RPL207", event.place, "the sampler shuffles by epoch, and nothing calls its `set_epoch`: every epoch has the same order",
                "call `sampler.set_epoch(epoch)` before each epoch", min(level, event.level), run=run,
            )  # fmt: skip


def _tells(module: Module) -> bool:
    """Whether a module tells something the epoch that is not a dataset, by the method or by its name: `getattr(sampler, "set_epoch")`."""
    if "set_epoch" in module.words and not _defines(module):
        told = [item.callee for unit in walk.units("", module) for item in walk.statements(unit.body) if isinstance(item, Call) and walk.last_name(item.callee) == "set_epoch"]
        if not told or not all(_of_data(callee) for callee in told):
            return True
    written = (part for unit in walk.units("", module) for item in walk.statements(unit.body) for whole in walk.written(item) for part in walk.parts(whole))
    return any(isinstance(part, Const) and part.value == "set_epoch" for part in written)


def _defines(module: Module) -> bool:
    """Whether the module says the name where it defines a method of it, and nowhere else."""
    called = any(isinstance(item, Call) and walk.last_name(item.callee) == "set_epoch" for unit in walk.units("", module) for item in walk.statements(unit.body))
    return not called and any(item.name == "set_epoch" for item in walk.definitions(module.body))


def _of_data(callee: Expr) -> bool:
    """`loader.dataset.set_epoch(epoch)`: the dataset has one of its own, which no sampler hears."""
    return isinstance(callee, Attr) and walk.last_name(callee.of).lower().endswith(("dataset", "data"))


