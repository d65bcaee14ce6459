"""What a probe changes between two runs: one thing in the world each."""

from __future__ import annotations

import os
from typing import Any, Final, Literal

import msgspec


class Variation(msgspec.Struct, frozen=True, kw_only=True):
    """`must`: no result may depend on it. `may`: bits may change with it, which is no failure but worth knowing."""

    name: str
    kind: Literal["must", "request", "may"]
    environment: dict[str, str] = {}
    """Variables in the other run; `base` has the others' values."""
    base: dict[str, str] = {}
    counted: str = ""
    """A variable that is 1, 2, 3 … in the other runs: one value alone may give the same by chance."""
    order: dict[str, Any] = {}
    """What the tracer is told in the other run."""
    causes: str = ""
    """Why results would depend on it."""


_CORES: Final = str(max(2, (os.cpu_count() or 2)))

VARIATIONS: Final = (
    Variation(
        name="hash-seed", kind="must", base={"PYTHONHASHSEED": "0"}, counted="PYTHONHASHSEED",
        causes="the order of a set, or `hash()` of a text, decides something",
    ),
    Variation(
        name="listing-order", kind="must", order={"shuffle": "reprolint"},
        causes="files are taken in the order in which the system lists them",
    ),
    Variation(
        name="clock", kind="must", order={"shift": 366 * 86400.0},
        causes="a seed, a name or a branch comes from the clock",
    ),
    Variation(
        name="memory", kind="must", environment={"MALLOC_PERTURB_": "165"},
        causes="memory is read that nobody wrote (`torch.empty`, `numpy.empty`)",
    ),
    Variation(name="timezone", kind="request", base={"TZ": "UTC"}, environment={"TZ": "Asia/Kolkata"}, causes="local time decides something"),
    Variation(name="locale", kind="request", base={"LC_ALL": "C.UTF-8"}, environment={"LC_ALL": "C"}, causes="sorting or number formats follow the locale"),
    Variation(
        name="threads", kind="may", base={"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        environment={"OMP_NUM_THREADS": _CORES, "MKL_NUM_THREADS": _CORES}, causes="sums are taken in another order",
    ),
    Variation(
        name="instruction-set", kind="may",
        environment={"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"}, causes="another machine rounds differently",
    ),
)  # fmt: skip
NAMES: Final = tuple(variation.name for variation in VARIATIONS)
MUST: Final = tuple(variation for variation in VARIATIONS if variation.kind == "must")


def chosen(names: tuple[str, ...]) -> tuple[Variation, ...]:
    """Variations by name, in their own order."""
    return tuple(variation for variation in VARIATIONS if variation.name in names)
