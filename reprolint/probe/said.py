"""What is said of ranks, or of workers, next to each other: how much it matters, and the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Weight = Literal["fault", "note", "agrees"]
"""`fault`: it has to be otherwise; `note`: worth knowing; `agrees`: compared, and as it has to be."""
WEIGHTS: Final[tuple[Weight, ...]] = ("fault", "note", "agrees")
_SIGNS: Final = {"fault": ("✗", "red"), "note": ("·", "cyan"), "agrees": ("✓", "green")}
_SHOWN: Final = 3


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was compared."""

    about: str
    """Of ranks: `steps`, `split`, `batches`, `parameters`, `gradients`, `buffers`, `streams`. Of workers: `order`, `contents`, `items`, `draws`, `epochs`, `shuffle`."""
    weight: Weight
    says: str
    help: str = ""
    step: int = 0
    """Of ranks: the first step at which it shows, counted over all optimizers; 0 before the first one."""
    names: tuple[str, ...] = ()
    """Of tensors, of streams, or of the generator that is drawn from."""
    where: str = ""
    """The line that it is about, where one is known."""
    generator: bool = False
    """`names` is a generator that the dataset holds, and no global stream."""
    places: tuple[tuple[str, int, int], ...] = ()
    """The code that holds that generator: files with first and last line, which is 0 for a whole file."""


def lines(found: Sequence[Said]) -> Iterator[Text]:
    """What is said of each thing, worst first, with its remedy below it."""
    told: set[str] = set()
    for one in found:
        yield Text.assemble("  ", _SIGNS[one.weight], f" {sentence(one)}")
        if one.help and one.help not in told:
            told.add(one.help)
            yield Text(f"    help: {one.help}")


def sentence(one: Said) -> str:
    """What is said, with the line that it is about."""
    return f"{one.about}{f' ({one.where})' if one.where else ''}: {one.says}"


def worst_first(found: Sequence[Said]) -> tuple[Said, ...]:
    """Faults, then notes, then what is as it has to be; each in the order in which it was found."""
    return tuple(sorted(found, key=lambda one: WEIGHTS.index(one.weight)))


def some(names: Sequence[str]) -> str:
    """The first names of many."""
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
