"""A piece of code → the random streams whose state it moved, measured on the installed libraries."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

MEASURED = frozenset({"python", "numpy", "torch"})
"""Streams whose state is read here; what a row says of others (`cuda`) is not judged."""


def states() -> dict[str, bytes]:
    """Give the state of every measured stream whose library is loaded."""
    name, keys, *rest = np.random.get_state(legacy=True)
    found = {
        "python": repr(random.getstate()).encode(),
        "numpy": np.asarray(keys).tobytes() + repr((name, rest)).encode(),
    }
    if torch := sys.modules.get("torch"):
        found["torch"] = torch.get_rng_state().numpy().tobytes()
    return found


def moved(action: Callable[[], Any]) -> tuple[Any, set[str]]:
    """Run `action`: what it returned, and the streams whose state differs after it."""
    before = states()
    result = action()
    after = states()
    return result, {stream for stream, state in after.items() if before.get(stream, state) != state}


def disturb(number: int) -> None:
    """Put every stream into a state that depends on `number` alone."""
    random.seed(number)
    np.random.seed(number)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(number)
