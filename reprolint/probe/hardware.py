"""A trace → what computed it: devices, and the GPUs among them by name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reprolint.probe.trace import Trace

_NAMES: Final = {"cpu": "the CPU", "cuda": "the GPU"}


def devices(trace: Trace) -> str:
    """Where the compared tensors lived: `cpu`, `cuda`, several of them, or nothing where no tensor was compared."""
    returned = trace.end.devices if trace.end is not None else ()
    return ", ".join(sorted({device for init in trace.inits for device in init.devices}.union(returned)))


def gpus(trace: Trace) -> str:
    """The GPUs that a run used, of all its ranks, with versions of what drives them; empty if it used none."""
    ends = [one.end for one in (trace.ranks or (trace,)) if one.end is not None]
    names = Counter(name for end in ends for name in end.gpus)
    drivers = dict.fromkeys(driver for end in ends for driver in end.drivers)
    if not names:
        return ""
    said = ", ".join(name if count == 1 or trace.ranks else f"{count} {name}" for name, count in names.items())
    return f"{said} ({', '.join(drivers)})" if drivers else said


def said(device: str, used: str, *, but: str = "") -> str:
    """The first line of a report: the devices of what was compared, and the GPUs that were used. `but`: what was compared though no optimizer took a step."""
    if not device:
        return f"no optimizer took a step: no tensors were compared{but}" + (f"; it used {used}" if used else "")
    if device == "cpu":
        return f"on the CPU, where the compared tensors are; it also used {used}" if used else "on the CPU: no GPU kernel was exercised"
    return f"on {' and '.join(_NAMES.get(one, one) for one in device.split(', '))}" + (f": {used}" if used else "")
