"""What a difference means, and what to do about it."""

from __future__ import annotations

from math import ceil, log
from typing import TYPE_CHECKING, Final

from reprolint.knowledge.pages import pages
from reprolint.probe.variations import VARIATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprolint.probe.compare import Difference, OpDifference
    from reprolint.probe.experiment import Outcome, Trial
    from reprolint.probe.scratch import Copied
    from reprolint.probe.sizes import Size
    from reprolint.probe.sizing import Sizes
    from reprolint.probe.trace import End

_AIMS: Final = (0.1, 0.03, 0.01)
"""Rates of a race that somebody may want to rule out."""
_SHOWN: Final = 3
_MANY: Final = 1_000_000
_SIZES: Final = 3
"""Values of one kind whose size is said; JSON has all of them."""
_PROCESS: Final = "nothing has to be varied: what the operating system gives at random, the clock, an address, or a race decides something"
_LEFT: Final = "nothing has to be varied: each run finds what earlier ones left, so it starts from another place"
_OPS: Final = {
    "kernel": (
        "the same went in and something else came out: the operation itself does not repeat",
        "ask for `torch.use_deterministic_algorithms(True)`, or take an operation that adds in a fixed order",
    ),
    "stream": (
        "it draws, and the stream was in another state",
        "seed that stream before the first draw, or draw as often as before in every run",
    ),
    "outside": (
        "something else went in that no operation of torch made: it comes from numpy, a file, an order or another thread",
        "look above this line for what makes the value: an unseeded generator, a set, a listing",
    ),
    "memory": (
        "it reads memory that nobody wrote, or not all of it (`torch.empty`, `torch.Tensor(n)`): what stands there is chance",
        "ask for zeros (`torch.zeros`), or write each element before anything reads it",
    ),
    "scalar": ("a number that Python computes is another", "look for the clock, a counter or a listing above this line"),
    "sequence": ("from here on the runs do not execute the same operations", "look for a loop or a test above this line whose order or outcome differs"),
}


def bound(agreed: int) -> float:
    """The rate of a race that so many agreeing runs leave possible at 95% confidence: from (1 - rate) ** agreed = 0.05."""
    return 1 - 0.05 ** (1 / agreed) if agreed else 1.0


def repeats_for(rate: float) -> int:
    """Runs, the first one included, in which a race of that rate is seen with 95% confidence."""
    return 1 + ceil(log(0.05) / log(1 - rate))


def cause(outcome: Outcome) -> tuple[str, ...]:
    """What decides the difference, by what had to be varied to see it."""
    if "process" in outcome.causes and outcome.carried:
        return (_LEFT,)
    says = {variation.name: variation.causes for variation in VARIATIONS}
    process = f"{_PROCESS}, or what the first run left" if outcome.left else _PROCESS
    return tuple(process if name == "process" else f"{says[name]}" for name in outcome.causes)


def rules(outcome: Outcome) -> tuple[str, ...]:
    """The rules of `reprolint check` that predict such a difference: their pages say what shows them."""
    seen = shown(outcome)
    return tuple(code for code, page in pages().items() if seen.intersection(page.probe.by) and took_part(page.probe.needs, outcome))


def shown(outcome: Outcome) -> frozenset[str]:
    """What pages of rules are to name to predict the difference: variations, `process`, `kernel`, `file`."""
    found = set(outcome.causes)
    if outcome.carried and "process" in found:
        found = (found - {"process"}) | {"file"}
    if outcome.op is not None and outcome.op.kind == "kernel":
        found = (found - {"process"}) | {"kernel"}
    if outcome.loading is not None and any(one.about in {"draws", "epochs", "shuffle"} for one in outcome.loading.faults):
        found |= {"workers"}
    return frozenset(found)


def took_part(needs: str, outcome: Outcome) -> bool:
    """Whether what a page says it needs may have taken part."""
    return needs != "cuda" or "cuda" in outcome.device


def of_op(op: OpDifference) -> tuple[str, str]:
    """What the first operation that differs says, and the remedy."""
    return _OPS[op.kind]


def of_difference(found: Difference) -> str:
    """What differs first, in words."""
    if found.kind in {"output", "steps", "exit"} or (found.detail and not found.names):
        return f"{found.kind}: {found.detail}" if found.kind != "exit" else found.detail
    names = ", ".join(found.names[:3]) + (", …" if len(found.names) > 3 else "")  # noqa: PLR2004
    at = f" at step {found.step}" if found.step else ""
    count = f" ({len(found.names)} of {found.total})" if found.total > 1 else ""
    at += f" of rank {found.rank}" if found.rank is not None else ""
    return f"{found.kind}{at}{count}: {names}" + (f"; {found.detail}" if found.detail else "")


def of_bound(agreed: int) -> str:
    """What runs that agree say of a race, and how many would say more."""
    runs = "1 run" if agreed == 1 else f"{agreed} runs"
    rate = bound(agreed)
    more = next((aim for aim in _AIMS if aim < rate / 1.5), None)
    hint = f" (with --repeats {repeats_for(more)}: {more:.0%})" if more is not None else ""
    return f"{runs} agreed with the first one; a race that shows in more than {rate:.0%} of runs would have been seen with 95% confidence{hint}"


def of_files(outcome: Outcome) -> tuple[str, ...]:
    """What a later run may have started from, which the first one did not find."""
    if outcome.carried:
        runs = "it did not start from the same place" + ("" if outcome.scratch else "; --scratch gives each run a folder of its own")
        return (f"a later run read {_some(outcome.carried)}, which an earlier one wrote: {runs}",)
    if outcome.first is not None and outcome.left:
        return (f"the first run made {_some(outcome.left)}, which the others found there: try --scratch, which gives each run a folder of its own",)
    return ()


def of_processes(end: End, *, varied: bool = True) -> tuple[str, ...]:
    """What was not seen of processes that the script starts; `varied`: listings and the clock are, between runs."""
    if not end.processes:
        return ()
    number = "1 process" if end.processes == 1 else f"{end.processes} processes"
    found = f"{number} that it starts, but for what comes back"
    names = tuple(dict.fromkeys(end.outside)) if varied else ()
    aside = f"; listings and the clock are not varied in {'it' if end.processes == 1 else 'all' if len(end.outside) == end.processes else len(end.outside)}" if names else ""
    return (found + (f"{aside} ({_some(names)})" if names else ""),)


def of_gist(trial: Trial) -> str:
    """What came of a variation that may change bits."""
    return f"it cannot run that way: {trial.failed}" if trial.failed else trial.gist


def of_scratch(copied: Copied) -> str:
    """What each run had to itself."""
    said = f"each run had its own copy of the folder: {copied.files} {'file' if copied.files == 1 else 'files'}, {copied.bytes / 1e6:.1f} MB"
    return said + (f"; too large to copy, or links, and so shared by all: {_some(copied.shared)}" if copied.shared else "")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
def of_sizes(sizes: Sizes) -> list[str]:
    """How much the first difference is, a line each."""
    known = [f"by how much: {of_size(size)}" for size in sizes.state[:_SIZES]]
    return known + ([f"by how much: not known; {sizes.note}"] if sizes.note else [])


def of_op_sizes(sizes: Sizes) -> list[str]:
    """How much differs of what went into the first operation that differs; else of what came out."""
    way, found = ("went in", sizes.inputs) if sizes.inputs else ("came out", sizes.outputs)
    return [f"{way}: {of_size(size)}" for size in found[:_SIZES]]


def of_size(size: Size) -> str:
    """How much two values differ, in words."""
    about = f"{size.name} {size.dtype}{list(size.shape)}" if size.shape else size.name
    if size.note:
        return f"{about}: {size.note}"
    said = f"{about}: " + ("it differs" if size.total == 1 else f"{size.differing:,} of {size.total:,} elements differ")
    if size.max_abs == 0 and size.max_ulp == 0:
        return f"{said}, in the sign of zero alone"
    if size.max_abs is not None:
        said += f", by {'at most ' if size.differing > 1 else ''}{size.max_abs:.3g}"
    if size.max_ulp is not None:
        said += f" ({size.max_ulp:,} ULP)" if size.max_ulp < _MANY else f" ({size.max_ulp:.1e} ULP)"
    if size.infinite:
        said += f"; {size.infinite:,} of them {'is' if size.infinite == 1 else 'are'} NaN or infinite in one of the runs"
    return said
