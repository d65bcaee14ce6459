"""The bytes of a file → whether it can matter, without parsing it."""

import re

_WORD = re.compile(rb"\\.|\w+")
"""An escape apart, since in a notebook's JSON `\\nseed` is a new line and the word `seed`."""


def matters(data: bytes, words: frozenset[bytes]) -> bool:
    """Whether one of `words`, which are identifiers, occurs in `data` as a whole word."""
    return not words.isdisjoint(_WORD.findall(data))
