"""What a difference means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.probe.variations import VARIATIONS

if TYPE_CHECKING:
    from reprolint.probe.compare import Difference, OpDifference
    from reprolint.probe.experiment import Outcome
    from reprolint.probe.sizes import Size
    from reprolint.probe.sizing import Sizes

_MANY: Final = 1_000_000
_SIZES: Final = 3
"""Values of one kind whose size is said; JSON has all of them."""
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
    """The rules of `reprolint check` that predict such a difference."""
    if outcome.op is not None and outcome.op.kind == "kernel":
        return ()
    found = {variation.name: variation.rules for variation in VARIATIONS}
    return tuple(rule for name in outcome.causes for rule in (("RPL101", "RPL102", "RPL104", "RPL105", "RPL107") if name == "process" else found[name]))


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
