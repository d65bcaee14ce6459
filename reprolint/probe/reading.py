"""What a difference means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.knowledge.pages import pages
from reprolint.probe.variations import VARIATIONS

if TYPE_CHECKING:
    from reprolint.probe.compare import Difference, OpDifference
    from reprolint.probe.experiment import Outcome

_PROCESS: Final = "nothing has to be varied: what the operating system gives at random, the clock, an address, or a race decides something"
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
    "scalar": ("a number that Python computes is another", "look for the clock, a counter or a listing above this line"),
    "sequence": ("from here on the runs do not execute the same operations", "look for a loop or a test above this line whose order or outcome differs"),
}


def cause(outcome: Outcome) -> tuple[str, ...]:
    """What decides the difference, by what had to be varied to see it."""
    says = {variation.name: variation.causes for variation in VARIATIONS}
    return tuple(_PROCESS if name == "process" else f"{says[name]}" for name in outcome.causes)


def rules(outcome: Outcome) -> tuple[str, ...]:
    """The rules of `reprolint check` that predict such a difference: their pages say what shows them."""
    seen = shown(outcome)
    return tuple(code for code, page in pages().items() if seen.intersection(page.probe.by) and took_part(page.probe.needs, outcome))


def shown(outcome: Outcome) -> frozenset[str]:
    """What pages of rules are to name to predict the difference: variations, `process`, `kernel`, `file`."""
    found = set(outcome.causes)
    if outcome.carried and "process" in found:
        found.add("file")
    if outcome.op is not None and outcome.op.kind == "kernel":
        found = (found - {"process"}) | {"kernel"}
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
    return f"{found.kind}{at}{count}: {names}" + (f"; {found.detail}" if found.detail else "")
