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
    rules: tuple[str, ...] = ()
    """The rules of `reprolint check` that predict it."""


_CORES: Final = str(max(2, (os.cpu_count() or 2)))

VARIATIONS: Final = (
    Variation(
        name="hash-seed", kind="must", base={"PYTHONHASHSEED": "0"}, counted="PYTHONHASHSEED",
        causes="the order of a set, or `hash()` of a text, decides something", rules=("RPL108", "RPL109"),
    ),
    Variation(
        name="listing-order", kind="must", order={"shuffle": "reprolint"},
        causes="files are taken in the order in which the system lists them", rules=("RPL205",),
    ),
    Variation(
        name="clock", kind="must", order={"shift": 366 * 86400.0},
        causes="a seed, a name or a branch comes from the clock", rules=("RPL104",),
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


def asked(names: tuple[str, ...]) -> tuple[tuple[Variation, ...], tuple[Variation, ...]]:
    """What must not change anything, and what may, as `--vary` names it. Raises `UsageError`."""
    from difflib import get_close_matches

    from reprolint.config import UsageError

    plain = tuple(name.removeprefix("only:") for name in names)
    for name in plain:
        if name not in NAMES:
            close = get_close_matches(name, NAMES, n=1)
            raise UsageError(f"no such variation: {name}" + (f"; did you mean {close[0]}?" if close else f"; there are {', '.join(NAMES)}"))
    found = chosen(plain)
    must = tuple(variation for variation in found if variation.kind != "may")
    if not any(name.startswith("only:") for name in names):
        must = (*MUST, *(variation for variation in must if variation not in MUST))
    return must, tuple(variation for variation in found if variation.kind == "may")
