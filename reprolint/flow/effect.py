"""What a path does to one stream: 24 words, their composition, and sets of them as integers.

A word is (early, entropic, clean, final): the path drew before any seed; after an entropy seed or in a process that
lost its seed; after a fixed seed; and what it leaves behind. Composition is associative with `NOTHING` as identity
and distributes over union, so the effect of a function composes exactly into its callers.
"""

from __future__ import annotations

from functools import cache
from typing import Final

LEFT_NONE, LEFT_FIXED, LEFT_ENTROPY = 0, 1, 2
EARLY, ENTROPIC, CLEAN = 1, 2, 4
WORDS: Final = range(24)


def word(marks: int = 0, final: int = LEFT_NONE) -> int:
    """The number of a word."""
    return final * 8 + marks


def marks_of(number: int) -> int:
    return number & 7


def final_of(number: int) -> int:
    return number >> 3


_REREAD: Final = (EARLY, CLEAN, ENTROPIC)
"""What an early draw becomes after a path that leaves none, fixed, entropy."""


def then(first: int, second: int) -> int:
    """The word of doing `first` and then `second`."""
    marks = marks_of(second)
    if marks & EARLY:
        marks = marks & ~EARLY | _REREAD[final_of(first)]
    return word(marks_of(first) | marks, final_of(second) or final_of(first))


_THEN: Final = tuple(tuple(1 << then(first, second) for second in WORDS) for first in WORDS)

# Sets of words: bit n stands for word n.
NOTHING: Final = 1 << word()
DRAW: Final = 1 << word(EARLY)
SEED: Final = 1 << word(0, LEFT_FIXED)
UNSEED: Final = 1 << word(0, LEFT_ENTROPY)
NEVER: Final = 0
"""No path at all."""


@cache
def words_of(effect: int) -> tuple[int, ...]:
    """The words of a set, in ascending order."""
    return tuple(number for number in WORDS if effect >> number & 1)


@cache
def compose(first: int, second: int) -> int:
    """The words of all paths through one effect and then the other."""
    if first == NOTHING:
        return second
    if second == NOTHING:
        return first
    result = 0
    for left in words_of(first):
        row = _THEN[left]
        for right in words_of(second):
            result |= row[right]
    return result


@cache
def scoped(effect: int) -> int:
    """The effect of code after which the state comes back: draws stay, finals go."""
    return sum(1 << number for number in {word(marks_of(found)) for found in words_of(effect)})


@cache
def fresh(effect: int) -> int:
    """The effect, on the parent, of code in a new process: nothing it was seeded with reaches it."""
    return scoped(compose(UNSEED, effect))


@cache
def finals(effect: int) -> int:
    """The finals that occur, as a set: bit 0 none, bit 1 fixed, bit 2 entropy."""
    result = 0
    for number in words_of(effect):
        result |= 1 << final_of(number)
    return result


@cache
def marks(effect: int) -> int:
    """All marks that occur on some path."""
    result = 0
    for number in words_of(effect):
        result |= marks_of(number)
    return result


@cache
def with_final(effect: int, final: int) -> int:
    """The same draws, leaving `final`."""
    return sum(1 << number for number in {word(marks_of(found), final) for found in words_of(effect)})


@cache
def drawing(effect: int) -> tuple[int, ...]:
    """The words that draw at all."""
    return tuple(number for number in words_of(effect) if marks_of(number))
