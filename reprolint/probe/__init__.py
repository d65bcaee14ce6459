"""Run a script more than once in a world that differs, and name the first thing that is not the same."""

from __future__ import annotations

import sys


def record(name: str, value: object) -> None:
    """Let a probe compare a value of your own: numbers, texts, arrays, tensors, and lists and dicts of them.

    Does nothing in a run that no probe watches.
    """
    tracer = sys.modules.get("__reprolint_tracer__")
    if tracer is not None:
        tracer.record(name, value)
