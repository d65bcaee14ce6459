"""RPL105, 202, 203: generators of one's own without a seed, copied into workers, or seeded alike each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.naming import only_names
from reprolint.flow.state import CERTAIN, LIKELY, POSSIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program, RunResult
    from reprolint.flow.state import Event


@rule("RPL105", "unseeded-generator", "error")
def unseeded_generator(program: Program) -> Iterator[Draft]:
    """The run draws from a generator object that was made without a seed."""
    for run in program.runs:
        recorded = {event.place for event, _ in run.of_kind("recorded")}
        seeded = {event.place for event, _ in run.of_kind("generator-seeded")}
        for event, path in run.of_kind("generator"):
            name, seed, source, via = event.detail
            if source in recorded or event.place in seeded or _names_things(program, run, event):
                continue
            how = "has no seed" if seed == "no argument" else f"is seeded from {seed}"
            unless = f", unless {via[0]} is given" if via else ""
            yield Draft(
                "RPL105", event.place, f"{name} {how}, so its numbers differ from run to run{unless}",
                "give the generator a fixed seed", min(event.level, _used_level(run, event)), run=run, path=path,
            )  # fmt: skip


def _names_things(program: Program, run: RunResult, event: Event) -> bool:
    """Whether all that is drawn from a generator ends up in names."""
    draws = [drawn.detail[0] for drawn, _ in run.of_kind("generator-drawn") if drawn.place == event.place]
    return bool(draws) and all(only_names(program.project, place) for place in draws)


def _used_level(run: RunResult, event: Event) -> int:
    """As sure as its surest draw; one that an object keeps, or an unknown library takes, may never be used, or be seeded before."""
    if _smoke(run):
        return POSSIBLE
    draws = [drawn.level for drawn, _ in run.of_kind("generator-drawn") if drawn.place == event.place]
    if draws:
        return max(draws)
    return POSSIBLE if any(kept.place == event.place for kind in ("generator-kept", "generator-passed") for kept, _ in run.of_kind(kind)) else LIKELY


def _smoke(run: RunResult) -> bool:
    return run.entry.smoke and not run.trains


@rule("RPL202", "worker-copied-generator", "warning")
def worker_copied_generator(program: Program) -> Iterator[Draft]:
    """The dataset keeps a generator object, and every DataLoader worker draws from its own copy of it."""
    for run in program.runs:
        for event, path in run.of_kind("copied-generator"):
            yield Draft(
                "RPL202", event.place, "this generator is made in the main process and drawn from in workers: every worker gets the same copy, anew each epoch",
                "make it in the worker, seeded from `torch.initial_seed()`, or draw from the global stream, which torch seeds there",
                POSSIBLE if _smoke(run) else event.level, run=run, path=path,
            )  # fmt: skip


@rule("RPL203", "constant-worker-seed", "warning")
def constant_worker_seed(program: Program) -> Iterator[Draft]:
    """The worker_init_fn seeds from a constant or from the worker's number alone, so every epoch repeats its augmentation."""
    for run in program.runs:
        for event, path in run.of_kind("constant-worker-seed"):
            streams, what = event.detail
            yield Draft(
                "RPL203", event.place, f"every worker of every epoch is seeded from {what}: each epoch repeats the same numbers",
                "seed from `torch.initial_seed() % 2**32`, or leave it to torch (1.9 and later)",
                min(_drawn_level(run, event, streams), POSSIBLE if _smoke(run) else CERTAIN), run=run, path=path,
            )  # fmt: skip


def _drawn_level(run: RunResult, event: Event, streams: tuple[str, ...]) -> int:
    """It only matters for streams that the workers draw from."""
    drawn = any(run.verdicts[f"worker:{stream}"].drawn is not None for stream in streams if f"worker:{stream}" in run.verdicts)
    return event.level if drawn or "generator" in streams else POSSIBLE
