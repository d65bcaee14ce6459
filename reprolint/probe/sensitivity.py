"""What a variation that may change bits did to a run, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.probe.hardware import gpus
from reprolint.probe.reading import of_difference

if TYPE_CHECKING:
    from reprolint.probe.compare import Difference
    from reprolint.probe.trace import Trace
    from reprolint.probe.variations import Variation

_IDLE: Final = {
    "workers": "the script makes no DataLoader",
    "start-method": "no DataLoader of the script has workers",
    "compile": "the script compiles nothing",
    "fused": "no optimizer of the script knows `fused`",
    "foreach": "no optimizer of the script knows `foreach`, or all are fused",
}
_TURNED: Final = {
    "start-method": ("loading processes started by {other} instead of {asked}", "loading processes started by {other} instead of {asked}"),
    "fused": ("`fused` on instead of off", "`fused` off instead of on"),
    "foreach": ("`foreach` on instead of off", "`foreach` off instead of on"),
    "deterministic": ("deterministic operations asked for", "deterministic operations, which it asks for anyway"),
    "cudnn-benchmark": ("`cudnn.benchmark` on instead of off", "`cudnn.benchmark` off instead of on"),
    "tf32": ("TF32 on instead of off", "TF32 off instead of on"),
}
"""From off to on, and from on to off."""


def idle(one: Variation, base: Trace) -> str:
    """Why there is nothing to vary, from the first run alone; nothing if there is."""
    if one.needs and base.torch is None:
        return "nothing to vary: the script does not import torch"
    if one.needs == "cuda" and not gpus(base):
        return "nothing to vary: the script uses no GPU"
    return ""


def gist(one: Variation, base: Trace, trace: Trace, difference: Difference | None) -> str:
    """What was changed, and what came of it."""
    assert base.end is not None
    assert trace.end is not None
    varied, before = trace.end.varied, base.end.varied
    if one.name in varied.get("set by the script", ()):
        return f"nothing to vary: the script sets {one.name} itself"
    if one.name in _IDLE and one.name not in varied:
        return f"nothing to vary: {_IDLE[one.name]}"
    if one.name == "workers" and set(varied["workers"]) == {one.setting}:
        return f"nothing to vary: the script has {_workers(one.setting)}"
    if one.name == "threads" and base.torch is not None and before.get("threads") == varied.get("threads"):
        return "nothing to vary: the script sets its number of threads itself"
    if one.name == "instruction-set" and base.torch is not None and before.get("capability") == varied.get("capability"):
        return "nothing to vary: torch has no simpler instructions here"
    return f"{_changed(one, base, trace)}: {_came(one, base, trace, difference)}"


def _workers(count: str) -> str:
    return "1 worker" if count == "1" else f"{count} workers"


def _changed(one: Variation, base: Trace, trace: Trace) -> str:
    assert base.end is not None
    assert trace.end is not None
    varied, before = trace.end.varied, base.end.varied
    asked = ", ".join(sorted(set(varied.get(one.name, ()))))
    if one.name == "workers":
        return f"with {_workers(one.setting)} instead of {asked}"
    if one.name == "threads":
        now, then = ("".join(found.get("threads", ())) for found in (varied, before))
        return f"with {now} {'thread' if now == '1' else 'threads'} instead of {then}" if now else f"with {one.environment['OMP_NUM_THREADS']} as number of threads"
    if one.name == "instruction-set":
        now, then = ("".join(found.get("capability", ())) for found in (varied, before))
        return f"with {now} instructions instead of {then}" if now else "with older instructions"
    if one.name == "compile":
        return "without `torch.compile`"
    if one.name == "device":
        return "without a GPU"
    return "with " + _TURNED[one.name][asked == "on"].format(asked=asked, other="fork" if asked == "spawn" else "spawn")


def _came(one: Variation, base: Trace, trace: Trace, difference: Difference | None) -> str:
    if not base.steps:
        return f"differs, {of_difference(difference)}" if difference is not None else "the same"
    if one.name in {"workers", "start-method"}:
        return _batches(base, trace, difference)
    if difference is None:
        return f"the same bits in {len(base.steps)} steps"
    return f"differs {_from(difference)}, first in the {difference.kind}" if difference.names else f"differs: {of_difference(difference)}"


def _from(difference: Difference) -> str:
    return f"from step {difference.step} on" if difference.step else "before the first step"


def _batches(base: Trace, trace: Trace, difference: Difference | None) -> str:
    """Batches by themselves: a loader's workers should bring the same ones whatever else changes."""
    other = next((left.step for left, right in zip(base.steps, trace.steps, strict=False) if left.batch != right.batch), None)
    if other is not None:
        return f"the batches differ from step {other} on"
    if difference is None:
        return "the batches are the same, and all that is computed from them"
    return f"the batches are the same; what is computed differs {_from(difference)}, first in the {difference.kind}"
