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
    factory: Callable[[], object] | str, *, repeats: int = 4, steps: int = 3, vary: Sequence[str] = (), timeout: float = 600
) -> None:
    """Run the steps that a factory makes in `repeats` fresh processes that differ in what no result may depend on, and compare them bit by bit.

    The factory stands at the top of a module (or is named by a text, `pkg.mod:function`), takes no argument, and returns a function that
    runs one step, or an iterator of results. Each process calls it once, and takes `steps` steps. What a step returns is compared (numbers,
    texts, tensors, arrays, the state of modules, and lists, tuples, dicts and dataclasses of them), and so are gradients, weights, buffers
    and states of optimizers that step meanwhile. `vary`: variations by name, as `reprolint probe --vary`; `timeout`: seconds for one process.

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
        check(target(factory), repeats=repeats, steps=steps, vary=vary, timeout=timeout)
    except CouldNotRun as error:
        if error.output:
            error.add_note(error.output.rstrip())
        raise
