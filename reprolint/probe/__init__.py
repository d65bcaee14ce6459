"""Run a script more than once in a world that differs, and name the first thing that is not the same."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def record(name: str, value: object) -> None:
    """Let a probe compare a value of your own: numbers, texts, arrays, tensors, and lists and dicts of them.

    Does nothing in a run that no probe watches.
    """
    tracer = sys.modules.get("__reprolint_tracer__")
    if tracer is not None:
        tracer.record(name, value)


def assert_reproducible(
    factory: Callable[[], object] | str, *, repeats: int | None = None, steps: int = 3, vary: Sequence[str] = (), timeout: float = 600,
    quick: bool = False, scratch: bool = False,
) -> None:  # fmt: skip
    """Run the steps that a factory makes in fresh processes that differ in what no result may depend on, and compare them bit by bit.

    The factory stands at the top of a module (or is named by a text, `pkg.mod:function`), takes no argument, and returns a function that
    runs one step, or an iterator of results. Each process calls it once, and takes `steps` steps. What a step returns is compared (numbers,
    texts, tensors, arrays, the state of modules, and lists, tuples, dicts and dataclasses of them), and so are gradients, weights, buffers
    and states of optimizers that step meanwhile. `repeats`: processes to compare, 4 if it is left out; `vary`: variations by name, as
    `reprolint probe --vary`; `timeout`: seconds for one process; `quick`: two processes, all varied at once, and no search for the cause;
    `scratch`: each process has its own copy of the working folder.

    Raises `AssertionError` with the report if runs differ; `TypeError` if a fresh process cannot find the factory; `ValueError` for an
    option that cannot be; `reprolint.probe.children.CouldNotRun` if the steps failed, hung, or left nothing to compare.
    """
    __tracebackhide__ = True
    if "__reprolint_tracer__" in sys.modules:
        raise RuntimeError("assert_reproducible is called while a probe imports this module: put the call under `if __name__ == '__main__':`")
    from reprolint.probe.asserting import check
    from reprolint.probe.children import CouldNotRun
    from reprolint.probe.factories import target

    try:
        check(target(factory), repeats=repeats, steps=steps, vary=vary, timeout=timeout, quick=quick, scratch=scratch)
    except CouldNotRun as error:
        if error.output:
            error.add_note(error.output.rstrip())
        raise


def assert_resumable(
    factory: Callable[[], object] | str, *, save: Callable[..., object] | str = "save", load: Callable[..., object] | str = "load", steps: int = 3, timeout: float = 600
) -> None:
    """Run the steps that a factory makes, save, load in a fresh process, and check that they go on as if nothing had happened; and once more.

    The factory is one as `assert_reproducible` takes: what it returns is called for a step, or is an iterator. `save` and `load` are names of
    methods of what it returns, called with a path (of a file or a folder that `save` is to write); or functions at the top of a module, called with what the
    factory returned and the path. One process takes `steps` steps and saves; a fresh one loads, takes as many and saves; a third one loads
    that. They are compared, bit by bit, with one that takes all steps, and saves at the same places: what the steps return, batches, losses,
    gradients, weights, buffers and optimizers, and what else is kept from step to step as far as it can be found (schedulers, scalers, modules
    beside the model, copies of the weights, the global random streams). `timeout`: seconds for one process.

    Raises `AssertionError` with the report, which names what is lost; `TypeError` if a fresh process cannot find a function; `ValueError` for an
    option that cannot be; `reprolint.probe.children.CouldNotRun` if steps failed before anything was loaded, hung, or left nothing to compare.
    """
    __tracebackhide__ = True
    if "__reprolint_tracer__" in sys.modules:
        raise RuntimeError("assert_resumable is called while a probe imports this module: put the call under `if __name__ == '__main__':`")
    from reprolint.probe.asserting import check_resuming
    from reprolint.probe.children import CouldNotRun
    from reprolint.probe.factories import keeper, target

    try:
        check_resuming(target(factory), {"save": keeper(save), "load": keeper(load)}, steps=steps, timeout=timeout)
    except CouldNotRun as error:
        if error.output:
            error.add_note(error.output.rstrip())
        raise
